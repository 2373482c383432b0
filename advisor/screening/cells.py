"""一列原样的格子变成一列规范的事实；认不出的格子按未知，记成数据问题。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from advisor.errors import InputError
from advisor.expression.columnar import LIMIT, SCALE
from advisor.quantity import to_fraction
from advisor.screening.frames import to_column
from advisor.screening.headers import Column, Headers, clean
from advisor.vocabulary import UNKNOWN_WORDS, Fact, Kind

_NUMBER_WITH_UNIT = re.compile(r"^(?P<number>[-+]?[\d,]*\.?\d+)\s*(?P<unit>[^\d\s.].*)?$")


@dataclass(frozen=True)
class Read:
    """读好的一列：值，与坏格所在（片内行号 → 原样）。"""

    values: pl.Series
    bad: Mapping[int, str]


class _Bad:
    """认不出的格子。"""


BAD = _Bad()


class Cells:
    """格子的读法。"""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        file = headers.file
        self.blank = UNKNOWN_WORDS | {clean(word).upper() for word in file.blank}
        self.truths = {clean(word).upper(): True for word in file.yes}
        self.truths |= {clean(word).upper(): False for word in file.no}

    def read(self, raw: pl.Series, fact: Fact, column: Column, kind: pl.DataType) -> Read:
        """一列格子；类型已对的（Parquet 里的数、是否、日期）直接用，其余按文字读。"""
        direct = {Kind.BOOL: pl.Boolean, Kind.DATE: pl.Date}.get(fact.kind)
        if direct is not None and raw.dtype == direct:
            return Read(raw, {})
        if fact.kind is Kind.NUMBER and raw.dtype.is_numeric():
            return self._numbers(raw.cast(pl.Float64), raw, fact, column)
        if fact.kind is not Kind.NUMBER:
            return self._words(raw, fact, column, kind)
        texts = raw.cast(pl.String, strict=False)
        return self._numbers(texts.str.strip_chars().cast(pl.Float64, strict=False), texts, fact, column)

    def _words(self, raw: pl.Series, fact: Fact, column: Column, kind: pl.DataType) -> Read:
        """同样的写法只读一次；写法全都规范的整列直接用。"""
        if isinstance(kind, pl.Enum):
            ready = raw.cast(kind, strict=False)
            if ready.null_count() == raw.null_count() and self._standard(ready.unique(), fact, column):
                return Read(ready, {})
        seen = raw.unique().cast(pl.String, strict=False).drop_nulls().to_list()
        read = {word: self.value(word, fact, column) for word in seen}
        if kind != pl.Date and all(word == value for word, value in read.items()):
            return Read(raw.cast(kind), {})
        texts = raw.cast(pl.String, strict=False)
        good = {word: value for word, value in read.items() if not isinstance(value, _Bad)}
        if good:
            values = texts.replace_strict(good, default=None, return_dtype=kind)
        else:
            values = pl.Series(texts.name, [None] * len(texts), dtype=kind)
        return Read(values, _where(texts, [word for word, value in read.items() if isinstance(value, _Bad)]))

    def _numbers(self, numbers: pl.Series, raw: pl.Series, fact: Fact, column: Column) -> Read:
        """整列一起换成百万分之一的整数；不是干净的数、超出范围的，再逐个细读。"""
        whole = self._clean_numbers(numbers, raw, fact, column)
        if whole is not None:
            return Read(whole, {})
        micro = (numbers * SCALE).round()
        fits = numbers.is_finite() & (numbers.abs() <= LIMIT)
        whole = micro.zip_with(fits.fill_null(False), pl.Series([None], dtype=pl.Float64)).cast(pl.Int64)
        whole = _scaled(whole, column.factor)
        good = whole.abs() <= LIMIT * SCALE
        if fact.minimum is not None:
            good &= whole >= to_column(fact.minimum)
        if fact.maximum is not None:
            good &= whole <= to_column(fact.maximum)
        if fact.integer:
            good &= whole % SCALE == 0
        good = good.fill_null(False)
        values = whole.zip_with(good, pl.Series([None], dtype=pl.Int64))
        odd = raw.filter(~good & raw.is_not_null())
        if not len(odd):
            return Read(values, {})
        read = {str(word): self.value(str(word), fact, column) for word in odd.unique().to_list()}
        texts = raw.cast(pl.String, strict=False)
        fixed = {word: value for word, value in read.items() if not isinstance(value, _Bad) and value is not None}
        if fixed:
            again = texts.replace_strict(fixed, default=None, return_dtype=pl.Int64)
            values = values.zip_with(good, again)
        return Read(values, _where(texts, [word for word, value in read.items() if isinstance(value, _Bad)]))

    def _standard(self, seen: pl.Series, fact: Fact, column: Column) -> bool:
        words = seen.drop_nulls().cast(pl.String).to_list()
        return all(word == self.value(word, fact, column) for word in words)

    def _clean_numbers(self, numbers: pl.Series, raw: pl.Series, fact: Fact, column: Column) -> pl.Series | None:
        """整列都是干净、不出范围的数（与空格）时的整数列；有一个不是就返回 None。"""
        least, most = numbers.min(), numbers.max()
        if numbers.null_count() > raw.null_count() or not _within(least, most, -LIMIT, LIMIT):
            return None
        whole = _scaled((numbers * SCALE).round().cast(pl.Int64, strict=False), column.factor)
        if whole.null_count() > raw.null_count():  # 不是数的（NaN）
            return None
        low = LIMIT * -SCALE if fact.minimum is None else to_column(fact.minimum)
        high = LIMIT * SCALE if fact.maximum is None else to_column(fact.maximum)
        fits = _within(whole.min(), whole.max(), max(low, LIMIT * -SCALE), min(high, LIMIT * SCALE))
        return whole if fits and not (fact.integer and (whole % SCALE != 0).any()) else None

    def value(self, text: str, fact: Fact, column: Column) -> Any:
        """一个格子在列里的值；None 为不清楚，BAD 为认不出。"""
        word = clean(text)
        if word in self.blank or word.upper() in self.blank:
            return None
        if fact.kind is Kind.BOOL and word.upper() in self.truths:
            return self.truths[word.upper()]
        if fact.kind is Kind.NUMBER:
            return self._number(word, fact, column)
        if fact.kind is Kind.DATE:
            word = re.sub(r"[T ]00:00:00(\.0+)?$", "", word)
        return _parsed(word, fact)

    def _number(self, word: str, fact: Fact, column: Column) -> Any:
        """数里夹着千分号、夹着单位的也读；格子里写了单位的以格子为准。"""
        found = _NUMBER_WITH_UNIT.match(word)
        if found is None:  # 一百二十亩、两年半
            return _parsed(word, fact) if column.factor == 1 else BAD
        factor = column.factor
        if found["unit"]:
            unit = self.headers.unit(found["unit"])
            if unit:  # 格子里写了单位的，表头的单位不管
                return _parsed(found["number"] + unit, fact)
            return _parsed(word, fact) if factor == 1 else BAD
        number = to_fraction(found["number"])
        if number is None or abs(number) > LIMIT or abs(number * factor) > LIMIT:
            return BAD
        whole = _scaled_one(round(number * SCALE), factor)
        return _parsed(Fraction(whole, SCALE), fact)


def _parsed(raw: object, fact: Fact) -> Any:
    """照词表读；认不出、大得列里装不下的为 BAD。"""
    try:
        value = fact.parse(raw)
    except InputError:
        return BAD
    return BAD if isinstance(value, Fraction) and abs(value) > LIMIT else to_column(value)


def _within(least: Any, most: Any, low: int, high: int) -> bool:
    """一列最小、最大的数都在范围里；一个数都没有也算。"""
    return least is None or bool(low <= least and most <= high)


def _where(texts: pl.Series, bad: list[str]) -> dict[int, str]:
    if not bad:
        return {}
    places = texts.is_in(bad).fill_null(False).arg_true()
    return dict(zip(places.to_list(), texts.gather(places).to_list(), strict=True))


def _scaled(whole: pl.Series, factor: Fraction) -> pl.Series:
    """整数列乘以换算，四舍五入到个位。"""
    if factor == 1:
        return whole
    twice, added = pl.lit(2 * factor.numerator, dtype=pl.Int128), pl.lit(factor.denominator, dtype=pl.Int128)
    wide = pl.col(whole.name).cast(pl.Int128) * twice + added
    return whole.to_frame().select((wide // (added * 2)).cast(pl.Int64, strict=False)).to_series()


def _scaled_one(whole: int, factor: Fraction) -> int:
    return (whole * 2 * factor.numerator + factor.denominator) // (2 * factor.denominator)
