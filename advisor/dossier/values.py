"""答案在日志里的写法：都写成文字，照人填写的样子；“不清楚”也是一种值。"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from advisor import quantity
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
