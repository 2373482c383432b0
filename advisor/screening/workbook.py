"""结果工作簿：一地一策、汇总、核查任务、数据问题。用户填的文字一律按文字写，不成公式、不成链接。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from advisor.screening.decoding import text_columns
from advisor.screening.grading import GRADE, GRADING, POINTS
from advisor.screening.headers import ID, NAME
from advisor.screening.local_terms import LOCAL
from advisor.screening.running import OPENED, PLAN, RESOLVES, SURE, VERIFY, Job, results
from advisor.screening.summing import (
    RANK,
    by_county,
    by_grade,
    by_local_class,
    by_obstacle,
    by_plan,
    by_tool,
    place_columns,
    ranks,
    size_column,
    tasks,
    workload,
)
from advisor.screening.tables import ROW

MOST_ROWS = 1_000_000
"""一张表至多写这么多行，再多就接着写下一张。"""
_SAFE = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}  # fmt: skip
_WIDE = {
    PLAN,
    OPENED,
    VERIFY,
    RESOLVES,
    "适用工具",
    "待核实工具",
    "成立的症结",
    "不具备条件的为何",
    "说明",
    "可填",
    "材料",
    "问题",
    "为何",
    "没配上的原因",
}


class Book:
    """一本结果簿；表逐行写，内存不随行数涨。"""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._book = xlsxwriter.Workbook(str(path), _SAFE)
        self._head: Format = self._book.add_format(
            {"bold": True, "bg_color": "#DDE7F0", "border": 1, "text_wrap": True}
        )

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def sheet(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """一张表；行太多时接着写“名称 2”“名称 3”。"""
        page, at, number = self._page(title, columns), 0, 1
        for row in rows:
            if at == MOST_ROWS:
                number += 1
                page, at = self._page(f"{title} {number}", columns), 0
            at += 1
            for column, value in enumerate(row):
                _write(page, at, column, value)

    def frame(self, title: str, frame: pl.DataFrame) -> None:
        """一张小表。"""
        self.sheet(title, frame.columns, frame.iter_rows())

    def _page(self, title: str, columns: Sequence[str]) -> Worksheet:
        page: Worksheet = self._book.add_worksheet(title[:31])
        page.freeze_panes(1, 0)
        for at, name in enumerate(columns):
            page.set_column(at, at, 40 if name in _WIDE else 14)
            page.write_string(0, at, name, self._head)
        if columns:
            page.autofilter(0, 0, 0, len(columns) - 1)
        return page


def write_frames(path: Path, frames: Iterable[tuple[str, pl.DataFrame]]) -> None:
    """几张表一本簿。"""
    with Book(path) as book:
        for title, frame in frames:
            book.frame(title, frame)


def write_workbook(job: Job, path: Path, issues: pl.DataFrame, parcels: bool = True) -> None:
    """写结果簿；parcels 为假时不写逐宗的表（行数太多，另有 Parquet）。"""
    with Book(path) as book:
        if parcels:
            columns = parcel_columns(job)
            book.sheet("一地一策", columns, parcel_rows(job, columns))
        for title, frame in summaries(job):
            book.frame(title, frame)
        if job.plans and parcels:
            listed = ((t.department, t.fact, t.code, t.name, t.channel, t.document, t.row) for t in tasks(job))
            book.sheet("核查任务", ["部门", "核实事项", ID, NAME, "渠道", "材料", ROW], listed)
        book.frame("数据问题", issues)


def summaries(job: Job) -> Iterator[tuple[str, pl.DataFrame]]:
    """各张汇总：标题与表。"""
    counties, local = by_county(job), by_local_class(job)
    if counties is not None:
        yield "汇总·地方", counties
    if job.plans:
        yield "汇总·方案", by_plan(job)
    yield "汇总·工具", by_tool(job)
    yield "汇总·症结", by_obstacle(job)
    if local is not None:
        yield "汇总·地方口径", local
    if job.scheme is not None:
        yield f"汇总·{GRADE}", by_grade(job)
    if job.plans:
        yield "汇总·核查任务", workload(job)


def parcel_columns(job: Job) -> list[str]:
    """一地一策的列。"""
    size = size_column(job)
    first = [RANK] if job.plans else []
    planned = [PLAN, SURE, RESOLVES] if job.plans else []
    last = [VERIFY, OPENED] if job.plans else []
    local = [LOCAL] if job.taxonomy else []
    graded = [GRADE, POINTS, GRADING] if job.scheme else []
    return [*first, ROW, ID, NAME, *place_columns(job), *([size] if size else []), *graded, *planned, "成立的症结", "适用工具",
            "待核实工具", *local, *last, "不具备条件的为何"]  # fmt: skip


def parcel_frames(job: Job, most: int | None = None) -> Iterator[pl.DataFrame]:
    """一地一策，一片一片；most 给定时只要名次在前（没算方案的，行在前）的这么多宗。"""
    columns, order = parcel_columns(job), ranks(job) if job.plans else None
    chosen = None if most is None else (order.head(most)[ROW] if order is not None else None)
    left = most
    for whole in results(job):
        part = whole if chosen is None else whole.filter(pl.col(ROW).is_in(chosen.implode()))
        if order is None and left is not None:
            part = whole.head(left)
            left -= part.height
        if not part.height:
            continue
        frame = pl.concat([part, text_columns(part, job.advisor.pack)], how="horizontal")
        if order is not None:
            frame = frame.join(order, on=ROW, how="left", maintain_order="left")
        yield frame.select(columns)


def parcel_rows(job: Job, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """一地一策，一行一行。"""
    for frame in parcel_frames(job):
        yield from frame.select(columns).iter_rows()


def _write(page: Worksheet, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否")
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value)
    elif isinstance(value, date):
        page.write_string(row, column, value.isoformat())
    else:
        page.write_string(row, column, str(value)[:32_000])
