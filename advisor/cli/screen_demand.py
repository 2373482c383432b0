"""advisor screen 的地企匹配：空白需求表、需求表的表头对照、匹配结果的几张表。"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl

    from advisor.rulepack.model import RulePack
    from advisor.screening.headers import Headers
    from advisor.screening.running import Job


def write_demand_template(path: Path, rules: Path, pack: RulePack) -> None:
    """写一份空白需求表。"""
    from advisor.screening.demand import read_demand_book
    from advisor.screening.headers import read_headers
    from advisor.screening.template import write_template

    book = read_demand_book(rules, pack, read_headers(rules, pack.vocabulary))
    write_template(path, book.vocabulary, "需求", ())


def suggest_demand_mapping(
    path: Path, demand: Path, folder: Path, rules: Path, headers: Headers, pack: RulePack
) -> None:
    """写一份需求表的表头对照。"""
    from advisor.screening.demand import read_demand_book
    from advisor.screening.headers import suggested_mapping
    from advisor.screening.tables import open_table

    book = read_demand_book(rules, pack, headers)
    table = open_table(demand, folder, book.headers, {})
    path.write_text(suggested_mapping(book.headers, table.titles), "utf-8")


def matched_tables(job: Job, demand: Path, mapping: str | None, rules: Path) -> Sequence[tuple[str, pl.DataFrame]]:
    """地企匹配、候选、需求表里的数据问题。"""
    from advisor.screening.demand import read_demand_book, read_demands
    from advisor.screening.headers import read_mapping
    from advisor.screening.matching import match, tables

    book = read_demand_book(rules, job.advisor.pack, job.headers)
    chosen = read_mapping(Path(mapping), book.headers) if mapping else {}
    demands = read_demands(demand, job.folder / "需求", book, chosen)
    matches = match(job, book, demands)
    placed = sum(item.chosen is not None for item in matches)
    click.echo(f"要地的 {len(matches)} 家，配上 {placed} 家，需求表数据问题 {demands.issues.height} 条")
    return [*tables(matches, book, job), ("需求数据问题", demands.issues)]
