"""工具的先后：适用在前、待核实次之、不适用最后。

同类里看：情形多半成不成立（未知的按案例分布估计）、相近案例用过没有、能解决几个成立的症结、
还开着几条条件。案例只影响先后，不影响判定。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from advisor.evaluation import APPLIES, NO_OCCASION, OPEN, Evaluation
from advisor.likelihood import Prior, occasion_chance
from advisor.precedents import Match
from advisor.rulepack.model import Tool

_NEIGHBOURS = 12
_POINTED = 0.5
"""已知事实把情形说得比平常更可能，就多看它一眼的程度。"""
_SUPPORTING = {"前置": 0.9, "配套": 0.6}


def neighbour_use(matches: Sequence[Match]) -> dict[str, float]:
    """相近案例里各工具的使用率，按相似度加权，0 到 1。"""
    near = matches[:_NEIGHBOURS]
    total = sum(match.score for match in near) or 1.0
    use: dict[str, float] = {}
    for match in near:
        for name in match.case.tools:
            use[name] = use.get(name, 0.0) + match.score / total
    return use


def ranked(evaluation: Evaluation, prior: Prior, use: Mapping[str, float]) -> list[Tool]:
    """全部工具，由前到后；与事实书写次序无关。"""
    keys = {
        tool.name: sort_key(evaluation, tool, prior, use, occasion_chance(tool, evaluation.facts, prior))
        for tool in evaluation.pack.tools.values()
    }
    return sorted(evaluation.pack.tools.values(), key=lambda tool: (keys[tool.name], tool.name))


def sort_key(
    evaluation: Evaluation, tool: Tool, prior: Prior, use: Mapping[str, float], likely: float
) -> tuple[int, int, float]:
    """一个工具排先后的键，小的在前；likely 是它的情形成立的可能性。"""
    verdict = evaluation.verdict(tool)
    unsettled = len(evaluation.unsettled(tool))
    if verdict not in (APPLIES, OPEN):
        return (2, 0, (100.0 if evaluation.reason(tool) == NO_OCCASION else 0.0) + unsettled)
    if not tool.coded:
        return (1, 0, 1.0)
    liked = sum(evaluation.finding(rule).status is True for rule in tool.of_kind("倾向"))
    pointed = likely / max(prior.base(tool), 1e-6)
    worth = likely * pointed**_POINTED
    worth *= 0.3 + use.get(tool.name, 0.0)
    worth *= 1 + 0.15 * sum(name in tool.resolves for name in evaluation.standing_obstacles) + 0.1 * liked
    worth *= 0.95**unsettled * _SUPPORTING.get(tool.role, 1.0)
    if verdict == APPLIES:  # 都适用时，附加的排在主办法后面
        return (0, int(tool.role == "配套"), -round(worth, 9))
    return (1, 0, -round(worth, 9))
