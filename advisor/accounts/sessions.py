"""登录会话与客户端令牌：给出去的是随机串，库里只存它的散列。"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, delete, insert, select, update

from advisor.accounts.people import Person, now, person, stamp
from advisor.accounts.schema import secrets, sessions, tokens, users
from advisor.dossier.chain import checked_text
from advisor.dossier.opening import exclusive, reading, writing
from advisor.errors import InputError

IDLE_HOURS, LONGEST_HOURS = 2, 12
_TOUCH_MINUTES = 5


@dataclass(frozen=True)
class Token:
    """一个客户端令牌的登记。"""

    client: str
    login: str
    name: str
    created_at: str
    used_at: str


def digest(text: str) -> str:
    """随机串的散列；串本身够长够乱，不用慢散列。"""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Sessions:
    """登录会话。"""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._secret = _secret(engine)

    def open(self, login: str) -> str:
        """开一个会话，返回放进 cookie 的串；顺手清掉过期的。"""
        ticket, moment = random.token_urlsafe(32), now()
        with writing(self._engine) as connection:
            oldest, idle = moment - timedelta(hours=LONGEST_HOURS), moment - timedelta(hours=IDLE_HOURS)
            stale = (sessions.c.opened_at < stamp(oldest)) | (sessions.c.seen_at < stamp(idle))
            connection.execute(delete(sessions).where(stale))
            row = {"digest": digest(ticket), "login": login, "opened_at": stamp(moment), "seen_at": stamp(moment)}
            connection.execute(insert(sessions).values(row))
        return ticket

    def person(self, ticket: str) -> Person | None:
        """会话是谁的；过期、退出、停用的为 None。"""
        key, moment = digest(ticket), now()
        with reading(self._engine) as connection:
            row = connection.execute(
                select(users, sessions.c.opened_at, sessions.c.seen_at)
                .join(sessions, sessions.c.login == users.c.login)
                .where(sessions.c.digest == key)
            ).first()
        if row is None or not row.active:
            return None
        if row.opened_at < stamp(moment - timedelta(hours=LONGEST_HOURS)):
            return None
        if row.seen_at < stamp(moment - timedelta(hours=IDLE_HOURS)):
            return None
        if row.seen_at < stamp(moment - timedelta(minutes=_TOUCH_MINUTES)):
            with writing(self._engine) as connection:
                connection.execute(update(sessions).where(sessions.c.digest == key).values(seen_at=stamp(moment)))
        return person(row)

    def close(self, ticket: str) -> None:
        """退出。"""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest(ticket)))

    def seal(self, ticket: str) -> str:
        """表单令牌：随会话而定，别的网站造不出。"""
        return hmac.new(self._secret, f"表单:{ticket}".encode(), hashlib.sha256).hexdigest()


class Tokens:
    """客户端令牌。"""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issue(self, client: str, login: str) -> str:
        """发一个令牌，只在这时看得见。

        Raises:
            InputError: 名称空着或已有，没有这个账号。
        """
        client = checked_text("客户端", client, 60)
        if not client:
            raise InputError("客户端", "是空的", fix="写用在哪里，如 台账系统")
        text = random.token_urlsafe(32)
        with writing(self._engine) as connection:
            exclusive(connection)
            if connection.execute(select(users.c.login).where(users.c.login == login)).first() is None:
                raise InputError("账号", f"没有“{login}”", fix="从名单里选")
            if connection.execute(select(tokens.c.client).where(tokens.c.client == client)).first():
                raise InputError("客户端", f"“{client}”已有令牌", fix="先作废旧的，或换个名称")
            row = {"digest": digest(text), "client": client, "login": login, "created_at": stamp(now()), "used_at": ""}
            connection.execute(insert(tokens).values(row))
        return text

    def revoke(self, client: str) -> None:
        """作废。"""
        with writing(self._engine) as connection:
            connection.execute(delete(tokens).where(tokens.c.client == client))

    def listing(self) -> list[Token]:
        """全部令牌的登记，不含令牌本身。"""
        query = (
            select(tokens.c.client, tokens.c.login, users.c.name, tokens.c.created_at, tokens.c.used_at)
            .join(users, users.c.login == tokens.c.login)
            .order_by(tokens.c.client)
        )
        with reading(self._engine) as connection:
            return [Token(*row) for row in connection.execute(query)]

    def person(self, text: str) -> Person | None:
        """令牌是谁的；作废、停用的为 None。用过的日子记下来。"""
        key, today = digest(text), stamp(now())[:10]
        with reading(self._engine) as connection:
            row = connection.execute(
                select(users, tokens.c.used_at)
                .join(tokens, tokens.c.login == users.c.login)
                .where(tokens.c.digest == key)
            ).first()
        if row is None or not row.active or row.must_change:
            return None
        if row.used_at != today:
            with writing(self._engine) as connection:
                connection.execute(update(tokens).where(tokens.c.digest == key).values(used_at=today))
        return person(row)


def _secret(engine: Engine) -> bytes:
    """这个库的密钥；第一次用到时生成。"""
    with writing(engine) as connection:
        exclusive(connection)
        found = connection.execute(select(secrets.c.value).where(secrets.c.name == "表单")).scalar()
        if found is None:
            found = random.token_hex(32)
            connection.execute(insert(secrets).values(name="表单", value=found))
    return bytes.fromhex(found)
