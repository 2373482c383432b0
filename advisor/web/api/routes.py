"""接口：判定、工具、案例、案卷、草案。用令牌，权限同令牌所属的人。"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from advisor.accounts.people import HANDLER, REVIEWER, Person
from advisor.dossier.joining import join
from advisor.dossier.record import Change, overrides
from advisor.dossier.replay import assess_dossier
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.vocabulary import FactValue, json_value
from advisor.web.api.models import (
    AnswersBody,
    AssessBody,
    CaseBrief,
    CaseInfo,
    DossierBrief,
    DossierInfo,
    MemoBody,
    OpenBody,
    Problem,
    RuleInfo,
    ToolBrief,
    ToolInfo,
    Written,
    answers_from,
)
from advisor.web.callers import ForbiddenError, MissingError, SignInError, SiteHere, guarded
from advisor.web.jobs import Facts, assessed, draft
from advisor.web.pages.drafting import KINDS
from advisor.web.pages.listing import listed, open_dossier
from advisor.web.rendering import download
from advisor.web.site import Site, ordered, state

_bearer = HTTPBearer(auto_error=False, description="管理员在“管理—接口令牌”里发的令牌")
ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "没有令牌，或已作废"},
    403: {"model": Problem, "description": "不是这个角色能做的"},
    422: {"model": Problem, "description": "内容不合：哪里、可填什么、下一步"},
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "没有，或不归您的单位"}}
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "别人先改了，没有写入"}}
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_KINDS = {**KINDS, "html": "text/html; charset=utf-8"}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _KINDS.values()}}
}
Form = Annotated[Literal["docx", "md", "html"], Query(description="格式")]


def holder(
    request: Request, site: SiteHere, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Person:
    """令牌是谁的。

    Raises:
        SignInError: 没有令牌，或已作废。
    """
    person = site.office.tokens.person(given.credentials) if given else None
    if person is None:
        raise SignInError
    return person


Holder = Annotated[Person, Depends(holder)]


class _Needs:
    def __init__(self, *roles: str) -> None:
        self.roles = roles

    def __call__(self, person: Holder) -> Person:
        if not person.may(*self.roles):
            raise ForbiddenError("、".join(self.roles))
        return person


Reader = Annotated[Person, Depends(_Needs(HANDLER, REVIEWER))]
Writer = Annotated[Person, Depends(_Needs(HANDLER))]
router = APIRouter(prefix="/api", responses=ERRORS)


@router.post("/assess", responses=_JSON, response_class=Response, tags=["判定"])
def assess(site: SiteHere, person: Holder, body: AssessBody) -> Response:
    """评估一宗或几宗地，与 advisor assess --format json 逐字节相同。"""
    if body.taxonomy and body.taxonomy not in site.advisor.pack.taxonomies:
        known = "、".join(site.advisor.pack.taxonomies)
        raise InputError("taxonomy", f"没有“{body.taxonomy}”的分类", allowed=known, fix="从中选一个")
    parcels = tuple((item.name, _known(site, answers_from(item.facts, site.advisor.pack))) for item in body.parcels)
    text = site.workshop.do(assessed, parcels, body.as_of or site.today, body.taxonomy)
    return Response(text + "\n", media_type="application/json")


@router.get("/tools", tags=["规则"])
def tools(site: SiteHere, person: Holder) -> list[ToolBrief]:
    """全部工具。"""
    return [
        ToolBrief(name=tool.name, category=tool.category, definition=tool.definition, coded=tool.coded)
        for tool in site.advisor.pack.tools.values()
    ]


@router.get("/tools/{name}", responses=MISSING, tags=["规则"])
def tool_info(site: SiteHere, person: Holder, name: str) -> ToolInfo:
    """一个工具的条件与依据。"""
    advisor = site.advisor
    if name not in advisor.pack.tools:
        raise MissingError(f"没有“{name}”这个工具")
    tool = advisor.pack.tools[name]
    rules = [
        RuleInfo(
            id=rule.id, kind=rule.kind, text=rule.text, meaning=rule.meaning, regions=list(rule.regions),
            basis=[item.label for item in rule.citations],
        )
        for rule in tool.rules
    ]  # fmt: skip
    return ToolInfo(
        name=tool.name, category=tool.category, definition=tool.definition, coded=tool.coded,
        resolves=list(tool.resolves), rules=rules, cautions=list(tool.cautions),
        cases=[case.id for case in advisor.playbook.cases if name in case.tools],
    )  # fmt: skip


@router.get("/cases", tags=["规则"])
def cases(site: SiteHere, person: Holder) -> list[CaseBrief]:
    """全部案例。"""
    return [
        CaseBrief(id=case.id, title=case.file.title, tools=list(case.tools)) for case in site.advisor.playbook.cases
    ]


@router.get("/cases/{case_id}", responses=MISSING, tags=["规则"])
def case_info(site: SiteHere, person: Holder, case_id: str) -> CaseInfo:
    """一个案例。"""
    found = next((case for case in site.advisor.playbook.cases if case.id == case_id), None)
    if found is None:
        raise MissingError(f"案例库里没有“{case_id}”")
    file = found.file
    return CaseInfo(
        id=found.id, title=file.title, tools=list(found.tools), background=file.background,
        facts={name: json_value(value) for name, value in found.facts.items()}, steps=list(file.steps),
        outcome=file.outcome, caveats=list(file.caveats),
    )  # fmt: skip


@router.get("/dossiers", tags=["案卷"])
def dossiers(site: SiteHere, person: Reader) -> list[DossierBrief]:
    """本单位的案卷。"""
    return [
        DossierBrief(
            number=item.card.dossier, name=item.name, place=item.card.place, state=item.card.state,
            plan=item.card.plan, version=item.length, changed_by=item.changed_by, changed_at=item.changed_at,
        )
        for item in listed(site, person.unit)
    ]  # fmt: skip


@router.post("/dossiers", status_code=201, tags=["案卷"])
def open_one(site: SiteHere, person: Writer, body: OpenBody) -> Written:
    """立一卷。"""
    answers = answers_from(body.facts, site.advisor.pack)
    number = open_dossier(site, person, body.name, [Change(n, written(value), "接口") for n, value in answers.items()])
    site.office.audit.record(person.name, person.unit, "接口", "立卷", number)
    return Written(number=number, version=site.store.read(number, log_only=True).version)


@router.get("/dossiers/{number}", responses=MISSING, tags=["案卷"])
def dossier(site: SiteHere, person: Reader, number: str) -> DossierInfo:
    """一卷的当前答案。"""
    present = guarded(site, person, number, log_only=False)
    reading = site.reading(present)
    return DossierInfo(
        number=number, name=present.name, version=present.version, state=state(present),
        answers={name: written(value) for name, value in reading.answers.items()},
        assessments=[kept.no for kept in present.assessments], notices=list(reading.notices),
    )  # fmt: skip


@router.post("/dossiers/{number}/answers", responses={**MISSING, **_CONFLICT}, tags=["案卷"])
def answer(site: SiteHere, person: Writer, number: str, body: AnswersBody) -> Written:
    """记几项答案，要么全记要么全不记。"""
    guarded(site, person, number, log_only=True)
    answers = answers_from(body.facts, site.advisor.pack)
    changes = [Change(name, written(value), body.source) for name, value in answers.items()]
    return Written(number=number, version=join(site.store, number, changes, person.name, body.seen, site.advisor.pack))


@router.post(
    "/dossiers/{number}/assess", responses={**_JSON, **MISSING, **_CONFLICT}, response_class=Response, tags=["案卷"]
)
def assess_one(site: SiteHere, person: Writer, number: str) -> Response:
    """按当前答案评估一卷，连同规则包版本留存；返回评估。"""
    present = guarded(site, person, number, log_only=True)
    result, kept, _ = assess_dossier(present, site.advisor, site.today)
    site.store.keep(number, kept, person.name, present.version)
    site.office.audit.record(person.name, person.unit, "接口", "出结果", number)
    return Response(result.model_dump_json(indent=1) + "\n", media_type="application/json")


@router.get("/dossiers/{number}/memo", responses={**_FILES, **MISSING}, response_class=Response, tags=["草案"])
def dossier_memo(site: SiteHere, person: Reader, number: str, form: Form = "docx") -> Response:
    """一卷的处置方案草案。"""
    present = guarded(site, person, number, log_only=False)
    facts = ordered(site.advisor, site.reading(present).facts)
    remarks = tuple(str(item) for item in overrides(present))
    made = site.workshop.run(draft, present.name, facts, site.today, form, remarks, tuple(present.estimates.items()))
    return download(made.name, made.data, _KINDS[form])


@router.post("/memo", responses=_FILES, response_class=Response, tags=["草案"])
def memo(site: SiteHere, person: Holder, body: MemoBody, form: Form = "docx") -> Response:
    """直接由事实写一份草案。"""
    facts = _known(site, answers_from(body.facts, site.advisor.pack))
    made = site.workshop.run(draft, body.name, facts, body.as_of or site.today, form, ())
    return download(made.name, made.data, _KINDS[form])


def _known(site: Site, answers: dict[str, FactValue | None]) -> Facts:
    return ordered(site.advisor, {name: value for name, value in answers.items() if value is not None})
