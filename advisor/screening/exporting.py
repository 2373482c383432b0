"""机器读的结果：Parquet（判定、理由整数、随带的事实）与 CSV（一地一策）；理由怎么解写在对照表里。"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from advisor.screening.guarding import plain_text
from advisor.screening.running import Job, all_results
from advisor.screening.summing import codebook
from advisor.screening.workbook import parcel_frames


def write_parquet(job: Job, path: Path) -> None:
    """全部结果一份 Parquet；旁边写一份理由对照。"""
    all_results(job).sink_parquet(path, compression="zstd", compression_level=1)
    book = json.dumps(codebook(job.advisor.pack), ensure_ascii=False, indent=1)
    path.with_name("理由对照.json").write_text(book, "utf-8")


def write_csv(job: Job, path: Path) -> None:
    """一地一策的 CSV（UTF-8 带 BOM，表格软件直接打开不乱码）；开头像公式的文字前加单引号。"""
    with path.open("wb") as stream:
        for at, frame in enumerate(parcel_frames(job)):
            safe = frame.with_columns(
                pl.col(name).cast(pl.String).map_elements(plain_text, return_dtype=pl.String)
                for name, kind in frame.schema.items()
                if kind == pl.String
            )
            safe.write_csv(stream, include_header=at == 0, include_bom=at == 0)
