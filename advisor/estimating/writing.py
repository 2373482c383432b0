"""把算式写成中文：公式一遍，代入数一遍。"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from advisor import quantity
from advisor.dimension import Unit
from advisor.estimating.interval import Interval
from advisor.estimating.model import ValueView
from advisor.estimating.term import Range
from advisor.expression.nodes import Arithmetic, Literal, Name, Node
from advisor.rulepack.estimates import Line

_SIGN = {"+": " ＋ ", "-": " － ", "*": " × ", "/": " ÷ "}
_COMPARE = {"==": " ＝ ", "<": " ＜ ", "<=": " ≤ ", ">": " ＞ ", ">=": " ≥ "}
_TITLES = {"取大": "取大者", "取小": "取小者"}


def write_line(line: Line, name_text: Callable[[str], str], chosen: int | None = None) -> str:
    """一行算式；chosen 是“任一”里选中的那个，不给就都写出来。"""
    picked = line.parts if chosen is None else line.parts[chosen : chosen + 1]
    parts = [_write(part, name_text, 0) for part in (picked if line.form == "任一" else line.parts)]
    if line.form == "核对":
        return f"{parts[0]}{_COMPARE[line.op]}{parts[1]}"
    if line.form in _TITLES:
        return f"{_TITLES[line.form]}（{'，'.join(parts)}）"
    return "，或 ".join(parts)


def _write(node: Node, name_text: Callable[[str], str], outer: int) -> str:
    if isinstance(node, Name):
        return name_text(node.name)
    if isinstance(node, Literal):
        assert isinstance(node.value, Fraction)
        return _number(node.value)
    assert isinstance(node, Arithmetic)
    rank = 1 if node.op in "+-" else 2
    left = _write(node.left, name_text, rank)
    right = _write(node.right, name_text, rank + (node.op in "-/"))
    text = f"{left}{_SIGN[node.op]}{right}"
    return f"（{text}）" if rank < outer or (outer == 3 and rank == 2) else text


def _number(value: Fraction) -> str:
    """不到一的小数写成百分数：税率、比例都这样写。"""
    return f"{quantity.text(value * 100)}%" if 0 < value < 1 else quantity.text(value)


def interval_text(interval: Interval, unit: Unit) -> str:
    """以基本单位计的区间，用所写的单位。

    >>> interval_text(Interval.of(70_000_000, 72_000_000), Unit("万元", Fraction(10_000), (("元", 1),)))
    '7000～7200 万元'
    """
    if interval.single:
        return unit.write(interval.low)
    low = quantity.text(interval.low / unit.factor)
    return f"{low}{'%' if unit.text == '%' else ''}～{unit.write(interval.high)}"


def value_view(found: Range, unit: Unit) -> ValueView:
    """展示用的值。"""
    low, high = found.interval.low / unit.factor, found.interval.high / unit.factor
    return ValueView(
        low=quantity.plain(low),
        high=quantity.plain(high),
        unit=unit.text,
        text=interval_text(found.interval, unit),
        tight=found.tight,
    )
