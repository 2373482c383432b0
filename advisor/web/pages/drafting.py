"""草案：预览、下载、在改过的草案上更新。"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from advisor.errors import InputError
from advisor.web.callers import FormHere, MissingError, file_of
from advisor.web.folders import Folder, ToGlance
from advisor.web.jobs import Draft, Estimates, draft, merged_draft
from advisor.web.package_gate import check_package
from advisor.web.rendering import download, go
from advisor.web.site import ordered

router = APIRouter(prefix="/dossiers/{number}/memo")
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
}
_PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@router.get("")
def memo(folder: ToGlance) -> Response:
    """草案页。"""
    return folder.page("memo.html", problem="")


@router.get("/preview")
def preview(folder: ToGlance) -> Response:
    """预览：草案自带样式，关在沙箱里，不许脚本。"""
    made = written_draft(folder, "html")
    headers = {"Content-Security-Policy": _PREVIEW_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(made.data.decode("utf-8"), headers=headers)


@router.get("/draft.{form}")
def take(folder: ToGlance, form: Literal["docx", "md"]) -> Response:
    """下载。"""
    made = written_draft(folder, form)
    folder.audit(f"下载草案 {form}")
    return download(made.name, made.data, KINDS[form])


@router.post("/merge")
def merge(folder: ToGlance, form: FormHere) -> Response:
    """在上传的草案上更新；做好了到另一页取。"""
    try:
        name, data = file_of(form, "file")
        if not name.lower().endswith(".docx"):
            raise InputError(name, "不是 docx 文件", fix="上传本系统生成、您改过的 docx")
        check_package(name, data)
        facts = ordered(folder.site.advisor, folder.reading.facts)
        remarks = tuple(str(item) for item in folder.overrides)
        made = folder.site.workshop.run(
            merged_draft, folder.dossier.name, facts, folder.site.today, data, name, remarks, _inputs(folder)
        )
    except InputError as problem:
        return folder.page("memo.html", status=422, problem=str(problem))
    folder.audit("更新草案")
    return go(folder.place("memo", "merged", folder.site.shelf.put(folder.person.login, made)))


@router.get("/merged/{slip}")
def merged(folder: ToGlance, slip: str) -> Response:
    """更新好的：做了什么，从这里下载。"""
    return folder.page("merged.html", made=_taken(folder, slip), slip=slip)


@router.get("/merged/{slip}/draft.docx")
def take_merged(folder: ToGlance, slip: str) -> Response:
    """下载更新好的。"""
    made = _taken(folder, slip)
    return download(made.name, made.data, KINDS["docx"])


def written_draft(folder: Folder, form: str) -> Draft:
    """照当前答案写一份草案。"""
    facts = ordered(folder.site.advisor, folder.reading.facts)
    remarks = tuple(str(item) for item in folder.overrides)
    return folder.site.workshop.run(
        draft, folder.dossier.name, facts, folder.site.today, form, remarks, _inputs(folder)
    )


def _inputs(folder: Folder) -> Estimates:
    return tuple(folder.dossier.estimates.items())


def _taken(folder: Folder, slip: str) -> Draft:
    made = folder.site.shelf.take(folder.person.login, slip)
    if made is None:
        raise MissingError("更新好的草案过了取的时候")
    return made
