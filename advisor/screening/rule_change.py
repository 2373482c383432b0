"""换一版规则包，台账里哪些地块的判定会翻；同一种翻法举一宗，说清因为哪条。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from advisor.assess import Advisor
from advisor.dossier.differences import ToolChange, differences
from advisor.parcel import Parcel, read_facts
from advisor.screening.comparing import FROM, TO, TOOL, changes, tally
from advisor.screening.headers import ID, NAME, read_headers
from advisor.screening.running import Job, all_results, run
from advisor.screening.tables import open_table


@dataclass(frozen=True)
class Turn:
    """一种翻法：哪个工具由什么变成什么、几宗；example 是其中一宗，why 是那一宗的判定与条件怎么变。"""

    tool: str
    before: str
    after: str
    count: int
    example: str
    why: ToolChange | None


@dataclass(frozen=True)
class InventoryTurns:
    """一份台账：共几宗、几宗有变、各种翻法。"""

    rows: int
    changed: int
    turns: tuple[Turn, ...]


def inventory_turns(
    source: Path, rules: Path, before: Advisor, after: Advisor, as_of: date, work: Path
) -> InventoryTurns:
    """台账按两版规则包各判一遍；表头照前一版 rules 的认法，work 放中间结果。

    Raises:
        InputError: 台账读不了。
    """
    headers = read_headers(rules, before.pack.vocabulary)
    table = open_table(source, work / "表", headers, {}, "")
    first = Job(before, table, headers.match(table.titles), headers, as_of, work / "前", plans=False)
    second = replace(first, advisor=after, folder=work / "后")
    for job in (first, second):
        run(job)
    old, new = all_results(first), all_results(second)
    found = changes(old, new, after.pack)
    turns = tuple(_turns(found, old, before, after, as_of))
    return InventoryTurns(table.rows, found[ID].n_unique(), turns)


def _turns(found: pl.DataFrame, old: pl.LazyFrame, before: Advisor, after: Advisor, as_of: date) -> Iterator[Turn]:
    for row in tally(found).iter_rows(named=True):
        alike = found.filter((pl.col(TOOL) == row[TOOL]) & (pl.col(FROM) == row[FROM]) & (pl.col(TO) == row[TO]))
        code, name = alike.row(0, named=True)[ID], alike.row(0, named=True)[NAME]
        facts = old.filter(pl.col(ID) == code).head(1).collect().row(0, named=True)
        why = _why(facts, row[TOOL], before, after, as_of)
        yield Turn(row[TOOL], row[FROM], row[TO], row["宗数"], f"{code} {name}".strip(), why)


def _why(row: dict[str, object], tool: str, before: Advisor, after: Advisor, as_of: date) -> ToolChange | None:
    sides = []
    for side in (before, after):
        stated = {name: row[name] for name in side.pack.vocabulary.names if row.get(name) is not None}
        parcel = Parcel(name="", facts=read_facts(_written(stated), side.pack.vocabulary, "台账"))
        sides.append(json.loads(side.assess([parcel], as_of).model_dump_json()))
    return next((change for change in differences(*sides).tools if change.tool == tool), None)


def _written(row: dict[str, object]) -> dict[str, object]:
    """结果表里的值写回事实文件的样子。"""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
