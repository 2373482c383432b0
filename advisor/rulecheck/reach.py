"""条件够不够得着：在词表的取值里找得到让它成立、让它不成立的地块吗。"""

from __future__ import annotations

import itertools

from advisor.expression.domains import values
from advisor.rulepack.model import Rule
from advisor.vocabulary import Vocabulary

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
