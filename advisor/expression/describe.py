"""把语法树说成中文。"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from advisor import quantity
from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node
from advisor.vocabulary import FactValue, Kind

_COMPARE = {"==": "为", "!=": "不为", "<": "小于", "<=": "不超过", ">": "大于", ">=": "不少于"}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ARITHMETIC = {"+": "加", "-": "减", "*": "乘以", "/": "除以"}


def describe(node: Node) -> str:
    """条件的中文说法。"""
    return _say(node, False)


def _say(node: Node, inner: bool) -> str:
    if isinstance(node, Name):
        return f"“{node.name}”为是" if node.kind is Kind.BOOL else node.name
    if isinstance(node, Literal):
        return _value(node.value)
    if isinstance(node, Negation):
        return _not(node.part)
    if isinstance(node, Junction):
        word = "，且" if node.conjunctive else "，或"
        text = word.join(_say(part, True) for part in node.parts)
        return f"（{text}）" if inner else text
    if isinstance(node, Membership):
        values = "、".join(_value(v) for v in node.values)
        return f"{_term(node.item)}{'不属于' if node.negated else '属于'} {values}"
    if isinstance(node, Comparison):
        return _comparison(node)
    assert isinstance(node, Arithmetic)
    return f"{_say(node.left, True)}{_ARITHMETIC[node.op]}{_say(node.right, True)}"


def _comparison(node: Comparison) -> str:
    unit = next((u for u in (_unit(node.left), _unit(node.right)) if u), "")
    right = _say(node.right, True)
    if isinstance(node.right, Literal) and isinstance(node.right.value, Fraction):
        right = f" {right}{'' if unit == '%' else ' ' if unit else ''}{unit}"
    return f"{_term(node.left)}{_COMPARE[node.op]}{right}"


def _not(part: Node) -> str:
    if isinstance(part, Name):
        return f"“{part.name}”为否"
    if isinstance(part, Membership):
        return _say(Membership(part.item, part.values, not part.negated), True)
    if isinstance(part, Comparison):
        return _say(Comparison(_OPPOSITE[part.op], part.left, part.right), True)
    return f"并非（{_say(part, False)}）"


def _term(node: Node) -> str:
    return f"“{node.name}”" if isinstance(node, Name) and node.kind is Kind.BOOL else _say(node, True)


def _unit(node: Node) -> str:
    return node.unit if isinstance(node, (Name, Arithmetic)) else ""


def _value(value: FactValue) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        return quantity.text(value)
    return value.isoformat() if isinstance(value, date) else value
