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
    found: list[Prospect] = []
    drawn = evaluation.pack.drawn_in
    for tool in order:
        if not tool.coded or evaluation.plan_truth(tool) is False:
            continue
        applies = evaluation.verdict(tool) == APPLIES
        likely = chances[tool.name] if tool.name in chances else occasion_chance(tool, evaluation.facts, prior)
        usable = applies or likely >= LIKELY
        if usable or tool.name in drawn:
            authority = evaluation.judgement.authority.get(tool.name)
            opened = len(evaluation.unsettled(tool)) + (authority is None or authority.status is not True)
            certain = evaluation.occasion(tool) is True
            found.append(Prospect(tool.name, applies, usable, certain, 1.0 if applies else likely, opened))
    return Outline(tuple(found), evaluation.standing_obstacles, premises)


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
