"""答案与测算输入在日志里的写法：都写成文字，照人填写的样子；“不清楚”也是一种值。"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from advisor import quantity, yamlsource
from advisor.parcel import Stated
from advisor.vocabulary import Fact, FactValue, Kind

UNCLEAR = "不清楚"


def written(value: FactValue | None) -> str:
    """写成文字，一点不丢。

    >>> written(True), written(None), written(Fraction("3.43")), written(Fraction(1, 3)), written(date(2026, 1, 31))
    ('是', '不清楚', '3.43', '1/3', '2026-01-31')
    """
    if value is None:
        return UNCLEAR
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        shown = quantity.text(value)
        return shown if Fraction(shown) == value else f"{value.numerator}/{value.denominator}"
    return value.isoformat() if isinstance(value, date) else value


def read_value(fact: Fact, text: str) -> FactValue | None:
    """读回来；None 是“不清楚”。

    Raises:
        InputError: 按现在的词表，这个值不可填。
    """
    if fact.kind is Kind.TEXT and text != UNCLEAR:
        return fact.aliases.get(text, text)
    if fact.kind is Kind.NUMBER and "/" in text:
        above, _, below = text.partition("/")
        if above.lstrip("-").isdecimal() and below.isdecimal() and int(below):
            return fact.parse(Fraction(int(above), int(below)))
    return fact.parse(text)


def written_estimate(raw: Any) -> str:
    """一个测算输入写成一行文字：数、带单位的文字、区间或逐年。

    >>> from decimal import Decimal
    >>> written_estimate([Decimal("1.50"), "2亿元"]), written_estimate({"第1年": Decimal(30)})
    ('[1.50, 2亿元]', '{第1年: 30}')
    """
    if isinstance(raw, list):
        return f"[{', '.join(map(written_estimate, raw))}]"
    if isinstance(raw, dict):
        return f"{{{', '.join(f'{key}: {written_estimate(value)}' for key, value in raw.items())}}}"
    return UNCLEAR if raw is None else str(raw)


def read_estimate(where: str, name: str, text: str) -> Stated:
    """一行文字写的测算输入，读回来；读法归测算。where 是它在哪里，报错用。

    Raises:
        InputError: 括号不成对之类，读不成一个数、区间或逐年的数。
    """
    place = f"{where}测算输入“{name}”"
    return Stated(raw=yamlsource.read_yaml(text, place), where=place)
