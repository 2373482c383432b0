"""期限：由日期事实算出会约束人的日子，说明依据、该办什么、由谁办。纯函数。

只从填了的日期起算，不从年数倒推；前提缺事实的列为待核实，不当作没有。
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from advisor.assessment import BasisView, RulePackView
from advisor.basis import IN_REGION, basis_views
from advisor.expression import describe
from advisor.judging import Facts, Place
from advisor.period import Period
from advisor.policy import Citation, Standing
from advisor.rulepack.model import Clock, RulePack
from advisor.truth import Truth, all_of, any_of
from advisor.vocabulary import Frozen

BINDING = "约束"
_WEEKEND = {5: "星期六", 6: "星期日"}


class DueDate(Frozen):
    """一个算出来的期限。days_left 为负即已过；due 是期间的最后一日。

    status 为待核实时，meaning 是前提，unknown 是要核实的事实。
    """

    clock: str
    kind: str
    status: Literal["成立", "待核实"]
    due: date
    days_left: int
    start_fact: str
    start: date
    how: str
    text: str
    consequence: str
    duty: str
    actor: str
    meaning: str
    unknown: tuple[str, ...]
    basis: tuple[BasisView, ...]
    notes: tuple[str, ...]

    @property
    def open(self) -> bool:
        """还要管：没到期的都算；过了的只有约束类算（已过未了），提醒类过了不再提。"""
        return self.days_left >= 0 or self.kind == BINDING

    def pressing(self, until: date) -> bool:
        """到 until 为止要办的：已过未了的，和到这一天（含）为止到期的。"""
        return self.open and self.due <= until


class Undated(Frozen):
    """前提已经成立、只差一个日子就能算的期限。"""

    clocks: tuple[str, ...]
    start_fact: str
    question: str
    channel: str
    document: str
    department: str


class ExpiringPolicy(Frozen):
    """一份有到期日、或有效期待核的依据。expires 是最后有效日，待核的为空；tools、clocks 是引用它的工具与期限。"""

    code: str
    title: str
    number: str
    region: str
    in_region: str
    status: str
    expires: date | None
    days_left: int | None
    superseded_by: tuple[str, ...]
    tools: tuple[str, ...]
    clocks: tuple[str, ...]
    note: str


class ParcelClocks(Frozen):
    """一宗地的期限：还要管的，和缺日子算不出的。"""

    name: str
    due: tuple[DueDate, ...]
    undated: tuple[Undated, ...]


class ClockReport(Frozen):
    """若干宗地到 until 为止的期限；pressing 是要办的个数（含到期的依据）。"""

    rule_pack: RulePackView
    as_of: date
    until: date
    method: str
    method_basis: tuple[BasisView, ...]
    parcels: tuple[ParcelClocks, ...]
    policies: tuple[ExpiringPolicy, ...]
    pressing: int


def due_dates(pack: RulePack, facts: Facts, as_of: date) -> tuple[DueDate, ...]:
    """算得出日子的期限，由早到晚；前提不成立、依据都不在本地的不列。facts 只含词表事实。"""
    place = Place(facts, pack.register, as_of)
    found = [
        _due(clock, start, scope, place)
        for clock in pack.clocks.clocks
        if isinstance(start := facts.get(clock.start), date) and (scope := _scope(clock, place)).truth is not False
    ]
    return tuple(sorted(found, key=lambda item: item.due))


def undated(pack: RulePack, facts: Facts, as_of: date) -> tuple[Undated, ...]:
    """标明要提醒、前提又成立，却缺起算日的期限；起算日相同的合成一条。"""
    place = Place(facts, pack.register, as_of)
    missing: dict[str, list[str]] = {}
    for clock in pack.clocks.clocks:
        if clock.wanted and clock.start not in facts and _scope(clock, place).truth is True:
            missing.setdefault(clock.start, []).append(clock.id)
    return tuple(_undated(pack, start, tuple(clocks)) for start, clocks in missing.items())


def expiring_policies(
    pack: RulePack, as_of: date, within: Period, facts: Facts | None = None
) -> tuple[ExpiringPolicy, ...]:
    """到期日在基准日之后 within 之内（含已过）的依据，由早到晚；有效期待核、试行期不明的排在最后。

    给了 facts 的，只列这宗地所在地域（含地域待核实）的。
    """
    until = within.after(as_of)
    dated: list[ExpiringPolicy] = []
    unsure: list[ExpiringPolicy] = []
    for code in pack.register.codes:
        standing = pack.register.standing(Citation(code), facts or {}, as_of)
        policy = standing.policy
        if facts is not None and standing.in_region is False:
            continue
        if policy.expires is not None:
            if policy.expires <= until:
                dated.append(_expiring(pack, standing, as_of))
        elif policy.trial or policy.standing == "待核":
            unsure.append(_expiring(pack, standing, as_of))
    return (*sorted(dated, key=lambda item: (item.expires or date.max, item.code)), *unsure)


def clock_report(pack: RulePack, parcels: Iterable[tuple[str, Facts]], as_of: date, within: Period) -> ClockReport:
    """若干宗地（名称与事实）的期限，和涉及它们的、期内到期的依据。"""
    until = within.after(as_of)
    views: list[ParcelClocks] = []
    policies: dict[str, ExpiringPolicy] = {}
    for name, facts in parcels:
        due = tuple(item for item in due_dates(pack, facts, as_of) if item.open)
        views.append(ParcelClocks(name=name, due=due, undated=undated(pack, facts, as_of)))
        for policy in expiring_policies(pack, as_of, within, facts):
            if policy.days_left is not None and policy.days_left >= 0:
                policies.setdefault(policy.code, policy)
    pressing = sum(item.pressing(until) for view in views for item in view.due) + len(policies)
    return ClockReport(
        rule_pack=RulePackView(version=pack.version, sha256=pack.sha256),
        as_of=as_of,
        until=until,
        method=pack.clocks.method,
        method_basis=basis_views(Place({}, pack.register, as_of).standings(pack.clocks.citations)),
        parcels=tuple(views),
        policies=tuple(sorted(policies.values(), key=lambda item: (item.expires or date.max, item.code))),
        pressing=pressing,
    )


def _local(clock: Clock, place: Place) -> tuple[Standing, ...]:
    """不在外地的依据；全在外地的照旧全给。"""
    standings = place.standings(clock.citations)
    return tuple(item for item in standings if item.in_region is not False) or standings


@dataclass(frozen=True)
class _Scope:
    """一个期限管不管这宗地：前提、地域、依据的地域，三者求与。"""

    premise: Truth
    place: Truth
    basis: Truth

    @property
    def truth(self) -> Truth:
        return all_of((self.premise, self.place, self.basis))


def _scope(clock: Clock, place: Place) -> _Scope:
    return _Scope(
        premise=clock.test(place.facts) if clock.test else True,
        place=any_of(place.covers(name) for name in clock.regions) if clock.regions else True,
        basis=any_of(item.in_region for item in place.standings(clock.citations)),
    )


def _due(clock: Clock, start: date, scope: _Scope, place: Place) -> DueDate:
    standings = _local(clock, place)
    in_force = any(item.in_force for item in standings)
    due, how = _computed(clock, start)
    return DueDate(
        clock=clock.id,
        kind=clock.kind,
        status="成立" if scope.truth and in_force else "待核实",
        due=due,
        days_left=(due - place.as_of).days,
        start_fact=clock.start,
        start=start,
        how=how,
        text=clock.text,
        consequence=clock.consequence,
        duty=clock.duty,
        actor=clock.actor,
        meaning=describe(clock.node) if clock.node else "",
        unknown=_unknown(clock, standings, scope, place),
        basis=basis_views(standings),
        notes=_notes(clock, due, standings),
    )


def _computed(clock: Clock, start: date) -> tuple[date, str]:
    """到期日与怎么算来的。"""
    if clock.period is None:
        return start, f"{clock.start} {start}"
    if clock.backwards:
        return clock.period.before(start), f"{clock.start} {start} 之前 {clock.period.text}"
    return clock.period.after(start), f"{clock.start} {start} 起 {clock.period.text}"


def _notes(clock: Clock, due: date, standings: tuple[Standing, ...]) -> tuple[str, ...]:
    notes: list[str] = []
    if not any(item.in_force for item in standings):
        why = "、".join(dict.fromkeys(f"{item.citation.label}{item.status}" for item in standings))
        notes.append(f"依据都不在有效期内（{why}），须核续期或替代文件")
    elif not any(item.verified for item in standings):
        notes.append("依据待核")
    if clock.period is not None and not clock.backwards and due.weekday() in _WEEKEND:
        notes.append(f"最后一日是{_WEEKEND[due.weekday()]}，属法定休假日的顺延到休假日结束的次日")
    return tuple(notes)


def _unknown(clock: Clock, standings: tuple[Standing, ...], scope: _Scope, place: Place) -> tuple[str, ...]:
    """要核实哪些事实才知道有没有这个期限。"""
    needed = list(clock.asks) if scope.premise is None else []
    regions = clock.regions if scope.place is None else ()
    if scope.basis is None:
        regions = (*regions, *(item.policy.region for item in standings))
    needed += [name for region in regions for name in place.register.regions.asks(region)]
    return tuple(name for name in dict.fromkeys(needed) if name not in place.facts)


def _undated(pack: RulePack, start: str, clocks: tuple[str, ...]) -> Undated:
    fact = pack.vocabulary[start]
    proof = fact.proof
    return Undated(
        clocks=clocks,
        start_fact=start,
        question=fact.question,
        channel=proof.channel if proof else "",
        document=proof.document if proof else "",
        department=proof.department if proof else "",
    )


def _expiring(pack: RulePack, standing: Standing, as_of: date) -> ExpiringPolicy:
    policy = standing.policy
    return ExpiringPolicy(
        code=policy.code,
        title=policy.title,
        number=policy.number,
        region=policy.region,
        in_region=IN_REGION[standing.in_region],
        status=standing.status,
        expires=policy.expires,
        days_left=(policy.expires - as_of).days if policy.expires else None,
        superseded_by=policy.superseded_by,
        tools=tuple(
            tool.name
            for tool in pack.tools.values()
            if any(
                c.code == policy.code for cited in (tool.authority, *(r.citations for r in tool.rules)) for c in cited
            )
        ),
        clocks=tuple(
            clock.id for clock in pack.clocks.clocks if any(item.code == policy.code for item in clock.citations)
        ),
        note=policy.note,
    )
