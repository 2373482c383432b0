"""条件表达式：解析、Kleene 求值、中文说法。"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from advisor.expression import describe, evaluate, names, parse
from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node
from advisor.vocabulary import Fact, FactValue
from tests.strategies import VOCABULARY, conditions, parcels

SIGNATURE: dict[str, Fact] = {fact.name: fact for fact in VOCABULARY}


def worlds(node: Node, facts: dict[str, FactValue]) -> Any:
    """照定义直译的 Kleene 求值，与编成闭包的对拍。"""
    match node:
        case Name():
            return facts.get(node.name)
        case Literal():
            return node.value
        case Negation():
            value = worlds(node.part, facts)
            return None if value is None else not value
        case Junction():
            values = [worlds(part, facts) for part in node.parts]
            decisive = not node.conjunctive
            return decisive if decisive in values else None if None in values else not decisive
        case Membership():
            value = worlds(node.item, facts)
            return None if value is None else (value in node.values) != node.negated
        case Comparison() | Arithmetic():
            left, right = worlds(node.left, facts), worlds(node.right, facts)
            if left is None or right is None or (node.op == "/" and right == 0):
                return None
            return {
                "==": lambda: left == right,
                "!=": lambda: left != right,
                "<": lambda: left < right,
                "<=": lambda: left <= right,
                ">": lambda: left > right,
                ">=": lambda: left >= right,
                "+": lambda: left + right,
                "-": lambda: left - right,
                "*": lambda: left * right,
                "/": lambda: left / right,
            }[node.op]()


@settings(max_examples=400, deadline=None)
@given(conditions(depth=3), parcels())
def test_compiled_equals_the_definition(text: str, facts: dict[str, FactValue]) -> None:
    node = parse(text, SIGNATURE)
    assert evaluate(node, facts) == worlds(node, facts)
    assert describe(node)
    assert set(names(node)) <= set(SIGNATURE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("是0", "“是0”为是"),
        ("not 是0", "“是0”为否"),
        ("数0 <= 10", "数0不超过 10 亩"),
        ("not 数0 <= 10", "数0大于 10 亩"),
        ("省 in ['东', '西']", "省属于 东、西"),
        ("省 not in ['东']", "省不属于 东"),
        ("是0 and (数0 > 3 or 是1)", "“是0”为是，且（数0大于 3 亩，或“是1”为是）"),
        ("1 <= 数0 < 2", "1不超过数0，且数0小于 2 亩"),
        ("数0 / 数1 * 100 <= 10", "数0除以数1乘以100不超过 10"),
    ],
)
def test_said_in_chinese(text: str, said: str) -> None:
    assert describe(parse(text, SIGNATURE)) == said


def test_division_by_zero_is_unknown() -> None:
    node = parse("数0 / 数1 > 1", SIGNATURE)
    assert evaluate(node, {"数0": Fraction(1), "数1": Fraction(0)}) is None
