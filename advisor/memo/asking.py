"""先核实什么：主推方案要的在前；答了它就可能不必再问别的，排在那些前面。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.assessment import PlanView, QuestionView
from advisor.memo.sourcing import Sourcing


def in_order(sourcing: Sourcing, plan: PlanView | None) -> tuple[QuestionView, ...]:
    """全部要核实的，照核实的先后：问执行法院之前先查有没有查封。"""
    first = set(plan.verify_first) if plan else set()
    asked = {item.fact: item for item in sorted(sourcing.parcel.questions, key=lambda item: item.fact not in first)}
    gates = _gates(sourcing, asked)
    placed: dict[str, QuestionView] = {}
    for fact in asked:
        _place(fact, asked, gates, placed)
    return tuple(placed.values())


def at_once(sourcing: Sourcing, plan: PlanView | None) -> tuple[QuestionView, ...]:
    """现在就该核实的：要看别的答案才知道用不用问的，先不列。"""
    asked = in_order(sourcing, plan)
    gates = _gates(sourcing, [item.fact for item in asked])
    return tuple(item for item in asked if item.fact not in gates) or asked


def _gates(sourcing: Sourcing, asked: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """一项要不要问，看的是哪几项还没核实的。"""
    unknown = set(asked)
    return {
        name: gates
        for rule in sourcing.pack.consistency.exemptions
        if (gates := tuple(fact for fact in rule.asks if fact in unknown))
        for name in rule.facts
        if name in unknown and name not in gates
    }


def _place(
    fact: str, asked: Mapping[str, QuestionView], gates: Mapping[str, tuple[str, ...]], placed: dict[str, QuestionView]
) -> None:
    """先放它看的几项，再放它；互相看着的照原来的先后。"""
    rest = {name: item for name, item in gates.items() if name != fact}
    for gate in gates.get(fact, ()):
        if gate not in placed:
            _place(gate, asked, rest, placed)
    placed.setdefault(fact, asked[fact])
