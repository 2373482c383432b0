"""算式树与它在一组区间上的取值范围。

范围尽量取紧：每个输入只出现一次的，逐步算就是紧的；出现多次的，先用导数定单调方向取端点，
方向定不下来而对每个输入都是一次分式的，枚举顶点也是紧的；都不行才退到外包区间，并如实说明。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import product

from advisor.estimating.interval import ONE, ZERO, Interval
from advisor.expression.nodes import Arithmetic, Literal, Name, Node

Box = Mapping[str, Interval]
_MOST_CORNERS = 12


@dataclass(frozen=True)
class Constant:
    """常数。"""

    value: Fraction


@dataclass(frozen=True)
class Variable:
    """一个输入或事实，以基本单位计。"""

    name: str


@dataclass(frozen=True)
class Operation:
    """加减乘除。"""

    op: str
    left: Term
    right: Term


@dataclass(frozen=True)
class Extreme:
    """取大（largest）或取小。"""

    largest: bool
    parts: tuple[Term, ...]


Term = Constant | Variable | Operation | Extreme


@dataclass(frozen=True)
class Range:
    """取值范围；tight 为否时是外包区间，真实范围不超出它。"""

    interval: Interval
    tight: bool = True


def term_of(node: Node, lines: Mapping[str, Term]) -> Term:
    """由语法树得算式树；前面算过的行换成它的算式，好看出同一输入出现几次。"""
    if isinstance(node, Name):
        return lines.get(node.name, Variable(node.name))
    if isinstance(node, Literal):
        assert isinstance(node.value, Fraction)
        return Constant(node.value)
    assert isinstance(node, Arithmetic)
    return Operation(node.op, term_of(node.left, lines), term_of(node.right, lines))


def variables(term: Term) -> Iterator[str]:
    """出现的输入，出现几次给几次。"""
    if isinstance(term, Variable):
        yield term.name
    elif isinstance(term, Operation):
        yield from variables(term.left)
        yield from variables(term.right)
    elif isinstance(term, Extreme):
        for part in term.parts:
            yield from variables(part)


def bounds(term: Term, box: Box) -> Range:
    """算式在一组区间上的取值范围。

    Raises:
        DivisorSpansZero: 除数的范围含零。

    >>> x = Variable("甲")
    >>> bounds(Operation("-", x, x), {"甲": Interval.of(1, 2)}).interval
    Interval(low=Fraction(0, 1), high=Fraction(0, 1))
    """
    outer, slopes = _outer(term, box)
    seen = list(variables(term))
    moving = [name for name in dict.fromkeys(seen) if not box[name].single]
    if all(seen.count(name) == 1 for name in moving):
        return Range(outer)
    rising = {name for name in moving if slopes[name].low >= 0}
    falling = {name for name in moving if slopes[name].high <= 0} - rising
    loose = [name for name in moving if name not in rising | falling]
    lowest, highest = dict(box), dict(box)
    for name in rising | falling:
        ends = Interval.of(box[name].low), Interval.of(box[name].high)
        lowest[name], highest[name] = ends if name in rising else ends[::-1]
    tight = len(loose) <= _MOST_CORNERS and all(
        seen.count(name) == 1 or max(_degrees(term, name)) <= 1 for name in loose
    )
    if not tight:
        return Range(Interval(_outer(term, lowest)[0].low, _outer(term, highest)[0].high), False)
    return Range(
        Interval(
            min(_outer(term, corner)[0].low for corner in _corners(lowest, loose)),
            max(_outer(term, corner)[0].high for corner in _corners(highest, loose)),
        )
    )


def _corners(box: Box, names: list[str]) -> Iterator[Box]:
    """names 各取一端的全部取法。"""
    for ends in product(*((Interval.of(box[name].low), Interval.of(box[name].high)) for name in names)):
        yield {**box, **dict(zip(names, ends, strict=True))}


def _outer(term: Term, box: Box) -> tuple[Interval, dict[str, Interval]]:
    """逐步区间计算的外包区间，与对各输入导数的外包区间。"""
    if isinstance(term, Constant):
        return Interval.of(term.value), {}
    if isinstance(term, Variable):
        return box[term.name], {} if box[term.name].single else {term.name: ONE}
    if isinstance(term, Extreme):
        return reduce(lambda a, b: _extreme(term.largest, a, b), (_outer(part, box) for part in term.parts))
    (left, left_slopes), (right, right_slopes) = _outer(term.left, box), _outer(term.right, box)
    names = dict.fromkeys((*left_slopes, *right_slopes))
    pairs = {name: (left_slopes.get(name, ZERO), right_slopes.get(name, ZERO)) for name in names}
    if term.op == "+":
        return left + right, {name: a + b for name, (a, b) in pairs.items()}
    if term.op == "-":
        return left - right, {name: a - b for name, (a, b) in pairs.items()}
    if term.op == "*":
        return left * right, {name: a * right + left * b for name, (a, b) in pairs.items()}
    whole = left / right
    square = right * right
    return whole, {name: a / right if b == ZERO else (a * right - left * b) / square for name, (a, b) in pairs.items()}


def _extreme(
    largest: bool, first: tuple[Interval, dict[str, Interval]], second: tuple[Interval, dict[str, Interval]]
) -> tuple[Interval, dict[str, Interval]]:
    (a, a_slopes), (b, b_slopes) = first, second
    whole = a.larger(b) if largest else a.smaller(b)
    if (a.low >= b.high) if largest else (a.high <= b.low):
        return whole, a_slopes | {name: ZERO for name in b_slopes if name not in a_slopes}
    if (b.low >= a.high) if largest else (b.high <= a.low):
        return whole, b_slopes | {name: ZERO for name in a_slopes if name not in b_slopes}
    names = dict.fromkeys((*a_slopes, *b_slopes))
    return whole, {name: a_slopes.get(name, ZERO).hull(b_slopes.get(name, ZERO)) for name in names}


def _degrees(term: Term, name: str) -> tuple[int, int]:
    """写成分式后，分子、分母里某输入的最高次数（不约分，只会偏大）。"""
    if isinstance(term, Constant):
        return 0, 0
    if isinstance(term, Variable):
        return int(term.name == name), 0
    if isinstance(term, Extreme):
        return (2, 2) if name in variables(term) else (0, 0)
    (left_top, left_bottom), (right_top, right_bottom) = _degrees(term.left, name), _degrees(term.right, name)
    if term.op in "+-":
        return max(left_top + right_bottom, right_top + left_bottom), left_bottom + right_bottom
    if term.op == "*":
        return left_top + right_top, left_bottom + right_bottom
    return left_top + right_bottom, left_bottom + right_top
