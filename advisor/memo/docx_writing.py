"""把内容填进 docx 模板。模板只解析、编译一次；每份草案只渲染一遍，再记下每段当初是什么样。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from markupsafe import Markup

from advisor.errors import InputError
from advisor.memo import manifest
from advisor.memo.docx_package import DOCUMENT, FIGURE, read_package
from advisor.memo.model import Memo
from advisor.memo.outline import Font
from advisor.office_package import package_bytes

_TEXT_PART = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml\Z")
_LOOP = re.compile(r"(\{%-?\s*for\s+(\w+)\s+in\s+memo\.\w+[^%]*%\})")
_EMBED = re.compile(rf'<wp:docPr[^>]*name="{FIGURE}".*?r:embed="(\w+)"', re.DOTALL)
_RELS = "word/_rels/document.xml.rels"
_FONT_TABLE = "word/fontTable.xml"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TALLEST = 8_000_000
"""时限图最高多少 EMU（约 222 mm），再高就按比例缩窄。"""


def sandbox() -> SandboxedEnvironment:
    """渲染用的沙箱：没定义的名字即错，文字一律转义，换行写成 Word 的换行。"""
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_broken_lines)
    environment.globals["mark"] = _mark
    return environment


def _broken_lines(value: object) -> object:
    """
    >>> str(_broken_lines("甲<1\\n乙"))
    '甲&lt;1</w:t><w:br/><w:t xml:space="preserve">乙'
    """
    if isinstance(value, str) and "\n" in value and not isinstance(value, Markup):
        return Markup('</w:t><w:br/><w:t xml:space="preserve">').join(value.split("\n"))
    return value


def _mark(item: object) -> Markup:
    """在一段、一行前留下标识，渲染完就取走。"""
    key = getattr(item, "key", "")
    return Markup("<?memo {}?>").format(Markup(str(key).replace("?>", ""))) if key else Markup("")


@dataclass(frozen=True)
class DocxTemplate:
    """编译好的 docx 模板：原样的部件与要渲染的部件；media 是时限图占位图片所在的部件。"""

    path: Path
    parts: Mapping[str, bytes]
    texts: Mapping[str, Template]
    media: str
    relation: str


def load_template(path: Path, fonts: tuple[Font, ...]) -> DocxTemplate:
    """读模板；文件没变就用上次编好的。

    Raises:
        InputError: 没有模板，或模板有语法错。
    """
    if not path.is_file():
        raise InputError(str(path), "没有 docx 模板", fix="重新安装，或把模板放回 playbooks/templates/")
    return _compiled(path, path.stat().st_mtime_ns, tuple((f.template, f.use, f.fallback) for f in fonts))


@lru_cache(maxsize=4)
def _compiled(path: Path, _changed: int, fonts: tuple[tuple[str, str, tuple[str, ...]], ...]) -> DocxTemplate:
    parts = {name: _with_fonts(name, data, fonts) for name, data in read_package(path).items()}
    environment = sandbox()
    texts: dict[str, Template] = {}
    for name, data in parts.items():
        if _TEXT_PART.match(name) and (b"{" in data):
            try:
                texts[name] = environment.from_string(_LOOP.sub(r"\1{{ mark(\2) }}", patched(data.decode("utf-8"))))
            except TemplateError as problem:
                raise broken(path, problem) from None
    return DocxTemplate(path, parts, texts, picture_part(parts), _embedded(parts))


def patched(source: str) -> str:
    """把 Word 拆散的标签拼回来，整段、整行的标签去掉外壳。"""
    from docxtpl import DocxTemplate as Patcher

    return str(Patcher.patch_xml(None, re.sub(r"^<\?xml[^>]*\?>\s*", "", source)))


def _embedded(parts: Mapping[str, bytes]) -> str:
    found = _EMBED.search(parts[DOCUMENT].decode("utf-8"))
    return found[1] if found else ""


def picture_part(parts: Mapping[str, bytes]) -> str:
    """时限图所在的部件；没有放图的为空。"""
    relation = _embedded(parts)
    found = re.search(rf'<Relationship [^>]*Id="{relation}"[^>]*>', parts[_RELS].decode("utf-8")) if relation else None
    target = re.search(r'Target="([^"]+)"', found[0]) if found else None
    return f"word/{target[1]}" if target else ""


def _with_fonts(name: str, data: bytes, fonts: tuple[tuple[str, str, tuple[str, ...]], ...]) -> bytes:
    """照编排换字体；字体表里给每种字体写上回退的名称。"""
    if not name.startswith("word/") or not name.endswith(".xml"):
        return data
    text = data.decode("utf-8")
    for template, use, _ in fonts:
        if template != use:
            text = text.replace(f'"{template}"', f'"{use}"')
    if name == _FONT_TABLE:
        listed = "".join(
            f'<w:font w:name="{use}"><w:altName w:val="{",".join(fallback)}"/></w:font>'
            for _, use, fallback in fonts
            if fallback and f'w:name="{use}"' not in text
        )
        text = text.replace("</w:fonts>", f"{listed}</w:fonts>")
    return text.encode("utf-8")


def docx_bytes(memo: Memo, template: DocxTemplate, figure: bytes | None) -> bytes:
    """一份草案的 docx；figure 是时限图的 PNG，没有就不放图。

    Raises:
        InputError: 模板用了不认识的名字，或填出来的不成 docx。
    """
    parts = dict(template.parts)
    shown = figure if template.media else None
    try:
        for name, text in template.texts.items():
            parts[name] = text.render(memo=memo, figure=shown is not None).encode("utf-8")
        root = etree.fromstring(parts[DOCUMENT])
    except TemplateError as problem:
        raise broken(template.path, problem) from None
    except etree.XMLSyntaxError:
        raise InputError(
            str(template.path), "填出来的不成 docx", fix="检查循环、判断的起止是否各占一段、一行"
        ) from None
    body = root.find(f"{manifest.W}body")
    keys = manifest.take_marks(body)
    if shown is not None:
        parts[template.media] = shown
        resize(root, shown)
    elif template.media:
        parts.pop(template.media, None)
        relations = parts[_RELS].decode("utf-8")
        parts[_RELS] = re.sub(rf'<Relationship [^>]*Id="{template.relation}"[^>]*/>', "", relations).encode("utf-8")
    parts[DOCUMENT] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    manifest.save(manifest.record(body, keys, shown, memo.parts), parts)
    return package_bytes(parts)


def resize(root: Any, picture: bytes) -> None:
    """照图的长宽比改时限图的高。"""
    wide, high = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    for properties in root.iter(f"{_WP}docPr"):
        if properties.get("name") == FIGURE:
            frame = properties.getparent()
            sizes = [frame.find(f"{_WP}extent"), *frame.iter(f"{_A}ext")]
            width = int(sizes[0].get("cx"))
            height = width * high // wide
            if height > _TALLEST:
                width, height = width * _TALLEST // height, _TALLEST
            for size in sizes:
                if size is not None and size.get("cx"):
                    size.set("cx", str(width))
                    size.set("cy", str(height))


def broken(template: Path, problem: TemplateError) -> InputError:
    """模板出错，说给办事员。"""
    return InputError(
        str(template), f"模板有错（{problem.message or type(problem).__name__}）",
        fix="运行 advisor template check 看错在哪里；或换回随包附带的模板",
    )  # fmt: skip
