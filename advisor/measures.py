"""带单位的数：把“34.3亩”“2.29 公顷”“0.5 万平方米”“三成”“两年半”这类写法变成精确的有理数。

全程有理数，不经浮点。认不出的一律为 None，不猜。
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction

from advisor import quantity

Scales = Mapping[str, Fraction]
"""单位的写法 → 折成所要单位的倍数。"""
PERCENT = "%"

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGITS |= {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_RANKS = _SMALL | _LARGE
_PLAIN = re.compile(r"(?:\d*\.?\d*|\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?:e[-+]?\d+)?")
_SCALED = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)([十百千万亿]+)")
_HALF = Fraction(1, 2)
_LONGEST = 60


def normal(text: str) -> str:
    """全角转半角、㎡ 写成 m2、去掉数与单位之间的空格；数字之间的空格留着（那不是一个数）。

    >>> normal(" ３４.３ 亩 "), normal("1.5 hm²"), normal("3 430")
    ('34.3亩', '1.5hm2', '3 430')
    """
    text = unicodedata.normalize("NFKC", text).strip().lower()
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)


def number(text: str) -> Fraction | None:
    """一个不带单位的数：阿拉伯数字（千分位、科学记数法、万、亿）或中文数字。

    千分位要逐三位，“3,43”不是数；“一百五”是 150，“一万二”是 12000。

    >>> number("1,234.5") == Fraction("1234.5"), number("1.2万"), number("1亿2000万")
    (True, Fraction(12000, 1), Fraction(120000000, 1))
    >>> number("一百二十八点五"), number("十五"), number("半"), number("3,43")
    (Fraction(257, 2), Fraction(15, 1), Fraction(1, 2), None)
    """
    if not text or len(text) > _LONGEST:
        return None
    if text[0] in "-负+":
        inner = number(text[1:]) if text[1:2] not in ("-", "负", "+") else None
        return None if inner is None else inner if text[0] == "+" else -inner
    if text == "半":
        return _HALF
    if text.endswith("个半"):
        whole = number(text.removesuffix("个半"))
        return None if whole is None else whole + _HALF
    return _arabic(text) if text[0].isdigit() or text[0] == "." else _chinese(text)


def measure(text: str, scales: Scales) -> Fraction | None:
    """一个带（或不带）单位的量，折成所要的单位；不带单位的就是所要的单位。

    可以几段相加（2年3个月），可以带“半”（两年半）。单位不在 scales 里的为 None。

    >>> mu = {"亩": Fraction(1), "公顷": Fraction(15), "m2": Fraction(3, 2000)}
    >>> measure("2公顷", mu), measure("1万m2", mu), measure("1公顷5亩", mu), measure("三亩半", mu)
    (Fraction(30, 1), Fraction(15, 1), Fraction(20, 1), Fraction(7, 2))
    """
    text = normal(text)
    plain = number(text)
    if plain is None and PERCENT in scales and "分之" in text:
        part = part_of(text)
        return None if part is None else part * 100 * scales[PERCENT]
    return plain if plain is not None else _with_unit(text, scales)


def scales_for(unit: str, dimensions: Iterable[Scales]) -> Scales:
    """折成 unit 要用的倍数；unit 前面可以带万、亿。没有登记的单位只认它自己。

    >>> scales_for("万元", [{"元": Fraction(1)}])
    {'元': Fraction(1, 10000)}
    """
    name = normal(unit)
    for table in dimensions:
        base = factor_of(name, table)
        if base is not None:
            return {spelling: factor / base for spelling, factor in table.items()}
    return {name: Fraction(1)} if name else {}


def factor_of(unit: str, scales: Scales) -> Fraction | None:
    """一个单位在这一类里的倍数，前面可以带万、亿；不在这一类的为 None。

    >>> factor_of("万元", {"元": Fraction(1)}), factor_of("万亩", {"元": Fraction(1)})
    (Fraction(10000, 1), None)
    """
    if unit in scales:
        return scales[unit]
    rank, base = _LARGE.get(unit[:1]), scales.get(unit[1:])
    return None if rank is None or base is None else base * rank


def part_of(text: str) -> Fraction | None:
    """几分之几。

    >>> part_of("百分之二十五"), part_of("三分之一"), part_of("25")
    (Fraction(1, 4), Fraction(1, 3), None)
    """
    below, _, above = normal(text).partition("分之")
    whole, piece = number(below), number(above)
    return None if whole is None or piece is None or whole <= 0 else piece / whole


def unit_of(text: str, spellings: frozenset[str]) -> str:
    """文字末尾写的是哪个单位；前面不是数的不算，没有则空。

    >>> unit_of("3 年", frozenset({"年", "亩"})), unit_of("青年", frozenset({"年"}))
    ('年', '')
    """
    text = normal(text)
    for spelling in sorted(spellings, key=len, reverse=True):
        if text.endswith(spelling) and number(text.removesuffix(spelling)) is not None:
            return spelling
    return ""


def _with_unit(text: str, scales: Scales) -> Fraction | None:
    if text.endswith("半"):
        unit = _last_unit(text[:-1], scales)
        base = _with_unit(text[:-1], scales) if unit else None
        return None if base is None else base + scales[unit] / 2
    unit = _last_unit(text, scales)
    if not unit:
        return None
    head = text.removesuffix(unit)
    alone = number(head)
    if alone is not None:
        return alone * scales[unit]
    for cut in range(len(head) - 1, 0, -1):
        larger, rest = _last_unit(head[:cut], scales), number(head[cut:])
        if larger and rest is not None and 0 <= rest * scales[unit] < scales[larger]:
            before = _with_unit(head[:cut], scales)
            if before is not None and before > 0:
                return before + rest * scales[unit]
    return None


def _last_unit(text: str, scales: Scales) -> str:
    return max((unit for unit in scales if text.endswith(unit)), key=len, default="")


def _arabic(text: str) -> Fraction | None:
    if _PLAIN.fullmatch(text):
        return quantity.to_fraction(text)
    total, last, at = Fraction(0), None, 0
    while at < len(text):
        found = _SCALED.match(text, at)
        rank = _product(found[2]) if found else None
        value = _arabic(found[1]) if found else None
        if found is None or rank is None or value is None or (last is not None and value * rank >= last):
            return None
        total, last, at = total + value * rank, rank, found.end()
    return total


def _product(ranks: str) -> int | None:
    """“千万”“万亿”这类连写的位：由小到大才通。"""
    result, previous = 1, 0
    for mark in ranks:
        if _RANKS[mark] <= previous:
            return None
        result, previous = result * _RANKS[mark], _RANKS[mark]
    return result


def _chinese(text: str) -> Fraction | None:
    """中文数字；“一点二万”这样的小数只许后面带位。"""
    whole, point, rest = text.partition("点")
    if not point:
        return _integer(whole)
    tail = rest.lstrip("".join(_DIGITS))
    digits = rest[: len(rest) - len(tail)]
    rank = _product(tail) if all(mark in _RANKS for mark in tail) else None
    before = _integer(whole)
    if before is None or not digits or rank is None:
        return None
    decimals = Fraction(int("".join(str(_DIGITS[c]) for c in digits)), 10 ** len(digits))
    return (before + decimals) * rank


def _integer(text: str) -> Fraction | None:
    """亿、万、个三级，各级不满一万；逐位写的（二〇二六）也收。"""
    if not text or any(c not in _DIGITS and c not in _RANKS for c in text):
        return None
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return Fraction(int("".join(str(_DIGITS[c]) for c in text)))
    total = 0
    for mark, rank in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.partition(mark)
        if found:
            level = _section(head) if head else 1 if not total else None
            if level is None or level == 0:
                return None
            total += level * rank
            if len(tail) == 1 and tail in _DIGITS:  # 一万二：末一位顶上一级
                return Fraction(total + _DIGITS[tail] * rank // 10)
            text = tail
    rest = _section(text) if text else 0
    return None if rest is None else Fraction(total + rest)


def _section(text: str) -> int | None:
    """不满一万的一级：位由大到小，隔位补零。"""
    total, previous, at = 0, 10_000, 0
    zero = text.startswith("零") or text.startswith("〇")
    at = 1 if zero and len(text) > 1 else 0
    while at < len(text):
        if text[at] in "零〇" and len(text) > 1:
            zero, at = True, at + 1
            continue
        digit = 1 if text[at] in _SMALL else _DIGITS.get(text[at])
        at += 0 if text[at] in _SMALL else 1
        if digit is None or (digit == 0 and len(text) > 1):
            return None
        if at == len(text):
            spoken = previous // 10 if not zero and 100 <= previous < 10_000 else 1  # 一百五：末一位顶下一位
            return total + digit * spoken
        rank = _SMALL.get(text[at])
        if rank is None or rank >= previous:
            return None
        total, previous, zero, at = total + digit * rank, rank, False, at + 1
    return None if zero and total and text[-1] in "零〇" else total
