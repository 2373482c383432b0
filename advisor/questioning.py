"""还值得问什么：只问还能改变判定的事实，按“能定下多少、查起来多费事”排先后。"""

from __future__ import annotations

from dataclasses import dataclass

from advisor.evaluation import OPEN, Evaluation
from advisor.likelihood import Prior
from advisor.rulepack.model import Tool
from advisor.vocabulary import Vocabulary

OBSTACLE_WEIGHT = 0.05
FINE = 10**9
"""分数取到小数点后九位再比。"""


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
    needed = {
        tool.name: _needed(evaluation, tool, skip)
        for tool in evaluation.pack.tools.values()
        if tool.coded and evaluation.verdict(tool) == OPEN
    }
    for tool in order:
        for name in needed.get(tool.name, ()):
            tools.setdefault(name, []).append(tool.name)
    for tool_name, asked in needed.items():  # 累加照规则包的次序，不随先后变
        weight = weight_of(evaluation.occasion(evaluation.pack.tools[tool_name]) is None, tool_name in leading)
        for name in asked:
            worth[name] = worth.get(name, 0.0) + weight / len(asked)
    obstacles: dict[str, list[str]] = {}
    for name, rule in evaluation.pack.obstacles.items():
        if evaluation.obstacle(name) is None:
            unknown = [fact for fact in rule.asks if fact not in evaluation.facts]
            for fact in unknown:
                obstacles.setdefault(fact, []).append(name)
                worth[fact] = worth.get(fact, 0.0) + OBSTACLE_WEIGHT / len(unknown)
    vocabulary = evaluation.pack.vocabulary
    for name in worth:
        worth[name] *= pull(evaluation.pack.vocabulary, name, prior)
    ordered = sorted(worth, key=lambda n: (-round(worth[n] * FINE), vocabulary.position(n)))
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


def weight_of(unsettled: bool, leading: bool) -> float:
    """把一个待核实的工具问清值多少：情形已定的、在主推方案里的更值得。"""
    return (1.0 if unsettled else 3.0) + (6.0 if leading else 0.0)


def pull(vocabulary: Vocabulary, name: str, prior: Prior) -> float:
    """一个事实值得问的折算：答案越说不准越值得，查起来越费事越不值得（桌面即知 1，调档 1.15，勘测鉴定 1.3）。"""
    return prior.doubt(name) / (1.0 + 0.15 * (vocabulary[name].cost - 1))
