"""接口：台账。交一份台账，过后来问判到哪一步，判好了取结果。"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from advisor.web.api.models import ScreeningInfo
from advisor.web.api.routes import ERRORS, MISSING, Writer
from advisor.web.callers import MissingError, SiteHere, bare_name
from advisor.web.rendering import download
from advisor.web.screenings import Screening, kind_of, wishes

router = APIRouter(prefix="/api", responses=ERRORS, tags=["台账"])


@router.post("/screenings", status_code=202)
def start(
    site: SiteHere,
    person: Writer,
    file: Annotated[UploadFile, File(description="台账：xlsx、xls、csv、parquet")],
    taxonomy: Annotated[str, Form(description="地方口径，空则不归类")] = "",
    grading: Annotated[str, Form(description="亩均评价方案，空则不评")] = "",
    plans: Annotated[bool, Form(description="算不算主推方案")] = True,
) -> ScreeningInfo:
    """交一份台账去判，与 advisor screen 的结果相同；返回编号，凭它来问。"""
    options = wishes(site.advisor.pack, site.today, taxonomy, grading, plans)
    name = bare_name(file.filename or "")
    job = site.screenings.start(person.login, name, file.file.read(), options)
    site.office.audit.record(person.name, person.unit, "接口", "交台账", name)
    return _info(job)


@router.get("/screenings/{job}", responses=MISSING)
def look(site: SiteHere, person: Writer, job: str) -> ScreeningInfo:
    """判到哪一步；出错的说哪里错，判好的列出文件。"""
    return _info(_found(site.screenings.get(person.login, job)))


@router.get("/screenings/{job}/files/{name}", responses=MISSING, response_class=Response)
def take(site: SiteHere, person: Writer, job: str, name: str) -> Response:
    """取一个判好的文件。"""
    found = _found(site.screenings.get(person.login, job))
    if name not in found.files:
        raise MissingError("没有这个文件")
    return download(name, (found.out / name).read_bytes(), kind_of(name))


def _found(job: Screening | None) -> Screening:
    if job is None:
        raise MissingError("没有这一件，或不是您交的")
    return job


def _info(job: Screening) -> ScreeningInfo:
    return ScreeningInfo(job=job.id, state=job.state, said=job.said, files=job.files)
