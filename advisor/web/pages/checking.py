"""核对：逐条看过，改哪条点哪条；核对好了才出结果。"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from advisor.accounts.custody import ANSWERING
from advisor.dossier.replay import assess_dossier
from advisor.errors import ConflictError
from advisor.web.callers import FormHere, number_of
from advisor.web.folders import ToGlance, ToWrite
from advisor.web.jobs import needless
from advisor.web.pages.asking import last_entries
from advisor.web.rendering import go

router = APIRouter(prefix="/dossiers/{number}")


@router.get("")
def opened(folder: ToGlance) -> Response:
    """打开一卷：问到一半的接着问，出过结果的看结果。"""
    if folder.state == ANSWERING and folder.may_write:
        return go(folder.place("ask"))
    return go(folder.place("check" if folder.state == ANSWERING else "result"))


@router.get("/check")
def check(folder: ToGlance) -> Response:
    """核对页。"""
    vocabulary = folder.site.advisor.pack.vocabulary
    groups: dict[str, list[str]] = {}
    for name in sorted(folder.reading.answers, key=vocabulary.position):
        groups.setdefault(vocabulary[name].group, []).append(name)
    return folder.page(
        "check.html",
        groups=groups,
        entries=last_entries(folder),
        idle=folder.site.workshop.do(needless, folder.answers, folder.site.today),
        turn=folder.turn(True),
        vocabulary=vocabulary,
    )


@router.post("/assess")
def assess(folder: ToWrite, form: FormHere) -> Response:
    """出结果：按当前答案评估，连同规则包版本留存。"""
    seen = number_of(form, "seen")
    if seen != folder.dossier.version:
        raise ConflictError(
            f"案卷“{folder.number}”", "您核对的时候别人又改了，还没有出结果", fix="重新打开核对页，看过再出结果"
        )
    _, kept, _ = assess_dossier(folder.dossier, folder.site.advisor, folder.site.today)
    folder.site.store.keep(folder.number, kept, folder.person.name, seen)
    folder.audit("出结果")
    return go(folder.place("result"))
