"""事实值得试的取值：检查条件够不够得着、规则之间打不打架时逐个试。"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from advisor.expression.nodes import Literal, Membership, Node, walk
from advisor.vocabulary import Fact, FactValue, Kind


def values(fact: Fact, node: Node) -> list[FactValue]:
    """一个事实值得试的取值：是否两个、选项全部、数与日期取门槛上下、文字取提到的与没提到的。"""
    if fact.kind is Kind.BOOL:
        return [True, False]
    if fact.kind is Kind.CHOICE:
        return list(fact.options)
    mentioned = [literal.value for literal in walk(node) if isinstance(literal, Literal)]
    mentioned += [value for part in walk(node) if isinstance(part, Membership) for value in part.values]
    if fact.kind is Kind.TEXT:
        return [*(value for value in mentioned if isinstance(value, str)), "没有提到的"]
    if fact.kind is Kind.DATE:
        days = [value for value in mentioned if isinstance(value, date)]
        return [day + timedelta(days=step) for day in days for step in (-1, 0, 1)] or [date(2026, 1, 1)]
    numbers = [value for value in mentioned if isinstance(value, Fraction) and not isinstance(value, bool)]
    near = [number + step for number in numbers for step in (Fraction(-1, 100), Fraction(0), Fraction(1, 100))]
    candidates = dict.fromkeys([*near, Fraction(0), Fraction(1), Fraction(2), Fraction(50), Fraction(1000)])
    return [
        number
        for number in candidates
        if (fact.minimum is None or number >= fact.minimum) and (fact.maximum is None or number <= fact.maximum)
    ]
