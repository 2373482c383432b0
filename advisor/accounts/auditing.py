"""审计：登录、开户、立卷、签署、下载这些动作，谁、何时、从哪里做的。只增不改。"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, insert, select

from advisor.accounts.people import now, stamp
from advisor.accounts.schema import audits
from advisor.dossier.opening import reading, writing


@dataclass(frozen=True)
class Audit:
    """一条审计。"""

    no: int
    at: str
    who: str
    unit: str
    address: str
    action: str
    target: str


class Auditing:
    """审计日志。"""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, who: str, unit: str, address: str, action: str, target: str = "") -> None:
        """记一条；过长的截短。"""
        row = {"at": stamp(now()), "who": who[:60], "unit": unit, "address": address, "action": action}
        with writing(self._engine) as connection:
            connection.execute(insert(audits).values(**row, target=target[:200]))

    def page(self, number: int, size: int = 50) -> tuple[list[Audit], int]:
        """第 number 页（自 1 起），新的在前；连同总条数。"""
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(audits)).scalar() or 0
            query = select(audits).order_by(audits.c.no.desc()).limit(size).offset((number - 1) * size)
            return [Audit(*row) for row in connection.execute(query)], total
