"""规则包体检：读入时拦不住、但会误导人的毛病。"""

from __future__ import annotations

from datetime import date

from advisor.errors import InputError
from advisor.rulecheck.checks import check_pack
from advisor.rulecheck.finding import Finding
from advisor.rulepack.model import RulePack


def prove_pack(pack: RulePack, as_of: date) -> list[Finding]:
    """用求解器校对：每处毛病给一宗例子。

    Raises:
        InputError: 没有装求解器。
    """
    need_solver()
    from advisor.rulecheck.proving import prove

    return prove(pack, as_of)


def need_solver() -> None:
    """求解器要在。

    Raises:
        InputError: 没有装。
    """
    try:
        import z3  # noqa: F401
    except ImportError:
        raise InputError(
            "--solve", "这台机器没有装求解器 z3-solver", fix="运行 pip install 'advisor[solver]' 再试"
        ) from None


__all__ = ["Finding", "check_pack", "need_solver", "prove_pack"]
