"""说明与条件对得上吗：条件里的门槛，说明里要写着同一个数（单位换算过）、同一个方向。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from advisor import quantity
from advisor.errors import InputError
from advisor.expression.nodes import Comparison, Literal, Name, Node, walk
from advisor.rulecheck.finding import ERROR, Finding
from advisor.rulepack.model import Rule, RulePack
from advisor.vocabulary import Fact, Kind

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(
    rf"(?P<sum>\d+(?:\.\d+)?|百分之[{_DIGITS}十百]+|[{_DIGITS}两]分之[{_DIGITS}]|[{_DIGITS}两十百半]+)"
)
_MEASURED = re.compile(rf"{_NUMBER.pattern}\s*(?P<unit>[A-Za-z%％㎡]+|[万亿]?[\u4e00-\u9fff]{{1,4}})?")
_LOW = ("不少于", "不低于", "不小于", "至少", "以上", "满")
_HIGH = ("不超过", "不多于", "不大于", "不高于", "至多", "以内", "以下")


def wording_findings(pack: RulePack) -> Iterator[Finding]:
    """说明里写了数，却不是条件里的那个数；或者方向正相反。"""
    for rule in pack.all_rules():
        for comparison in _thresholds(rule.node):
            yield from _compared(rule, comparison, pack)


def _thresholds(node: Node) -> Iterator[Comparison]:
    """名字与数比较的各处；与零比的是“有没有”，不算门槛。"""
    for part in walk(node):
        match part:
            case Comparison(left=Name(kind=Kind.NUMBER), right=Literal(value=value)) if value != 0:
                yield part


def _compared(rule: Rule, comparison: Comparison, pack: RulePack) -> Iterator[Finding]:
    name, threshold = comparison.left, comparison.right
    assert isinstance(name, Name) and isinstance(threshold, Literal) and isinstance(threshold.value, Fraction)
    fact = pack.fact(name.name)
    said = list(written_numbers(rule.text, fact))
    shown = fact.show(threshold.value)
    if said and threshold.value not in said:
        listed = "、".join(dict.fromkeys(fact.show(value) for value in said))
        yield Finding(
            severity=ERROR,
            place=rule.place,
            text=f"“{rule.id}”的条件写 {name.name} {comparison.op} {shown}，说明里的数却是 {listed}",
            fix="对照依据，改条件或改说明",
        )
    elif said and rule.node == comparison and rule.kind == "要件":
        opposite = _HIGH if comparison.op in (">", ">=") else _LOW if comparison.op in ("<", "<=") else ()
        agreeing = _LOW if opposite is _HIGH else _HIGH
        word = next((word for word in opposite if word in rule.text), "")
        if word and not any(other in rule.text for other in agreeing):
            yield Finding(
                severity=ERROR,
                place=rule.place,
                text=f"“{rule.id}”的条件写 {name.name} {comparison.op} {shown}，说明里却说“{word}”",
                fix="对照依据，改条件或改说明",
            )


def written_numbers(text: str, fact: Fact) -> Iterator[Fraction]:
    """文字里可作这个事实的数：带了别类单位的不算，百分数、成、分之几都换成词表的单位。

    >>> share = Fact(name="占比", kind=Kind.NUMBER, group="", unit="%")
    >>> [str(value) for value in written_numbers("不超过总用地的百分之十，或四分之一、20%、3 亩", share)]
    ['10', '25', '20']
    """
    for found in _MEASURED.finditer(text):
        number, unit = spoken_number(found["sum"]), found["unit"] or ""
        if number is None:
            continue
        if "分之" in found["sum"]:
            if fact.unit == "%":
                yield number * 100
        elif fact.unit and unit:
            yield from _in_unit(number, unit, fact)


def _in_unit(number: Fraction, unit: str, fact: Fact) -> Iterator[Fraction]:
    """照单位由长到短试：“亩的”里的单位是“亩”。"""
    for length in range(len(unit), 0, -1):
        if unit[:length] == fact.unit:
            yield number
            return
        try:
            value = fact.parse(f"{quantity.text(number)}{unit[:length]}")
        except InputError:
            continue
        if isinstance(value, Fraction):
            yield value
            return


def spoken_number(word: str) -> Fraction | None:
    """中文或阿拉伯数字：二十五、两、百分之十、四分之一；读不成的为 None。

    >>> [str(spoken_number(word)) for word in ("25", "二十五", "百分之十", "四分之一", "两")]
    ['25', '25', '1/10', '1/4', '2']
    """
    if word[0].isdecimal():
        return quantity.to_fraction(word)
    if "分之" in word:
        below, _, above = word.partition("分之")
        bottom, top = (Fraction(100) if below == "百" else spoken_number(below)), spoken_number(above)
        return top / bottom if top is not None and bottom else None
    total, digit = 0, 0
    for char in word.replace("两", "二"):
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char in "十百":
            total, digit = total + (digit or 1) * (10 if char == "十" else 100), 0
        else:
            return None
    return Fraction(total + digit)
