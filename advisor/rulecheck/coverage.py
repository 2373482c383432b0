"""覆盖：每条条件有没有情景让它单独定下工具的判定——成立时一次、不成立时一次、未知时一次（三值的 MC/DC）。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.rulecheck.trying import Trial
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.scenarios import Scenario
from advisor.truth import Truth

_ABOUT = ("判定", "性质")
_DECIDING = ("情形", "要件", "排除")
_VALUES: tuple[Truth, ...] = (True, False, None)


@dataclass(frozen=True)
class Covered:
    """一个工具的一条条件：在哪些真值上有情景让它起决定作用。"""

    tool: str
    rule: Rule
    decisive: frozenset[Truth]
    attainable: frozenset[Truth]

    @property
    def missing(self) -> tuple[str, ...]:
        """还缺哪几个真值的情景。"""
        words: dict[Truth, str] = {True: "成立", False: "不成立", None: "待核实"}
        return tuple(words[value] for value in _VALUES if value in self.attainable - self.decisive)

    @property
    def complete(self) -> bool:
        """成立与不成立两值都有；依据没有核实、不会单独造成不适用的，那一值不要求。"""
        return {True, False} & self.attainable <= self.decisive


def coverage(pack: RulePack, scenarios: Iterable[Scenario], tools: Iterable[str]) -> tuple[Covered, ...]:
    """逐工具逐条件；只算写了这个工具判定的情景，别的情景翻了也没人看见。"""
    chosen = [pack.tools[name] for name in tools if pack.tools[name].coded]
    decisive: dict[tuple[str, str], set[Truth]] = {}
    for scenario in scenarios:
        trial = Trial(pack, scenario)
        watched = {item.tool for item in scenario.expectations if item.kind in _ABOUT}
        for tool in chosen:
            if tool.name in watched:
                for rule in _rules(tool):
                    if _decides(trial, tool, rule):
                        decisive.setdefault((tool.name, rule.leaf), set()).add(trial.finding(rule).status)
    return tuple(
        Covered(tool.name, rule, frozenset(decisive.get((tool.name, rule.leaf), ())), _attainable(rule, pack))
        for tool in chosen
        for rule in _rules(tool)
    )


def _rules(tool: Tool) -> list[Rule]:
    return [rule for rule in tool.rules if rule.kind in _DECIDING]


def _attainable(rule: Rule, pack: RulePack) -> frozenset[Truth]:
    """只有未核实依据的条件，于地块不利的那一值降为待核实，取不到。"""
    against = rule.kind == "排除"
    if any(pack.register.verifiable(item) for item in rule.citations):
        return frozenset(_VALUES)
    return frozenset(_VALUES) - {against}


def _decides(trial: Trial, tool: Tool, rule: Rule) -> bool:
    """这一条换成别的真值，判定（连同是否无此情形）就变；不作数的不算。"""
    found = trial.finding(rule)
    if found.silent:
        return False
    now = trial.verdict(tool, {})
    opposite = [not found.status] if found.status is not None else [True, False]
    return any(trial.verdict(tool, {rule.leaf: value}) != now for value in opposite)
