"""一个情景里各条件的真值，与“换掉一条会怎样”：覆盖与变异都靠它，只算牵涉到的工具。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from advisor.consistency import Deduction
from advisor.evaluation import NO_OCCASION, NOT_QUALIFIED, VERDICT
from advisor.judging import Finding, Place, judge, place_of
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.scenarios import Expectation, Scenario
from advisor.truth import STATUS, Truth, all_of, any_of, negate
from advisor.vocabulary import FactValue

_SHOWN: Mapping[Truth, str] = {True: "成立", None: "待核实", False: ""}


@dataclass(frozen=True)
class Trial:
    """一个情景，事实已补上推得的。"""

    pack: RulePack
    scenario: Scenario

    @cached_property
    def facts(self) -> Mapping[str, FactValue]:
        """已填的与推得的。"""
        given = self.scenario.facts
        inferred = Deduction(self.pack, given).inferred
        return {**given, **{name: item.value for name, item in inferred.items()}}

    @cached_property
    def place(self) -> Place:
        """地块所在。"""
        return place_of(self.pack.register, self.facts, self.scenario.as_of)

    @cached_property
    def _findings(self) -> dict[str, Finding]:
        return {}

    def finding(self, rule: Rule) -> Finding:
        """一条条件的判断。"""
        if rule.leaf not in self._findings:
            self._findings[rule.leaf] = judge(rule, self.place, self.facts)
        return self._findings[rule.leaf]

    def verdict(self, tool: Tool, instead: Mapping[str, Truth]) -> tuple[Truth, Truth]:
        """工具的真值与情形的真值；instead 里的条件改作这个值。"""

        def statuses(kind: str) -> list[Truth]:
            rules = tool.of_kind(kind)
            return [instead[rule.leaf] if rule.leaf in instead else self.finding(rule).status for rule in rules]

        occasion = all_of(statuses("情形"))
        authority = self.place.authority(tool).status
        return all_of((occasion, *statuses("要件"), authority, negate(any_of(statuses("排除"))))), occasion

    def holds(self, expected: Expectation, changed: Finding) -> bool:
        """换掉 changed 那一条之后，期望还成立吗。"""

        def now(rule: Rule) -> Finding:
            return changed if rule.leaf == changed.rule.leaf else self.finding(rule)

        if expected.kind in ("症结", "没有症结"):
            shown = _SHOWN[now(self.pack.obstacles[expected.condition]).status]
            return shown == expected.what if expected.kind == "症结" else not shown
        tool = self.pack.tools[expected.tool]
        if expected.kind in ("条件", "不作数"):
            found = next((now(rule) for rule in tool.rules if rule.id == expected.condition), None)
            if found is None or expected.kind == "不作数":
                return found is None or found.silent
            return not found.silent and STATUS[found.status] == expected.what
        truth, occasion = self.verdict(tool, {changed.rule.leaf: changed.status})
        if expected.kind == "性质":
            return truth is False and expected.what == (NO_OCCASION if occasion is False else NOT_QUALIFIED)
        return (VERDICT[truth] == expected.what) is (expected.kind == "判定")
