"""模板自检：全角花括号、标签里的全角逗号、不认识的名字、循环没闭合，再拿一份样例试渲染。"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from advisor.errors import InputError
from advisor.memo import schedule
from advisor.memo.docx_package import DOCUMENT, read_package
from advisor.memo.docx_writing import docx_bytes, load_template, patched, sandbox
from advisor.memo.manifest import W, blocks_of, text_of
from advisor.memo.model import Annex, Bar, Memo, Paragraph, TableRow
from advisor.memo.outline import Outline, read_outline
from advisor.memo.rendering import CHART, TRACE, environment
from advisor.memo.sourcing import Trace

SUFFIXES = (".docx", ".j2")
_FULL_WIDTH = re.compile(r"｛[｛%％]?|｝｝|[%％]?｝|\{％|％\}")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMA = re.compile(r"[，（）：]")
_OPENERS = {"for": "endfor", "if": "endif", "macro": "endmacro", "set": "endset"}
_KEYWORD = re.compile(r"\{%-?\s*(?:p |tr |tc |r )?\s*(\w+)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’")
_TOLD = (
    (re.compile(r"No filter named '([^']+)'"), "没有“{}”这个过滤器"),
    (re.compile(r"Encountered unknown tag '([^']+)'"), "“{}”不该写在这里，整行的 tr 只用在表里、整段的 p 独占一段"),
    (re.compile(r"expected token .*, got '([^']+)'"), "“{}”处写法不对"),
)
_ITEMS = {Paragraph: "段", TableRow: "行", Annex: "附件", Bar: "时限"}


def check_template(path: Path, templates: Path) -> list[str]:
    """一个模板的全部毛病，每条写明在哪里、是什么、怎么改；没有毛病为空。templates 是编排文件所在的文件夹。

    Raises:
        InputError: 没有这个文件，或不是模板。
    """
    if not path.is_file():
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名")
    if path.suffix not in SUFFIXES:
        raise InputError(str(path), "不是模板", allowed="后缀 .docx 或 .j2 的文件", fix="核对文件名")
    found = list(_text_faults(path))
    if not found:
        found = list(_name_faults(path)) or list(_trial_faults(path, templates))
    return [f"{path.name}{item}" for item in found]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """逐段（行）的位置与文字；docx 按段与表行数。"""
    if path.suffix != ".docx":
        for index, line in enumerate(_source(path).splitlines(), 1):
            yield f" 第 {index} 行", line
        return
    body = etree.fromstring(read_package(path)[DOCUMENT]).find(f"{W}body")
    for index, block in enumerate(blocks_of(body), 1):
        yield f" 第 {index} 段", text_of(block)


def _source(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError(str(path), "不是 UTF-8 编码的文字", fix="另存为 UTF-8 编码") from None


def _text_faults(path: Path) -> Iterator[str]:
    """不用解析就看得出的：全角符号、没有闭合。"""
    opened: list[tuple[str, str]] = []
    for place, text in _lines(path):
        for bad in _FULL_WIDTH.finditer(text):
            yield f"{place}：用了全角花括号“{bad[0]}”。下一步：改成半角的 {{ }} 或 {{% %}}。"
        for tag in _TAG.finditer(text):
            bare = _QUOTED.sub("", tag[0])
            comma = _COMMA.search(bare)
            if comma:
                yield f"{place}：标签“{_short(tag[0])}”里有全角的“{comma[0]}”。下一步：改成半角。"
            yield from _nesting(place, tag[0], opened)
        if text.count("{{") != text.count("}}") or text.count("{%") != text.count("%}"):
            yield f"{place}：花括号不成对（{_short(text.strip())}）。下一步：补齐 {{{{ 与 }}}}、{{% 与 %}}。"
    for place, word in opened:
        yield f"{place}：{{% {word} %}} 没有闭合。下一步：在该结束处补上 {{% {_OPENERS[word]} %}}。"


def _nesting(place: str, tag: str, opened: list[tuple[str, str]]) -> Iterator[str]:
    found = _KEYWORD.match(tag)
    word = found[1] if found else ""
    if word in _OPENERS and not (word == "set" and "=" in tag):
        opened.append((place, word))
    elif word in _OPENERS.values():
        if opened and _OPENERS[opened[-1][1]] == word:
            opened.pop()
        else:
            yield f"{place}：多了一个 {{% {word} %}}。下一步：删去，或补上与它成对的开头。"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _parsing(path: Path) -> SandboxedEnvironment:
    return sandbox() if path.suffix == ".docx" else environment(path.parent, False)


def _name_faults(path: Path) -> Iterator[str]:
    """语法错，与内容模型里没有的名字。"""
    for place, source in _sources(path):
        try:
            tree = _parsing(path).parse(source)
            unknown = meta.find_undeclared_variables(tree) - _context(path)
        except TemplateSyntaxError as problem:
            yield f"{place}：标签写错（{_told(problem.message or '')}）。下一步：照随包模板的写法改。"
            continue
        for name in sorted(unknown):
            yield f"{place}：不认识的名字“{name}”{_nearest(name, _context(path))}。下一步：改成内容模型里有的名字。"
        yield from (f"{place}：{text}" for text in _attributes(tree))


def _told(message: str) -> str:
    """模板引擎的话里，办事员用得着的几句译出来。"""
    for pattern, text in _TOLD:
        if found := pattern.match(message):
            return text.format(*found.groups())
    return message


def _sources(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix != ".docx":
        yield "", _source(path)
        return
    for name, data in sorted(read_package(path).items()):
        if name.startswith("word/") and name.endswith(".xml") and b"{" in data:
            text = data.decode("utf-8")
            if "{{" in text or "{%" in text or name == DOCUMENT:
                yield "" if name == DOCUMENT else f"（{Path(name).stem}）", patched(text)


def _context(path: Path) -> set[str]:
    """这个模板能用的顶层名字。"""
    if path.name == CHART:
        return {"drawing"}
    return {"memo", "traces"} if path.name.startswith(TRACE) else {"memo", "figure"}


def _attributes(tree: nodes.Template) -> Iterator[str]:
    """memo.名字、循环里的 名字.字段 是否都在内容模型里。"""
    kinds: dict[str, set[str]] = {"memo": _fields(Memo)}
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.target, nodes.Name):
            kinds[loop.target.name] = _item_fields(loop.iter)
    told: set[str] = set()
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and kinds.get(node.node.name) and node.attr not in kinds[node.node.name]:
            full = f"{node.node.name}.{node.attr}"
            if full not in told:
                told.add(full)
                near = _nearest(node.attr, kinds[node.node.name])
                yield f"不认识的名字“{full}”{near}。下一步：改成内容模型里有的名字。"


def _item_fields(source: nodes.Node) -> set[str]:
    """循环的每一项有哪些字段；说不准的为空，不查。"""
    if isinstance(source, nodes.Name) and source.name == "traces":
        return _fields(Trace)
    if isinstance(source, nodes.Getattr) and source.attr in Memo.model_fields:
        annotation = str(Memo.model_fields[source.attr].annotation)
        return next((_fields(kind) for kind in _ITEMS if kind.__name__ in annotation), set())
    return set()


def _fields(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith(("_", "model_"))} | set(kind.model_fields)  # type: ignore[attr-defined]


def _nearest(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"，是不是“{close[0]}”" if close else ""


def _trial_faults(path: Path, templates: Path) -> Iterator[str]:
    """拿一份样例试着填一遍。"""
    outline = read_outline(templates)
    for options in (0, 1, 2, 3):
        memo = sample(outline, options)
        try:
            if path.suffix == ".docx":
                docx_bytes(memo, load_template(path, outline.fonts), None)
            else:
                _try_text(path, memo)
        except InputError as problem:
            yield f"：试着填一遍，{problem.found}。下一步：{problem.fix}。"
            return
        except (TemplateError, TypeError, AttributeError, ValueError, RecursionError) as problem:
            yield f"：试着填一遍就出错（{problem}）。下一步：照随包模板的写法改。"
            return


def _try_text(path: Path, memo: Memo) -> None:
    trace = Trace(where="甲", text="乙", facts="", rules="", bases="", others="", confidence="")
    context = {"memo": memo, "figure": "", "traces": (trace,), "drawing": schedule.drawing(memo.bars)}
    environment(path.parent, False).get_template(path.name).render(**context)


def sample(outline: Outline, options: int = 2) -> Memo:
    """样例草案，供试渲染：每个字段都有内容；options 为 0 时段、表、附件全空。"""
    values: dict[str, object] = {}
    for name, field in Memo.model_fields.items():
        annotation = str(field.annotation)
        if annotation == "<class 'str'>":
            values[name] = f"样例{name}"
        elif "Paragraph" in annotation:
            values[name] = (Paragraph(key=name, heading="甲。", sentences=()),)[: bool(options)]
        elif "TableRow" in annotation:
            values[name] = (TableRow(key=name, cells=tuple("甲乙丙丁戊己"), sources=("编排:样例",)),)[: bool(options)]
    values["bars"] = (Bar(label="甲", tool="乙", start=0, low=1, high=2),)
    values["parts"] = outline.parts
    values["annexes"] = tuple(
        Annex(number=number, name=name) for number, name in enumerate(outline.parts[1:], 1) if options
    )
    values["options"] = tuple(f"方案{index}" for index in range(options))
    return Memo.model_validate(values)
