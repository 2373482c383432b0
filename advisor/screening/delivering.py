"""把判好的结果交出去：选好的几种格式各写一份。"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from advisor.screening.exporting import write_csv, write_parquet
from advisor.screening.report import write_report
from advisor.screening.running import Job, all_issues
from advisor.screening.workbook import write_frames, write_workbook

PARTS = "进度"
MANY = 200_000
"""超过这么多宗，缺省不写逐宗的工作簿，改写 Parquet。"""


def default_formats(rows: int) -> tuple[str, ...]:
    """没有指定格式时写哪几种。"""
    return ("xlsx", "html") if rows <= MANY else ("xlsx", "html", "parquet")


def deliver(
    job: Job,
    folder: Path,
    formats: Sequence[str],
    source: str,
    every: bool,
    matches: Sequence[tuple[str, pl.DataFrame]] = (),
) -> tuple[list[Path], int]:
    """写出结果，返回写了哪些文件、数据问题几条；every 为真时行数再多也写逐宗的工作簿；matches 是地企匹配的几张表。"""
    issues = all_issues(job)
    written: list[Path] = []
    if matches:
        written.append(folder / "地企匹配.xlsx")
        write_frames(written[-1], matches)
    for form in formats:
        path = folder / f"结果.{form}"
        written.append(path)
        if form == "xlsx":
            write_workbook(job, path, issues, parcels=every or job.table.rows <= MANY)
        elif form == "html":
            write_report(job, path, issues, source, _drawing(job), matches)
        elif form == "gpkg":
            from advisor.screening.layers import write_gpkg

            write_gpkg(job, path)
        elif form == "csv":
            write_csv(job, path)
        else:
            write_parquet(job, path)
    return written, issues.height


def _drawing(job: Job) -> str:
    if not job.drawn:
        return ""
    from advisor.screening.layers import drawing

    return drawing(job)
