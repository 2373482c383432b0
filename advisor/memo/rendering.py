"""排版：同一份内容写成 docx、md、html。模板在沙箱里渲染，用户的文字一律当文字。"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from advisor.assess import Advisor
from advisor.assessment import Assessment, ParcelView
from advisor.errors import InputError
from advisor.memo.content import build_memo
from advisor.memo.model import Memo
from advisor.memo.reproducible import rewrite

FORMATS = ("docx", "md", "html")
_TEMPLATE = "处置方案"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def write_memo(
    parcel: ParcelView, result: Assessment, advisor: Advisor, folder: Path, forms: tuple[str, ...]
) -> list[Path]:
    """写出草案，返回文件路径。

    Raises:
        InputError: 目录写不了，或模板有错。
    """
    memo = build_memo(parcel, result, advisor)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(str(folder), f"建不了这个目录（{problem.strerror}）", fix="换一个能写的目录") from None
    templates = advisor.playbook.root / "templates"
    written: list[Path] = []
    for form in forms:
        path = folder / f"{file_name(memo.title)}.{form}"
        if form == "docx":
            _write_docx(memo, templates / f"{_TEMPLATE}.docx", path)
        else:
            path.write_text(_render_text(memo, templates, form), encoding="utf-8")
        written.append(path)
    return written


def file_name(title: str) -> str:
    """能作文件名的标题；去掉路径与系统不许的字符，过长截短。

    >>> file_name("../甲/乙:地块")
    '甲乙地块'
    """
    kept = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", title).strip(" .")
    return kept[:80] or "处置方案"


def _environment(templates: Path, *, html: bool) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(str(templates)),
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = lambda text: _MARKDOWN.sub(r"\\\1", str(text))
    return environment


def _render_text(memo: Memo, templates: Path, form: str) -> str:
    name = f"{_TEMPLATE}.{form}.j2"
    try:
        return _environment(templates, html=form == "html").get_template(name).render(memo=memo)
    except TemplateError as problem:
        raise _broken(templates / name, problem) from None


def _write_docx(memo: Memo, template: Path, path: Path) -> None:
    from docxtpl import DocxTemplate

    if not template.is_file():
        raise InputError(str(template), "没有 docx 模板", fix="重新安装，或把模板放回 playbooks/templates/")
    document: Any = DocxTemplate(str(template))
    try:
        document.render(
            {"memo": memo}, SandboxedEnvironment(undefined=StrictUndefined, autoescape=True), autoescape=True
        )
    except TemplateError as problem:
        raise _broken(template, problem) from None
    document.save(str(path))
    rewrite(path)


def _broken(template: Path, problem: TemplateError) -> InputError:
    return InputError(
        str(template), f"模板有错（{problem.message or type(problem).__name__}）",
        fix="检查花括号是否成对、是否用了全角符号、名字是否写对；或换回随包附带的模板",
    )  # fmt: skip
