"""逐条判断条件：地域、期限、依据是否可靠，合成进推理网的真值。

- 条件的地域不符、依据全部过期或不在本地域：不作数（不影响判定，输出里写明）。
- 只有未核实依据的条件不得单独造成“不适用”：不满足（排除项：触发）一律降为待核实，注明“依据待核”。
- 几个依据取最可靠的一个。
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from advisor.policy import CONFIDENCE_ORDER, Citation, Register, Standing
from advisor.rulepack.model import Relation, Rule, RulePack, Tool
from advisor.truth import Truth, all_of, any_of, implies
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


@dataclass(frozen=True, slots=True)
class Force:
    """一条条件在一处、一日的效力，与位置以外的事实无关。

    scope 是地块在不在它管的地域之内；verified 是有没有已核实的依据撑着；doubt 是没有时要写明的话。
    """

    standings: tuple[Standing, ...]
    scope: Truth
    why_silent: str
    note: str
    verified: bool
    doubt: str


class Place:
    """一处、一个基准日之下各条件与各工具依据的效力；只取决于说明位置的事实，同一处只算一次。"""

    def __init__(self, register: Register, as_of: date, where: Facts) -> None:
        self.register, self.as_of, self.where = register, as_of, where
        self._regions: dict[str, Truth] = {}
        self._forces: dict[str, Force] = {}
        self._authority: dict[str, AuthorityFinding] = {}
        self._findings: dict[tuple[str, Truth], Finding] = {}

    def covers(self, region: str) -> Truth:
        """地块是否在某地域之内。"""
        if region not in self._regions:
            self._regions[region] = self.register.regions.covers(region, self.where)
        return self._regions[region]

    def standings(self, citations: tuple[Citation, ...]) -> tuple[Standing, ...]:
        """各处引用现在、在这里算不算数。"""
        return tuple(
            self.register.standing_where(item, self.covers(self.register[item.code].region), self.as_of)
            for item in citations
        )

    def force(self, rule: Rule) -> Force:
        """一条条件在这里的效力。"""
        if rule.leaf not in self._forces:
            self._forces[rule.leaf] = _force(rule, self)
        return self._forces[rule.leaf]

    def finding(self, rule: Rule, raw: Truth) -> Finding:
        """一条条件的判断：只取决于这里的效力与表达式的真值。"""
        key = rule.leaf, raw
        if key not in self._findings:
            self._findings[key] = _judged(rule, self.force(rule), raw)
        return self._findings[key]

    def authority(self, tool: Tool) -> AuthorityFinding:
        """工具在这里有没有站得住的依据。"""
        if tool.name not in self._authority:
            self._authority[tool.name] = judge_authority(tool, self)
        return self._authority[tool.name]


@lru_cache(maxsize=48)
def _place(register: Register, as_of: date, where: tuple[tuple[str, FactValue], ...]) -> Place:
    return Place(register, as_of, dict(where))


def place_of(register: Register, facts: Facts, as_of: date) -> Place:
    """事实所说的那一处；位置相同的地块共用。"""
    asked = register.regions.asked
    return _place(register, as_of, tuple(sorted((name, value) for name, value in facts.items() if name in asked)))


def _force(rule: Rule, place: Place) -> Force:
    standings = place.standings(rule.citations)
    bases = [item for item in standings if item.in_force]
    verified = any(item.verified for item in bases)
    if standings and not bases:
        return Force(standings, False, "依据" + _why_not_in_force(standings), "", verified, "")
    in_place = any_of(place.covers(name) for name in rule.regions) if rule.regions else True
    scope = all_of((in_place, any_of(item.in_region for item in bases) if bases else True))
    where = rule.regions or tuple(dict.fromkeys(item.policy.region for item in bases))
    silent = f"只适用于{'、'.join(where)}，本地块不在其内" if scope is False else ""
    note = f"地块是否在“{'、'.join(where)}”之内待核实" if scope is None else ""
    return Force(standings, scope, silent, note, verified, "；".join(_weakness(item) for item in bases))


def judge(rule: Rule, place: Place, facts: Facts) -> Finding:
    """判断一条条件。"""
    return place.finding(rule, rule.test(facts))


def _judged(rule: Rule, force: Force, raw: Truth) -> Finding:
    if force.why_silent:
        return Finding(rule, _neutral(rule), raw, force.standings, why_silent=force.why_silent)
    notes: tuple[str, ...] = (force.note,) if force.note else ()
    status = _weighed(rule, force, raw)
    if _unfounded(rule, force, status):
        status = None
        notes += (f"依据待核：{force.doubt}",)
    elif not force.verified and force.doubt:
        notes += ("依据待核",)
    return Finding(rule, status, raw, force.standings, notes=notes)


def _weighed(rule: Rule, force: Force, raw: Truth) -> Truth:
    """连同地域一起看：地块不在其内的不作数。"""
    return implies(force.scope, raw) if _neutral(rule) else all_of((force.scope, raw))


def _unfounded(rule: Rule, force: Force, status: Truth) -> bool:
    """于地块不利，却没有已核实的依据撑着。"""
    return not force.verified and rule.kind != "倾向" and status is (rule.kind == "排除")


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
    place = place_of(pack.register, facts, as_of)
    findings = {rule.leaf: judge(rule, place, facts) for rule in pack.all_rules()}
    authority = {tool.name: place.authority(tool) for tool in pack.tools.values() if tool.coded}
    leaves: dict[str, Truth] = {leaf: finding.status for leaf, finding in findings.items()}
    for name, found in authority.items():
        leaves[pack.tools[name].authority_leaf] = found.status
    for relation in pack.relations:
        leaves[relation.leaf] = relation_truth(relation, facts)
    return Judgement(facts, findings, authority, leaves)


def tool_applies(tool: Tool, place: Place, facts: Facts) -> bool:
    """单独判断一个工具是否适用（解锁搜索用）：情形 ∧ 要件 ∧ ¬排除 ∧ 有现行依据。与逐条 judge 的结果相同。"""
    if place.authority(tool).status is not True:
        return False
    for rule in tool.rules:
        force = place.force(rule)
        if rule.kind == "倾向" or force.why_silent:
            continue
        status = _weighed(rule, force, rule.test(facts))
        if status is not (rule.kind != "排除") or _unfounded(rule, force, status):
            return False
    return True


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
