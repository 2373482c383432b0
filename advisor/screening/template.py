"""空白台账：一列一个事实，单选与是否有下拉，表头带单位，批注写着怎么填。"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from advisor.screening.headers import ID, NAME
from advisor.vocabulary import Fact, Kind, Vocabulary

_ROWS = 2000
_LONGEST = 250
"""下拉里的选项合起来的字数上限（Excel 的规定是 255），再长的另列一张表。"""


def write_template(
    path: Path, vocabulary: Vocabulary, title: str = "台账", first: tuple[str, ...] = (ID, NAME)
) -> None:
    """写一份空白表；first 是词表之外排在前面的列。"""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1, "text_wrap": True, "valign": "top"})
    page, notes, lists = book.add_worksheet(title), book.add_worksheet("填写说明"), book.add_worksheet("选项")
    lists.hide()
    page.freeze_panes(1, len(first))
    page.write_row(0, 0, first, head)
    for at, head_text in enumerate(("表头", "问什么", "怎么填", "可填", "到哪里查")):
        notes.write_string(0, at, head_text, head)
        notes.set_column(at, at, 16 if at == 0 else 44)
    for at, fact in enumerate(vocabulary, 1):
        column = at - 1 + len(first)
        page.write_string(0, column, header_of(fact), head)
        page.set_column(column, column, 14)
        page.write_comment(0, column, f"{fact.question}\n{fact.help}"[:900], {"x_scale": 2, "y_scale": 2})
        proof = f"{fact.proof.channel}：{fact.proof.document}（{fact.proof.department}）" if fact.proof else ""
        for place, text in enumerate((header_of(fact), fact.question, fact.help, fact.allowed, proof)):
            notes.write_string(at, place, text)
        options = choices(fact)
        if options:
            source: object = options
            if sum(len(option) + 1 for option in options) > _LONGEST:
                lists.write_column(0, column, options)
                letter = xlsxwriter.utility.xl_col_to_name(column)
                source = f"=选项!${letter}$1:${letter}${len(options)}"
            rule = {"validate": "list", "source": source, "error_type": "warning",
                    "error_title": "不在可填的值里", "error_message": f"可填：{fact.allowed}"[:250]}  # fmt: skip
            page.data_validation(1, column, _ROWS, column, rule)
    book.close()


def header_of(fact: Fact) -> str:
    """台账表头：事实名，数带单位。"""
    return f"{fact.name}（{fact.unit}）" if fact.kind is Kind.NUMBER and fact.unit else fact.name


def choices(fact: Fact) -> list[str]:
    """下拉里的值。"""
    if fact.kind is Kind.BOOL:
        return ["是", "否", "不清楚"]
    return [*fact.options, "不清楚"] if fact.options else []
