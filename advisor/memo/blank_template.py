"""造一份空白的草案模板（docx）：正文里是 jinja2 标签，业务人员可在 Word、WPS 里改。

重造：python -m advisor.memo.blank_template playbooks/templates/处置方案.docx。件的名称取自同目录的编排文件，次序与这里一致。
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from advisor.memo.docx_package import FIGURE
from advisor.memo.outline import read_outline
from advisor.memo.page_layout import FONTS, TEXT_WIDTH_MM, lay_out, set_fonts
from advisor.office_package import rewrite

_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415478da63f8ffff3f0005fe02fe0dfd3f8b0000000049454e44ae426082"
)
"""占位的一像素白图，生成时换成时限图。"""
_CELL_MARGIN = 70
"""单元格左右各留多少（二十分之一磅）。"""
_OPTION_WIDTHS = {1: (20, 136), 2: (20, 68, 68), 3: (18, 46, 46, 46)}

Columns = Sequence[tuple[str, int]]
Fill = Callable[[Any], None]


def build(path: Path, templates: Path) -> None:
    """写出空白模板；templates 是编排文件所在的文件夹。"""
    document = Document()
    lay_out(document)
    main, *annexes = read_outline(templates).parts
    _part(document, main, _main)
    for name, fill in zip(annexes, _ANNEXES, strict=True):
        _part(document, name, partial(_annex, name=name, fill=fill))
    document.save(str(path))
    rewrite(path)


def _main(document: Any) -> None:
    add = document.add_paragraph
    add("{{ memo.heading }}", style="公文标题")
    add("")
    _section(document, "一、基本情况", "memo.overview")
    _section(document, "二、主要症结", "memo.diagnosis")
    add("三、处置建议", style="公文一级")
    add("（一）推荐路径", style="公文二级")
    _paragraphs(document, "memo.path")
    add("（二）方案比较", style="公文二级")
    _paragraphs(document, "memo.choice")
    _comparison(document, "memo.brief_rows")
    add("{%p if memo.estimate_rows %}")
    add("（三）测算", style="公文二级")
    _table(
        document,
        (("项目", 22), ("结果", 24), ("怎样算", 66), ("依据与说明", 44)),
        "memo.estimate_rows",
    )
    add("{%p endif %}")
    _section(document, "四、先行核实的事项", "memo.verify")
    _section(document, "五、风险与防范", "memo.risks")
    _section(document, "六、责任分工", "memo.arrangement")
    _section(document, "七、提示", "memo.cautions")
    _signature(document)


def _signature(document: Any) -> None:
    add = document.add_paragraph
    add("{%p if memo.annexes %}")
    add("")
    add("{%p for annex in memo.annexes %}")
    note = add(
        "{% if loop.first %}附件：{% else %}　　　{% endif %}{{ annex.number }}. {{ annex.name }}", style="公文附件说明"
    )
    note.paragraph_format.left_indent = Pt(96)
    note.paragraph_format.first_line_indent = Pt(-64)
    add("{%p endfor %}")
    add("{%p endif %}")
    add("")
    sign = add("{{ memo.date_text }}", style="公文署名")
    sign.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    sign.paragraph_format.right_indent = Pt(64)


def _part(document: Any, name: str, fill: Fill) -> None:
    """一件：没有选这一件时整件不出。"""
    document.add_paragraph(f'{{%p if memo.has("{name}") %}}')
    fill(document)
    document.add_paragraph("{%p endif %}")


def _annex(document: Any, name: str, fill: Fill) -> None:
    mark = document.add_paragraph(f'附件{{{{ memo.annex_number("{name}") }}}}', style="公文附件")
    mark.paragraph_format.page_break_before = True
    document.add_paragraph(name, style="公文标题")
    document.add_paragraph("{{ memo.parcel }}", style="公文表题")
    fill(document)


def _facts(document: Any) -> None:
    _table(document, (("类别", 22), ("事项", 44), ("情况", 30), ("凭什么材料（出自）", 60)), "memo.fact_rows")


def _policy(document: Any) -> None:
    _table(document, (("项目", 24), ("内容", 132)), "memo.policy_rows")


def _checks(document: Any) -> None:
    columns = (("序号", 11), ("渠道", 16), ("核实什么", 47), ("材料", 31), ("部门", 25), ("影响", 26))
    _table(document, columns, "memo.check_rows")


def _materials(document: Any) -> None:
    _table(document, (("序号", 11), ("部门", 40), ("材料", 55), ("用在哪一步", 50)), "memo.material_rows")


def _cases(document: Any) -> None:
    columns = (("案例", 30), ("办法", 26), ("相同", 46), ("不同与提醒", 54))
    _table(document, columns, "memo.case_rows", whole=False)


def _tools(document: Any) -> None:
    document.add_paragraph("一、方案并排比较", style="公文一级")
    _comparison(document, "memo.option_rows")
    document.add_paragraph("二、适用与待核实的工具", style="公文一级")
    columns = (("工具", 22), ("判定", 16), ("还差什么", 62), ("依据", 56))
    _table(document, columns, "memo.tool_rows", whole=False)
    document.add_paragraph("三、不具备条件的工具与解锁办法", style="公文一级")
    _table(document, (("工具", 22), ("理由与依据", 66), ("怎样解锁", 68)), "memo.rejected_rows", whole=False)


def _steps(document: Any) -> None:
    _paragraphs(document, "memo.schedule_note")
    document.add_paragraph("{%p if figure %}")
    picture = document.add_paragraph(style="公文图").add_run().add_picture(BytesIO(_DOT), Mm(TEXT_WIDTH_MM), Mm(90))
    properties = picture._inline.docPr
    properties.set("name", FIGURE)
    properties.set("descr", "实施步骤与时限的横道图，各步起止见下表")
    document.add_paragraph("{%p endif %}")
    columns = (("序号", 11), ("步骤", 36), ("做什么", 61), ("部门", 26), ("时限", 22))
    _table(document, columns, "memo.step_rows")


def _record(document: Any) -> None:
    _paragraphs(document, "memo.record_note")
    _table(document, (("栏目", 26), ("内容", 130)), "memo.record_rows", whole=False)


def _targets(document: Any) -> None:
    _paragraphs(document, "memo.target_note")
    columns = (("指标", 30), ("现状", 40), ("约定什么", 46), ("依据（外地的只供参考）", 40))
    _table(document, columns, "memo.target_rows")


def _receipt(document: Any) -> None:
    stamp = document.add_paragraph("基准日{{ memo.as_of }}，{{ memo.rule_pack }}。")
    stamp.alignment = WD_ALIGN_PARAGRAPH.LEFT
    document.add_paragraph("一、主推方案所凭依据", style="公文一级")
    columns = (("序号", 11), ("文件", 71), ("条款", 44), ("可靠程度与时效", 30))
    _table(document, columns, "memo.basis_rows")
    document.add_paragraph("二、推理轨迹", style="公文一级")
    _table(document, (("步", 11), ("结论", 55), ("由何得出", 66), ("结果", 24)), "memo.trace_rows")


def _section(document: Any, heading: str, source: str) -> None:
    document.add_paragraph(heading, style="公文一级")
    _paragraphs(document, source)


def _paragraphs(document: Any, source: str) -> None:
    document.add_paragraph(f"{{%p for item in {source} %}}")
    paragraph = document.add_paragraph()
    heading = paragraph.add_run("{{ item.heading }}")
    set_fonts(heading._r.get_or_add_rPr(), FONTS["二级"])
    paragraph.add_run("{{ item.text }}")
    document.add_paragraph("{%p endfor %}")


def _comparison(document: Any, source: str) -> None:
    """一个、两个、三个方案各一张表，列宽各不同。"""
    document.add_paragraph("{%p if memo.options | length == 0 %}")
    document.add_paragraph("（无可比的方案）")
    for count, widths in _OPTION_WIDTHS.items():
        document.add_paragraph(f"{{%p elif memo.options | length == {count} %}}")
        heads = ("比较项", *(f"{{{{ memo.options[{index}] }}}}" for index in range(count)))
        _grid(document, tuple(zip(heads, widths, strict=True)), source)
    document.add_paragraph("{%p endif %}")


def _table(document: Any, columns: Columns, source: str, *, whole: bool = True) -> None:
    """一张表；whole 是一行不跨页，行短的才这样。"""
    document.add_paragraph(f"{{%p if {source} %}}")
    _grid(document, columns, source, whole=whole)
    document.add_paragraph("{%p else %}")
    document.add_paragraph("（无）")
    document.add_paragraph("{%p endif %}")


def _grid(document: Any, columns: Columns, source: str, *, whole: bool = False) -> None:
    headings, widths = [head for head, _ in columns], [width for _, width in columns]
    assert sum(widths) == TEXT_WIDTH_MM, f"{source} 列宽合计 {sum(widths)}"
    table = document.add_table(rows=4, cols=len(columns))
    table.style = document.styles["Table Grid"]
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _fixed_layout(table)
    cells = [f"{{{{ row.cells[{index}] }}}}" for index in range(len(columns))]
    blank = [""] * (len(columns) - 1)
    rows = (headings, [f"{{%tr for row in {source} %}}", *blank], cells, ["{%tr endfor %}", *blank])
    for index, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        _fill(document, row, texts, widths, "公文表文" if index else "公文表头")
    header = table.rows[0]._tr.get_or_add_trPr()
    header.append(OxmlElement("w:cantSplit"))
    header.append(OxmlElement("w:tblHeader"))
    if whole:
        table.rows[2]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)


def _fixed_layout(table: Any) -> None:
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        layout = OxmlElement("w:tblLayout")
        properties.append(layout)
    layout.set(qn("w:type"), "fixed")
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_CELL_MARGIN))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout.addnext(margins)


def _fill(document: Any, row: Any, texts: Iterable[str], widths: Iterable[int], style: str) -> None:
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        paragraph.style = document.styles[style]
        if style == "公文表文":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.add_run(text)


_ANNEXES: tuple[Fill, ...] = (
    _facts, _policy, _tools, _checks, _materials, _steps, _cases, _record, _targets, _receipt
)  # fmt: skip


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[1]).parent)
