"""复核与历史：签署、改判；谁改了什么，散列链通不通，重算对不对得上。"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from advisor.accounts.people import REVIEWER
from advisor.dossier.chain import SIGNED
from advisor.dossier.exchange import exported
from advisor.dossier.overriding import override_verdict
from advisor.dossier.record import told
from advisor.dossier.replay import chosen, replay
from advisor.dossier.signing import sign, signable
from advisor.errors import ConflictError, InputError
from advisor.web.callers import FormHere, number_of, text_of
from advisor.web.folders import Folder, ToRead, ToSign
from advisor.web.rendering import download, go

router = APIRouter(prefix="/dossiers/{number}")


@router.get("/review")
def review(folder: ToRead) -> Response:
    """复核页。"""
    return _review(folder)


@router.post("/sign")
def signing(folder: ToSign, form: FormHere) -> Response:
    """签署。"""
    opinion = text_of(form, "opinion")
    try:
        sign(folder.site.store, folder.number, opinion, text_of(form, "remark"), folder.person.name,
             number_of(form, "seen"))  # fmt: skip
    except ConflictError:
        raise
    except InputError as problem:
        return _review(folder, str(problem), 422)
    folder.audit(f"签署：{opinion}")
    return go(folder.place("review"))


@router.post("/override")
def override(folder: ToSign, form: FormHere) -> Response:
    """改判一个工具，须写理由。"""
    if number_of(form, "seen") != folder.dossier.version:
        raise ConflictError(f"案卷“{folder.number}”", "您看的时候别人又改了，改判没有记下", fix="重新看过再改判")
    tool, verdict = text_of(form, "tool"), text_of(form, "verdict")
    site = folder.site
    override_verdict(
        site.store, folder.number, site.advisor, tool, None if verdict == "撤回" else verdict,
        text_of(form, "reason"), folder.person.name, site.today,
    )  # fmt: skip
    folder.audit("改判", f"{folder.number} {tool} {verdict}")
    return go(folder.place("tools", tool))


@router.get("/history")
def history(folder: ToRead, replayed: int | None = None) -> Response:
    """历史页；replayed 是要重算核对的那一次。"""
    said, same = "", False
    if replayed is not None:
        try:
            done = replay(chosen(folder.dossier, replayed), folder.site.advisor)
            same = done.same
            said = "重算与留存逐字节相同。" if same else "规则包、手册都没变，重算却与留存不同：用当时的程序再重放。"
        except InputError as problem:
            said = f"{problem.where}：{problem.found}。"
    return folder.page(
        "history.html",
        entries=[(entry, told(entry)) for entry in reversed(folder.dossier.entries)],
        faults=folder.site.store.verify(folder.number),
        kept=[(item, folder.dossier.assessed(item)) for item in reversed(folder.dossier.assessments)],
        replayed=replayed,
        said=said,
        same=same,
    )


@router.get("/export.json")
def export(folder: ToRead) -> Response:
    """整卷导出：日志、评估、散列链都在。"""
    folder.audit("导出案卷")
    return download(f"案卷{folder.number}.json", exported(folder.dossier).encode("utf-8"), "application/json")


def _review(folder: Folder, problem: str = "", status: int = 200) -> Response:
    signed = [entry for entry in reversed(folder.dossier.entries) if entry.kind == SIGNED]
    latest = folder.dossier.assessments[-1] if folder.dossier.assessments else None
    return folder.page(
        "review.html",
        status=status,
        signed=signed,
        latest=latest,
        blocked=signable(folder.dossier, folder.person.name if folder.person.may(REVIEWER) else ""),
        problem=problem,
    )
