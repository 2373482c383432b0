"""一宗地推理完的全貌：各条件的判断、各结点的真值、工具判定。规划、解锁、问答都从这里取数。"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from advisor.consistency import Inferred, follows
from advisor.inference.engine import Engine
from advisor.inference.network import Step, group_joint, obstacle_joint, plan_joint, tool_joint
from advisor.judging import Finding, Judgement, judge_all
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.truth import Truth
from advisor.vocabulary import FactValue

APPLIES: Literal["适用"] = "适用"
OPEN: Literal["待核实"] = "待核实"
REJECTED: Literal["不适用"] = "不适用"
NO_OCCASION, NOT_QUALIFIED = "无此情形", "不具备条件"
Verdict = Literal["适用", "待核实", "不适用"]
VERDICT: Mapping[Truth, Verdict] = {True: APPLIES, None: OPEN, False: REJECTED}


@dataclass(frozen=True)
class Evaluation:
    """一宗地在一个基准日的推理结果。"""

    pack: RulePack
    as_of: date
    judgement: Judgement
    truths: Mapping[str, Truth]
    steps: tuple[Step, ...]
    inferred: Mapping[str, Inferred] = field(default_factory=dict)
    _unsettled: dict[str, tuple[Finding, ...]] = field(default_factory=dict, compare=False, repr=False)
    _reinferred: dict[frozenset[tuple[str, FactValue]], dict[str, FactValue]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """已知的词表事实：已填的与推得的。"""
        return self.judgement.facts

    @cached_property
    def given(self) -> Mapping[str, FactValue]:
        """已填的词表事实。"""
        return {name: value for name, value in self.facts.items() if name not in self.inferred}

    def reinfers(self, change: Iterable[str]) -> bool:
        """动了这几项，推得的要不要重推。"""
        return not self.pack.consistency.sensitive.isdisjoint(change)

    def facts_after(self, change: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
        """改了几项之后已知的事实；动了推得的前提，推得的也随着变。"""
        touched = frozenset(item for item in change.items() if item[0] in self.pack.consistency.sensitive)
        if not touched:
            return {**self.facts, **change}
        if touched not in self._reinferred:  # 推得什么只看这几项
            found = follows(self.pack, {**self.given, **change})
            self._reinferred[touched] = {name: item.value for name, item in found.items()}
        return {**self.given, **change, **self._reinferred[touched]}

    def finding(self, rule: Rule) -> Finding:
        """一条条件的判断。"""
        return self.judgement.findings[rule.leaf]

    def verdict(self, tool: Tool) -> Verdict:
        """工具的判定；规则未编的为待核实。"""
        return VERDICT[self.truths.get(tool_joint(tool.name))]

    def reason(self, tool: Tool) -> str | None:
        """不适用的性质：无此情形，还是不具备条件。"""
        if self.verdict(tool) != REJECTED:
            return None
        return NO_OCCASION if self.occasion(tool) is False else NOT_QUALIFIED

    def occasion(self, tool: Tool) -> Truth:
        """情形是否成立。"""
        return self.truths.get(group_joint(tool.name, "情形"))

    def plan_truth(self, tool: Tool) -> Truth:
        """以它为主能否成案。"""
        return self.truths.get(plan_joint(tool.name), self.truths.get(tool_joint(tool.name)))

    def obstacle(self, name: str) -> Truth:
        """症结是否成立。"""
        return self.truths[obstacle_joint(name)]

    @cached_property
    def standing_obstacles(self) -> tuple[str, ...]:
        """成立的症结。"""
        return tuple(name for name in self.pack.obstacles if self.obstacle(name) is True)

    def unsettled(self, tool: Tool) -> tuple[Finding, ...]:
        """挡着“适用”的条件：不满足或待核实的情形、要件，触发或待排查的排除项。"""
        if tool.name not in self._unsettled:
            self._unsettled[tool.name] = tuple(
                finding
                for rule in tool.rules
                if rule.kind != "倾向"
                and (finding := self.finding(rule)).status is not (rule.kind != "排除")
                and not finding.silent
            )
        return self._unsettled[tool.name]

    def settled_as(self, other: Evaluation, but: Collection[str]) -> None:
        """除 but 里的工具外，挡着“适用”的条件与另一次推理相同，不必再理一遍。"""
        self._unsettled.update((name, found) for name, found in other._unsettled.items() if name not in but)

    def open_facts(self, finding: Finding) -> tuple[str, ...]:
        """这条条件里还不知道的事实（含判断地域所需的）。"""
        regions = self.pack.register.regions
        needed = list(finding.rule.asks)
        for name in finding.rule.regions:
            needed.extend(regions.asks(name))
        if not finding.rule.regions:
            for item in finding.standings:
                if item.in_region is None:
                    needed.extend(regions.asks(item.policy.region))
        return tuple(name for name in dict.fromkeys(needed) if name not in self.facts)


def differing(before: Mapping[str, FactValue], after: Mapping[str, FactValue]) -> list[str]:
    """前后不同的事实，多出、去掉的也算。"""
    return [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]


def evaluate_parcel(pack: RulePack, engine: Engine, facts: Mapping[str, FactValue], as_of: date) -> Evaluation:
    """补上推得的事实，逐条判断，再推理；facts 是已填的，只含词表事实。"""
    inferred = follows(pack, facts)
    known = {**facts, **{name: item.value for name, item in inferred.items()}}
    judgement = judge_all(pack, known, as_of)
    truths, steps = engine.run({leaf: judgement.leaves[leaf] for leaf in engine.network.leaves})
    return Evaluation(pack, as_of, judgement, truths, tuple(steps), inferred)
