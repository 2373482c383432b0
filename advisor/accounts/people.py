"""人员与单位：谁、哪个单位、什么角色；登录核口令，错多了锁一阵。"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from advisor.accounts.passwords import hashed, matches
from advisor.accounts.schema import sessions, units, users
from advisor.dossier.chain import checked_text
from advisor.dossier.opening import exclusive, reading, writing
from advisor.errors import InputError

HANDLER, REVIEWER, ADMIN = "经办", "复核", "管理员"
ROLES = (HANDLER, REVIEWER, ADMIN)
MOST_FAILURES, LOCK_MINUTES = 5, 15


@dataclass(frozen=True)
class Person:
    """一个账号；name 记进案卷日志。"""

    login: str
    name: str
    unit: str
    roles: frozenset[str]
    active: bool
    must_change: bool
    locked_until: str

    def may(self, *roles: str) -> bool:
        """有没有其中一种角色。"""
        return not self.roles.isdisjoint(roles)


def stamp(moment: datetime) -> str:
    """时刻的写法，UTC，到秒；先后即文字先后。"""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def now() -> datetime:
    """此刻。"""
    return datetime.now(UTC)


class People:
    """全部账号与单位。"""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def any(self) -> bool:
        """有没有账号；一个都没有就要首次设置。"""
        with reading(self._engine) as connection:
            return connection.execute(select(users.c.login).limit(1)).first() is not None

    def found(self, login: str) -> Person | None:
        """按登录名找。"""
        with reading(self._engine) as connection:
            row = connection.execute(select(users).where(users.c.login == _login(login))).first()
        return person(row) if row else None

    def everyone(self) -> list[Person]:
        """全部账号，按单位、登录名。"""
        with reading(self._engine) as connection:
            return [person(row) for row in connection.execute(select(users).order_by(users.c.unit, users.c.login))]

    def units(self) -> list[str]:
        """全部单位。"""
        with reading(self._engine) as connection:
            return list(connection.execute(select(units.c.name).order_by(units.c.name)).scalars())

    def add_unit(self, name: str) -> str:
        """加一个单位，返回整理过的名称。

        Raises:
            InputError: 名称空着、太长或已有。
        """
        with writing(self._engine) as connection:
            return _add_unit(connection, name)

    def set_up(self, unit: str, login: str, name: str, password: str, roles: Iterable[str]) -> None:
        """首次设置：建单位与第一个管理员。

        Raises:
            InputError: 已经设置过，或哪一项不合。
        """
        digest = hashed(password, login)
        with writing(self._engine) as connection:
            exclusive(connection)
            if connection.execute(select(users.c.login).limit(1)).first():
                raise InputError("首次设置", "已经有管理员了", fix="请管理员开账号")
            _add(connection, login, name, _add_unit(connection, unit), {ADMIN, *roles}, digest, must_change=False)

    def add(self, login: str, name: str, unit: str, roles: Iterable[str], password: str) -> None:
        """开一个账号；第一次登录要换口令。

        Raises:
            InputError: 登录名、姓名已有，单位、角色不对，口令不合。
        """
        digest = hashed(password, login)
        with writing(self._engine) as connection:
            exclusive(connection)
            if connection.execute(select(units).where(units.c.name == unit)).first() is None:
                raise InputError("单位", f"没有“{unit}”", fix="先加单位")
            _add(connection, login, name, unit, set(roles), digest, must_change=True)

    def change(self, login: str, roles: Iterable[str], active: bool) -> None:
        """改角色、停用或启用；停用的当即退出。

        Raises:
            InputError: 没有这个账号、角色不对，或会一个管理员都不剩。
        """
        wanted = _roles(set(roles))
        with writing(self._engine) as connection:
            exclusive(connection)
            _existing(connection, login)
            others = connection.execute(
                select(users.c.roles).where(users.c.login != login, users.c.active.is_(True))
            ).scalars()
            if not (active and ADMIN in wanted) and not any(ADMIN in item.split(",") for item in others):
                raise InputError("账号", "这样改就一个管理员都没有了", fix="先另开一个管理员")
            values = {"roles": wanted, "active": active}
            connection.execute(update(users).where(users.c.login == login).values(values))
            if not active:
                connection.execute(sessions.delete().where(sessions.c.login == login))

    def reset(self, login: str, password: str, must_change: bool) -> None:
        """换口令并解锁；已经登录的都退出。

        Raises:
            InputError: 没有这个账号，口令不合。
        """
        digest = hashed(password, login)
        with writing(self._engine) as connection:
            _existing(connection, login)
            values = {"password": digest, "must_change": must_change, "failures": 0, "locked_until": ""}
            connection.execute(update(users).where(users.c.login == login).values(values))
            connection.execute(sessions.delete().where(sessions.c.login == login))

    def check(self, login: str, password: str) -> Person:
        """登录：口令对才给；连错几次就锁一阵。

        Raises:
            InputError: 登录名或口令不对、已锁、已停用。
        """
        login = _login(login)
        with reading(self._engine) as connection:
            row = connection.execute(select(users).where(users.c.login == login)).first()
        moment = now()
        if row is not None and row.locked_until > stamp(moment):
            raise InputError(
                "登录", f"连着输错 {MOST_FAILURES} 次，已锁住", fix=f"{LOCK_MINUTES} 分钟后再试，或请管理员重设口令"
            )
        right = matches(row.password if row else "", password)
        if row is None:
            raise _refused()
        with writing(self._engine) as connection:
            if right and row.active:
                connection.execute(update(users).where(users.c.login == login).values(failures=0, locked_until=""))
                return person(row)
            if not right:
                _count_failure(connection, login, moment)
        raise _refused()


def _count_failure(connection: Connection, login: str, moment: datetime) -> None:
    row = connection.execute(select(users.c.failures).where(users.c.login == login).with_for_update()).one()
    failures = row.failures + 1
    locked = failures >= MOST_FAILURES
    until = stamp(moment + timedelta(minutes=LOCK_MINUTES)) if locked else ""
    values = {"failures": 0 if locked else failures, "locked_until": until}
    connection.execute(update(users).where(users.c.login == login).values(values))


def person(row: Row[tuple[object, ...]]) -> Person:
    """账号表的一行。"""
    return Person(
        row.login, row.name, row.unit, frozenset(row.roles.split(",")), row.active, row.must_change, row.locked_until
    )


def _refused() -> InputError:
    """不说是登录名错还是口令错。"""
    return InputError("登录", "登录名或口令不对", fix="核对后再试；忘了口令请管理员重设")


def _login(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _roles(roles: set[str]) -> str:
    if not roles or not roles <= set(ROLES):
        raise InputError("角色", "没有选，或不认识", allowed="、".join(ROLES), fix="至少选一种")
    return ",".join(role for role in ROLES if role in roles)


def _add_unit(connection: Connection, name: str) -> str:
    name = checked_text("单位", name, 60)
    if not name:
        raise InputError("单位", "是空的", fix="写单位名称")
    if connection.execute(select(units).where(units.c.name == name)).first():
        raise InputError("单位", f"已有“{name}”", fix="不用再加")
    connection.execute(insert(units).values(name=name, created_at=stamp(now())))
    return name


def _add(
    connection: Connection, login: str, name: str, unit: str, roles: set[str], digest: str, *, must_change: bool
) -> None:
    login, name = _login(checked_text("登录名", login, 40)), checked_text("姓名", name, 40)
    if not login or any(c.isspace() for c in login):
        raise InputError("登录名", "是空的，或中间有空格", fix="写字母、数字或汉字")
    if not name:
        raise InputError("姓名", "是空的", fix="写真实姓名，记进案卷")
    taken = connection.execute(
        select(users.c.login).where((users.c.login == login) | (func.lower(users.c.name) == name.lower()))
    ).first()
    if taken:
        raise InputError("账号", f"登录名“{login}”或姓名“{name}”已有", fix="换一个；同名的在姓名后加科室")
    row = {
        "login": login, "name": name, "unit": unit, "roles": _roles(roles), "password": digest, "active": True,
        "must_change": must_change, "failures": 0, "locked_until": "", "created_at": stamp(now()),
    }  # fmt: skip
    connection.execute(insert(users).values(row))


def _existing(connection: Connection, login: str) -> None:
    if connection.execute(select(users.c.login).where(users.c.login == login)).first() is None:
        raise InputError("账号", f"没有“{login}”", fix="核对登录名")
