"""进门：首次设置、登录、退出、换口令、大字。"""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from starlette.responses import Response

from advisor.accounts.people import ADMIN, HANDLER, REVIEWER
from advisor.errors import InputError
from advisor.web.callers import (
    LARGE,
    SESSION,
    Caller,
    CallerHere,
    FormHere,
    PersonHere,
    SiteHere,
    set_cookie,
    text_of,
    texts_of,
)
from advisor.web.rendering import go, page
from advisor.web.site import Site

router = APIRouter()


@router.get("/")
def home(site: SiteHere, caller: CallerHere) -> Response:
    """首页：该去哪里去哪里。"""
    if caller.person is None:
        return go("/sign-in" if site.office.people.any() else "/setup")
    return go("/dossiers" if caller.person.may(HANDLER, REVIEWER) else "/admin/people")


@router.get("/setup")
def setup(request: Request, site: SiteHere, caller: CallerHere, code: str = "") -> Response:
    """首次设置。"""
    if site.office.people.any():
        return go("/sign-in")
    return page(
        request, site, caller, "setup.html", problem="", given={"code": code, "unit": "", "login": "", "name": ""}
    )


@router.post("/setup")
def set_up(request: Request, site: SiteHere, caller: CallerHere, form: FormHere) -> Response:
    """建单位与第一个管理员，随即登录。"""
    login, password = text_of(form, "login"), text_of(form, "password")
    try:
        if not site.throttle.allow(caller.address) or not secrets.compare_digest(
            text_of(form, "code").strip().encode(), site.setup_code.encode()
        ):
            raise InputError("设置码", "不对", fix="照启动 advisor serve 的终端里显示的填")
        _same(password, text_of(form, "again"))
        roles = [role for role in texts_of(form, "roles") if role in (HANDLER, REVIEWER)]
        site.office.people.set_up(text_of(form, "unit"), login, text_of(form, "name"), password, [ADMIN, *roles])
    except InputError as problem:
        given = {name: text_of(form, name) for name in ("code", "unit", "login", "name")}
        return page(request, site, caller, "setup.html", status=422, problem=str(problem), given=given)
    return _enter(request, site, caller, login, password, "/")


@router.get("/sign-in")
def sign_in(request: Request, site: SiteHere, caller: CallerHere, next: str = "") -> Response:
    """登录页。"""
    if caller.person is not None:
        return go("/")
    if not site.office.people.any():
        return go("/setup")
    return page(request, site, caller, "sign_in.html", problem="", login="", next=_inside(next))


@router.post("/sign-in")
def signing_in(request: Request, site: SiteHere, caller: CallerHere, form: FormHere) -> Response:
    """登录。"""
    login, after = text_of(form, "login"), _inside(text_of(form, "next"))
    try:
        if not site.throttle.allow(caller.address):
            raise InputError("登录", "试得太密", fix="一分钟后再试")
        return _enter(request, site, caller, login, text_of(form, "password"), after)
    except InputError as problem:
        site.office.audit.record(login, "", caller.address, "登录未成", "")
        return page(request, site, caller, "sign_in.html", status=422, problem=str(problem), login=login, next=after)


@router.post("/sign-out")
def sign_out(site: SiteHere, caller: CallerHere, person: PersonHere, form: FormHere) -> Response:
    """退出。"""
    site.office.sessions.close(caller.key)
    site.office.audit.record(person.name, person.unit, caller.address, "退出")
    response = go("/sign-in")
    response.delete_cookie(SESSION)
    return response


@router.get("/password")
def password(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere) -> Response:
    """换口令页。"""
    return page(request, site, caller, "password.html", problem="")


@router.post("/password")
def change_password(
    request: Request, site: SiteHere, caller: CallerHere, person: PersonHere, form: FormHere
) -> Response:
    """换口令：核过旧的才换，换好重新登录。"""
    fresh = text_of(form, "password")
    try:
        if not site.throttle.allow(caller.address):
            raise InputError("换口令", "试得太密", fix="一分钟后再试")
        site.office.people.check(person.login, text_of(form, "old"))
        _same(fresh, text_of(form, "again"))
        if fresh == text_of(form, "old"):
            raise InputError("口令", "与原来的一样", fix="换一个")
        site.office.people.reset(person.login, fresh, must_change=False)
    except InputError as problem:
        said = str(problem).replace("登录名或口令不对", "原口令不对")
        return page(request, site, caller, "password.html", status=422, problem=said)
    return _enter(request, site, caller, person.login, fresh, "/")


@router.post("/text-size")
def text_size(request: Request, caller: CallerHere, form: FormHere) -> Response:
    """大字与常规之间切换，回到原来那一页。"""
    response = go(_inside(text_of(form, "back")) or "/")
    set_cookie(response, request, LARGE, "" if caller.large else "1")
    return response


def _enter(request: Request, site: Site, caller: Caller, login: str, password: str, after: str) -> Response:
    person = site.office.people.check(login, password)
    response = go("/password" if person.must_change else after or "/")
    set_cookie(response, request, SESSION, site.office.sessions.open(person.login))
    site.office.audit.record(person.name, person.unit, caller.address, "登录")
    return response


def _same(password: str, again: str) -> None:
    if password != again:
        raise InputError("口令", "两次输的不一样", fix="重新输两遍")


def _inside(path: str) -> str:
    """只许转到本站的网页。"""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else ""
