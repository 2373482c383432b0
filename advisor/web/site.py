"""一个网站要用到的一切：设置、案卷库、账号、作坊。"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from fastapi import Request
from pydantic import ValidationError

from advisor.accounts.custody import ANSWERING, REPORTED, RETURNED, SEPARATOR, SIGNED, Card
from advisor.accounts.office import Office
from advisor.assess import Advisor
from advisor.assessment import Assessment
from advisor.dossier import signing
from advisor.dossier.chain import ASSESSED
from advisor.dossier.reading import Reading, read_answers
from advisor.dossier.record import Dossier, Kept, standing_signature
from advisor.dossier.store import Store
from advisor.evaluation import APPLIES
from advisor.vocabulary import FactValue, Kind
from advisor.web.jobs import Answers, Facts, assessed
from advisor.web.screenings import Screenings
from advisor.web.shelf import Shelf
from advisor.web.throttle import Throttle
from advisor.web.workshop import Workshop


@dataclass(frozen=True)
class Settings:
    """网站的设置。store 是案卷库；upload 是一次上传的上限（字节）；today 给出基准日。"""

    store: str
    rules: str | None = None
    playbooks: str | None = None
    workers: int = 0
    upload: int = 20 * 1024 * 1024
    today: Callable[[], date] = date.today


class Site:
    """开着的网站。"""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.office = Office(settings.store)
        self.store = Store(settings.store, resident=True)
        self.workshop = Workshop(settings.rules, settings.playbooks, settings.workers)
        self.throttle, self.shelf = Throttle(), Shelf()
        self.screenings = Screenings(settings.rules, settings.playbooks)
        self.setup_code = secrets.token_hex(4)
        """首次设置要填的码，只显示在启动的终端里：先看到网页的外人抢不到管理员。"""

    def close(self) -> None:
        """关门。"""
        self.screenings.close()
        self.workshop.close()
        self.store.close()
        self.office.close()

    @property
    def advisor(self) -> Advisor:
        """本进程的顾问。"""
        return self.workshop.advisor

    @property
    def today(self) -> date:
        """基准日。"""
        return self.settings.today()

    def reading(self, dossier: Dossier) -> Reading:
        """按现在的词表读一卷的答案。"""
        return read_answers(dossier.changes, self.advisor.pack)

    def assess(self, name: str, facts: dict[str, FactValue]) -> Assessment:
        """按今天评估一宗地。"""
        return Assessment.model_validate_json(self.assess_json(name, facts))

    def assess_json(self, name: str, facts: dict[str, FactValue]) -> str:
        """评估的 JSON。"""
        return self.workshop.do(assessed, ((name, ordered(self.advisor, facts)),), self.today)

    @cached_property
    def place_facts(self) -> tuple[str, ...]:
        """说地块在哪里的事实，由上级到下级。"""
        pack = self.advisor.pack
        asked = pack.register.regions.asked
        return tuple(fact.name for fact in pack.vocabulary if fact.name in asked and fact.kind is not Kind.BOOL)

    def place(self, facts: dict[str, FactValue]) -> str:
        """地块在哪里，写成一行。"""
        return " ".join(str(facts[name]) for name in self.place_facts if name in facts)

    def card(self, dossier: Dossier) -> Card:
        """一卷在目录里的样子，算好存下。"""
        reading = self.reading(dossier)
        kept = dossier.assessments[-1] if dossier.assessments else None
        plan, tools, policies = "", "", ""
        assessment = kept_assessment(kept) if kept else None
        if assessment is not None:
            view = assessment.parcels[0]
            steps = view.plans[0].steps if view.plans else ()
            chosen = [tool for tool in view.tools if tool.id in steps or tool.verdict == APPLIES]
            plan, tools = " → ".join(steps), SEPARATOR.join(tool.id for tool in chosen)
            codes = {basis.code for tool in chosen for item in tool.conditions for basis in item.basis}
            policies = SEPARATOR.join(sorted(codes))
        card = Card(
            dossier=dossier.number,
            version=dossier.version,
            place=self.place(reading.facts),
            state=state(dossier),
            answered=len(reading.answers),
            plan=plan,
            tools=tools,
            policies=policies,
        )
        self.office.custody.keep(card)
        return card


def kept_assessment(kept: Kept) -> Assessment | None:
    """留存的那次评估；更早的程序留存的，字段可能与现在的不同，读不出为 None。"""
    try:
        return Assessment.model_validate_json(kept.result)
    except ValidationError:
        return None


def state(dossier: Dossier) -> str:
    """一卷办到哪一步。"""
    signed = standing_signature(dossier)
    if signed is not None:
        return SIGNED if signed.new == signing.AGREED else RETURNED
    return REPORTED if dossier.entries[-1].kind == ASSESSED else ANSWERING


def ordered(advisor: Advisor, facts: dict[str, FactValue]) -> Facts:
    """照词表次序排好的事实。"""
    return tuple(advisor.pack.vocabulary.ordered(facts).items())


def answers_of(reading: Reading) -> Answers:
    """照答的先后排好的答案。"""
    return tuple(reading.answers.items())


def site_of(request: Request) -> Site:
    """这次请求的网站。"""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site
