"""语法树的第四个解释器：编成 z3 的式子，问“有没有这样的地块”。三值与 Kleene 求值一致：缺的事实、除以零都是未知。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import z3

from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary

OTHER = "（别的）"
"""文字类事实里没有哪条规则提到的值。"""


class Truths(NamedTuple):
    """一个条件成立的式子、不成立的式子；两个都不真就是未知。"""

    true: Any
    false: Any

    @property
    def negated(self) -> Truths:
        """非。"""
        return Truths(self.false, self.true)


class Term(NamedTuple):
    """一个值：知不知道、是多少。"""

    known: Any
    value: Any


class Symbols:
    """事实在求解器里的变量。complete 为真时全部事实都当作已知，问得快；否则每个事实另有一个“已知”。"""

    def __init__(self, vocabulary: Vocabulary, complete: bool = False) -> None:
        self.vocabulary, self.complete = vocabulary, complete
        self._terms: dict[str, Term] = {}
        self._words: dict[str, dict[str, int]] = {}
        self._truths: dict[Node, Truths] = {}
        self.domains: list[Any] = []

    def truth(self, node: Node) -> Truths:
        """条件的真值；node 只含词表事实。"""
        if node not in self._truths:
            self._truths[node] = self._truth(node)
        return self._truths[node]

    def term(self, name: str) -> Term:
        """一个事实的变量，第一次用到时连同取值范围一起立。"""
        if name not in self._terms:
            fact = self.vocabulary[name]
            known = z3.BoolVal(True) if self.complete else z3.Bool(f"知道 {name}")
            self._terms[name] = Term(known, self._variable(fact))
        return self._terms[name]

    def equals(self, name: str, value: FactValue) -> Any:
        """已知且等于 value。"""
        known, variable = self.term(name)
        return z3.And(known, variable == self._constant(name, value))

    def example(self, model: Any, names: Iterable[str]) -> dict[str, FactValue]:
        """模型里这些事实的值；未知的、没有哪个式子用到的不写。"""
        found: dict[str, FactValue] = {}
        for name in names:
            if name not in self._terms:
                continue
            known, variable = self._terms[name]
            if z3.is_true(model.eval(known, model_completion=True)):
                found[name] = self._read(self.vocabulary[name], model.eval(variable, model_completion=True))
        return found

    def _variable(self, fact: Fact) -> Any:
        if fact.kind is Kind.BOOL:
            return z3.Bool(fact.name)
        if fact.kind is Kind.NUMBER:
            variable = z3.ToReal(z3.Int(fact.name)) if fact.integer else z3.Real(fact.name)
            for bound, ordered in ((fact.minimum, variable.__ge__), (fact.maximum, variable.__le__)):
                if bound is not None:
                    self.domains.append(ordered(z3.Q(bound.numerator, bound.denominator)))
            return variable
        variable = z3.Int(fact.name)
        if fact.kind is Kind.CHOICE:
            self.domains.append(z3.And(variable >= 0, variable < len(fact.options)))
        if fact.kind is Kind.DATE:
            self.domains.append(
                z3.And(variable >= date(1949, 10, 1).toordinal(), variable < date(2150, 1, 1).toordinal())
            )
        return variable

    def _read(self, fact: Fact, value: Any) -> FactValue:
        if fact.kind is Kind.BOOL:
            return bool(z3.is_true(value))
        if fact.kind is Kind.NUMBER:
            exact = value if z3.is_rational_value(value) else value.approx(6)
            return Fraction(exact.numerator_as_long(), exact.denominator_as_long())
        number = int(value.as_long())
        if fact.kind is Kind.CHOICE:
            return fact.options[number]
        if fact.kind is Kind.DATE:
            return date.fromordinal(number)
        return next((word for word, code in self._words.get(fact.name, {}).items() if code == number), OTHER)

    def _constant(self, name: str, value: FactValue) -> Any:
        fact = self.vocabulary[name]
        if fact.kind is Kind.CHOICE:
            return z3.IntVal(fact.options.index(str(value)))
        if fact.kind is Kind.TEXT:
            words = self._words.setdefault(name, {})
            return z3.IntVal(words.setdefault(str(value), len(words)))
        return _literal(value)

    def _truth(self, node: Node) -> Truths:
        if isinstance(node, Literal):
            return Truths(z3.BoolVal(node.value is True), z3.BoolVal(node.value is False))
        if isinstance(node, Negation):
            return self.truth(node.part).negated
        if isinstance(node, Junction):
            parts = [self.truth(part) for part in node.parts]
            every, some = [part.true for part in parts], [part.false for part in parts]
            if node.conjunctive:
                return Truths(z3.And(every), z3.Or(some))
            return Truths(z3.Or(every), z3.And(some))
        if isinstance(node, Membership):
            item = self._value(node.item, None)
            among = z3.Or([item.value == self._value(Literal(v, Kind.TEXT), node.item).value for v in node.values])
            found = Truths(z3.And(item.known, among), z3.And(item.known, z3.Not(among)))
            return found.negated if node.negated else found
        if isinstance(node, Comparison):
            left, right = self._value(node.left, node.right), self._value(node.right, node.left)
            return _both(z3.And(left.known, right.known), _compared(node.op, left.value, right.value))
        term = self._value(node, None)
        return _both(term.known, term.value)

    def _value(self, node: Node, beside: Node | None) -> Term:
        """一个值；字面量照旁边那个名字的编码。"""
        if isinstance(node, Name):
            return self.term(node.name)
        if isinstance(node, Literal):
            named = isinstance(beside, Name)
            value = (
                self._constant(beside.name, node.value) if isinstance(beside, Name) and named else _literal(node.value)
            )
            return Term(z3.BoolVal(True), value)
        if isinstance(node, Arithmetic):
            left, right = self._value(node.left, None), self._value(node.right, None)
            known = z3.And(left.known, right.known)
            if node.op == "/":
                return Term(z3.And(known, right.value != 0), left.value / right.value)
            return Term(
                known,
                {"+": left.value + right.value, "-": left.value - right.value}.get(node.op, left.value * right.value),
            )
        found = self.truth(node)
        return Term(z3.Or(found.true, found.false), found.true)


def _both(known: Any, value: Any) -> Truths:
    return Truths(z3.And(known, value), z3.And(known, z3.Not(value)))


def _compared(op: str, left: Any, right: Any) -> Any:
    if op in ("==", "!="):
        return left == right if op == "==" else left != right
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _literal(value: FactValue) -> Any:
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, Fraction):
        return z3.Q(value.numerator, value.denominator)
    return z3.IntVal(value.toordinal()) if isinstance(value, date) else z3.StringVal(value)
