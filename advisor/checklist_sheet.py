"""核查清单的 Excel：写出去打印、分派，填好再读回来。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from advisor import quantity
from advisor.checklist import Item, Section
from advisor.errors import InputError
from advisor.office_package import rewrite
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary

FACT, RESULT, SOURCE, PERSON, DAY = "要查的事实", "查明结果", "来源材料", "经办", "日期"
_COLUMNS = (
    ("序", 5), (FACT, 14), ("怎么问", 30), ("可填", 20), ("为何要查", 32), ("查什么材料", 20), ("找哪个部门", 16),
    ("依据", 30), (RESULT, 14), (SOURCE, 16), (PERSON, 9), (DAY, 11),
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HEADER_ROW = 3
_TAIL = 4


@dataclass(frozen=True)
class Found:
    """填回来的一项：值（查了仍不清楚为 None）、来源材料、经办、日期。"""

    value: FactValue | None
    source: str
    person: str
    day: str


def write_checklist(path: Path, name: str, note: str, sections: tuple[Section, ...], vocabulary: Vocabulary) -> None:
    """写成 xlsx：一页宽的横向 A4，表头冻结，每个渠道一节，后四列空着待填。

    Raises:
        InputError: 没有装 openpyxl、目录不可写。
    """
    book = _openpyxl().Workbook()
    sheet = book.active
    sheet.title = "核查清单"
    _head(sheet, name, note)
    row = _HEADER_ROW
    for section in sections:
        row += 1
        _put(sheet, row, 1, f"{section.channel}（{len(section.items)} 项）", "节")
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_COLUMNS))
        for item in section.items:
            row += 1
            _line(sheet, row, item, vocabulary[item.fact])
    _page(sheet)
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(temporary)
        rewrite(temporary)
        temporary.replace(path)
    except OSError as problem:
        raise InputError(str(path), f"写不了（{problem.strerror}）", fix="换一个能写的位置，或先关掉打开的表") from None


def read_checklist(path: Path, vocabulary: Vocabulary) -> dict[str, Found]:
    """读回填好的清单；没填的不算。有一格填得不对就一格都不收，坏格一次列全。

    Raises:
        InputError: 不是核查清单、事实不认识、值不合、同一事实两处填得不同。
    """
    sheet = _opened(path)
    columns, header = _columns(sheet, path)
    found: dict[str, Found] = {}
    problems: list[str] = []
    for row in sheet.iter_rows(min_row=header + 1):
        cells = {key: row[index] for key, index in columns.items() if index < len(row)}
        name, cell = _text(cells[FACT].value), cells.get(RESULT)
        if not name or cell is None or _text(cell.value) == "":
            continue
        place = f"第 {cell.row} 行{cell.column_letter} 列“{RESULT}”"
        if name not in vocabulary:
            problems.append(f"{place}：“{name}”不在事实词表里，不要改“{FACT}”一列")
            continue
        try:
            value = vocabulary[name].parse(_value(cell, vocabulary[name]))
        except InputError as problem:
            problems.append(f"{place}：{problem.found}。可填：{problem.allowed}")
            continue
        entry = Found(value, *(_text(cells[key].value) if key in cells else "" for key in (SOURCE, PERSON, DAY)))
        if name in found and found[name].value != value:
            problems.append(f"{place}：“{name}”前面已填过，两处不同")
        found.setdefault(name, entry)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(
            str(path), f"有 {len(problems)} 格填得不对，一格都没有收\n{listed}\n", fix="改好这几格再读一次"
        )
    return found


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise InputError(
            "核查清单", "没有装读写 Excel 的部件 openpyxl", fix="运行 pip install 'advisor[excel]'，再来一次"
        ) from None
    return openpyxl


def _head(sheet: Any, name: str, note: str) -> None:
    _put(sheet, 1, 1, f"核查清单：{name}", "题")
    _put(sheet, 2, 1, note, "注")
    for row in (1, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_COLUMNS))
    for column, (title, width) in enumerate(_COLUMNS, 1):
        _put(sheet, _HEADER_ROW, column, title, "头")
        sheet.column_dimensions[sheet.cell(_HEADER_ROW, column).column_letter].width = width
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 26, 32
    sheet.freeze_panes = sheet.cell(_HEADER_ROW + 1, 3)


def _line(sheet: Any, row: int, item: Item, fact: Fact) -> None:
    texts = (
        str(item.rank), item.fact, f"{item.question}{item.help}", item.allowed, item.why, item.document,
        item.department, "\n".join(item.basis[:2]),
    )  # fmt: skip
    for column, text in enumerate(texts, 1):
        _put(sheet, row, column, text, "格")
    for column in range(len(texts) + 1, len(_COLUMNS) + 1):
        _put(sheet, row, column, None, "填")
    widths = [width for _, width in _COLUMNS]
    lines = max(
        sum(-(-len(part) * 2 // (width - 3)) for part in text.split("\n"))
        for text, width in zip(texts, widths, strict=False)
    )
    sheet.row_dimensions[row].height = min(15 * max(lines, 2), 400)
    options = ("是", "否") if fact.kind is Kind.BOOL else fact.options
    listed = ",".join((*options, "不清楚"))
    if options and len(listed) <= 250:
        from openpyxl.worksheet.datavalidation import DataValidation

        choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(choice)
        choice.add(sheet.cell(row, len(texts) + 1))


def _put(sheet: Any, row: int, column: int, text: str | None, kind: str) -> None:
    """写一格；一律是文本，= + - @ 开头的也不会当公式算。"""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell = sheet.cell(row, column)
    if text is not None:
        text = _CONTROL.sub("", text)
        cell.value, cell.data_type = text, "s"
        cell.quotePrefix = text.startswith(_FORMULA)
    cell.number_format = "@"
    bold = kind in ("题", "节", "头")
    cell.font = Font(name="宋体", size=16 if kind == "题" else 10, bold=bold)
    centre = kind in ("题", "头")
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if centre else "left")
    if kind not in ("题", "注"):
        line = Side(style="thin", color="808080")
        cell.border = Border(left=line, right=line, top=line, bottom=line)
    shade = {"头": "D9E2F3", "节": "F2F2F2", "填": "FFFBE6"}.get(kind)
    if shade:
        cell.fill = PatternFill("solid", fgColor=shade)


def _page(sheet: Any) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.5


def _opened(path: Path) -> Any:
    openpyxl = _openpyxl()
    if not path.is_file():
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名")
    try:
        return openpyxl.load_workbook(path).active
    except OSError as problem:
        raise InputError(str(path), f"读不了（{problem.strerror}）", fix="核对文件权限") from None
    except Exception:  # 坏压缩包、坏 XML：openpyxl 抛的种类很多
        raise InputError(str(path), "不是能读的 xlsx 表", fix="用 Excel 或 WPS 打开，另存为 xlsx 再读") from None


def _columns(sheet: Any, path: Path) -> tuple[Mapping[str, int], int]:
    """表头所在的行与各列的位置；列可以挪动，名称不能改。"""
    for row in sheet.iter_rows(max_row=20):
        titles = {_text(cell.value): index for index, cell in enumerate(row)}
        if FACT in titles and RESULT in titles:
            return {key: titles[key] for key in (FACT, RESULT, SOURCE, PERSON, DAY) if key in titles}, row[0].row
    raise InputError(
        str(path), f"找不到“{FACT}”“{RESULT}”两列的表头", fix="用 advisor checklist 导出的表来填，不要改表头"
    )


def _value(cell: Any, fact: Fact) -> object:
    """格里的值变成词表认得的写法；公式、出错的格原样当文字，由词表拒绝。"""
    value = cell.value
    if cell.data_type == "f":
        raise InputError("", f"事实“{fact.name}”写了公式", allowed=f"把算出来的值直接写上；{fact.allowed}")
    if isinstance(value, datetime):
        return value.date().isoformat() if fact.kind is Kind.DATE else str(value.date())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = quantity.to_fraction(value)
        if fact.kind is not Kind.NUMBER:
            return str(value)
        return number * 100 if number is not None and fact.unit == "%" and "%" in cell.number_format else value
    return value


def _text(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.strftime("%Y-%m-%d")
    return "" if value is None else str(value).strip()
