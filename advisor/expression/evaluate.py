"""Kleene 求值：把语法树编成闭包；缺的事实、除以零都是未知（None）。这是其余解释器的参照。"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node
from advisor.vocabulary import FactValue

Facts = Mapping[str, FactValue]
Compiled = Callable[[Facts], Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def evaluate(node: Node, facts: Facts) -> FactValue | None:
    """求值；缺事实为 None。"""
    result: FactValue | None = compile_expression(node)(facts)
    return result


@lru_cache(maxsize=10_000)
def compile_expression(node: Node) -> Compiled:
    """编成闭包，反复求值时用。"""
    if isinstance(node, Name):
        name = node.name
        return lambda facts: facts.get(name)
    if isinstance(node, Literal):
        value = node.value
        return lambda facts: value
    if isinstance(node, Negation):
        return _negation(compile_expression(node.part))
    if isinstance(node, Junction):
        return _junction([compile_expression(part) for part in node.parts], stop=not node.conjunctive)
    if isinstance(node, Membership):
        return _membership(compile_expression(node.item), frozenset(node.values), node.negated)
    if isinstance(node, Comparison):
        return _binary(_COMPARE[node.op], compile_expression(node.left), compile_expression(node.right))
    assert isinstance(node, Arithmetic)
    left, right = compile_expression(node.left), compile_expression(node.right)
    return _division(left, right) if node.op == "/" else _binary(_ARITHMETIC[node.op], left, right)


def _negation(part: Compiled) -> Compiled:
    def run(facts: Facts) -> bool | None:
        value: bool | None = part(facts)
        return None if value is None else not value

    return run


def _junction(parts: list[Compiled], stop: bool) -> Compiled:
    def run(facts: Facts) -> bool | None:
        unknown = False
        for part in parts:
            value = part(facts)
            if value is stop:
                return bool(stop)
            if value is None:
                unknown = True
        return None if unknown else not stop

    return run


def _membership(item: Compiled, values: frozenset[FactValue], negated: bool) -> Compiled:
    def run(facts: Facts) -> bool | None:
        value: FactValue | None = item(facts)
        return None if value is None else (value in values) is not negated

    return run


def _binary(operation: Callable[[Any, Any], Any], left: Compiled, right: Compiled) -> Compiled:
    def run(facts: Facts) -> Any:
        first = left(facts)
        if first is None:
            return None
        second = right(facts)
        return None if second is None else operation(first, second)

    return run


def _division(left: Compiled, right: Compiled) -> Compiled:
    def run(facts: Facts) -> Any:
        first, second = left(facts), right(facts)
        return None if first is None or second is None or second == 0 else first / second

    return run
