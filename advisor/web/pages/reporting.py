"""结果：主推方案在前，工具按判定分组，症结、先例、路径图；一个工具一页细看；待核实清单。"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from advisor.accounts.custody import ANSWERING
from advisor.assessment import Assessment
from advisor.checklist import checklist
from advisor.dossier.record import Kept
from advisor.dossier.replay import chosen
from advisor.errors import InputError
from advisor.evaluation import NO_OCCASION, VERDICT
from advisor.parcel import Parcel
from advisor.web.callers import MissingError
from advisor.web.drawing import path_drawing
from advisor.web.folders import Folder, ToRead
from advisor.web.site import kept_assessment

router = APIRouter(prefix="/dossiers/{number}")


@router.get("/result")
def result(folder: ToRead, no: int | None = None) -> Response:
    """结果页。"""
    assessment, kept = reported(folder, no)
    view = assessment.parcels[0]
    groups = {
        verdict: [tool for tool in view.tools if tool.verdict == verdict and tool.reason != NO_OCCASION]
        for verdict in VERDICT.values()
    }
    return folder.page(
        "result.html",
        view=view,
        assessment=assessment,
        kept=kept,
        groups=groups,
        elsewhere=[tool for tool in view.tools if tool.reason == NO_OCCASION],
        drawing=path_drawing(view),
        replaced={item.tool: item for item in folder.overrides},
    )


@router.get("/tools/{tool}")
def tool_page(folder: ToRead, tool: str, no: int | None = None) -> Response:
    """一个工具在这宗地上：每条条件、依据、不作数的、怎么解。"""
    assessment, kept = reported(folder, no)
    view = next((item for item in assessment.parcels[0].tools if item.id == tool), None)
    if view is None:
        raise MissingError(f"没有“{tool}”这个工具")
    titles = {case.id: case.title for case in assessment.parcels[0].precedents}
    made = next((item for item in folder.overrides if item.tool == tool), None)
    return folder.page(
        "tool_verdict.html", tool=view, kept=kept, titles=titles, made=made, choices=tuple(VERDICT.values())
    )


@router.get("/to-verify")
def to_verify(folder: ToRead) -> Response:
    """待核实清单：找哪个部门、要什么材料。"""
    view = folder.assess().parcels[0]
    pack = folder.site.advisor.pack
    sections = checklist(pack, Parcel(name=view.name, facts=pack.vocabulary.ordered(folder.reading.facts)), view)
    return folder.page("to_verify.html", sections=sections, total=sum(len(item.items) for item in sections))


def reported(folder: Folder, no: int | None) -> tuple[Assessment, Kept | None]:
    """要看的那次评估：指明了次数，或留存以后没有再动过的，看留存的；否则照当前答案现算。"""
    kept: Kept | None = None
    if no is not None:
        kept = chosen(folder.dossier, no)
    elif folder.dossier.assessments and folder.state != ANSWERING:
        kept = folder.dossier.assessments[-1]
    if kept is None:
        return folder.assess(), None
    assessment = kept_assessment(kept)
    if assessment is None:
        said = f"第 {kept.no} 次评估是别的版本的程序（{kept.program}）留存的，这里显示不了"
        raise InputError(f"案卷“{folder.number}”", said, fix="重新核对、出结果；当时的原文在“历史”页导出的整卷里")
    return assessment, kept
