"""草案内容的结构：句、段、表行、整份；每句每行都带出处。"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from advisor.vocabulary import Frozen


class Sentence(Frozen):
    """一句话与它的出处（事实:名、规则:编号、依据:代码§条、案例:编号、手册:工具、规则包:版本）。"""

    text: str
    sources: tuple[str, ...]


class Paragraph(Frozen):
    """一段；heading 非空时是带标题的段。"""

    sentences: tuple[Sentence, ...]
    heading: str = ""

    @property
    def text(self) -> str:
        """整段文字。"""
        return "".join(sentence.text for sentence in self.sentences)


class TableRow(Frozen):
    """表里的一行与出处。"""

    cells: tuple[str, ...]
    sources: tuple[str, ...]


class Memo(Frozen):
    """一份草案的全部内容。"""

    title: str
    parcel: str
    as_of: str
    date_text: str
    rule_pack: str
    overview: tuple[Paragraph, ...]
    fact_rows: tuple[TableRow, ...]
    diagnosis: tuple[Paragraph, ...]
    path: tuple[Paragraph, ...]
    step_rows: tuple[TableRow, ...]
    duty_rows: tuple[TableRow, ...]
    others: tuple[Paragraph, ...]
    tool_rows: tuple[TableRow, ...]
    rejected_rows: tuple[TableRow, ...]
    case_rows: tuple[TableRow, ...]
    check_rows: tuple[TableRow, ...]
    trace_rows: tuple[TableRow, ...]
    cautions: tuple[Paragraph, ...]

    def sentences(self) -> Iterable[Sentence]:
        """全部句子（不含表）。"""
        for part in (self.overview, self.diagnosis, self.path, self.others, self.cautions):
            for paragraph in part:
                yield from paragraph.sentences


def clean(text: str) -> str:
    """去掉控制字符与排版控制符；换行、制表改成空格。

    >>> clean("甲\\x07乙\\n丙\\u202e")
    '甲乙 丙'
    """
    spaced = "".join(" " if char in "\n\r\t\v\f" else char for char in text)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
