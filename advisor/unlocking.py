"""解锁：使一个工具变为“适用”的最小改变。能核实的去核实，能办的去办，改变不了的如实说。"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from advisor.evaluation import Evaluation, differing
from advisor.expression.nodes import Comparison, Literal, Membership, Name, Node, walk
from advisor.judging import Finding, place_of, tool_applies
from advisor.rulepack.model import Rule, Tool
from advisor.vocabulary import Fact, FactValue, Kind

LEARN, ACT, FIXED, BASIS = "核实", "办理", "不可改变", "核依据"
_PER_RULE = 3
_TRIALS = 10
_VALUES = 60
_RESULTS = 3

Change = tuple[tuple[str, FactValue], ...]


@dataclass(frozen=True)
class Unlock:
    """一种最小改变；rules 是它要补上的条件。"""

    change: Mapping[str, FactValue]
    nature: str
    rules: tuple[Rule, ...]


class _Live:
    """一个工具里作数的条件，按读到的事实编好索引；每条带想要的真值。"""

    def __init__(self, evaluation: Evaluation, tool: Tool) -> None:
        self.blocking: list[tuple[Rule, bool]] = []
        self._reading: dict[str, list[tuple[Rule, bool]]] = {}
        for rule in tool.rules:
            finding = evaluation.finding(rule)
            if rule.kind == "倾向" or finding.silent:
                continue
            wanted = rule.kind != "排除"
            if finding.status is not wanted:
                self.blocking.append((rule, wanted))
            for name in rule.asks:
                self._reading.setdefault(name, []).append((rule, wanted))

    def reading(self, name: str) -> list[tuple[Rule, bool]]:
        """读到这个事实的条件。"""
        return self._reading.get(name, [])

    @staticmethod
    def met(rules: list[tuple[Rule, bool]], facts: Mapping[str, FactValue]) -> bool:
        """这些条件在这些事实下都如愿。"""
        return all(rule.test(facts) is wanted for rule, wanted in rules)


class Unlocker:
    """一宗地的解锁搜索；各工具共用的闸门只修一次。"""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.vocabulary = evaluation.pack.vocabulary
        self._repaired: dict[str, list[Change]] = {}
        self._live: dict[str, _Live] = {}
        self._unsettled_place = {
            name for name, found in evaluation.judgement.authority.items() if found.status is not True
        }

    def unlocks(self, tool: Tool) -> list[Unlock]:
        """由易到难的最小改变，至多三种；改了就判适用，少改一项就不适用（都经复算）。

        依据本身站不住（当地依据待核）的工具，改什么事实也不能判适用，返回空表。
        """
        options: list[list[Change]] = []
        if self.evaluation.judgement.authority[tool.name].status is not True:
            options.append(self._authority_repairs(tool))
        unsettled = self.evaluation.unsettled(tool)
        for finding in unsettled:
            if options and not options[-1]:
                return []
            options.append(self._repairs(finding))
        if not all(options):
            return []
        # 情形、依据都没定的先给一种走法，定下来再细说
        settled = self.evaluation.occasion(tool) is True and tool.name not in self._unsettled_place
        most = _RESULTS if settled else 1
        results: list[Unlock] = []
        for change in self._combined(options):
            if any(set(unlock.change) <= set(change) for unlock in results):
                continue
            if not self._sound_and_minimal(tool, change):
                continue
            nature = self._nature(change)
            if nature == FIXED and results:
                continue
            rules = tuple(f.rule for f in unsettled if set(f.rule.asks) & set(change))
            ordered = self.vocabulary.ordered(change)
            results.append(Unlock(ordered, nature, rules))
            if len(results) == most:
                break
        return results

    def _sound_and_minimal(self, tool: Tool, change: Mapping[str, FactValue]) -> bool:
        """改了就判适用，少改任何一项就不适用。没有动到位置的，只须重看读到这些事实的与原本挡着的条件。"""
        trial = self.evaluation.facts_after(change)
        changed = differing(self.evaluation.facts, trial)
        moves = not self.evaluation.pack.register.regions.asked.isdisjoint(changed)
        rules = self._rules(tool)
        if moves or tool.name in self._unsettled_place:
            if not self._judged_anew(tool, trial):
                return False
        elif not (rules.met(rules.blocking, trial) and all(rules.met(rules.reading(n), trial) for n in changed)):
            return False
        for name in change:
            fewer = self.evaluation.facts_after({key: value for key, value in change.items() if key != name})
            if moves:
                needed = not self._judged_anew(tool, fewer)
            else:
                needed = not all(rules.met(rules.reading(n), fewer) for n in differing(trial, fewer))
            if not needed:
                return False
        return True

    def _judged_anew(self, tool: Tool, facts: Mapping[str, FactValue]) -> bool:
        return tool_applies(tool, place_of(self.evaluation.pack.register, facts, self.evaluation.as_of), facts)

    def _rules(self, tool: Tool) -> _Live:
        if tool.name not in self._live:
            self._live[tool.name] = _Live(self.evaluation, tool)
        return self._live[tool.name]

    def _combined(self, options: list[list[Change]]) -> list[dict[str, FactValue]]:
        """各条件都取最易的修补合成一种；再逐条换成次易的，得出别的走法。"""
        picks = [tuple(0 for _ in options)]
        for index, choices in enumerate(options):
            for other in range(1, len(choices)):
                picks.append(tuple(other if at == index else 0 for at in range(len(options))))
        merged: list[dict[str, FactValue]] = []
        for pick in picks[:_TRIALS]:
            change: dict[str, FactValue] = {}
            parts = [options[at][choice] for at, choice in enumerate(pick)]
            if all(change.setdefault(name, value) == value for part in parts for name, value in part):
                merged.append(change)
        merged.sort(key=self._difficulty)
        return merged

    def _difficulty(self, change: Mapping[str, FactValue]) -> tuple[int, int, int, list[int]]:
        known = [name for name in change if name in self.evaluation.facts]
        fixed = sum(not self.vocabulary[name].actionable for name in known)
        moved = sum(name in self.evaluation.pack.register.regions.asked for name in known)
        return (fixed + moved, len(change), len(known), [self.vocabulary.position(name) for name in change])

    def _nature(self, change: Mapping[str, FactValue]) -> str:
        known = [name for name in change if name in self.evaluation.facts]
        if any(not self.vocabulary[name].actionable for name in known):
            return FIXED
        return ACT if known else LEARN

    def _repairs(self, finding: Finding) -> list[Change]:
        """补上一条条件的各种最小改变，先易后难。"""
        leaf = finding.rule.leaf
        if leaf not in self._repaired:
            self._repaired[leaf] = self._search(finding.rule)
        return self._repaired[leaf]

    def _search(self, rule: Rule) -> list[Change]:
        wanted = rule.kind != "排除"
        candidates = {name: self._values(self.vocabulary[name], rule.base) for name in rule.asks}
        found: list[dict[str, FactValue]] = []
        for size in range(1, min(3, len(rule.asks)) + 1):
            for group in itertools.combinations(rule.asks, size):
                for values in itertools.islice(itertools.product(*(candidates[name] for name in group)), _VALUES):
                    change = dict(zip(group, values, strict=True))
                    if rule.test({**self.evaluation.facts, **change}) is wanted:  # 推得的随着变，留到复算时看
                        found.append(change)
                        break
            if found:  # 改得最少的几种就够了，不再找要改得更多的
                break
        found.sort(key=self._difficulty)
        return [tuple(change.items()) for change in found[:_PER_RULE]]

    def _authority_repairs(self, tool: Tool) -> list[Change]:
        """地域待核实时，弄清地块在哪里就可能有了依据；确定在外地的无从修补。"""
        regions = self.evaluation.pack.register.regions
        found: list[Change] = []
        for item in self.evaluation.judgement.authority[tool.name].standings:
            names = [name for name in regions.asks(item.policy.region) if name not in self.evaluation.facts]
            if item.in_region is None and len(names) == 1 and self.vocabulary[names[0]].kind is Kind.BOOL:
                found.append(((names[0], True),))
        return list(dict.fromkeys(found))

    def _values(self, fact: Fact, node: Node) -> list[FactValue]:
        """一个事实值得试的取值：是否取反、选项逐个、门槛上下。"""
        current = self.evaluation.facts.get(fact.name)
        if fact.kind is Kind.BOOL:
            return [value for value in (True, False) if value is not current]
        if fact.kind is Kind.CHOICE:
            mentioned = _mentioned(fact.name, node)
            others = [option for option in fact.options if option not in mentioned]
            return [value for value in (*mentioned, *others[:2]) if value != current]
        rivals = [self.evaluation.facts.get(part.name) for part in walk(node) if isinstance(part, Name)]
        values = _thresholds(fact, node, [rival for rival in rivals if isinstance(rival, Fraction)])
        return [value for value in dict.fromkeys(values) if value != current]


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


def _thresholds(fact: Fact, node: Node, rivals: list[Fraction]) -> list[FactValue]:
    values: list[FactValue] = []
    for value in _mentioned(fact.name, node):
        if isinstance(value, Fraction):
            step = Fraction(1) if fact.integer else Fraction(1, 100)
            values += [value, value + step, value - step]
        elif isinstance(value, date):
            values += [value, value + timedelta(days=1), value - timedelta(days=1)]
        else:
            values.append(value)
    if fact.kind is not Kind.NUMBER:
        return values
    for rival in rivals:
        values += [rival + Fraction(1, 100), rival, rival - Fraction(1, 100)]
    numbers = [*values, Fraction(0), Fraction(1)]
    return [v for v in numbers if isinstance(v, Fraction) and _in_range(v, fact)]


def _in_range(value: Fraction, fact: Fact) -> bool:
    low_ok = fact.minimum is None or value >= fact.minimum
    return low_ok and (fact.maximum is None or value <= fact.maximum)
