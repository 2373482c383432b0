"""期限：由日期事实算出会约束人的日子，说明依据、该办什么、由谁办。纯函数。

只从填了的日期起算，不从年数倒推；前提缺事实的列为待核实，不当作没有。
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from advisor.assessment import BasisView, RulePackView
from advisor.basis import basis_views
from advisor.expiring import ExpiringPolicy, expiring_policies
from advisor.expression import describe
from advisor.expression.evaluate import Facts
from advisor.period import Period
from advisor.policy import Register, Standing
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
    found: list[DueDate] = []
    for clock in pack.clocks.clocks:
        start = facts.get(clock.start)
        if isinstance(start, date):
            reading = _read(clock, pack.register, facts, as_of)
            if reading.truth is not False:
                found.append(_due(reading, start, pack.register, as_of))
    return tuple(sorted(found, key=lambda item: item.due))


def undated(pack: RulePack, facts: Facts, as_of: date) -> tuple[Undated, ...]:
    """标明要提醒、前提又成立，却缺起算日的期限；起算日相同的合成一条。"""
    missing: dict[str, list[str]] = {}
    for clock in pack.clocks.clocks:
        if not clock.wanted or clock.start in facts:
            continue
        if _read(clock, pack.register, facts, as_of).truth is True:
            missing.setdefault(clock.start, []).append(clock.id)
    return tuple(_undated(pack, start, tuple(clocks)) for start, clocks in missing.items())


def clock_report(pack: RulePack, parcels: Iterable[tuple[str, Facts]], as_of: date, within: Period) -> ClockReport:
    """若干宗地（名称与事实）的期限，和涉及它们的、期内到期的依据。"""
    until = within.after(as_of)
    parcels = tuple(parcels)
    views = tuple(
        ParcelClocks(
            name=name,
            due=tuple(item for item in due_dates(pack, facts, as_of) if item.open),
            undated=undated(pack, facts, as_of),
        )
        for name, facts in parcels
    )
    policies = tuple(
        policy
        for policy in expiring_policies(pack, as_of, within)
        if policy.days_left is not None
        and policy.days_left >= 0
        and any(pack.register.regions.covers(policy.region, facts) is not False for _, facts in parcels)
    )
    pressing = sum(item.pressing(until) for view in views for item in view.due) + len(policies)
    return ClockReport(
        rule_pack=RulePackView(version=pack.version, sha256=pack.sha256),
        as_of=as_of,
        until=until,
        method=pack.clocks.method,
        method_basis=basis_views(tuple(pack.register.standing(item, {}, as_of) for item in pack.clocks.citations)),
        parcels=views,
        policies=policies,
        pressing=pressing,
    )


@dataclass(frozen=True)
class _Reading:
    """一个期限放到一宗地上：依据的效力，和前提、地域、依据管不管得到这里。"""

    clock: Clock
    facts: Facts
    standings: tuple[Standing, ...]
    premise: Truth
    place: Truth
    basis: Truth

    @property
    def truth(self) -> Truth:
        """有没有这个期限：三者求与。"""
        return all_of((self.premise, self.place, self.basis))

    @property
    def local(self) -> tuple[Standing, ...]:
        """管得到（含地域待核实）的依据。"""
        return tuple(item for item in self.standings if item.in_region is not False)


def _read(clock: Clock, register: Register, facts: Facts, as_of: date) -> _Reading:
    standings = tuple(register.standing(item, facts, as_of) for item in clock.citations)
    return _Reading(
        clock=clock,
        facts=facts,
        standings=standings,
        premise=clock.test(facts) if clock.test else True,
        place=any_of(register.regions.covers(name, facts) for name in clock.regions) if clock.regions else True,
        basis=any_of(item.in_region for item in standings),
    )


def _due(reading: _Reading, start: date, register: Register, as_of: date) -> DueDate:
    clock, standings = reading.clock, reading.local
    in_force = any(item.in_force for item in standings)
    due, how = _computed(clock, start)
    return DueDate(
        clock=clock.id,
        kind=clock.kind,
        status="成立" if reading.truth and in_force else "待核实",
        due=due,
        days_left=(due - as_of).days,
        start_fact=clock.start,
        start=start,
        how=how,
        text=clock.text,
        consequence=clock.consequence,
        duty=clock.duty,
        actor=clock.actor,
        meaning=describe(clock.node) if clock.node else "",
        unknown=_unknown(reading, register),
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


def _unknown(reading: _Reading, register: Register) -> tuple[str, ...]:
    """要核实哪些事实才知道有没有这个期限。"""
    needed = list(reading.clock.asks) if reading.premise is None else []
    regions = reading.clock.regions if reading.place is None else ()
    if reading.basis is None:
        regions = (*regions, *(item.policy.region for item in reading.local))
    needed += [name for region in regions for name in register.regions.asks(region)]
    return tuple(name for name in dict.fromkeys(needed) if name not in reading.facts)


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
