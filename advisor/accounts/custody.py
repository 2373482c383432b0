"""案卷归哪个单位，与它在目录里的样子。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, insert, select

from advisor.accounts.schema import cards, custody, units
from advisor.dossier.opening import reading, writing
from advisor.dossier.schema import dossiers, entries
from advisor.errors import InputError

ANSWERING, REPORTED, SIGNED, RETURNED = "问答中", "已出结果", "已签署", "已退回"
STATES = (ANSWERING, REPORTED, SIGNED, RETURNED)
SEPARATOR = "、"


@dataclass(frozen=True)
class Card:
    """一卷在目录里的一行；tools 是主推方案里的与判为适用的工具，policies 是它们所凭的依据代码。"""

    dossier: str
    version: int
    place: str
    state: str
    answered: int
    plan: str
    tools: str
    policies: str


@dataclass(frozen=True)
class Listed:
    """目录的一行：卡片与地块名、最近的改动。"""

    card: Card
    name: str
    changed_by: str
    changed_at: str
    length: int


class Custody:
    """归属与目录。"""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unit_of(self, number: str) -> str:
        """一卷归哪个单位；没有归属的为空。"""
        with reading(self._engine) as connection:
            return connection.execute(select(custody.c.unit).where(custody.c.dossier == number)).scalar() or ""

    def assign(self, number: str, unit: str) -> None:
        """把没有归属的一卷归到一个单位。

        Raises:
            InputError: 没有这一卷、没有这个单位，或已有归属。
        """
        with writing(self._engine) as connection:
            if connection.execute(select(dossiers.c.number).where(dossiers.c.number == number)).first() is None:
                raise InputError("案卷", f"没有“{number}”", fix="核对编号")
            if connection.execute(select(units.c.name).where(units.c.name == unit)).first() is None:
                raise InputError("单位", f"没有“{unit}”", fix="从名单里选")
            if connection.execute(select(custody.c.unit).where(custody.c.dossier == number)).first():
                raise InputError("案卷", f"“{number}”已有归属", fix="不用再分")
            connection.execute(insert(custody).values(dossier=number, unit=unit))

    def homeless(self) -> list[tuple[str, str]]:
        """没有归属的案卷：编号与地块名（命令行立的）。"""
        query = (
            select(dossiers.c.number, entries.c.new)
            .join(entries, (entries.c.dossier == dossiers.c.number) & (entries.c.seq == 1))
            .outerjoin(custody, custody.c.dossier == dossiers.c.number)
            .where(custody.c.unit.is_(None))
            .order_by(dossiers.c.number)
        )
        with reading(self._engine) as connection:
            return [(number, name or "") for number, name in connection.execute(query)]

    def listing(self, unit: str, card_of: Callable[[str], Card]) -> list[Listed]:
        """一个单位的目录，最近动过的在前；卡片没有或过时的由 card_of 现算、存下。"""
        first, last = entries.alias("first"), entries.alias("last")
        query = (
            select(dossiers.c.number, dossiers.c.length, first.c.new, last.c.who, last.c.at, cards)
            .join(custody, custody.c.dossier == dossiers.c.number)
            .join(first, (first.c.dossier == dossiers.c.number) & (first.c.seq == 1))
            .join(last, (last.c.dossier == dossiers.c.number) & (last.c.seq == dossiers.c.length))
            .outerjoin(cards, cards.c.dossier == dossiers.c.number)
            .where(custody.c.unit == unit)
            .order_by(last.c.at.desc(), dossiers.c.number.desc())
        )
        with reading(self._engine) as connection:
            rows = list(connection.execute(query))
        found: list[Listed] = []
        for row in rows:
            number, length, name, who, at, *kept = row
            card = Card(*kept) if row.version == length else card_of(number)
            found.append(Listed(card, name or "", who, at, length))
        return found

    def keep(self, card: Card) -> None:
        """存下一张卡片；比库里旧的不存。"""
        with writing(self._engine) as connection:
            present = connection.execute(select(cards.c.version).where(cards.c.dossier == card.dossier)).scalar()
            if present is None or present <= card.version:
                connection.execute(delete(cards).where(cards.c.dossier == card.dossier))
                connection.execute(insert(cards).values(asdict(card)))
