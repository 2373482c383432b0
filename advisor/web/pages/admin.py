"""管理：账号与单位、客户端令牌、没有归属的案卷、审计。"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from advisor.accounts.people import ADMIN, ROLES, Person
from advisor.errors import InputError
from advisor.web.callers import Caller, CallerHere, FormHere, MissingError, Needs, SiteHere, text_of, texts_of
from advisor.web.rendering import address, go, page
from advisor.web.site import Site

router = APIRouter(prefix="/admin")
Admin = Annotated[Person, Depends(Needs(ADMIN))]
_PAGE = 50


@router.get("/people")
def people(request: Request, site: SiteHere, caller: CallerHere, person: Admin) -> Response:
    """账号与单位。"""
    return _people(request, site, caller)


@router.post("/people")
def add_person(request: Request, site: SiteHere, caller: CallerHere, person: Admin, form: FormHere) -> Response:
    """开账号。"""
    login, unit = text_of(form, "login"), text_of(form, "unit")
    try:
        site.office.people.add(login, text_of(form, "name"), unit, texts_of(form, "roles"), text_of(form, "password"))
    except InputError as problem:
        return _people(request, site, caller, str(problem), {name: text_of(form, name) for name in ("login", "name")})
    _record(site, caller, person, "开账号", login)
    return go("/admin/people")


@router.post("/units")
def add_unit(request: Request, site: SiteHere, caller: CallerHere, person: Admin, form: FormHere) -> Response:
    """加单位。"""
    try:
        name = site.office.people.add_unit(text_of(form, "unit"))
    except InputError as problem:
        return _people(request, site, caller, str(problem))
    _record(site, caller, person, "加单位", name)
    return go("/admin/people")


@router.get("/people/{login}")
def one_person(request: Request, site: SiteHere, caller: CallerHere, person: Admin, login: str) -> Response:
    """一个账号。"""
    return _one(request, site, caller, login)


@router.post("/people/{login}")
def change_person(
    request: Request, site: SiteHere, caller: CallerHere, person: Admin, login: str, form: FormHere
) -> Response:
    """改角色、停用、启用。"""
    try:
        site.office.people.change(login, texts_of(form, "roles"), text_of(form, "active") == "1")
    except InputError as problem:
        return _one(request, site, caller, login, str(problem))
    _record(site, caller, person, "改账号", login)
    return go(address("admin", "people", login))


@router.post("/people/{login}/password")
def reset_password(
    request: Request, site: SiteHere, caller: CallerHere, person: Admin, login: str, form: FormHere
) -> Response:
    """重设口令；本人下次登录要换。"""
    try:
        site.office.people.reset(login, text_of(form, "password"), must_change=True)
    except InputError as problem:
        return _one(request, site, caller, login, str(problem))
    _record(site, caller, person, "重设口令", login)
    return go(address("admin", "people", login))


@router.get("/tokens")
def tokens(request: Request, site: SiteHere, caller: CallerHere, person: Admin) -> Response:
    """客户端令牌。"""
    return _tokens(request, site, caller)


@router.post("/tokens")
def issue_token(request: Request, site: SiteHere, caller: CallerHere, person: Admin, form: FormHere) -> Response:
    """发令牌；令牌只显示这一次，所以不转页。"""
    client, login = text_of(form, "client"), text_of(form, "login")
    try:
        issued = site.office.tokens.issue(client, login)
    except InputError as problem:
        return _tokens(request, site, caller, str(problem))
    _record(site, caller, person, "发令牌", f"{client} → {login}")
    return _tokens(request, site, caller, issued=issued)


@router.post("/tokens/revoke")
def revoke_token(site: SiteHere, caller: CallerHere, person: Admin, form: FormHere) -> Response:
    """作废令牌。"""
    site.office.tokens.revoke(text_of(form, "client"))
    _record(site, caller, person, "作废令牌", text_of(form, "client"))
    return go("/admin/tokens")


@router.get("/custody")
def custody(request: Request, site: SiteHere, caller: CallerHere, person: Admin) -> Response:
    """没有归属的案卷（命令行立的）。"""
    return page(
        request, site, caller, "custody.html", homeless=site.office.custody.homeless(), units=site.office.people.units()
    )


@router.post("/custody")
def assign(site: SiteHere, caller: CallerHere, person: Admin, form: FormHere) -> Response:
    """把一卷归到一个单位。"""
    number, unit = text_of(form, "dossier"), text_of(form, "unit")
    site.office.custody.assign(number, unit)
    _record(site, caller, person, "分案卷", f"{number} → {unit}")
    return go("/admin/custody")


@router.get("/audit")
def audit(request: Request, site: SiteHere, caller: CallerHere, person: Admin, p: int = 1) -> Response:
    """审计。"""
    number = min(max(p, 1), 1_000_000)
    items, total = site.office.audit.page(number, _PAGE)
    pages = max(1, -(-total // _PAGE))
    return page(request, site, caller, "audit.html", items=items, total=total, number=number, pages=pages)


def _people(
    request: Request, site: Site, caller: Caller, problem: str = "", given: dict[str, str] | None = None
) -> Response:
    return page(
        request, site, caller, "people.html", status=422 if problem else 200, problem=problem,
        people=site.office.people.everyone(), units=site.office.people.units(), roles=ROLES,
        given=given or {"login": "", "name": ""},
    )  # fmt: skip


def _one(request: Request, site: Site, caller: Caller, login: str, problem: str = "") -> Response:
    found = site.office.people.found(login)
    if found is None:
        raise MissingError(f"没有“{login}”这个账号")
    status = 422 if problem else 200
    return page(request, site, caller, "person.html", status=status, problem=problem, one=found, roles=ROLES)


def _tokens(request: Request, site: Site, caller: Caller, problem: str = "", issued: str = "") -> Response:
    return page(
        request, site, caller, "tokens.html", status=422 if problem else 200, problem=problem, issued=issued,
        tokens=site.office.tokens.listing(), people=[item for item in site.office.people.everyone() if item.active],
    )  # fmt: skip


def _record(site: Site, caller: Caller, person: Person, action: str, target: str) -> None:
    site.office.audit.record(person.name, person.unit, caller.address, action, target)
