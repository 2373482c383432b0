"""一条条件的各种改坏法：翻、移门槛、删一支、换与或、少一个选项、放宽地域、整条删去。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from advisor.expression import compile_expression, describe
from advisor.expression.nodes import Arithmetic, Comparison, Junction, Literal, Membership, Name, Negation, Node
from advisor.policy import Register
from advisor.rulepack.model import Rule, RulePack
from advisor.vocabulary import FactValue, Kind, Vocabulary

_STRICTER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_MOVED = (Fraction(9, 10), Fraction(11, 10))


@dataclass(frozen=True)
class Mutant:
    """改坏的一条：how 说改了什么。"""

    rule: Rule
    how: str


def mutants(rule: Rule, pack: RulePack) -> Iterator[Mutant]:
    """一条条件的各种改坏法；改了也不会变的（地域由依据定住的）不出。"""
    seen = {rule.base}
    neutral = Literal(rule.kind != "排除", Kind.BOOL)
    whole: list[tuple[str, Node]] = [("翻过来", Negation(rule.base)), ("整条删去", neutral)]
    for how, node in (*whole, *_changed(rule.base, pack.vocabulary)):
        if node not in seen:
            seen.add(node)
            yield Mutant(replace(rule, base=node, test=compile_expression(node)), how)
    register = pack.register
    wider = tuple(dict.fromkeys(register.regions[name].parent or name for name in rule.regions))
    if wider != rule.regions and not _held_by_bases(rule, register):
        yield Mutant(replace(rule, regions=wider), f"地域放宽到{'、'.join(wider)}")


def _held_by_bases(rule: Rule, register: Register) -> bool:
    """每处依据本就只在这些地域之内有效。"""
    within = [set(register.regions.chain(register[item.code].region)) for item in rule.citations]
    return bool(within) and all(chain & set(rule.regions) for chain in within)


def _changed(node: Node, vocabulary: Vocabulary) -> Iterator[tuple[str, Node]]:
    """树上动一处的全部结果。"""
    yield from _here(node, vocabulary)
    if isinstance(node, Negation):
        for how, part in _changed(node.part, vocabulary):
            yield how, Negation(part)
    elif isinstance(node, Junction):
        for index, part in enumerate(node.parts):
            for how, other in _changed(part, vocabulary):
                yield how, replace(node, parts=(*node.parts[:index], other, *node.parts[index + 1 :]))
    elif isinstance(node, (Comparison, Arithmetic)):
        for how, left in _changed(node.left, vocabulary):
            yield how, replace(node, left=left)
        for how, right in _changed(node.right, vocabulary):
            yield how, replace(node, right=right)


def _here(node: Node, vocabulary: Vocabulary) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Junction):
        yield ("“且”换成“或”" if node.conjunctive else "“或”换成“且”"), replace(node, conjunctive=not node.conjunctive)
        for index, part in enumerate(node.parts):
            rest = (*node.parts[:index], *node.parts[index + 1 :])
            yield f"删去 {describe(part)}", rest[0] if len(rest) == 1 else replace(node, parts=rest)
    elif isinstance(node, Membership) and len(node.values) > 1:
        for value in node.values:
            kept = tuple(other for other in node.values if other != value)
            yield f"少一个 {value}", replace(node, values=kept)
    elif isinstance(node, Comparison):
        if node.op in _STRICTER:
            yield f"等号换了（{describe(node)}）", replace(node, op=_STRICTER[node.op])
            if isinstance(node.right, Literal):
                whole = isinstance(node.left, Name) and vocabulary[node.left.name].integer
                for value in _moved(node.right.value, whole):
                    moved = replace(node, right=replace(node.right, value=value))
                    yield f"门槛移成 {describe(moved)}", moved
        elif isinstance(node.right, Literal) and node.right.kind is not Kind.BOOL:
            yield f"反过来（{describe(node)}）", replace(node, op="!=" if node.op == "==" else "==")


def _moved(value: FactValue, whole: bool) -> Iterator[FactValue]:
    """门槛上下各移一成；零与整数移一个单位，日期移一天。"""
    if isinstance(value, date):
        yield from (value - timedelta(days=1), value + timedelta(days=1))
    elif isinstance(value, Fraction):
        yield from (value - 1, value + 1) if whole or not value else (value * factor for factor in _MOVED)
