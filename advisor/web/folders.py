"""打开着的一卷：认过人、核过归属、读好答案，各页从这里取。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse

from advisor.accounts.people import HANDLER, REVIEWER, Person
from advisor.assessment import Assessment
from advisor.dossier.joining import join
from advisor.dossier.reading import Reading
from advisor.dossier.record import Change, Dossier, Override, overrides
from advisor.vocabulary import Fact
from advisor.web.callers import Caller, CallerHere, Needs, SiteHere, guarded
from advisor.web.jobs import Answers, Turn, turn
from advisor.web.rendering import address, page
from advisor.web.site import Site, answers_of, state


@dataclass(frozen=True)
class Folder:
    """一卷与来看它的人。"""

    request: Request
    site: Site
    caller: Caller
    person: Person
    dossier: Dossier

    @property
    def number(self) -> str:
        """编号。"""
        return self.dossier.number

    @cached_property
    def reading(self) -> Reading:
        """按现在的词表读的答案。"""
        return self.site.reading(self.dossier)

    @property
    def answers(self) -> Answers:
        """答案，照答的先后。"""
        return answers_of(self.reading)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """有效的人工改判。"""
        return overrides(self.dossier)

    @property
    def state(self) -> str:
        """办到哪一步。"""
        return state(self.dossier)

    @property
    def may_write(self) -> bool:
        """能不能改答案。"""
        return self.person.may(HANDLER)

    def fact(self, name: str) -> Fact:
        """词表里的事实。"""
        return self.site.advisor.pack.vocabulary[name]

    def place(self, *parts: str) -> str:
        """这一卷里某一页的网址。"""
        return address("dossiers", self.number, *parts)

    def assess(self) -> Assessment:
        """按当前答案评估。"""
        return self.site.assess(self.dossier.name, self.reading.facts)

    def turn(self, thorough: bool, asked: str = "") -> Turn:
        """下一问，或指定要问的那一问。"""
        return self.site.workshop.do(turn, self.answers, self.site.today, thorough, asked)

    def write(self, changes: Sequence[Change], seen: int) -> int:
        """记下答案。"""
        return join(self.site.store, self.number, changes, self.person.name, seen, self.site.advisor.pack)

    def audit(self, action: str, target: str = "") -> None:
        """记一条审计。"""
        self.site.office.audit.record(
            self.person.name, self.person.unit, self.caller.address, action, target or self.number
        )

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """这一卷的一页。"""
        return page(self.request, self.site, self.caller, template, status=status, folder=self, **context)


def _folder(request: Request, site: SiteHere, caller: CallerHere, number: str, person: Person, log: bool) -> Folder:
    return Folder(request, site, caller, person, guarded(site, person, number, log))


def to_read(
    request: Request,
    site: SiteHere,
    caller: CallerHere,
    number: str,
    person: Annotated[Person, Depends(Needs(HANDLER, REVIEWER))],
) -> Folder:
    """打开来看，连历次评估。"""
    return _folder(request, site, caller, number, person, False)


def to_glance(
    request: Request,
    site: SiteHere,
    caller: CallerHere,
    number: str,
    person: Annotated[Person, Depends(Needs(HANDLER, REVIEWER))],
) -> Folder:
    """打开来看，只要答案，快。"""
    return _folder(request, site, caller, number, person, True)


def to_write(
    request: Request,
    site: SiteHere,
    caller: CallerHere,
    number: str,
    person: Annotated[Person, Depends(Needs(HANDLER))],
) -> Folder:
    """打开来改答案。"""
    return _folder(request, site, caller, number, person, True)


def to_sign(
    request: Request,
    site: SiteHere,
    caller: CallerHere,
    number: str,
    person: Annotated[Person, Depends(Needs(REVIEWER))],
) -> Folder:
    """打开来复核。"""
    return _folder(request, site, caller, number, person, False)


ToRead = Annotated[Folder, Depends(to_read)]
ToGlance = Annotated[Folder, Depends(to_glance)]
ToWrite = Annotated[Folder, Depends(to_write)]
ToSign = Annotated[Folder, Depends(to_sign)]
