"""自带全部内容的网页报告：断网也能看，汇总成图，逐宗可筛。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from jinja2 import Environment, PackageLoader

from advisor.screening.running import Job
from advisor.screening.workbook import parcel_columns, parcel_frames, summaries

_MOST_PARCELS = 2000
_MOST_BARS = 20
_MOST_ISSUES = 500


@dataclass(frozen=True)
class Chart:
    """一张横条图：标题、各条的名称与数、最长的数。"""

    title: str
    note: str
    bars: tuple[tuple[str, int], ...]

    @property
    def longest(self) -> int:
        """最长一条的数。"""
        return max((number for _, number in self.bars), default=1) or 1


def write_report(
    job: Job,
    path: Path,
    issues: pl.DataFrame,
    source: str,
    drawing: str = "",
    more: Sequence[tuple[str, pl.DataFrame]] = (),
) -> None:
    """写网页报告；drawing 是地图的 SVG（没有图形为空），more 是另附的表。"""
    environment = Environment(loader=PackageLoader("advisor.screening", "page"), autoescape=True)
    environment.filters["shown"] = _shown
    page = environment.get_template("report.html.j2").render(
        source=source,
        as_of=job.as_of.isoformat(),
        version=job.advisor.pack.version,
        sha=job.advisor.pack.sha256[:12],
        rows=job.table.rows,
        charts=[chart for title, frame in summaries(job) if (chart := _chart(title, frame)) is not None],
        columns=parcel_columns(job),
        parcels=_top(job),
        most=_MOST_PARCELS,
        matched=job.matched,
        unused=job.unused,
        issues=issues.head(_MOST_ISSUES).rows(),
        issue_columns=issues.columns,
        issue_count=issues.height,
        drawing=drawing,
        more=[(title, frame.columns, frame.head(_MOST_PARCELS).rows()) for title, frame in more],
        grading=job.scheme.title if job.scheme else "",
    )
    path.write_text(page, "utf-8")


def _chart(title: str, frame: pl.DataFrame) -> Chart | None:
    numbers = [name for name, kind in frame.schema.items() if kind.is_integer()]
    if not numbers or not frame.height:
        return None
    counted = next((name for name in numbers if frame[name].sum() > 0), numbers[0])
    names = frame.columns[: frame.columns.index(numbers[0])][:3]
    counts = frame.filter(pl.col(counted) > 0)
    top = counts.sort(counted, descending=True, maintain_order=True).head(_MOST_BARS)
    bars = tuple((" ".join(str(row[name] or "（空）") for name in names), int(row[counted])) for row in top.to_dicts())
    note = f"按{counted}" + ("，只列前 20" if counts.height > _MOST_BARS else "")
    return Chart(title.replace("·", "："), note, bars)


def _shown(cell: object) -> str:
    return "" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _top(job: Job) -> list[tuple[object, ...]]:
    """名次在前的若干宗；没算方案的按行序。"""
    frames = list(parcel_frames(job, _MOST_PARCELS))
    if not frames:
        return []
    kept = pl.concat(frames)
    return kept.sort(kept.columns[0]).rows()
