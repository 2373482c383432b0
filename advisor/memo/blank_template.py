"""造一份空白的草案模板（docx）：版面照 GB/T 9704—2012，正文里是 jinja2 标签，业务人员可在 Word 里改。

重造：python -m advisor.memo.blank_template playbooks/templates/处置方案.docx
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from advisor.memo.reproducible import rewrite

FONTS = {
    "正文": "仿宋_GB2312",
    "标题": "方正小标宋简体",
    "一级": "黑体",
    "二级": "楷体_GB2312",
    "西文": "Times New Roman",
}
LINE_TWENTIETHS = 579
_BODY, _TITLE, _FOOTER, _TABLE = Pt(16), Pt(22), Pt(14), Pt(10.5)
_TEXT_WIDTH_MM = 156


def build(path: Path) -> None:
    """写出空白模板。"""
    document = Document()
    _page(document)
    _styles(document)
    _footers(document)
    _body(document)
    document.save(str(path))
    rewrite(path)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25.2)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(LINE_TWENTIETHS))
    section._sectPr.append(grid)
    document.settings.odd_and_even_pages_header_footer = True


def _fonts(run_properties: Any, east: str) -> None:
    fonts = run_properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        run_properties.insert(0, fonts)
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key, name in (("ascii", FONTS["西文"]), ("hAnsi", FONTS["西文"]), ("eastAsia", east), ("cs", FONTS["西文"])):
        fonts.set(qn(f"w:{key}"), name)
    fonts.set(qn("w:hint"), "eastAsia")


def _styles(document: Any) -> None:
    for element in document.styles.element.iter(qn("w:rFonts")):
        for key in list(element.attrib):
            if key.endswith("Theme"):
                del element.attrib[key]
    _style(document, "Normal", FONTS["正文"], _BODY, indent=True)
    _style(document, "公文标题", FONTS["标题"], _TITLE, centred=True)
    _style(document, "公文一级", FONTS["一级"], _BODY, indent=True, keep=True)
    _style(document, "公文二级", FONTS["二级"], _BODY, indent=True, keep=True)
    _style(document, "公文署名", FONTS["正文"], _BODY)
    _style(document, "公文表题", FONTS["一级"], _BODY, centred=True, keep=True)
    _style(document, "公文表文", FONTS["正文"], _TABLE, line=300)
    _style(document, "公文页码", "宋体", _FOOTER, line=320)


def _style(
    document: Any, name: str, font: str, size: Any, *, indent: bool = False, centred: bool = False,
    keep: bool = False, line: int = LINE_TWENTIETHS,
) -> None:  # fmt: skip
    styles = document.styles
    style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name != "Normal":
        style.base_style = None
    style.font.size = size
    style.font.bold = False
    properties = style.element.get_or_add_rPr()
    _fonts(properties, font)
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), "-5" if size == _BODY else "0")
    properties.append(spacing)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False
    form.keep_with_next = keep
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph = style.element.get_or_add_pPr()
    for old in paragraph.findall(qn("w:spacing")):
        paragraph.remove(old)
    exact = OxmlElement("w:spacing")
    for key, value in (("before", "0"), ("after", "0"), ("line", str(line)), ("lineRule", "exact")):
        exact.set(qn(f"w:{key}"), value)
    paragraph.insert_element_before(exact, "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    if indent:
        form.first_line_indent = Pt(32)
        paragraph.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _footers(document: Any) -> None:
    section = document.sections[0]
    for footer, even in ((section.footer, False), (section.even_page_footer, True)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["公文页码"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if even else WD_ALIGN_PARAGRAPH.RIGHT
        if even:
            paragraph.paragraph_format.left_indent = Pt(14)
        else:
            paragraph.paragraph_format.right_indent = Pt(14)
        paragraph.add_run("— ")
        run = paragraph.add_run()
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            element = OxmlElement("w:instrText" if text else "w:fldChar")
            if text:
                element.text = text
            else:
                element.set(qn("w:fldCharType"), kind)
            run._r.append(element)
        paragraph.add_run(" —")


def _body(document: Any) -> None:
    add = document.add_paragraph
    add("{{ memo.title }}", style="公文标题")
    add("")
    _section(document, "一、地块概况", "memo.overview")
    _table(document, "表1  地块情况", ("类别", "情况"), (24, 132), "memo.fact_rows")
    _section(document, "二、症结诊断", "memo.diagnosis")
    _section(document, "三、推荐路径", "memo.path")
    _table(
        document,
        "表2  实施步骤",
        ("序号", "步骤", "做什么、要什么材料", "部门与时长"),
        (11, 32, 75, 38),
        "memo.step_rows",
    )
    _table(
        document,
        "表3  价款税费、风险与须办事项",
        ("工具", "价款税费", "风险与防范", "须办事项"),
        (20, 42, 47, 47),
        "memo.duty_rows",
    )
    add("（一）备选方案", style="公文二级")
    _paragraphs(document, "memo.others")
    add("四、工具适用与依据", style="公文一级")
    _table(document, "表4  适用与待核实的工具", ("工具", "判定", "理由", "依据"), (22, 16, 60, 58), "memo.tool_rows")
    add("五、不适用的理由与解锁路径", style="公文一级")
    _table(document, "表5  不具备条件的工具", ("工具", "理由与依据", "怎样解锁"), (24, 66, 66), "memo.rejected_rows")
    add("六、参考案例", style="公文一级")
    _table(
        document, "表6  相近案例的同与异", ("案例", "办法", "相同", "不同与提醒"), (30, 28, 44, 54), "memo.case_rows"
    )
    add("七、待核实清单", style="公文一级")
    _table(
        document,
        "表7  待核实事项（按急缓）",
        ("序号", "核实什么", "渠道", "材料", "部门"),
        (12, 64, 20, 32, 28),
        "memo.check_rows",
    )
    add("八、提示", style="公文一级")
    _paragraphs(document, "memo.cautions")
    add("")
    sign = add("{{ memo.date_text }}", style="公文署名")
    sign.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    sign.paragraph_format.right_indent = Pt(64)
    annex = add("附件：规则轨迹", style="公文一级")
    annex.paragraph_format.page_break_before = True
    add("基准日 {{ memo.as_of }}，{{ memo.rule_pack }}。")
    _table(document, "表8  推理轨迹", ("步", "结论", "由何得出", "结果"), (12, 52, 68, 24), "memo.trace_rows")


def _section(document: Any, heading: str, source: str) -> None:
    document.add_paragraph(heading, style="公文一级")
    _paragraphs(document, source)


def _paragraphs(document: Any, source: str) -> None:
    document.add_paragraph(f"{{%p for item in {source} %}}")
    paragraph = document.add_paragraph()
    heading = paragraph.add_run("{{ item.heading }}")
    _fonts(heading._r.get_or_add_rPr(), FONTS["二级"])
    paragraph.add_run("{{ item.text }}")
    document.add_paragraph("{%p endfor %}")


def _table(document: Any, caption: str, headings: tuple[str, ...], widths: tuple[int, ...], source: str) -> None:
    assert sum(widths) == _TEXT_WIDTH_MM, f"{caption} 列宽合计 {sum(widths)}"
    document.add_paragraph(f"{{%p if {source} %}}")
    document.add_paragraph(caption, style="公文表题")
    table = document.add_table(rows=4, cols=len(headings))
    table.style = document.styles["Table Grid"]
    table.autofit = False
    _fixed_layout(table)
    cells = tuple(f"{{{{ row.cells[{index}] }}}}" for index in range(len(headings)))
    opening = (f"{{%tr for row in {source} %}}", *[""] * (len(headings) - 1))
    closing = ("{%tr endfor %}", *[""] * (len(headings) - 1))
    for row, texts in zip(table.rows, (headings, opening, cells, closing), strict=True):
        _fill(document, row, texts, widths)
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(OxmlElement("w:cantSplit"))
    header.append(OxmlElement("w:tblHeader"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    document.add_paragraph("{%p else %}")
    document.add_paragraph("（无）")
    document.add_paragraph("{%p endif %}")


def _fixed_layout(table: Any) -> None:
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        layout = OxmlElement("w:tblLayout")
        properties.append(layout)
    layout.set(qn("w:type"), "fixed")


def _fill(document: Any, row: Any, texts: Iterable[str], widths: tuple[int, ...]) -> None:
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        paragraph.style = document.styles["公文表文"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.add_run(text)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
