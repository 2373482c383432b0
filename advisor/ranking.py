"""工具的先后：适用在前、待核实次之、不适用最后；同类里看情形、症结、倾向与还开着的条件。"""

from __future__ import annotations

from advisor.evaluation import APPLIES, NO_OCCASION, OPEN, Evaluation
from advisor.rulepack.model import Tool
from advisor.truth import Truth


def ranked(evaluation: Evaluation) -> list[Tool]:
    """全部工具，由前到后；次序只取决于判定与规则包，与事实书写次序无关。"""
    tools = list(evaluation.pack.tools.values())
    return sorted(tools, key=lambda tool: (_key(evaluation, tool), tool.name))


def _key(evaluation: Evaluation, tool: Tool) -> tuple[int, int, int, int, int, int]:
    verdict = evaluation.verdict(tool)
    occasion: Truth = evaluation.occasion(tool)
    standing = set(evaluation.standing_obstacles)
    liked = sum(evaluation.finding(rule).status is True for rule in tool.of_kind("倾向"))
    unsettled = evaluation.unsettled(tool)
    supporting = 1 if tool.role == "配套" else 0
    if verdict == APPLIES:
        return (0, supporting, -len(standing & set(tool.resolves)), -liked, 0, 0)
    if verdict == OPEN:
        known = sum(finding.raw is not None for finding in _circumstances(evaluation, tool))
        return (
            1,
            0 if occasion is True else 1 if tool.coded else 2,
            supporting,
            -min(known, 1),
            len(unsettled) - len(standing & set(tool.resolves)),
            -liked,
        )
    return (2, 1 if evaluation.reason(tool) == NO_OCCASION else 0, len(unsettled), 0, 0, 0)


def _circumstances(evaluation: Evaluation, tool: Tool) -> list[object]:
    return [evaluation.finding(rule) for rule in tool.of_kind("情形")]
