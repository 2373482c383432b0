"""一宗地推理完的全貌：各条件的判断、各结点的真值、工具判定。规划、解锁、问答都从这里取数。"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from advisor.consistency import Deduction, Inferred
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
    deduction: Deduction
    _unsettled: dict[str, tuple[Finding, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """已知的词表事实：已填的与推得的。"""
        return self.judgement.facts

    @property
    def given(self) -> Mapping[str, FactValue]:
        """已填的词表事实。"""
        return self.deduction.given

    @property
    def inferred(self) -> Mapping[str, Inferred]:
        """推得的词表事实。"""
        return self.deduction.inferred

    def moved_by(self, change: Mapping[str, FactValue]) -> dict[str, FactValue | None]:
        """改了几项之后与现在不同的事实：新值，没有了的为 None。动了推得的前提，推得的也随着变。"""
        now = self.facts
        moved: dict[str, FactValue | None] = {name: value for name, value in change.items() if now.get(name) != value}
        again = self.deduction.after(change)
        if again is not self.inferred:
            for name in self.inferred.keys() | again.keys():
                value = again[name].value if name in again else None
                if name not in change and value != now.get(name):
                    moved[name] = value
        return moved

    def facts_with(self, moved: Mapping[str, FactValue | None]) -> dict[str, FactValue]:
        """现在的事实换上 moved_by 所说的不同。"""
        facts: dict[str, FactValue] = {**self.facts}
        for name, value in moved.items():
            if value is None:
                facts.pop(name, None)
            else:
                facts[name] = value
        return facts

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


def evaluate_parcel(pack: RulePack, engine: Engine, facts: Mapping[str, FactValue], as_of: date) -> Evaluation:
    """补上推得的事实，逐条判断，再推理；facts 是已填的，只含词表事实。"""
    deduction = Deduction(pack, facts)
    known = {**facts, **{name: item.value for name, item in deduction.inferred.items()}}
    judgement = judge_all(pack, known, as_of)
    truths, steps = engine.run({leaf: judgement.leaves[leaf] for leaf in engine.network.leaves})
    return Evaluation(pack, as_of, judgement, truths, tuple(steps), deduction)
