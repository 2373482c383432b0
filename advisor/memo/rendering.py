"""排版：同一份内容写成 docx、md、html，另可出出处对照表。模板在沙箱里渲染，用户的文字一律当文字。"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from advisor.assess import Advisor
from advisor.assessment import Assessment, ParcelView
from advisor.errors import InputError
from advisor.memo import schedule
from advisor.memo.content import build_memo
from advisor.memo.docx_writing import broken, docx_bytes, load_template
from advisor.memo.model import Estimate, Memo
from advisor.memo.outline import read_outline
from advisor.memo.sourcing import Sourcing, traces

FORMATS = ("docx", "md", "html")
TRACE_FORMATS = ("html", "md")
TEMPLATE, TRACE, CHART = "处置方案", "出处对照", "时限图.svg.j2"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def write_memo(
    parcel: ParcelView,
    result: Assessment,
    advisor: Advisor,
    folder: Path,
    forms: tuple[str, ...],
    *,
    only: tuple[str, ...] = (),
    estimates: Sequence[Estimate] = (),
    remarks: Sequence[str] = (),
    trace: bool = False,
) -> list[Path]:
    """写出草案，返回文件路径；only 是要哪几件，trace 时另出一份句子与出处的对照表（html、md）。

    Raises:
        InputError: 目录写不了，没有 only 里的件，或模板有错。
    """
    memo = build_memo(parcel, result, advisor, estimates=estimates, remarks=remarks, only=only)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(str(folder), f"建不了这个目录（{problem.strerror}）", fix="换一个能写的目录") from None
    templates = advisor.playbook.root / "templates"
    written: list[Path] = []
    for form in forms:
        written.append(folder / f"{file_name(memo.title)}.{form}")
        if form == "docx":
            written[-1].write_bytes(render_docx(memo, templates))
        else:
            written[-1].write_text(render_text(memo, templates, form), encoding="utf-8")
    if trace:
        found = traces(memo, Sourcing(parcel, result, advisor, estimates, remarks))
        for form in TRACE_FORMATS:
            written.append(folder / f"{file_name(memo.title)}{TRACE}.{form}")
            text = _render(templates, f"{TRACE}.{form}.j2", memo=memo, traces=found)
            written[-1].write_text(text, encoding="utf-8")
    return written


def file_name(title: str) -> str:
    """能作文件名的标题；去掉路径与系统不许的字符，过长截短。

    >>> file_name("../甲/乙:地块")
    '甲乙地块'
    """
    kept = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", title).strip(" .")
    return kept[:80] or TEMPLATE


def render_docx(memo: Memo, templates: Path) -> bytes:
    """docx 的字节；时限图要转换件，没有就只出表。"""
    template = load_template(templates / f"{TEMPLATE}.docx", read_outline(templates).fonts)
    svg = chart(memo, templates)
    return docx_bytes(memo, template, picture(svg) if svg else None)


def render_text(memo: Memo, templates: Path, form: str) -> str:
    """md、html 的文字；html 里的时限图是 SVG。"""
    figure = Markup(chart(memo, templates)) if form == "html" else Markup("")
    return _render(templates, f"{TEMPLATE}.{form}.j2", memo=memo, figure=figure)


def chart(memo: Memo, templates: Path) -> str:
    """时限图的 SVG；没有步骤、没有选带图的那一件时为空。"""
    drawing = schedule.drawing(memo.bars)
    return _render(templates, CHART, drawing=drawing) if drawing else ""


picture = lru_cache(maxsize=64)(schedule.png)


@lru_cache(maxsize=8)
def environment(templates: Path, escaped: bool) -> SandboxedEnvironment:
    """一个文件夹的模板环境；模板改了会自动重读。"""
    made = SandboxedEnvironment(
        loader=FileSystemLoader(str(templates)),
        undefined=StrictUndefined,
        autoescape=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["md"] = lambda text: _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", "<br>")
    return made


def _render(templates: Path, name: str, **context: object) -> str:
    escaped = not name.endswith(".md.j2")
    try:
        return environment(templates, escaped).get_template(name).render(**context)
    except TemplateError as problem:
        raise broken(templates / name, problem) from None
