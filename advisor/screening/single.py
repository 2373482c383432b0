"""台账里的一行：按编号、名称或行号找出来，变成一宗地的事实。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from advisor.errors import InputError
from advisor.screening.frames import facts_of
from advisor.screening.headers import ID, NAME, Headers
from advisor.screening.reading import identity, read_columns
from advisor.screening.tables import ROW, open_table
from advisor.vocabulary import FactValue


@dataclass(frozen=True)
class InventoryRow:
    """一行：行号、编号、名称、事实；bad 是认不出、当作不清楚的格子，逐条写明。"""

    row: int
    id: str
    name: str
    facts: Mapping[str, FactValue]
    bad: tuple[str, ...]


def read_row(path: Path, folder: Path, headers: Headers, wanted: str) -> InventoryRow:
    """找出 wanted 说的那一行；要转存的转存到 folder。

    Raises:
        InputError: 台账读不了、没有一列对得上、找不到这一行、对上好几行。
    """
    table = open_table(path, folder, headers, {})
    matched = headers.match(table.titles)
    if not any(column.target in headers.vocabulary for column in matched.columns):
        raise InputError(path.name, "没有一列对得上事实词表", fix="表头照 advisor screen --template 的空白台账写")
    raw = table.part(0, table.rows, table.titles)
    ids = identity(matched, raw)
    at = _place(path.name, ids, wanted.strip())
    chosen = ids[at : at + 1]
    facts, issues = read_columns(matched, headers, raw[at : at + 1], chosen)
    bad = tuple(f"{item['列']}：{item['值']}（可填：{item['可填']}）" for item in issues.iter_rows(named=True))
    row, code, name = chosen.row(0)
    return InventoryRow(row, code, name or code, facts_of(facts.row(0, named=True), headers.vocabulary), bad)


def _place(file: str, ids: pl.DataFrame, wanted: str) -> int:
    """在第几行：先看编号、名称，都没有再看行号。"""
    found = ((ids[ID].str.strip_chars() == wanted) | (ids[NAME].str.strip_chars() == wanted)).arg_true()
    if not found.len() and wanted.isdecimal():
        found = (ids[ROW] == int(wanted)).arg_true()
    if not found.len():
        some = "、".join(ids[ID].head(5).to_list())
        raise InputError(file, f"没有编号、名称或行号是“{wanted}”的一行", allowed=f"如 {some}", fix="核对编号")
    if found.len() > 1:
        rows = "、".join(str(row) for row in ids[ROW][found.head(10)].to_list())
        raise InputError(file, f"“{wanted}”有 {found.len()} 行：第 {rows} 行", fix="改填行号")
    return int(found[0])
