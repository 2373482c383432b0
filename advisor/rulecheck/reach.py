"""条件够不够得着：在词表的取值里找得到让它成立、让它不成立的地块吗。"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

from advisor.expression.nodes import Literal, Membership, Node, walk
from advisor.rulepack.model import Rule
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary

_TRIALS = 20_000


def reachable(rule: Rule, vocabulary: Vocabulary) -> set[bool]:
    """试过的取值里，条件能取到哪些真值；组合太多时只试前若干个，宁可少报。"""
    if not rule.asks:
        return {True, False}
    domains = [values(vocabulary[name], rule.base) for name in rule.asks]
    found: set[bool] = set()
    for choice in itertools.islice(itertools.product(*domains), _TRIALS):
        truth = rule.test(dict(zip(rule.asks, choice, strict=True)))
        if truth is not None:
            found.add(truth)
        if len(found) == 2:
            return found
    total = 1
    for domain in domains:
        total *= len(domain)
    return found if total <= _TRIALS else {True, False}


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
