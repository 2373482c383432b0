"""情形多半成不成立：事实未知时，按案例库里的分布估计。只用来排先后、定问法，从不改变判定。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

from advisor.expression import evaluate
from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node, names
from advisor.playbook import Case
from advisor.rulepack.model import Tool
from advisor.vocabulary import FactValue, Kind, Vocabulary

_SILENT_CASE = 0.3
"""案例没有写到的是否类事实，按三成算作词表所写的“常态”：没提多半是寻常情形，但不确定。"""


class Prior:
    """案例库里各事实的取值分布。"""

    def __init__(self, cases: Iterable[Case], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._values: dict[str, list[FactValue]] = {}
        self._count = 0
        self._base: dict[str, float] = {}
        self._held: dict[int, tuple[Node, float]] = {}
        self._yes: dict[str, float] = {}
        for case in cases:
            self._count += 1
            for name, value in case.facts.items():
                self._values.setdefault(name, []).append(value)

    def base(self, tool: Tool) -> float:
        """什么都不知道时，工具的情形成立的可能性。"""
        if tool.name not in self._base:
            self._base[tool.name] = occasion_chance(tool, {}, self)
        return self._base[tool.name]

    def yes(self, name: str) -> float:
        """是否类事实为“是”的可能性。"""
        if name not in self._yes:
            self._yes[name] = self._share_of_yes(name)
        return self._yes[name]

    def _share_of_yes(self, name: str) -> float:
        known = self._values.get(name, [])
        usual = self._vocabulary[name].usual
        silent = (self._count - len(known)) * _SILENT_CASE if usual is not None else 0.0
        positive = sum(value is True for value in known) + (silent if usual else 0.0)
        return (positive + 1) / (len(known) + silent + 2)

    def doubt(self, name: str) -> float:
        """答案有多说不准，0.2 到 1.2：是否类最说不准的是一半一半，其余类型一律按最说不准算。"""
        if self._vocabulary[name].kind is not Kind.BOOL:
            return 1.2
        chance_of_yes = self.yes(name)
        return 0.2 + 4 * chance_of_yes * (1 - chance_of_yes)

    def of(self, node: Node) -> float:
        """一个还不知道的比较、是否类事实成立的可能性。"""
        return self.yes(node.name) if isinstance(node, Name) else self.holds(node)

    def holds(self, node: Node) -> float:
        """一个比较在知道其事实的案例里成立的比例（拉普拉斯平滑）。"""
        if id(node) not in self._held:  # 按对象记，连同对象一起留着：逐层算散列比求值还慢
            self._held[id(node)] = (node, self._share(node))
        return self._held[id(node)][1]

    def _share(self, node: Node) -> float:
        read = names(node)
        if len(read) != 1:
            return 0.5
        known = self._values.get(read[0], [])
        good = sum(evaluate(node, {read[0]: value}) is True for value in known)
        return (good + 1) / (len(known) + 2)


def chance(node: Node, facts: Mapping[str, FactValue], prior: Prior) -> float:
    """条件成立的可能性，0 到 1；由已知事实定得下来的就是 0 或 1。"""

    def of(part: Node) -> float:
        truth = facts.get(part.name) if isinstance(part, Name) else evaluate(part, facts)
        return prior.of(part) if truth is None else float(truth is True)

    found: float = combined(node, of)
    return found


def combined(node: Node, of: Callable[[Node], Any]) -> Any:
    """由各个比较、是否类事实成立的可能性（of）合成整条条件的；一个数、一列数都行。"""
    if isinstance(node, Literal):
        return 1.0 if node.value is True else 0.0
    if isinstance(node, Negation):
        return 1 - combined(node.part, of)
    if isinstance(node, Junction):
        parts = [combined(part, of) for part in node.parts]
        return prod(parts) if node.conjunctive else 1 - prod(1 - part for part in parts)
    assert isinstance(node, (Name, Comparison, Membership, Arithmetic))
    return of(node)


def occasion_chance(tool: Tool, facts: Mapping[str, FactValue], prior: Prior) -> float:
    """工具的情形都成立的可能性。"""
    return prod(chance(rule.base, facts, prior) for rule in tool.of_kind("情形"))


__all__ = ["Prior", "chance", "combined", "occasion_chance"]
