"""读测算输入：数带单位，可以是区间，可以逐年；写错的说清哪里错、可填什么，绝不当成零。"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from advisor import quantity
from advisor.dimension import Units
from advisor.errors import InputError
from advisor.estimating.interval import Interval
from advisor.parcel import Stated
from advisor.rulepack.estimates import EstimateInput
from advisor.rulepack.model import RulePack
from advisor.vocabulary import UNKNOWN_WORDS
from advisor.yamlsource import Lines

_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?"
_SINGLE = re.compile(rf"({_NUMBER})\s*(\D.*)?\Z")
_SPAN = re.compile(rf"({_NUMBER})\s*([^\d~至到—–-]*)\s*(?:~|至|到|[—–]+|-)\s*({_NUMBER})\s*(\D.*)?\Z")
_YEARS = re.compile(r"第?(\d{1,3})(?:年?(?:至|到|~|-)第?(\d{1,3}))?年?\Z")
_OTHER_YEARS = "其余年"
LAST_YEAR = 60
"""现金流至多算到第几年。"""


@dataclass(frozen=True)
class Series:
    """逐年的数，以基本单位计；rest 是“其余年”，没有写则为空。"""

    years: Mapping[int, Interval]
    rest: Interval | None = None

    def at(self, year: int) -> Interval | None:
        """某年的数；没有写到的年份是缺，不是零。"""
        return self.years.get(year, self.rest)


@dataclass(frozen=True)
class Inputs:
    """读好的测算输入，以基本单位计；没有写的不在其中。"""

    numbers: Mapping[str, Interval] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)


def read_inputs(pack: RulePack, stated: Mapping[str, Stated]) -> Inputs:
    """按规则包里的定义读一份测算输入；“不清楚”即没有。

    Raises:
        InputError: 不认识的名称、单位不合、区间反了、负数、超出法定幅度、日期或年份写错。
    """
    known = pack.estimates.inputs
    numbers: dict[str, Interval] = {}
    series: dict[str, Series] = {}
    dates: dict[str, date] = {}
    for name, item in stated.items():
        if name not in known:
            raise _unknown(name, item.where, pack)
        entry = known[name]
        if item.raw is None or (isinstance(item.raw, str) and item.raw.strip() in UNKNOWN_WORDS):
            continue
        if entry.kind == "日期":
            dates[name] = _date(entry, item)
        elif entry.kind == "逐年":
            series[name] = _series(entry, item, pack.estimates.units)
        else:
            numbers[name] = _interval(entry, item.raw, item.where, pack.estimates.units)
    return Inputs(numbers, series, dates)


def allowed(entry: EstimateInput) -> str:
    """一个输入可填什么，写给办事员。"""
    if entry.kind == "日期":
        return "日期，如 2026-01-31；没有的写“不清楚”"
    others = "、".join(name for name in entry.alike if name != entry.unit.text)
    sign = "数" if entry.negative else "不小于 0 的数"
    measure = f"，单位{entry.unit.text}" if entry.unit.text else ""
    measure += f"（也可写明{others}）" if measure and others else ""
    band = f"，在 {_band(entry)} 之内" if entry.band else ""
    yearly = "；逐年的写 第1年: 数、第2至5年: 数、其余年: 数" if entry.kind == "逐年" else ""
    return f"{sign}{measure}{band}，拿不准写区间 [低, 高]{yearly}；没有的写“不清楚”"


def _interval(entry: EstimateInput, raw: object, where: str, units: Units) -> Interval:
    ends = [_end(part, entry, units) for part in _parts(raw)]
    if not 1 <= len(ends) <= 2 or any(end is None for end in ends):
        raise _wrong(entry, raw, where)
    low, high = (end for end in (ends[0], ends[-1]) if end is not None)
    if low > high:
        raise _wrong(entry, raw, where, "，区间反了", "小的写在前，大的写在后")
    if low < 0 and not entry.negative:
        raise _wrong(entry, raw, where, "，不能是负数")
    if entry.band is not None:
        least, most = (bound * entry.unit.factor for bound in entry.band)
        if low < least or high > most:
            raise _wrong(entry, raw, where, "，不在法定幅度之内", "核对当地公布的适用数")
    return Interval(low, high)


def _parts(raw: object) -> list[object]:
    """单值一个，区间两个；文字写的区间，前一个没写单位的随后一个。"""
    if isinstance(raw, list):
        return raw if len(raw) == 2 else []
    if not isinstance(raw, str):
        return [raw]
    found = _SPAN.match(_clean(raw))
    if found is None:
        return [raw]
    low, low_unit, high, high_unit = found.groups()
    return [f"{low}{(low_unit or '').strip() or high_unit or ''}", f"{high}{high_unit or ''}"]


def _end(raw: object, entry: EstimateInput, units: Units) -> Fraction | None:
    """一端，以基本单位计；读不出、单位不合为空。"""
    measure = ""
    if isinstance(raw, str):
        found = _SINGLE.match(_clean(raw))
        if found is None:
            return None
        raw, measure = found[1], (found[2] or "").strip()
    number = None if isinstance(raw, (list, dict)) else quantity.to_fraction(raw)
    if number is None:
        return None
    chosen = units.find(measure) if measure else entry.unit
    if chosen is None or chosen.dimension != entry.unit.dimension:
        return None
    return number * chosen.factor


def _series(entry: EstimateInput, item: Stated, units: Units) -> Series:
    if not isinstance(item.raw, dict):
        return Series({}, _interval(entry, item.raw, item.where, units))
    years: dict[int, Interval] = {}
    rest: Interval | None = None
    for key, raw in item.raw.items():
        where = item.where
        if isinstance(item.raw, Lines):
            where = re.sub(r" 第 \d+ 行\Z", f" 第 {item.raw.line_of(key)} 行", where)
        if raw is None or (isinstance(raw, str) and raw.strip() in UNKNOWN_WORDS):
            continue
        if str(key).strip() == _OTHER_YEARS:
            rest = _interval(entry, raw, where, units)
            continue
        for year in _year_span(entry, str(key), where):
            if year in years:
                raise InputError(where, f"测算输入“{entry.name}”的第{year}年写了两次", fix="一年只留一处")
            years[year] = _interval(entry, raw, where, units)
    return Series(dict(sorted(years.items())), rest)


def _year_span(entry: EstimateInput, key: str, where: str) -> Iterator[int]:
    found = _YEARS.match(_clean(key))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if found is None or first > last or last > LAST_YEAR:
        raise InputError(
            where, f"测算输入“{entry.name}”的年份写成“{key}”",
            allowed=f"第1年、第2至5年、{_OTHER_YEARS}；第0年是起步当年，最远第{LAST_YEAR}年", fix="照可填的写法改正，再运行一次",
        )  # fmt: skip
    yield from range(first, last + 1)


def _date(entry: EstimateInput, item: Stated) -> date:
    try:
        return date.fromisoformat(_clean(str(item.raw)))
    except ValueError:
        raise _wrong(entry, item.raw, item.where) from None


def _unknown(name: str, where: str, pack: RulePack) -> InputError:
    if name in pack.vocabulary:
        return InputError(where, f"“{name}”是事实，不是测算输入", fix="移到“事实:”下面")
    close = difflib.get_close_matches(name, pack.estimates.inputs, n=1, cutoff=0.4)
    return InputError(
        where,
        f"“{name}”不是测算输入",
        allowed=f"最接近的是“{close[0]}”" if close else "见 advisor rules inputs 列出的输入名",
        fix="改成列出的名称；确需新增的在 rules/estimates/ 里加",
    )


def _wrong(entry: EstimateInput, raw: object, where: str, why: str = "", fix: str = "") -> InputError:
    return InputError(
        where, f"测算输入“{entry.name}”收到“{_shown(raw)}”{why}",
        allowed=allowed(entry), fix=fix or "照可填的写法改正，再运行一次",
    )  # fmt: skip


def _band(entry: EstimateInput) -> str:
    assert entry.band is not None
    return "～".join(entry.unit.write(bound * entry.unit.factor) for bound in entry.band)


def _shown(raw: object) -> str:
    if isinstance(raw, list):
        return f"[{', '.join(_shown(part) for part in raw)}]"
    if isinstance(raw, dict):
        return "一组内容"
    text = "是" if raw is True else "否" if raw is False else str(raw)
    return text if len(text) <= 40 else text[:40] + "…"


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
