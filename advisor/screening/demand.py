"""需求表：企业要什么地。有哪些列、怎么比、几分都写在 rules/demand.yaml；表头、单位、坏格子的认法与台账同一套。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from advisor.errors import InputError, RulePackError
from advisor.rulepack.model import RulePack
from advisor.rulepack.reading import Problems, Source, read_model
from advisor.rulepack.schema import Entry, FactNames, Names
from advisor.screening.fields import FieldEntry, check_fields, fields_headers, fields_vocabulary
from advisor.screening.headers import Headers, Matched
from advisor.screening.reading import ISSUES, read_columns, shown_facts
from advisor.screening.tables import open_table
from advisor.vocabulary import Fact, Kind, Vocabulary


class CompareEntry(Entry):
    """一项比对：需求的一列与地块的几个事实（取第一个知道的）。"""

    field: str = Field(alias="字段")
    how: Literal["相同", "不小于", "不大于"] = Field(alias="怎么比")
    facts: FactNames = Field(alias="地块")
    points: int = Field(alias="分", ge=0)


class DemandFile(Entry):
    """rules/demand.yaml 的结构。"""

    fields: tuple[FieldEntry, ...] = Field(alias="字段")
    enterprise: str = Field(alias="企业")
    deadline: str = Field(alias="期限")
    compare: tuple[CompareEntry, ...] = Field(alias="比对")
    deadline_points: int = Field(alias="期限分", ge=0)
    sure_points: int = Field(alias="把握分", ge=0)
    least: float = Field(0, alias="最低分")
    delivering: Names = Field(alias="交付")


@dataclass(frozen=True)
class DemandBook:
    """读好的需求表写法；vocabulary 是需求表的各列。"""

    file: DemandFile
    vocabulary: Vocabulary
    headers: Headers


@dataclass(frozen=True)
class Demands:
    """一份需求：一家一行，数是小数；issues 是表里认不出的格子。"""

    rows: pl.DataFrame
    matched: Matched
    issues: pl.DataFrame


def read_demand_book(rules: Path, pack: RulePack, headers: Headers) -> DemandBook:
    """读 rules/demand.yaml。

    Raises:
        InputError: 规则包没有这个文件。
        RulePackError: 写错键，或提到的事实、工具、列不存在。
    """
    path = rules / "demand.yaml"
    if not path.is_file():
        raise InputError(str(path), "这个规则包没有写地企匹配怎么比", fix="补上 demand.yaml，或不用 --demand")
    problems = Problems()
    read = read_model(path, rules, DemandFile, problems)
    if read is None:
        raise RulePackError(problems.found)
    file, source = read
    _check(file, source, pack, problems)
    if problems.found:
        raise RulePackError(problems.found)
    vocabulary = fields_vocabulary(file.fields, pack.vocabulary)
    return DemandBook(file, vocabulary, fields_headers(file.fields, vocabulary, headers))


def read_demands(path: Path, folder: Path, book: DemandBook, chosen: Mapping[str, str], sheet: str = "") -> Demands:
    """读一份需求表。

    Raises:
        InputError: 打不开，或没有企业这一列。
    """
    table = open_table(path, folder, book.headers, chosen, sheet)
    matched = book.headers.match(table.titles, chosen)
    if matched.find(book.file.enterprise) is None:
        raise InputError(
            str(path), f"需求表里没有“{book.file.enterprise}”这一列",
            fix="用 advisor screen --demand-template 取一份空白需求表对照，或在 --demand-mapping 里写明",
        )  # fmt: skip
    raw = table.part(0, table.rows, [column.header for column in matched.columns])
    facts, issues = read_columns(matched, book.headers, raw)
    rows = shown_facts(book.vocabulary, facts)
    missing = [name for name in book.vocabulary.names if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, dtype=_kind(book.vocabulary[name])).alias(name) for name in missing)
    skipped = [(row, "", "", "", why, "") for row, why in table.skipped.items()]
    more = [(0, "", "", "", problem, "在对照表里写明") for problem in matched.problems]
    found = pl.DataFrame([*skipped, *more], schema=ISSUES, orient="row")
    return Demands(rows.select(book.vocabulary.names), matched, pl.concat([issues, found]).sort("行", "列"))


def _kind(fact: Fact) -> pl.DataType:
    return {Kind.NUMBER: pl.Float64(), Kind.DATE: pl.Date()}.get(fact.kind, pl.String())


def _check(file: DemandFile, source: Source, pack: RulePack, problems: Problems) -> None:
    names = {entry.name for entry in file.fields}
    check_fields(file.fields, pack.vocabulary, [source.place("字段", at) for at in range(len(file.fields))], problems)
    for key, name in (("企业", file.enterprise), ("期限", file.deadline)):
        if name not in names:
            problems.add(source.place(key), f"“{name}”不在“字段”里", "改成其中一列")
    for at, item in enumerate(file.compare):
        if item.field not in names:
            problems.add(source.place("比对", at), f"“{item.field}”不在“字段”里", "改成其中一列")
        for name in item.facts:
            if name not in pack.vocabulary:
                problems.add(source.place("比对", at), f"“{name}”不在事实词表里", "改成词表里的名字")
    for name in file.delivering:
        if name not in pack.tools:
            problems.add(source.place("交付"), f"没有“{name}”这个工具", "改成 rules/tools 里的名字")
