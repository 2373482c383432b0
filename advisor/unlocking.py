"""解锁：使一个工具变为“适用”的最小改变。能核实的去核实，能办的去办，改变不了的如实说。"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from advisor.evaluation import Evaluation
from advisor.expression.nodes import Comparison, Literal, Membership, Name, Node, walk
from advisor.judging import Finding, Place, judge, tool_truth
from advisor.rulepack.model import Rule, Tool
from advisor.truth import Truth
from advisor.vocabulary import Fact, FactValue, Kind

LEARN, ACT, FIXED, BASIS = "核实", "办理", "不可改变", "核依据"
_PER_RULE = 4
_TRIALS = 400
_RESULTS = 3

Change = tuple[tuple[str, FactValue], ...]


@dataclass(frozen=True)
class Unlock:
    """一种最小改变；rules 是它要补上的条件。"""

    change: Mapping[str, FactValue]
    nature: str
    rules: tuple[Rule, ...]


def unlocks(evaluation: Evaluation, tool: Tool) -> list[Unlock]:
    """由易到难的最小改变，至多三种；改了就判适用，少改一项就不适用（都经复算）。

    依据本身站不住（当地依据待核）的工具，改什么事实也不能判适用，返回空表。
    """
    place = Place(evaluation.facts, evaluation.pack.register, evaluation.as_of)
    options: list[list[Change]] = []
    for finding in evaluation.unsettled(tool):
        found = _repairs(finding, evaluation)
        if not found:
            return []
        options.append(found)
    authority = evaluation.judgement.authority[tool.name]
    if authority.status is not True:
        found = _authority_repairs(evaluation, tool)
        if not found:
            return []
        options.append(found)
    results: list[Unlock] = []
    for change in _combined(options, evaluation):
        if any(set(unlock.change.items()) <= set(change.items()) for unlock in results):
            continue
        if _truth(tool, place, change) is True and _minimal(tool, place, change):
            nature = _nature(change, evaluation)
            if nature == FIXED and any(unlock.nature != FIXED for unlock in results):
                continue
            rules = tuple(f.rule for f in evaluation.unsettled(tool) if set(f.rule.asks) & set(change))
            results.append(Unlock(change, nature, rules))
            if len(results) == _RESULTS:
                break
    return results


def _truth(tool: Tool, place: Place, change: Mapping[str, FactValue]) -> Truth:
    return tool_truth(tool, Place({**place.facts, **change}, place.register, place.as_of))


def _minimal(tool: Tool, place: Place, change: Mapping[str, FactValue]) -> bool:
    for name in change:
        smaller = {key: value for key, value in change.items() if key != name}
        if _truth(tool, place, smaller) is True:
            return False
    return True


def _combined(options: list[list[Change]], evaluation: Evaluation) -> Iterator[dict[str, FactValue]]:
    """把各条件的修补合起来；取值冲突的不要，由小到大、由易到难。"""
    merged: list[dict[str, FactValue]] = []
    for choice in itertools.islice(itertools.product(*options), _TRIALS):
        change: dict[str, FactValue] = {}
        if all(change.setdefault(name, value) == value for part in choice for name, value in part):
            if change not in merged:
                merged.append(change)
    order = evaluation.pack.vocabulary.position
    merged.sort(key=lambda change: (_difficulty(change, evaluation), sorted(order(n) for n in change)))
    for change in merged[:24]:
        yield dict(sorted(change.items(), key=lambda item: order(item[0])))


def _difficulty(change: Mapping[str, FactValue], evaluation: Evaluation) -> tuple[int, int, int]:
    known = [name for name in change if name in evaluation.facts]
    fixed = sum(not evaluation.pack.vocabulary[name].actionable for name in known)
    return (fixed, len(change), len(known))


def _nature(change: Mapping[str, FactValue], evaluation: Evaluation) -> str:
    known = [name for name in change if name in evaluation.facts]
    if any(not evaluation.pack.vocabulary[name].actionable for name in known):
        return FIXED
    return ACT if known else LEARN


def _repairs(finding: Finding, evaluation: Evaluation) -> list[Change]:
    """补上一条条件的各种最小改变，先易后难。"""
    rule = finding.rule
    wanted = rule.kind != "排除"
    names = list(rule.asks)
    for region in rule.regions:
        names += [n for n in evaluation.pack.register.regions.asks(region) if n not in names]
    if finding.raw is wanted:
        return []
    candidates = {name: _values(evaluation.pack.vocabulary[name], rule.base, evaluation) for name in names}
    register, as_of = evaluation.pack.register, evaluation.as_of
    found: list[dict[str, FactValue]] = []
    for size in (1, 2, 3):
        for group in itertools.combinations(names, size):
            for values in itertools.islice(itertools.product(*(candidates[name] for name in group)), 60):
                change = dict(zip(group, values, strict=True))
                if any(set(old.items()) <= set(change.items()) for old in found):
                    continue
                trial = {**evaluation.facts, **change}
                if judge(rule, Place(trial, register, as_of)).status is wanted:
                    found.append(change)
    found.sort(key=lambda change: (_difficulty(change, evaluation), [evaluation.pack.vocabulary.position(n) for n in change]))
    return [tuple(change.items()) for change in found[:_PER_RULE]]


def _authority_repairs(evaluation: Evaluation, tool: Tool) -> list[Change]:
    """地域待核实时，弄清地块在哪里就可能有了依据；确定在外地的无从修补。"""
    regions = evaluation.pack.register.regions
    found: list[Change] = []
    for item in evaluation.judgement.authority[tool.name].standings:
        names = [name for name in regions.asks(item.policy.region) if name not in evaluation.facts]
        if item.in_region is not None or len(names) != 1:
            continue
        fact = evaluation.pack.vocabulary[names[0]]
        if fact.kind is Kind.BOOL:
            found.append(((fact.name, True),))
    return list(dict.fromkeys(found))


def _values(fact: Fact, node: Node, evaluation: Evaluation) -> list[FactValue]:
    """一个事实值得试的取值：是否取反、选项逐个、门槛上下。"""
    current = evaluation.facts.get(fact.name)
    if fact.kind is Kind.BOOL:
        return [value for value in (True, False) if value is not current]
    if fact.kind is Kind.CHOICE:
        mentioned = _mentioned(fact.name, node)
        others = [option for option in fact.options if option not in mentioned]
        return [value for value in (*mentioned, *others[:2]) if value != current]
    values = [value for value in _thresholds(fact, node, evaluation) if value != current]
    return list(dict.fromkeys(values))


def _mentioned(name: str, node: Node) -> list[FactValue]:
    found: list[FactValue] = []
    for part in walk(node):
        if isinstance(part, Membership) and isinstance(part.item, Name) and part.item.name == name:
            found.extend(part.values)
        if isinstance(part, Comparison):
            for side, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(side, Name) and side.name == name and isinstance(other, Literal):
                    found.append(other.value)
    return list(dict.fromkeys(found))


def _thresholds(fact: Fact, node: Node, evaluation: Evaluation) -> list[FactValue]:
    values: list[FactValue] = []
    for value in _mentioned(fact.name, node):
        if isinstance(value, Fraction):
            step = Fraction(1) if fact.integer else Fraction(1, 100)
            values += [value, value + step, value - step]
        elif isinstance(value, date):
            values += [value, value + timedelta(days=1), value - timedelta(days=1)]
        else:
            values.append(value)
    if fact.kind is Kind.NUMBER:
        rivals = [v for n in walk(node) if isinstance(n, Name) and (v := evaluation.facts.get(n.name)) is not None]
        values += [v for rival in rivals if isinstance(rival, Fraction) for v in (rival + Fraction(1, 100), rival)]
        values += [Fraction(0), Fraction(1)]
        values = [v for v in values if isinstance(v, Fraction) and _in_range(v, fact)]
    return values


def _in_range(value: Fraction, fact: Fact) -> bool:
    low_ok = fact.minimum is None or value >= fact.minimum
    return low_ok and (fact.maximum is None or value <= fact.maximum)
