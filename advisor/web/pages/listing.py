"""案卷列表与立卷。"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from advisor.accounts.custody import SEPARATOR, STATES, Card, Listed
from advisor.accounts.people import HANDLER, REVIEWER, Person
from advisor.dossier.answering import estimated
from advisor.dossier.record import Change
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.interview.dossier_file import load
from advisor.parcel import read_parcel
from advisor.web.callers import CallerHere, FormHere, Needs, SiteHere, file_of, text_of
from advisor.web.rendering import address, go, page
from advisor.web.site import Site

router = APIRouter()
Reader = Annotated[Person, Depends(Needs(HANDLER, REVIEWER))]
Handler = Annotated[Person, Depends(Needs(HANDLER))]
_PAGE = 50


@router.get("/dossiers")
def dossiers(
    request: Request,
    site: SiteHere,
    caller: CallerHere,
    person: Reader,
    q: str = "",
    place: str = "",
    state: str = "",
    tool: str = "",
    p: int = 1,
) -> Response:
    """案卷列表：按地块名或编号搜，按地方、进度、工具筛。"""
    everything = listed(site, person.unit)
    shown = [
        item
        for item in everything
        if (q.strip().lower() in f"{item.card.dossier} {item.name}".lower())
        and (not place or item.card.place == place)
        and (not state or item.card.state == state)
        and (not tool or tool in item.card.tools.split(SEPARATOR))
    ]
    pages = max(1, -(-len(shown) // _PAGE))
    p = min(max(p, 1), pages)
    return page(
        request,
        site,
        caller,
        "dossiers.html",
        items=shown[(p - 1) * _PAGE : p * _PAGE],
        total=len(everything),
        found=len(shown),
        wanted={"q": q, "place": place, "state": state, "tool": tool},
        number=p,
        pages=pages,
        places=sorted({item.card.place for item in everything if item.card.place}),
        states=STATES,
        tools=sorted({name for item in everything for name in item.card.tools.split(SEPARATOR) if name}),
    )


@router.get("/dossiers/new")
def new(request: Request, site: SiteHere, caller: CallerHere, person: Handler) -> Response:
    """立卷。"""
    return page(request, site, caller, "new.html", problem="", name="")


@router.post("/dossiers/new")
def create(request: Request, site: SiteHere, caller: CallerHere, person: Handler, form: FormHere) -> Response:
    """立一卷：空白的，或带着事实文件里的答案。"""
    name = text_of(form, "name")
    try:
        changes: list[Change] = []
        if text_of(form, "way") == "file":
            title, changes = read_upload(site, *file_of(form, "file"))
            name = name.strip() or title
        number = open_dossier(site, person, name, changes)
    except InputError as problem:
        return page(request, site, caller, "new.html", status=422, problem=str(problem), name=name)
    site.office.audit.record(person.name, person.unit, caller.address, "立卷", number)
    return go(address("dossiers", number, "check" if changes else "ask"))


def read_upload(site: Site, name: str, data: bytes) -> tuple[str, list[Change]]:
    """读上传的事实文件（YAML 或 JSON）：名称，与要记的答案、测算输入。

    Raises:
        InputError: 文件写错，说明第几行。
    """
    suffix = ".json" if name.lower().endswith(".json") else ".yaml"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(name).stem or '地块'}{suffix}"
        path.write_bytes(data)
        try:
            pack = site.advisor.pack
            title, answers = load(path, pack.vocabulary)
            changes = [Change(fact, written(value), name) for fact, value in answers.items()]
            return title, changes + estimated(read_parcel(path, pack.vocabulary).estimates, pack, name)
        except InputError as problem:
            where = problem.where.replace(str(path), name)
            fix = problem.fix.replace("再运行一次", "再传一次")
            raise InputError(where, problem.found, problem.allowed, fix) from None


def open_dossier(site: Site, person: Person, name: str, changes: Sequence[Change] = ()) -> str:
    """立一卷，归这个人的单位，返回编号。

    Raises:
        InputError: 名字不合。
    """
    number = site.store.create(name, person.name)
    site.office.custody.assign(number, person.unit)
    if changes:
        site.store.answer(number, changes, person.name, 1)
    return number


def listed(site: Site, unit: str) -> list[Listed]:
    """一个单位的目录。"""

    def card_of(number: str) -> Card:
        return site.card(site.store.read(number))

    return site.office.custody.listing(unit, card_of)
