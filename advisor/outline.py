"""规划所看的全部：一宗地推理完以后，只有这些会影响方案。这些相同，方案就相同；预看与台账批量据此不必重算。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.evaluation import APPLIES, Evaluation
from advisor.judging import relation_truth
from advisor.likelihood import Prior, chance, occasion_chance
from advisor.rulepack.model import Relation, RulePack, Tool
from advisor.truth import Truth

LIKELY = 0.5
"""情形还不知道的，多半成立才进方案。"""


@dataclass(frozen=True)
class Prospect:
    """可能进方案的一个工具。

    usable 为适用或情形多半成立，可作主要办法或添进来的一步（不 usable 的只能被前置、引出带进来）；
    certain 为情形确实成立；chance 是它能成的把握，适用为 1；opened 是挡着“适用”的条件有几条，连同依据。
    """

    name: str
    applies: bool
    usable: bool
    certain: bool
    chance: float
    opened: int


@dataclass(frozen=True)
class Premise:
    """一条关系的前提：成不成立，多半成不成立。"""

    truth: Truth = True
    likely: bool = True


Premises = Mapping[str, Premise]
"""有前提的关系的编号 → 前提；没有前提的恒成立，不在内。"""


@dataclass(frozen=True)
class Outline:
    """prospects 由前到后；standing 是成立的症结。"""

    prospects: tuple[Prospect, ...]
    standing: tuple[str, ...]
    premises: Premises


def outline_of(
    evaluation: Evaluation, order: Sequence[Tool], prior: Prior, chances: Mapping[str, float], premises: Premises
) -> Outline:
    """一宗地的规划所看；order 是全部工具由前到后，chances 是已算好的情形成立的可能性（缺的现算）。"""
    pack, found = evaluation.pack, list[Prospect]()

    def likely(tool: Tool) -> float:
        if evaluation.verdict(tool) == APPLIES:
            return 1.0
        return chances[tool.name] if tool.name in chances else occasion_chance(tool, evaluation.facts, prior)

    alive = {tool.name: tool for tool in order if tool.coded and evaluation.plan_truth(tool) is not False}
    sure = {name: likely(tool) for name, tool in alive.items()}
    here = _drawn(pack, {name for name, value in sure.items() if value >= LIKELY and name in pack.chosen}, premises)
    for name, tool in alive.items():
        if name in here:
            authority = evaluation.judgement.authority.get(name)
            opened = len(evaluation.unsettled(tool)) + (authority is None or authority.status is not True)
            certain, applies = evaluation.occasion(tool) is True, evaluation.verdict(tool) == APPLIES
            found.append(Prospect(name, applies, sure[name] >= LIKELY, certain, sure[name], opened))
    return Outline(tuple(found), evaluation.standing_obstacles, premises)


def _drawn(pack: RulePack, chosen: set[str], premises: Premises) -> set[str]:
    """选得上的工具，连同它们的前置、引出一路能带进来的。"""
    found, before = set(chosen), -1
    while len(found) > before:
        before = len(found)
        for relation, brought in drawing(pack):
            if brings(relation, premises.get(relation.id, Premise())) and not found.isdisjoint(relation.tools):
                found.update(brought)
    return found


def drawing(pack: RulePack) -> list[tuple[Relation, tuple[str, ...]]]:
    """带得进工具的关系与所带的工具。"""
    needed = [(relation, relation.first) for relation in pack.relations_of("前置")]
    return needed + [(relation, relation.then) for relation in pack.relations_of("触发")]


def brings(relation: Relation, premise: Premise) -> bool:
    """前置看前提多半成不成立，引出要前提确实成立。"""
    return premise.likely if relation.kind == "前置" else premise.truth is True


def premises_of(evaluation: Evaluation, prior: Prior) -> Premises:
    """一宗地各条关系的前提。"""
    found: dict[str, Premise] = {}
    for relation in planned(evaluation.pack):
        truth = relation_truth(relation, evaluation.facts)
        likely = truth is True
        if truth is None and relation.base is not None:
            likely = chance(relation.base, evaluation.facts, prior) >= LIKELY
        found[relation.id] = Premise(truth, likely)
    return found


def planned(pack: RulePack) -> list[Relation]:
    """规划要看前提的关系。"""
    kinds = ("前置", "触发", "常组合", "互斥")
    return [relation for kind in kinds for relation in pack.relations_of(kind) if relation.base is not None]
