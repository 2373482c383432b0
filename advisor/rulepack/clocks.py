"""clocks.yaml 的结构，与装配成期限：核对起算事实、期间写法、前提、地域、依据。"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.period import Period
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.model import Clock, ClockBook
from advisor.rulepack.reading import Source
from advisor.rulepack.schema import Citations, Condition, Entry, FactName, RegionNames, YesNo
from advisor.vocabulary import Kind


class ClockEntry(Entry):
    """一个期限。加、提前至多写一个；都不写即起算事实那天。"""

    id: str = Field(alias="编号")
    kind: Literal["约束", "提醒"] = Field(alias="类别")
    start: FactName = Field(alias="起算")
    after: str = Field("", alias="加")
    before: str = Field("", alias="提前")
    expression: Condition = Field("", alias="前提")
    regions: RegionNames = Field((), alias="地域")
    wanted: YesNo = Field(False, alias="缺日期提醒")
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")
    consequence: str = Field("", alias="到期")
    duty: str = Field(alias="该办")
    actor: str = Field(alias="谁办")


class MethodEntry(Entry):
    """期间怎么算。"""

    text: str = Field(alias="说明")
    citations: Citations = Field((), alias="依据")


class ClocksFile(Entry):
    """clocks.yaml。"""

    method: MethodEntry = Field(alias="算法")
    clocks: tuple[ClockEntry, ...] = Field(alias="期限")


def assemble_clocks(assembler: Assembler, file: ClocksFile, source: Source) -> ClockBook:
    """装配全部期限；写错的记入问题。"""
    seen: set[str] = set()
    clocks: list[Clock] = []
    for index, entry in enumerate(file.clocks):
        place = source.place("期限", index)
        if entry.id in seen:
            assembler.problems.add(place, f"期限编号“{entry.id}”重复", "换一个编号")
        seen.add(entry.id)
        clocks.append(_clock(assembler, entry, place))
    citations = assembler.citations(file.method.citations, source.place("算法", "依据"))
    return ClockBook(file.method.text, citations, tuple(clocks))


def _clock(assembler: Assembler, entry: ClockEntry, place: str) -> Clock:
    problems = assembler.problems
    if entry.start not in assembler.vocabulary:
        problems.add(place, f"期限“{entry.id}”的起算“{entry.start}”不在事实词表里", "先在 facts.yaml 里加这条日期事实")
    elif (kind := assembler.vocabulary[entry.start].kind) is not Kind.DATE:
        problems.add(place, f"期限“{entry.id}”的起算“{entry.start}”是{kind.value}，不是日期", "改用类型为日期的事实")
    if not entry.citations:
        problems.add(place, f"期限“{entry.id}”没有依据", "写明依据，如 依据: [A2§26]")
    for region in entry.regions:
        if region not in assembler.register.regions:
            problems.add(place, f"地域“{region}”不在地域树里", "先在 regions.yaml 里登记")
    if entry.after and entry.before:
        problems.add(place, f"期限“{entry.id}”既写了加又写了提前", "只留一个")
    compiled = assembler.expression(entry.expression, place) if entry.expression else None
    return Clock(
        id=entry.id,
        kind=entry.kind,
        start=entry.start,
        period=_period(assembler, entry.after or entry.before, place),
        backwards=bool(entry.before),
        node=compiled.node if compiled else None,
        test=compiled.test if compiled else None,
        asks=compiled.asks if compiled else (),
        regions=entry.regions,
        wanted=entry.wanted,
        citations=assembler.citations(entry.citations, place),
        text=entry.text,
        consequence=entry.consequence,
        duty=entry.duty,
        actor=entry.actor,
        place=place,
    )


def _period(assembler: Assembler, text: str, place: str) -> Period | None:
    if not text:
        return None
    try:
        return Period.read(text)
    except ValueError as problem:
        assembler.problems.add(place, str(problem), "写成 1年、6个月、90日 这样")
        return None
