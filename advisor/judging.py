"""逐条判断条件：地域、期限、依据是否可靠，合成进推理网的真值。

- 条件的地域不符、依据全部过期或不在本地域：不作数（不影响判定，输出里写明）。
- 只有未核实依据的条件不得单独造成“不适用”：不满足（排除项：触发）一律降为待核实，注明“依据待核”。
- 几个依据取最可靠的一个。
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from advisor.policy import CONFIDENCE_ORDER, Citation, Register, Standing
from advisor.rulepack.model import Relation, Rule, RulePack, Tool
from advisor.truth import Truth, all_of, any_of, implies, negate
from advisor.vocabulary import FactValue

AUTHORITY = "有现行依据"


@dataclass(frozen=True)
class Finding:
    """一条条件对一宗地的判断。

    status 进推理网；raw 是表达式自身的真值；silent 表示在此不作数，why_silent 说原因；notes 是要让人看见的提醒。
    """

    rule: Rule
    status: Truth
    raw: Truth
    standings: tuple[Standing, ...]
    why_silent: str = ""
    notes: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """在此不作数。"""
        return bool(self.why_silent)


@dataclass(frozen=True)
class AuthorityFinding:
    """工具有没有现行、本地域有效、已核实的依据；没有时为待核实，从不为不满足。"""

    tool: str
    status: Truth
    standings: tuple[Standing, ...]
    text: str


Facts = Mapping[str, FactValue]


class Place:
    """一宗地、一个基准日之下各处引用的效力；同一处只算一次。"""

    def __init__(self, facts: Facts, register: Register, as_of: date) -> None:
        self.facts, self.register, self.as_of = facts, register, as_of
        self._standings: dict[Citation, Standing] = {}
        self._regions: dict[str, Truth] = {}

    def with_facts(self, facts: Facts) -> Place:
        """换一套事实的同一处；没有动到位置的，效力照旧，不必重算。"""
        other = Place(facts, self.register, self.as_of)
        if all(self.facts.get(name) == facts.get(name) for name in self.register.regions.asked):
            other._standings, other._regions = self._standings, self._regions
        return other

    def standings(self, citations: tuple[Citation, ...]) -> tuple[Standing, ...]:
        """各处引用现在、在这里算不算数。"""
        for citation in citations:
            if citation not in self._standings:
                self._standings[citation] = self.register.standing(citation, self.facts, self.as_of)
        return tuple(self._standings[citation] for citation in citations)

    def covers(self, region: str) -> Truth:
        """地块是否在某地域之内。"""
        if region not in self._regions:
            self._regions[region] = self.register.regions.covers(region, self.facts)
        return self._regions[region]


def judge(rule: Rule, place: Place) -> Finding:
    """判断一条条件。"""
    facts = place.facts
    standings = place.standings(rule.citations)
    raw: Truth = rule.test(facts)
    if standings and not any(item.in_force for item in standings):
        return Finding(rule, _neutral(rule), raw, standings, why_silent="依据" + _why_not_in_force(standings))
    in_place = any_of(place.covers(name) for name in rule.regions) if rule.regions else True
    bases = [item for item in standings if item.in_force]
    scope = all_of((in_place, any_of(item.in_region for item in bases) if bases else True))
    if scope is False:
        where = "、".join(rule.regions or dict.fromkeys(item.policy.region for item in bases))
        return Finding(rule, _neutral(rule), raw, standings, why_silent=f"只适用于{where}，本地块不在其内")
    notes: list[str] = []
    if scope is None:
        notes.append("地块是否在“" + "、".join(rule.regions or (b.policy.region for b in bases)) + "”之内待核实")
    status = implies(scope, raw) if rule.kind in ("情形", "要件") else all_of((scope, raw))
    adverse = rule.kind == "排除"
    if status is adverse and rule.kind != "倾向" and not any(item.verified for item in bases):
        status = None
        notes.append("依据待核：" + "；".join(_weakness(item) for item in bases))
    elif bases and not any(item.verified for item in bases):
        notes.append("依据待核")
    return Finding(rule, status, raw, standings, notes=tuple(notes))


def judge_authority(tool: Tool, place: Place) -> AuthorityFinding:
    """工具在基准日、在本地域有没有站得住的依据。"""
    standings = place.standings(tool.authority)
    if any(item.verified for item in standings):
        return AuthorityFinding(tool.name, True, standings, "基准日有现行、本地域有效且已核实的依据")
    reasons = list(dict.fromkeys(_weakness(item) for item in standings))
    return AuthorityFinding(
        tool.name, None, standings, "当地依据待核：" + "；".join(reasons) if reasons else "没有登记依据"
    )


def relation_truth(relation: Relation, facts: Facts) -> Truth:
    """关系的前提是否成立；没有写前提的恒成立。"""
    return True if relation.test is None else relation.test(facts)


@dataclass(frozen=True)
class Judgement:
    """一宗地全部条件的判断。"""

    facts: Facts
    findings: Mapping[str, Finding]
    authority: Mapping[str, AuthorityFinding]
    leaves: Mapping[str, Truth]


def judge_all(pack: RulePack, facts: Facts, as_of: date) -> Judgement:
    """判断全部条件；facts 只含词表事实。"""
    place = Place(facts, pack.register, as_of)
    findings = {rule.leaf: judge(rule, place) for rule in pack.all_rules()}
    authority = {tool.name: judge_authority(tool, place) for tool in pack.tools.values() if tool.coded}
    leaves: dict[str, Truth] = {leaf: finding.status for leaf, finding in findings.items()}
    for name, found in authority.items():
        leaves[pack.tools[name].authority_leaf] = found.status
    for relation in pack.relations:
        leaves[relation.leaf] = relation_truth(relation, facts)
    return Judgement(facts, findings, authority, leaves)


def tool_truth(tool: Tool, place: Place) -> Truth:
    """单独判断一个工具（解锁搜索用）：情形 ∧ 要件 ∧ ¬排除 ∧ 有现行依据。"""
    truths: list[Truth] = [judge_authority(tool, place).status]
    for rule in tool.rules:
        if rule.kind != "倾向":
            status = judge(rule, place).status
            truths.append(negate(status) if rule.kind == "排除" else status)
    return all_of(truths)


def citation_sort_key(item: Standing) -> int:
    """依据由可靠到不可靠排。"""
    return CONFIDENCE_ORDER.index(item.confidence) + (0 if item.verified else 10)


def _neutral(rule: Rule) -> Truth:
    return rule.kind in ("情形", "要件")


def _why_not_in_force(standings: tuple[Standing, ...]) -> str:
    return "、".join(dict.fromkeys(f"{s.citation.label}{s.status}" for s in standings))


def _weakness(item: Standing) -> str:
    name = f"{item.citation.label}《{item.policy.title}》"
    if not item.in_force:
        return f"{name}{item.status}"
    if item.in_region is False:
        return f"{name}只在{item.policy.region}有效"
    if item.in_region is None:
        return f"{name}只在{item.policy.region}有效，地块是否在内待核实"
    if item.status == "时效待核":
        return f"{name}有效期待核，须核续期或替代文件"
    return f"{name}尚未核对原文"


__all__ = ["AUTHORITY", "AuthorityFinding", "Citation", "Finding", "Judgement", "judge", "judge_all", "judge_authority"]
