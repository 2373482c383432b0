"""案卷列表与立卷。"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
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
from advisor.locating import rules_folder
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
    """立一卷：空白的，或带着事实文件、台账一行里的答案。"""
    name = text_of(form, "name")
    try:
        changes: list[Change] = []
        title = remark = ""
        if text_of(form, "way") == "file":
            title, changes = read_upload(site, *file_of(form, "file"))
        elif text_of(form, "way") == "row":
            title, changes, remark = read_inventory(site, *file_of(form, "file"), text_of(form, "row"))
        number = open_dossier(site, person, name.strip() or title, changes, remark)
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


def read_inventory(site: Site, name: str, data: bytes, wanted: str) -> tuple[str, list[Change], str]:
    """读上传的台账里的一行：名称、要记的答案，与要写进备注的话（从哪一行来、哪些格子认不出）。

    Raises:
        InputError: 没有装台账部件、台账读不了、没有填哪一行、找不到。
    """
    if not wanted.strip():
        raise InputError("哪一行", "没有填", fix="填台账里的编号、名称或行号")
    if find_spec("polars") is None or find_spec("fastexcel") is None:
        raise InputError(name, "服务器没有装读台账的部件", fix="请管理员运行 pip install 'advisor[screen]'")
    from advisor.screening.headers import read_headers
    from advisor.screening.single import read_row

    headers = read_headers(rules_folder(site.settings.rules), site.advisor.pack.vocabulary)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            found = read_row(path, Path(folder) / "转存", headers, wanted)
        except InputError as problem:
            raise InputError(
                problem.where.replace(str(path), name), problem.found, problem.allowed, problem.fix
            ) from None
    source = f"台账 {name} 第 {found.row} 行"
    changes = [Change(fact, written(value), source) for fact, value in found.facts.items()]
    remark = f"由{source}立卷" + (f"；认不出、当作不清楚的格子：{'；'.join(found.bad)}" if found.bad else "")
    return found.name, changes, remark[:2_000]


def open_dossier(site: Site, person: Person, name: str, changes: Sequence[Change] = (), remark: str = "") -> str:
    """立一卷，归这个人的单位，返回编号。

    Raises:
        InputError: 名字不合。
    """
    number = site.store.create(name, person.name, remark=remark)
    site.office.custody.assign(number, person.unit)
    if changes:
        site.store.answer(number, changes, person.name, 1)
    return number


def listed(site: Site, unit: str) -> list[Listed]:
    """一个单位的目录。"""

    def card_of(number: str) -> Card:
        return site.card(site.store.read(number))

    return site.office.custody.listing(unit, card_of)
