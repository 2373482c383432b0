"""台账：交一份去判，看判到哪了，取结果；只有交的人看得见。"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from advisor.accounts.people import HANDLER, Person
from advisor.errors import InputError
from advisor.locating import grading_schemes, rules_folder
from advisor.web.callers import CallerHere, FormHere, MissingError, Needs, SiteHere, file_of, text_of
from advisor.web.rendering import address, download, go, page
from advisor.web.screenings import Screening, kind_of, wishes
from advisor.web.site import Site

router = APIRouter()
Handler = Annotated[Person, Depends(Needs(HANDLER))]
_BLANK = "空白台账.xlsx"


@router.get("/inventories")
def inventories(request: Request, site: SiteHere, caller: CallerHere, person: Handler) -> Response:
    """交台账的表单，与交过的各件。"""
    return page(request, site, caller, "inventories.html", problem="", **_choices(site, person))


@router.post("/inventories")
def start(request: Request, site: SiteHere, caller: CallerHere, person: Handler, form: FormHere) -> Response:
    """交一份去判。"""
    try:
        name, data = file_of(form, "file")
        options = wishes(
            site.advisor.pack, site.today, text_of(form, "taxonomy"), text_of(form, "grading"),
            plans=text_of(form, "plans") != "no",
        )  # fmt: skip
        job = site.screenings.start(person.login, name, data, options)
    except InputError as problem:
        return page(
            request, site, caller, "inventories.html", status=422, problem=str(problem), **_choices(site, person)
        )
    site.office.audit.record(person.name, person.unit, caller.address, "交台账", name)
    return go(address("inventories", job.id))


@router.get("/inventories/blank.xlsx", response_class=Response)
def blank(site: SiteHere, person: Handler) -> Response:
    """一份带下拉的空白台账。"""
    if not site.screenings.ready:
        raise InputError(_BLANK, "服务器没有装台账部件", fix="请管理员运行 pip install 'advisor[screen]'")
    from advisor.screening.template import write_template

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _BLANK
        write_template(path, site.advisor.pack.vocabulary)
        return download(_BLANK, path.read_bytes(), kind_of(_BLANK))


@router.get("/inventories/{job}")
def look(request: Request, site: SiteHere, caller: CallerHere, person: Handler, job: str) -> Response:
    """判到哪一步；出错的说哪里错，判好的列出文件。"""
    return page(request, site, caller, "inventory.html", job=_own(site, person, job))


@router.get("/inventories/{job}/files/{name}", response_class=Response)
def take(site: SiteHere, person: Handler, job: str, name: str) -> Response:
    """取一个判好的文件。"""
    found = _own(site, person, job)
    if name not in found.files:
        raise MissingError("没有这个文件")
    return download(name, (found.out / name).read_bytes(), kind_of(name))


def _own(site: Site, person: Person, job: str) -> Screening:
    found = site.screenings.get(person.login, job)
    if found is None:
        raise MissingError("没有这一件，或不是您交的；服务重起以后，原来判好的也不在了")
    return found


def _choices(site: Site, person: Person) -> dict[str, Any]:
    return {
        "ready": site.screenings.ready,
        "jobs": site.screenings.mine(person.login),
        "taxonomies": list(site.advisor.pack.taxonomies),
        "schemes": grading_schemes(rules_folder(site.settings.rules)),
        "most": site.settings.upload // 2**20,
    }
