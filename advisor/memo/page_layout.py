"""公文版面：页面、样式、页码，照 GB/T 9704—2012。造空白模板时用。"""

from __future__ import annotations

from typing import Any

from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONTS = {
    "正文": "仿宋_GB2312",
    "标题": "方正小标宋简体",
    "一级": "黑体",
    "二级": "楷体_GB2312",
    "页码": "宋体",
    "西文": "Times New Roman",
}
TEXT_WIDTH_MM = 156
_LINE_TWENTIETHS, _TABLE_LINE, _TITLE_LINE = 579, 320, 640
_BODY, _TITLE, _FOOTER, _TABLE = Pt(16), Pt(22), Pt(14), Pt(10.5)


def lay_out(document: Any) -> None:
    """页面、样式、页码一次设好。"""
    _page(document)
    _styles(document)
    _footers(document)


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
    grid.set(qn("w:linePitch"), str(_LINE_TWENTIETHS))
    section._sectPr.append(grid)
    document.settings.odd_and_even_pages_header_footer = True


def set_fonts(run_properties: Any, east: str) -> None:
    """一处文字的字体：中文用 east，西文用统一的一种，引号与破折号跟中文走。"""
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
            if key.lower().endswith("theme"):
                del element.attrib[key]
    _style(document, "Normal", FONTS["正文"], _BODY, indent=True)
    _style(document, "公文标题", FONTS["标题"], _TITLE, line=_TITLE_LINE, centred=True)
    _style(document, "公文一级", FONTS["一级"], _BODY, indent=True, keep=True)
    _style(document, "公文二级", FONTS["二级"], _BODY, indent=True, keep=True)
    _style(document, "公文署名", FONTS["正文"], _BODY)
    _style(document, "公文表题", FONTS["一级"], _BODY, centred=True, keep=True)
    _style(document, "公文附件", FONTS["一级"], _BODY, keep=True)
    _style(document, "公文附件说明", FONTS["正文"], _BODY)
    _style(document, "公文表文", FONTS["正文"], _TABLE, line=_TABLE_LINE)
    _style(document, "公文表头", FONTS["一级"], _TABLE, line=_TABLE_LINE, centred=True, keep=True)
    _style(document, "公文图", FONTS["正文"], _TABLE, line=0, centred=True)
    _style(document, "公文页码", FONTS["页码"], _FOOTER, line=_TABLE_LINE)


def _style(
    document: Any, name: str, font: str, size: Any, *, indent: bool = False, centred: bool = False,
    keep: bool = False, line: int = _LINE_TWENTIETHS,
) -> None:  # fmt: skip
    styles = document.styles
    style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name != "Normal":
        style.base_style = None
    style.font.size = size
    style.font.bold = False
    properties = style.element.get_or_add_rPr()
    set_fonts(properties, font)
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
    exactly = (("line", str(line)), ("lineRule", "exact")) if line else (("line", "240"), ("lineRule", "auto"))
    for key, value in (("before", "0"), ("after", "0"), *exactly):
        exact.set(qn(f"w:{key}"), value)
    paragraph.insert_element_before(exact, "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    inside = OxmlElement("w:overflowPunct")  # 标点不挂到版心外
    inside.set(qn("w:val"), "0")
    paragraph.insert_element_before(inside, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    if line != _LINE_TWENTIETHS:  # 表、图、页码不对齐正文的行网格，否则每行撑成一正文行
        loose = OxmlElement("w:snapToGrid")
        loose.set(qn("w:val"), "0")
        paragraph.insert_element_before(loose, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    if indent:
        form.first_line_indent = Pt(32)
        paragraph.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _footers(document: Any) -> None:
    section = document.sections[0]
    for footer, even in ((section.footer, False), (section.even_page_footer, True)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["公文页码"]
        paragraph.paragraph_format.first_line_indent = Pt(0)
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
