"""列式求值：把语法树编成 Polars 表达式，供台账批量用。列式的空值就是 Kleene 的未知。

数在列里一律是整数，单位为百万分之一（SCALE）：比较时两边通分、乘开，只用整数的加减乘，
不做除法也不经浮点，因此 3.43 ÷ 34.3 恰为 10%，与逐宗求值（有理数）完全一致。
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import polars as pl

from advisor.expression.evaluate import evaluate
from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node, names
from advisor.expression.parser import kind_of
from advisor.vocabulary import Kind

DECIMALS = 6
SCALE = 10**DECIMALS
LIMIT = 10**9
"""列里的数绝对值不超过十亿，乘开时才知道用多宽的整数不会溢出。"""

_LONG, _HUGE = 2**63 - 1, 2**127 - 1
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Columns:
    """把一批条件编成列式：用到的比较先各算成一列（相同的只算一次），条件再由这些列与、或、非。"""

    def __init__(self) -> None:
        self._atoms: dict[Node, str] = {}

    def truth(self, node: Node) -> pl.Expr:
        """条件的真值；读事实列与比较列。"""
        return _truth(node, lambda atom: pl.col(self._atoms.setdefault(atom, f"#{len(self._atoms)}")))

    def atoms(self) -> list[pl.Expr]:
        """用到的比较，各成一列；只读事实列。"""
        return [_atom(node).alias(name) for node, name in self._atoms.items()]

    @property
    def atom_names(self) -> tuple[str, ...]:
        """各比较列的列名。"""
        return tuple(self._atoms.values())

    def name(self, node: Node) -> str:
        """一个已编过的比较所在的列。"""
        return self._atoms[node]


def column_truth(node: Node) -> pl.Expr:
    """单独一条条件的真值；只读事实列。"""
    return _truth(node, _atom)


def _truth(node: Node, atom: Callable[[Node], pl.Expr]) -> pl.Expr:
    if isinstance(node, Junction):
        parts = [_truth(part, atom) for part in node.parts]
        return reduce(pl.Expr.__and__ if node.conjunctive else pl.Expr.__or__, parts)
    if isinstance(node, Negation):
        return ~_truth(node.part, atom)
    if isinstance(node, Name):
        return pl.col(node.name)
    if isinstance(node, Literal):
        return pl.lit(node.value, dtype=pl.Boolean)
    return atom(node)


def _atom(node: Node) -> pl.Expr:
    if not names(node):
        return pl.lit(evaluate(node, {}), dtype=pl.Boolean)
    if isinstance(node, Membership):
        return _membership(node)
    assert isinstance(node, Comparison)
    if kind_of(node.left) is Kind.NUMBER:
        return _Numbers(node).truth()
    left, right = _value(node.left), _value(node.right)
    if isinstance(node.left, Name) and isinstance(node.right, Name) and node.left.kind is not node.right.kind:
        left, right = left.cast(pl.String), right.cast(pl.String)  # 单选与文字相比，都当文字
    return _compare(node.op, left, right)


def _membership(node: Membership) -> pl.Expr:
    kind = kind_of(node.item)
    if kind in (Kind.CHOICE, Kind.TEXT, Kind.DATE):
        found = _value(node.item).is_in(list(node.values))
    else:
        each = (_atom(Comparison("==", node.item, Literal(value, kind))) for value in node.values)
        found = reduce(pl.Expr.__or__, each)
    return ~found if node.negated else found


def _value(node: Node) -> pl.Expr:
    if isinstance(node, Name):
        return pl.col(node.name)
    return pl.lit(node.value) if isinstance(node, Literal) else column_truth(node)


def _compare(op: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    compared: dict[str, Callable[[pl.Expr], pl.Expr]] = {
        "==": left.__eq__, "!=": left.__ne__, "<": left.__lt__, "<=": left.__le__, ">": left.__gt__, ">=": left.__ge__,
    }  # fmt: skip
    return compared[op](right)


Polynomial = Mapping[tuple[str, ...], Fraction]
"""单项式（名字排好序，可重复；常数项为空）→ 系数。"""


@dataclass(frozen=True)
class _Ratio:
    """分子、分母两个多项式；divisors 是途中除过的，任何一个为零则整个未知。"""

    top: Polynomial
    bottom: Polynomial
    divisors: tuple[Polynomial, ...] = ()


class _Numbers:
    """两个算式的比较，化成“一个整系数多项式与零比”。"""

    def __init__(self, node: Comparison) -> None:
        self.node, self.read = node, names(node)
        left, right = _ratio(node.left), _ratio(node.right)
        self.difference = _plus(_times(left.top, right.bottom), _times(right.top, left.bottom), -1)
        self.bottom = _times(left.bottom, right.bottom)
        self.divisors = (*left.divisors, *right.divisors)

    def truth(self) -> pl.Expr:
        """比较的真值。"""
        forms = [_integer_form(item) for item in (self.difference, self.bottom, *self.divisors)]
        usable = [form for form in forms if form is not None]
        if len(usable) < len(forms):
            return self._one_by_one()
        difference, bottom, *divisors = usable
        zero = pl.lit(0, dtype=pl.Int64)
        result = _compare(self.node.op, difference, zero)
        if any(term or factor < 0 for term, factor in self.bottom.items()):
            flipped = _compare(_FLIPPED[self.node.op], difference, zero)
            result = pl.when(bottom > zero).then(result).otherwise(flipped)
        known = [pl.col(name).is_not_null() for name in self.read] + [item != zero for item in divisors]
        return pl.when(pl.all_horizontal(known)).then(result)

    def _one_by_one(self) -> pl.Expr:
        """次数或系数太大，整数会溢出的：逐行以有理数求值。"""

        def run(rows: pl.Series) -> pl.Series:
            truths = [
                evaluate(self.node, {name: Fraction(x, SCALE) for name, x in row.items() if x is not None})
                for row in rows.to_list()
            ]
            return pl.Series(truths, dtype=pl.Boolean)

        return pl.struct(self.read).map_batches(run, return_dtype=pl.Boolean)


def _integer_form(polynomial: Polynomial) -> pl.Expr | None:
    """多项式乘上一个正数后的整数算式，符号不变；会溢出的返回 None。"""
    if not polynomial:
        return pl.lit(0, dtype=pl.Int64)
    degree = max(len(term) for term in polynomial)
    scaled = {term: factor * SCALE ** (degree - len(term)) for term, factor in polynomial.items()}
    common = math.lcm(*(factor.denominator for factor in scaled.values()))
    whole = {term: int(factor * common) for term, factor in scaled.items()}
    divisor = math.gcd(*whole.values())
    whole = {term: factor // divisor for term, factor in whole.items()}
    largest = sum(abs(factor) * (LIMIT * SCALE) ** len(term) for term, factor in whole.items())
    if largest > _HUGE:
        return None
    width = pl.Int64 if largest <= _LONG else pl.Int128
    parts = (
        reduce(pl.Expr.__mul__, (pl.col(name).cast(width) for name in term), pl.lit(factor, dtype=width))
        for term, factor in whole.items()
    )
    return reduce(pl.Expr.__add__, parts)


def _ratio(node: Node) -> _Ratio:
    one: Polynomial = {(): Fraction(1)}
    if isinstance(node, Name):
        return _Ratio({(node.name,): Fraction(1)}, one)
    if isinstance(node, Literal):
        assert isinstance(node.value, Fraction)
        return _Ratio(_tidy({(): node.value}), one)
    assert isinstance(node, Arithmetic)
    left, right = _ratio(node.left), _ratio(node.right)
    divisors = (*left.divisors, *right.divisors)
    if node.op == "*":
        return _Ratio(_times(left.top, right.top), _times(left.bottom, right.bottom), divisors)
    if node.op == "/":
        return _Ratio(_times(left.top, right.bottom), _times(left.bottom, right.top), (*divisors, right.top))
    sign = 1 if node.op == "+" else -1
    top = _plus(_times(left.top, right.bottom), _times(right.top, left.bottom), sign)
    return _Ratio(top, _times(left.bottom, right.bottom), divisors)


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    total: dict[tuple[str, ...], Fraction] = {}
    for first, a in left.items():
        for second, b in right.items():
            term = tuple(sorted(first + second))
            total[term] = total.get(term, Fraction(0)) + a * b
    return _tidy(total)


def _plus(left: Polynomial, right: Polynomial, sign: int) -> Polynomial:
    total = dict(left)
    for term, factor in right.items():
        total[term] = total.get(term, Fraction(0)) + sign * factor
    return _tidy(total)


def _tidy(polynomial: Mapping[tuple[str, ...], Fraction]) -> Polynomial:
    return {term: factor for term, factor in polynomial.items() if factor}
