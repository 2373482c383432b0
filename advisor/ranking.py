"""工具的先后：适用在前、待核实次之、不适用最后。

同类里看：情形多半成不成立（未知的按案例分布估计）、相近案例用过没有、能解决几个成立的症结、
还开着几条条件。案例只影响先后，不影响判定。
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from advisor.evaluation import APPLIES, NO_OCCASION, OPEN, Evaluation
from advisor.likelihood import Prior, occasion_chance
from advisor.precedents import Match
from advisor.rulepack.model import Tool

NEIGHBOURS = 12
FINE = 10**9
"""分数取到小数点后九位再比，免得末位的舍入定先后。"""
_SUPPORTING = {"前置": 0.9, "配套": 0.6}
DISCOUNT = tuple(0.95**count for count in range(200))
"""还开着几条条件，打几折。"""


def neighbour_use(matches: Sequence[Match]) -> dict[str, float]:
    """相近案例里各工具的使用率，按相似度加权，0 到 1。"""
    near = matches[:NEIGHBOURS]
    total = sum(match.points for match in near) or 1
    use: dict[str, int] = {}
    for match in near:
        for name in match.case.tools:
            use[name] = use.get(name, 0) + match.points
    return {name: points / total for name, points in use.items()}


def ranked(evaluation: Evaluation, prior: Prior, use: Mapping[str, float]) -> list[Tool]:
    """全部工具，由前到后；与事实书写次序无关。"""
    keys = {
        tool.name: sort_key(evaluation, tool, prior, use, occasion_chance(tool, evaluation.facts, prior))
        for tool in evaluation.pack.tools.values()
    }
    return sorted(evaluation.pack.tools.values(), key=lambda tool: (keys[tool.name], tool.name))


def sort_key(
    evaluation: Evaluation, tool: Tool, prior: Prior, use: Mapping[str, float], likely: float
) -> tuple[int, int, int]:
    """一个工具排先后的键，小的在前；likely 是它的情形成立的可能性。"""
    verdict = evaluation.verdict(tool)
    unsettled = len(evaluation.unsettled(tool))
    if verdict not in (APPLIES, OPEN):
        return (2, 0, (100 if evaluation.reason(tool) == NO_OCCASION else 0) + unsettled)
    if not tool.coded:
        return (1, 0, 1)
    liked = sum(evaluation.finding(rule).status is True for rule in tool.of_kind("倾向"))
    resolved = sum(name in tool.resolves for name in evaluation.standing_obstacles)
    points = round(worth(tool, prior, likely, use.get(tool.name, 0.0), resolved, liked, DISCOUNT[unsettled]) * FINE)
    if verdict == APPLIES:  # 都适用时，附加的排在主办法后面
        return (0, int(tool.role == "配套"), -points)
    return (1, 0, -points)


def worth(
    tool: Tool,
    prior: Prior,
    likely: Any,
    use: Any,
    resolved: Any,
    liked: Any,
    discount: Any,
    root: Callable[[Any], Any] = math.sqrt,
) -> Any:
    """一个工具值得先看的程度；各数可以是一个数，也可以是一列（台账批量，root 用列的开方），算法一样。

    likely 是情形成立的可能性，use 是相近案例里的使用率，resolved、liked 是能解决的成立的症结数、成立的倾向数。
    已知事实把情形说得比平常更可能的，多看它一眼。
    """
    pointed = root(likely / max(prior.base(tool), 1e-6))
    found = likely * pointed * (0.3 + use)
    return found * (1 + 0.15 * resolved + 0.1 * liked) * (discount * _SUPPORTING.get(tool.role, 1.0))
