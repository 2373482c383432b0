"""口令：只存 argon2 散列；不合规矩的说清怎么改。"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from advisor.errors import InputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200


def hashed(password: str, login: str) -> str:
    """口令的散列。

    Raises:
        InputError: 太短、太长、太单调，或与登录名一样。
    """
    kinds = sum(any(test(c) for c in password) for test in (str.isalpha, str.isdigit, lambda c: not c.isalnum()))
    if not SHORTEST <= len(password) <= LONGEST:
        found = f"有 {len(password)} 个字符"
    elif kinds < 2 or len(set(password)) < 5:
        found = "太单调"
    elif login and login.lower() in password.lower():
        found = "里面有登录名"
    else:
        return _hasher().hash(password)
    allowed = f"{SHORTEST} 到 {LONGEST} 个字符，字母、数字、符号至少两样，不含登录名"
    raise InputError("口令", found, allowed=allowed, fix="换一个")


def matches(digest: str, password: str) -> bool:
    """口令对不对；没有这个人时 digest 为空，照样花一样的工夫。"""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(digest or _decoy(), password) and bool(digest)
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ModuleNotFoundError:
        raise InputError("网页", "没有装 argon2-cffi", fix="pip install 'advisor[web]'") from None
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=2)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash("没有这个人")
