"""一片原样的表变成事实列：编号、名称，各列照词表读，认不出的格子记成数据问题。"""

from __future__ import annotations

import polars as pl

from advisor.expression.columnar import SCALE
from advisor.screening.cells import Cells
from advisor.screening.frames import fact_schema
from advisor.screening.headers import ID, NAME, Headers, Matched
from advisor.screening.tables import ROW
from advisor.vocabulary import Kind, Vocabulary

ISSUES = pl.Schema(
    {"行": pl.UInt32, "编号": pl.String, "列": pl.String, "值": pl.String, "问题": pl.String, "可填": pl.String}
)


def read_columns(
    matched: Matched, headers: Headers, raw: pl.DataFrame, ids: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """一片原样的格子 → 事实列、数据问题；ids 是各行的编号，缺省照 matched 取。"""
    cells, vocabulary = Cells(headers), headers.vocabulary
    schema = fact_schema(vocabulary)
    values: list[pl.Series] = []
    problems: list[pl.DataFrame] = []
    ids = identity(matched, raw) if ids is None else ids
    for column in matched.columns:
        if column.target not in vocabulary:
            continue
        fact = vocabulary[column.target]
        read = cells.read(raw[column.header], fact, column, schema[fact.name])
        values.append(read.values.alias(fact.name))
        if read.bad:
            rows = ids[list(read.bad)]
            problems.append(
                rows.select(ROW, ID).with_columns(
                    pl.lit(column.header).alias("列"),
                    pl.Series("值", list(read.bad.values()), dtype=pl.String),
                    pl.lit("认不出，按不清楚判").alias("问题"),
                    pl.lit(fact.allowed).alias("可填"),
                )
            )
    facts = pl.DataFrame(values) if values else pl.DataFrame({ROW: raw[ROW]})
    return facts, pl.concat(problems).cast(ISSUES) if problems else pl.DataFrame(schema=ISSUES)


def identity(matched: Matched, raw: pl.DataFrame) -> pl.DataFrame:
    """行号、编号、名称；表里没有编号列的，以行号为编号。"""
    code, name = matched.find(ID), matched.find(NAME)
    row = pl.col(ROW).cast(pl.UInt32)
    shown = pl.col(code.header).cast(pl.String) if code else pl.lit(None, dtype=pl.String)
    title = pl.col(name.header).cast(pl.String) if name else pl.lit("")
    return raw.select(row, shown.fill_null(pl.format("第{}行", pl.col(ROW))).alias(ID), title.fill_null("").alias(NAME))


def shown_facts(vocabulary: Vocabulary, facts: pl.DataFrame) -> pl.DataFrame:
    """结果里随带的事实列：数写成小数。"""
    return facts.select(
        (pl.col(name) / SCALE).alias(name) if vocabulary[name].kind is Kind.NUMBER else pl.col(name)
        for name in facts.columns
        if name in vocabulary
    )
