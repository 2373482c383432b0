"""三值逻辑（Kleene）：True 满足，False 不满足，None 待核实。未知不等于否。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Truth = bool | None

Status = Literal["满足", "不满足", "待核实"]
STATUS: dict[Truth, Status] = {True: "满足", False: "不满足", None: "待核实"}


def negate(value: Truth) -> Truth:
    """非：未知的否定仍是未知。

    >>> [negate(v) for v in (True, False, None)]
    [False, True, None]
    """
    return None if value is None else not value


def all_of(values: Iterable[Truth]) -> Truth:
    """与：有一假即假；否则有未知即未知；空集为真。

    >>> all_of([True, None]), all_of([None, False]), all_of([])
    (None, False, True)
    """
    unknown = False
    for value in values:
        if value is False:
            return False
        unknown = unknown or value is None
    return None if unknown else True


def any_of(values: Iterable[Truth]) -> Truth:
    """或：有一真即真；否则有未知即未知；空集为假。

    >>> any_of([False, None]), any_of([None, True]), any_of([])
    (None, True, False)
    """
    unknown = False
    for value in values:
        if value is True:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def implies(premise: Truth, conclusion: Truth) -> Truth:
    """蕴含：前提为假则不作要求。

    >>> implies(False, False), implies(None, True), implies(None, False)
    (True, True, None)
    """
    return any_of((negate(premise), conclusion))
