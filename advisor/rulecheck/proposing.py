"""替情景补缺：情景没看住的每一处，由求解器举一宗能看出差别的地块；判成什么留给懂政策的人填。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import z3

from advisor import quantity
from advisor.expression.symbolic import OTHER
from advisor.judging import judge
from advisor.rulecheck.coverage import Covered
from advisor.rulecheck.mutants import Mutant
from advisor.rulecheck.solving import SolvedPack
from advisor.rulecheck.trying import Trial
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.scenarios import Scenario
from advisor.vocabulary import FactValue


@dataclass(frozen=True)
class Proposal:
    """建议的一个情景：why 是它看住什么，facts 是定得下判定的几个事实。"""

    why: str
    facts: dict[str, FactValue]


def propose(
    pack: RulePack, tool: Tool, covered: Iterable[Covered], survived: Iterable[Mutant], as_of: date
) -> list[Proposal]:
    """缺的情景：先是没有定下过判定的条件，再是改坏了没有人看见的；一个情景看得住几处的只出一次。"""
    solved = SolvedPack(pack, as_of)
    rules = {rule.leaf: rule for rule in tool.rules}
    found: list[Proposal] = []
    for item in covered:
        for value in ({True, False} & item.attainable) - item.decisive:
            found.extend(_decisive(solved, tool, item.rule, value is not (item.rule.kind == "排除")))
    for mutant in survived:
        rule = rules.get(mutant.rule.leaf)
        if rule is not None and not any(_tells(pack, tool, mutant, rule, item, as_of) for item in found):
            claim = solved.applies(tool) != solved.applies(tool, instead=mutant.rule)
            found.extend(_proposal(solved, tool, claim, f"“{rule.id}”{mutant.how}，要看得出来"))
    return found


def feature_text(tool: str, proposals: Iterable[Proposal], pack: RulePack) -> str:
    """写成 Gherkin；期望的判定空着，不填情景测试与体检都不收。"""
    lines = ["# language: zh-CN", f"功能: {tool}——待补的情景（判定由懂政策的人对着依据填，填好并进 {tool}.feature）"]
    for number, item in enumerate(proposals, 1):
        rows = [(name, _written(value)) for name, value in pack.vocabulary.ordered(item.facts).items()]
        lines += ["", f"  场景: 待补 {number}：{item.why}", "    假如 地块事实如下:", "      | 事实 | 值 |"]
        lines += [f"      | {name} | {value} |" for name, value in rows]
        lines += ["    当 评估该地块", f'    那么 "{tool}"判为""']
    return "\n".join(lines) + "\n"


def _decisive(solved: SolvedPack, tool: Tool, rule: Rule, passing: bool) -> Iterator[Proposal]:
    if passing:
        yield from _proposal(solved, tool, solved.applies(tool), f"“{rule.id}”过得去，别的也都合")
    else:
        only = z3.And(solved.applies(tool, rule), solved.fails(rule))
        yield from _proposal(solved, tool, only, f"只差“{rule.id}”")


def _proposal(solved: SolvedPack, tool: Tool, claim: Any, why: str) -> Iterator[Proposal]:
    facts = solved.example_facts(claim, names=solved.asks(tool))
    if facts:
        yield Proposal(why, {name: value for name, value in facts.items() if value != OTHER})


def _tells(pack: RulePack, tool: Tool, mutant: Mutant, rule: Rule, proposal: Proposal, as_of: date) -> bool:
    """这个情景看得出改坏了没有。"""
    if mutant.rule.regions != rule.regions:
        return False
    trial = Trial(pack, Scenario("", "", proposal.facts, as_of, ()))
    changed = judge(mutant.rule, trial.place, trial.facts).status
    return trial.verdict(tool, {rule.leaf: changed}) != trial.verdict(tool, {})


def _written(value: FactValue) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        return quantity.text(value)
    return value.isoformat() if isinstance(value, date) else value
