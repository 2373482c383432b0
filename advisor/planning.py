"""工具组合：从判定、症结与工具关系推出至多三个有先后的方案。

方案里不会有互斥的工具，不会缺前置，次序合乎先后关系；每一步说明解决什么、还开着什么。
规划只看 Outline，因此 Outline 相同方案就相同。
"""

from __future__ import annotations

from dataclasses import dataclass

from advisor.combining import Combination, Planner, Steps, Usage
from advisor.evaluation import Evaluation
from advisor.likelihood import Prior
from advisor.outline import Outline, outline_of, premises_of
from advisor.rulepack.model import Rule, Tool

MOST_PLANS = 3


@dataclass(frozen=True)
class Plan(Combination):
    """一个方案：组合，连同各步还开着的条件（没有条件的是依据待核）。"""

    open: tuple[tuple[str, Rule | None], ...]


def plans(evaluation: Evaluation, order: list[Tool], usage: Usage, prior: Prior) -> list[Plan]:
    """由好到次的方案；usage 是案例里的实际用法，prior 是案例分布（都须已去掉本案）。"""
    outline = outline_of(evaluation, order, prior, {}, premises_of(evaluation, prior))
    planner = Planner(outline, usage)
    chosen = _distinct(sorted(planner.candidates(), key=planner.score))[:MOST_PLANS]
    return [
        Plan(each.steps, each.reasons, each.resolves, each.used_in, _opened(evaluation, each.steps)) for each in chosen
    ]


def leading_plan(outline: Outline, usage: Usage) -> Combination | None:
    """主推方案；没有成案的组合为 None。"""
    return Planner(outline, usage).best()


def _opened(evaluation: Evaluation, steps: Steps) -> tuple[tuple[str, Rule | None], ...]:
    found: list[tuple[str, Rule | None]] = []
    for name in steps:
        found += [(name, finding.rule) for finding in evaluation.unsettled(evaluation.pack.tools[name])]
        authority = evaluation.judgement.authority.get(name)
        if authority is None or authority.status is not True:
            found.append((name, None))
    return tuple(found)


def _distinct(ranked: list[Combination]) -> list[Combination]:
    """去掉与更好的方案互相包含的：多一步、少一步不算另一个方案。"""
    kept: list[Combination] = []
    for plan in ranked:
        steps = set(plan.steps)
        if not any(steps <= set(better.steps) or steps >= set(better.steps) for better in kept):
            kept.append(plan)
    return kept
