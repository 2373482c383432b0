"""草案内容的结构：句、段、表行、整份；每句每行都带出处。"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from advisor.vocabulary import Frozen

_CODE = re.compile(r"[A-Z]\d{1,2}[a-z]?(?:§[^《；，。]{1,20})?(?=《)")
TO_VERIFY = "【待核实】"
TO_CHECK = "待核"
KIND = "处置方案（草案）"
_TITLE_LETTERS = 20
"""标题一行排得下几个字：二号字，版心宽 156 毫米。"""


class Sourced(Frozen):
    """有出处的一处文字。

    sources 写作 种类:标识：事实:名、推导:名、规则:结点、依据:代码§条、案例:编号、手册:工具、测算:名称、规则包:版本。
    confidence 是所引依据里最弱的一处的可靠程度；没有引依据的为空。
    """

    sources: tuple[str, ...]
    confidence: str = ""

    def of(self, kind: str) -> tuple[str, ...]:
        """某一种出处的标识。

        >>> Sentence(text="甲", sources=("事实:面积", "依据:A1§58")).of("依据")
        ('A1§58',)
        """
        return tuple(item.partition(":")[2] for item in self.sources if item.startswith(f"{kind}:"))


class Sentence(Sourced):
    """一句话与它的出处。"""

    text: str


class Paragraph(Frozen):
    """一段；heading 非空时是带标题的段。key 在一份草案里不重，重新生成时仍指同一段。"""

    key: str
    sentences: tuple[Sentence, ...]
    heading: str = ""

    @property
    def text(self) -> str:
        """整段文字，不含标题。"""
        return "".join(sentence.text for sentence in self.sentences)


class TableRow(Sourced):
    """表里的一行；key 的意思同段。"""

    key: str
    cells: tuple[str, ...]


class Estimate(Frozen):
    """一项测算的结果，由测算模块给出；缺价的 result 写缺什么。

    sources 的写法同句子；bases 是公文写法的依据。
    """

    name: str
    result: str
    formula: str
    inputs: tuple[str, ...]
    missing: tuple[str, ...]
    bases: tuple[str, ...]
    valuation_date: str
    note: str
    sources: tuple[str, ...]


class Bar(Frozen):
    """时限图上的一条：第几天起，至少几天，至多几天。"""

    label: str
    tool: str
    start: int
    low: int
    high: int


class Annex(Frozen):
    """一个附件的编号与名称。"""

    number: int
    name: str


class Memo(Frozen):
    """一份草案的全部内容；字段名就是模板里能用的名字。"""

    title: str
    parcel: str
    as_of: str
    date_text: str
    rule_pack: str
    parts: tuple[str, ...]
    annexes: tuple[Annex, ...]
    options: tuple[str, ...]
    overview: tuple[Paragraph, ...]
    diagnosis: tuple[Paragraph, ...]
    path: tuple[Paragraph, ...]
    choice: tuple[Paragraph, ...]
    brief_rows: tuple[TableRow, ...]
    estimate_rows: tuple[TableRow, ...]
    verify: tuple[Paragraph, ...]
    risks: tuple[Paragraph, ...]
    arrangement: tuple[Paragraph, ...]
    cautions: tuple[Paragraph, ...]
    fact_rows: tuple[TableRow, ...]
    policy_rows: tuple[TableRow, ...]
    option_rows: tuple[TableRow, ...]
    tool_rows: tuple[TableRow, ...]
    rejected_rows: tuple[TableRow, ...]
    check_rows: tuple[TableRow, ...]
    material_rows: tuple[TableRow, ...]
    step_rows: tuple[TableRow, ...]
    bars: tuple[Bar, ...]
    schedule_note: tuple[Paragraph, ...]
    case_rows: tuple[TableRow, ...]
    record_note: tuple[Paragraph, ...]
    record_rows: tuple[TableRow, ...]
    target_note: tuple[Paragraph, ...]
    target_rows: tuple[TableRow, ...]
    basis_rows: tuple[TableRow, ...]
    trace_rows: tuple[TableRow, ...]

    @property
    def heading(self) -> str:
        """排在首页的标题：一行排不下的，文种另起一行，不拆开。"""
        if len(self.title) <= _TITLE_LETTERS:
            return self.title
        return self.title.removesuffix(KIND) + f"\n{KIND}" if self.title.endswith(KIND) else self.title

    def has(self, part: str) -> bool:
        """这一份里有没有某一件。"""
        return part in self.parts

    def annex_number(self, part: str) -> int:
        """附件的编号；不在这一份里的为 0。"""
        return next((annex.number for annex in self.annexes if annex.name == part), 0)

    def paragraphs(self) -> Iterator[Paragraph]:
        """全部段落。"""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Paragraph))

    def rows(self) -> Iterator[TableRow]:
        """全部表行。"""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, TableRow))


def clean(text: str) -> str:
    """去掉控制字符与排版控制符；换行、制表改成空格。

    >>> clean("甲\\x07乙\\n丙\\u202e")
    '甲乙 丙'
    """
    spaced = "".join(" " if char in "\n\r\t\v\f" else char for char in text)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def spoken(text: str) -> str:
    """去掉书名号前面的依据代码，公文里只写名称。

    >>> spoken("核A1§5(二)《某办法》续期")
    '核《某办法》续期'
    """
    return _CODE.sub("", text)
