"""事实列：词表里的每个事实一列。数为百万分之一的整数，单选共用一个枚举，未知为空。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from advisor.expression.columnar import SCALE
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary

Schema = dict[str, pl.DataType]


def fact_schema(vocabulary: Vocabulary) -> Schema:
    """各事实的列类型。"""
    options = dict.fromkeys(option for fact in vocabulary for option in fact.options)
    choice = pl.Enum(list(options))
    types: dict[Kind, pl.DataType] = {
        Kind.CHOICE: choice, Kind.BOOL: pl.Boolean(), Kind.NUMBER: pl.Int64(), Kind.DATE: pl.Date(),
        Kind.TEXT: pl.String(),
    }  # fmt: skip
    return {fact.name: types[fact.kind] for fact in vocabulary}


def to_column(value: FactValue | None) -> Any:
    """一个值在列里的写法；数取到小数点后六位。

    >>> to_column(Fraction("3.43")), to_column(True), to_column(None)
    (3430000, True, None)
    """
    return round(value * SCALE) if isinstance(value, Fraction) else value


def from_column(fact: Fact, value: Any) -> FactValue:
    """列里的值（不空）变回事实的值。"""
    found: FactValue = Fraction(value, SCALE) if fact.kind is Kind.NUMBER else value
    return found


def frame_of(rows: Iterable[Mapping[str, FactValue]], vocabulary: Vocabulary) -> pl.DataFrame:
    """若干宗地的事实排成表；没有的事实即空。"""
    listed = list(rows)
    schema = fact_schema(vocabulary)
    columns = {name: [to_column(facts.get(name)) for facts in listed] for name in schema}
    return pl.DataFrame(columns, schema=schema)


def facts_of(row: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, FactValue]:
    """表里的一行变回事实，按词表次序；空的不写。"""
    read = ((fact, row.get(fact.name)) for fact in vocabulary)
    return {fact.name: from_column(fact, value) for fact, value in read if value is not None}


def complete(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """补上表里没有的事实列，全为未知。"""
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(missing)
