"""费工夫的活：下一问、评估、草案。每件只看参数，可以放到别的进程里做。"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from advisor.assess import Advisor
from advisor.assessment import Assessment, ConflictView
from advisor.consistency_views import conflict_views
from advisor.dossier.values import read_estimate
from advisor.interview import Interview
from advisor.interview.core import Effect
from advisor.memo import update_memo, write_memo
from advisor.memo.estimated import plan_estimates
from advisor.parcel import Parcel
from advisor.vocabulary import FactValue, Kind

Answers = tuple[tuple[str, FactValue | None], ...]
"""答案，照答的先后；None 是不清楚。"""
Facts = tuple[tuple[str, FactValue], ...]
Estimates = tuple[tuple[str, str], ...]
"""测算输入，照日志的写法。"""


class Desk:
    """一张做活的桌子：一个顾问，和按基准日备好的问答。"""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = advisor
        self._interviews: dict[date, Interview] = {}

    def interview(self, as_of: date) -> Interview:
        """某个基准日的问答；只留最近用的一个，建一次要几百毫秒。"""
        if as_of not in self._interviews:
            self._interviews = {as_of: Interview(self.advisor, as_of)}
        return self._interviews[as_of]


@dataclass(frozen=True)
class Turn:
    """轮到问什么：fact 为空是没有可问的；effects 是各答法打开、关上什么（选项多的不列），bases 是为什么问的依据。"""

    fact: str
    tools: tuple[str, ...]
    effects: tuple[Effect, ...]
    bases: tuple[str, ...]
    remaining: int
    verdicts: Mapping[str, int]
    plan: tuple[str, ...]
    conflicts: tuple[ConflictView, ...]


FEW = 6
"""选项不多于这么多的，问的时候就算出各答法的影响；再多的点了才算，一次要一两百毫秒。"""


@dataclass(frozen=True)
class Draft:
    """一份草案文件；said 是合并时做了什么。"""

    name: str
    data: bytes
    said: str = ""


def turn(desk: Desk, answers: Answers, as_of: date, thorough: bool, asked: str = "") -> Turn:
    """下一问；asked 是指定要问（改）的事实。"""
    interview, given = desk.interview(as_of), dict(answers)
    progress = interview.progress(given, thorough)
    following = progress.next
    if asked:
        name, tools = asked, tuple(sorted(interview.reading.tools.get(asked, ())))
    else:
        name, tools = (following.fact, following.tools) if following else ("", ())
    few = bool(name) and (interview.fact(name).kind is Kind.BOOL or 0 < len(interview.fact(name).options) <= FEW)
    known = {fact: value for fact, value in given.items() if value is not None}
    return Turn(
        fact=name,
        tools=tools,
        effects=interview.effects(given, name) if few else (),
        bases=interview.bases(name) if name else (),
        remaining=progress.remaining,
        verdicts=progress.verdicts,
        plan=progress.plan,
        conflicts=conflict_views(desk.advisor.pack, known),
    )


def effects(desk: Desk, answers: Answers, as_of: date, asked: str) -> tuple[Effect, ...]:
    """一个是否类或单选事实的各种答法会打开、关上哪些工具。"""
    return desk.interview(as_of).effects(dict(answers), asked)


def needless(desk: Desk, answers: Answers, as_of: date) -> frozenset[str]:
    """照这些答案，不必问的事实。"""
    return desk.interview(as_of).needless(dict(answers))


def assessed(desk: Desk, parcels: tuple[tuple[str, Facts], ...], as_of: date, taxonomy: str = "") -> str:
    """评估的 JSON，与命令行的逐字节相同（缩进一格）。"""
    return _assess(desk, (_parcel(desk, *item) for item in parcels), as_of, taxonomy).model_dump_json(indent=1)


def draft(
    desk: Desk, name: str, facts: Facts, as_of: date, form: str, remarks: tuple[str, ...], inputs: Estimates = ()
) -> Draft:
    """写一份草案。"""
    parcel, result = _one(desk, name, facts, as_of, inputs)
    view = result.parcels[0]
    estimates = plan_estimates(desk.advisor, parcel, view, as_of)
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_memo(view, result, desk.advisor, Path(folder), (form,), estimates=estimates, remarks=remarks)
        return Draft(path.name, path.read_bytes())


def merged_draft(
    desk: Desk,
    name: str,
    facts: Facts,
    as_of: date,
    edited: bytes,
    edited_name: str,
    remarks: tuple[str, ...],
    inputs: Estimates = (),
) -> Draft:
    """在改过的草案上更新；人写的一字不动。"""
    parcel, result = _one(desk, name, facts, as_of, inputs)
    view = result.parcels[0]
    estimates = plan_estimates(desk.advisor, parcel, view, as_of)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / edited_name
        source.write_bytes(edited)
        path, said = update_memo(
            view, result, desk.advisor, source, Path(folder) / "出", estimates=estimates, remarks=remarks
        )
        return Draft(path.name, path.read_bytes(), said)


def _one(desk: Desk, name: str, facts: Facts, as_of: date, inputs: Estimates) -> tuple[Parcel, Assessment]:
    stated = {item: read_estimate(f"“{name}”", item, text) for item, text in inputs}
    parcel = _parcel(desk, name, facts).model_copy(update={"estimates": stated})
    return parcel, _assess(desk, [parcel], as_of, "")


def _assess(desk: Desk, parcels: Iterable[Parcel], as_of: date, taxonomy: str) -> Assessment:
    return desk.advisor.assess(parcels, as_of, taxonomy=taxonomy)


def _parcel(desk: Desk, name: str, facts: Facts) -> Parcel:
    return Parcel(name=name, facts=desk.advisor.pack.vocabulary.ordered(dict(facts)))
