"""还值得问什么：只问还能改变判定的事实，按“能定下多少、查起来多费事”排先后。"""

from __future__ import annotations

from dataclasses import dataclass

from advisor.evaluation import OPEN, Evaluation
from advisor.likelihood import Prior
from advisor.rulepack.model import Tool


@dataclass(frozen=True)
class Question:
    """一个值得问的事实：会影响哪些工具、哪些症结。"""

    fact: str
    worth: float
    tools: tuple[str, ...]
    obstacles: tuple[str, ...]


def questions(
    evaluation: Evaluation,
    order: list[Tool],
    leading: tuple[str, ...],
    prior: Prior,
    skip: frozenset[str] = frozenset(),
) -> list[Question]:
    """由最值得问到最不值得问。

    leading 是主推方案里的工具，先把它们问清；prior 用来看哪个答案更说不准；skip 是答过“不清楚”的、不必问的。
    """
    worth: dict[str, float] = {}
    tools: dict[str, list[str]] = {}
    for tool in order:
        if not tool.coded or evaluation.verdict(tool) != OPEN:
            continue
        needed = _needed(evaluation, tool, skip)
        if not needed:
            continue
        weight = 1.0 if evaluation.occasion(tool) is None else 3.0
        if tool.name in leading:
            weight += 6.0
        for name in needed:
            worth[name] = worth.get(name, 0.0) + weight / len(needed)
            tools.setdefault(name, []).append(tool.name)
    obstacles: dict[str, list[str]] = {}
    for name, rule in evaluation.pack.obstacles.items():
        if evaluation.obstacle(name) is None:
            unknown = [fact for fact in rule.asks if fact not in evaluation.facts]
            for fact in unknown:
                obstacles.setdefault(fact, []).append(name)
                worth[fact] = worth.get(fact, 0.0) + 0.05 / len(unknown)
    vocabulary = evaluation.pack.vocabulary
    for name in worth:
        worth[name] *= prior.doubt(name) / _effort(evaluation, name)
    ordered = sorted(worth, key=lambda n: (-round(worth[n], 9), vocabulary.position(n)))
    return [Question(n, worth[n], tuple(tools.get(n, ())), tuple(obstacles.get(n, ()))) for n in ordered]


def _needed(evaluation: Evaluation, tool: Tool, skip: frozenset[str]) -> list[str]:
    """要知道哪些事实才能判定这个工具：情形没定先问情形，再问其余，最后问地域。"""
    unsettled = evaluation.unsettled(tool)
    occasions = [finding for finding in unsettled if finding.rule.kind == "情形"]
    names: dict[str, None] = {}
    for stage in (occasions, unsettled):
        for finding in stage:
            names.update((name, None) for name in evaluation.open_facts(finding) if name not in skip)
        if names:
            break
    if not names:
        regions = evaluation.pack.register.regions
        for item in evaluation.judgement.authority[tool.name].standings:
            if item.in_region is None:
                asked = regions.asks(item.policy.region)
                names.update((name, None) for name in asked if name not in evaluation.facts and name not in skip)
    return list(names)


def _effort(evaluation: Evaluation, name: str) -> float:
    """查清的费事程度：桌面即知 1，调档 1.15，勘测鉴定 1.3。"""
    return 1.0 + 0.15 * (evaluation.pack.vocabulary[name].cost - 1)
