"""一片一片地判：每片判完就落盘，断了再跑接着来；一片的内存就是全程的内存。"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

import polars as pl

from advisor.assess import Advisor
from advisor.rulepack.model import Severity
from advisor.screening.frames import from_column
from advisor.screening.grading import GRADE, Scheme
from advisor.screening.headers import ID, Headers, Matched
from advisor.screening.local_terms import local_classes
from advisor.screening.reading import ISSUES, identity, read_columns, shown_facts
from advisor.screening.situations import Situation, Situations
from advisor.screening.tables import ROW, Table
from advisor.screening.verdicts import Judge

PART_ROWS = 131_072
PLAN_ROWS = 16_384
"""要算方案的，片小些：进度走得勤，断了少重算。"""
PLAN, SURE, RESOLVES, OPENED, VERIFY, WORTH = "主推方案", "把握", "解决的症结", "还开着", "先核实", "优先分"
DOUBT: Severity = "存疑"
Progress = Callable[[int, int], None]
"""已判的行数、总行数。"""


@dataclass(frozen=True)
class Job:
    """一次台账判定要的全部东西；drawn 为台账带图形，scheme 是亩均评价方案。"""

    advisor: Advisor
    table: Table
    matched: Matched
    headers: Headers
    as_of: date
    folder: Path
    plans: bool = True
    part_rows: int = 0
    taxonomy: str = ""
    drawn: bool = False
    scheme: Scheme | None = None
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "judge", Judge(self.advisor.pack, self.as_of))

    @property
    def size(self) -> int:
        """一片多少行。"""
        return self.part_rows or (PLAN_ROWS if self.plans else PART_ROWS)

    @property
    def starts(self) -> range:
        """各片从第几行起。"""
        return range(0, self.table.rows, self.size)

    def fingerprint(self) -> str:
        """规则、手册、基准日、表头对照、表的内容有一样变了，就得从头判。"""
        source = self.table.path.stat()
        cases = [(case.id, sorted(case.tools)) for case in self.advisor.playbook.cases] if self.plans else []
        parts = (
            self.advisor.pack.sha256, self.as_of.isoformat(), repr(self.matched.columns), self.table.rows, self.size,
            self.plans, self.taxonomy, self.headers.file.model_dump_json(), repr(cases),
            self.scheme.file.model_dump_json() if self.scheme else "",
            _digest(self.table.path) if source.st_size < 2**28 else (source.st_size, source.st_mtime_ns),
        )  # fmt: skip
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def used(self) -> list[str]:
        """用到的列的表头，含评价方案自己的指标。"""
        own = self.scheme.matched(self.table.titles).columns if self.scheme else ()
        return list(dict.fromkeys(column.header for column in (*self.matched.columns, *own)))

    @property
    def unused(self) -> list[str]:
        """没有用到的列的表头。"""
        return [header for header in self.matched.ignored if header not in self.used]

    def result_path(self, start: int) -> Path:
        """一片的结果。"""
        return self.folder / f"结果-{start:09d}.parquet"

    def issue_path(self, start: int) -> Path:
        """一片的数据问题。"""
        return self.folder / f"问题-{start:09d}.parquet"


def run(job: Job, progress: Progress | None = None) -> None:
    """判完全部各片；已判完、输入与规则都没变的片不再判。判这一片的同时，读下一片、写上一片。"""
    job.folder.mkdir(parents=True, exist_ok=True)
    keep_or_clear(job)
    situations = Situations(job.advisor, job.judge) if job.plans else None
    pending = [start for start in job.starts if not job.result_path(start).is_file()]
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, job.table.rows)

    told(job.table.rows - sum(min(job.size, job.table.rows - start) for start in pending))
    with ThreadPoolExecutor(2) as aside:
        saving: Future[int] | None = None
        for start, raw in _read_ahead(job, pending, aside):
            judged = screen_part(job, raw, situations)
            if saving is not None:
                told(saving.result())
            saving = aside.submit(save_part, job, start, *judged)
        if saving is not None:
            told(saving.result())


def _read_ahead(job: Job, pending: list[int], aside: Executor) -> Iterator[tuple[int, pl.DataFrame]]:
    """各片的起点与原样的表；给出这一片时已在读下一片。"""
    ahead = [aside.submit(read_part, job, start) for start in pending[:1]]
    for start, following in zip_longest(pending, pending[1:]):
        raw = ahead.pop().result()
        if following is not None:
            ahead.append(aside.submit(read_part, job, following))
        yield start, raw


def write_part(job: Job, start: int, situations: Situations | None) -> None:
    """判一片并落盘。"""
    save_part(job, start, *screen_part(job, read_part(job, start), situations))


def read_part(job: Job, start: int) -> pl.DataFrame:
    """一片原样的表。"""
    return job.table.part(start, job.size, job.used)


def save_part(job: Job, start: int, result: pl.DataFrame, issues: pl.DataFrame) -> int:
    """一片落盘，返回多少行。"""
    _write(issues, job.issue_path(start))
    _write(result, job.result_path(start))  # 结果最后落盘：有结果的片就是完整的
    return result.height


def screen_part(job: Job, raw: pl.DataFrame, situations: Situations | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """判一片：结果表与数据问题表。"""
    facts, issues = read_columns(job.matched, job.headers, raw)
    truths = job.judge.truths(facts)
    issues = pl.concat([issues, conflict_issues(job, raw, truths)])
    pieces = [identity(job.matched, raw), shown_facts(job.advisor.pack.vocabulary, facts), job.judge.summary(truths)]
    if situations is not None:
        pieces.append(situation_columns(situations.of(truths)))
    if job.scheme is not None:
        graded, wrong_cells = job.scheme.grades(truths, raw, pieces[0])
        pieces.append(graded)
        issues = pl.concat([issues, wrong_cells])
    if job.taxonomy:
        pieces.append(local_classes(truths, job.advisor.pack, job.advisor.pack.taxonomies[job.taxonomy]).to_frame())
    result = pl.concat(pieces, how="horizontal")
    if job.scheme is not None and situations is not None:
        result = result.with_columns(pl.col(WORTH) * job.scheme.factors(result[GRADE]))
    return result, issues


def conflict_issues(job: Job, raw: pl.DataFrame, truths: pl.DataFrame) -> pl.DataFrame:
    """一片里合在一起说不通的：涉及的列与各自的值、为什么、怎么定。判定以填的为准，不因此改动。"""
    vocabulary = job.advisor.pack.vocabulary

    @lru_cache(maxsize=4096)
    def shown(name: str, value: object) -> str:
        return vocabulary[name].show(from_column(vocabulary[name], value))

    places: list[int] = []
    found: list[tuple[str, ...]] = []
    for place, item, stated in job.judge.inferring.conflicts(truths):
        columns = "、".join(column.header if (column := job.matched.find(name)) else name for name in item.facts)
        values = "、".join(shown(name, stated[name]) for name in item.facts)
        places.append(place)
        found.append((columns, values, f"{item.severity}：{item.text}", item.settle))
    told = pl.DataFrame(found, schema=ISSUES.names()[2:], orient="row")
    return pl.concat([identity(job.matched, raw[places]).select(ROW, ID), told], how="horizontal").cast(ISSUES)


def situation_columns(found: list[Situation]) -> pl.DataFrame:
    """各行的主推方案等列。"""
    return pl.DataFrame(
        {
            PLAN: [item.lead.title for item in found],
            SURE: ["" if not item.lead.steps else "适用" if item.lead.applies else "待核实" for item in found],
            RESOLVES: ["、".join(item.lead.resolves) for item in found],
            OPENED: ["；".join(item.opened) for item in found],
            VERIFY: ["、".join(item.verify) for item in found],
            WORTH: [item.lead.worth for item in found],
        },
        schema={PLAN: pl.String, SURE: pl.String, RESOLVES: pl.String, OPENED: pl.String, VERIFY: pl.String,
                WORTH: pl.Float64},
    )  # fmt: skip


def results(job: Job) -> Iterator[pl.DataFrame]:
    """判好的各片，依次。"""
    for start in job.starts:
        yield pl.read_parquet(job.result_path(start))


def all_results(job: Job) -> pl.LazyFrame:
    """判好的全部结果（惰性）。"""
    return pl.scan_parquet([job.result_path(start) for start in job.starts])


def all_issues(job: Job) -> pl.DataFrame:
    """全部数据问题：认不出的格子、重复的编号、没当地块的行、认不出或有冲突的表头。"""
    found = [pl.read_parquet(job.issue_path(start)) for start in job.starts]
    rows = [(row, "", "", "", why, "") for row, why in job.table.skipped.items()]
    rows += [(row, "", column, value, why, "") for row, column, value, why in job.table.notes]
    rows += [(0, "", "", "", problem, "在对照表里写明") for problem in job.matched.problems]
    found.append(pl.DataFrame(rows, schema=ISSUES, orient="row"))
    if job.matched.find(ID):
        repeated = (
            all_results(job).select(ROW, ID).filter(pl.col(ID).is_duplicated())
            .with_columns(pl.col(ROW).min().over(ID).alias("先")).filter(pl.col(ROW) > pl.col("先")).collect()
        )  # fmt: skip
        found.append(
            repeated.select(
                ROW, ID, pl.lit(job.matched.find(ID).header).alias("列"), pl.col(ID).alias("值"),  # type: ignore[union-attr]
                pl.format("编号与第 {} 行相同，两行都判了", pl.col("先")).alias("问题"),
                pl.lit("一宗地一个编号").alias("可填"),
            ).cast(ISSUES)
        )  # fmt: skip
    return pl.concat(found).sort("行", "列")


def wrong(issues: pl.DataFrame) -> pl.DataFrame:
    """数据问题里必有一错的，存疑的不算。"""
    return issues.filter(~pl.col("问题").str.starts_with(f"{DOUBT}："))


def keep_or_clear(job: Job) -> None:
    """输入与规则都没变的，留着判过的片；变了的清掉重来。"""
    mark = job.folder / "进度.json"
    now = job.fingerprint()
    try:
        same = json.loads(mark.read_text("utf-8")).get("指纹") == now
    except (OSError, ValueError):
        same = False
    if not same:
        for path in (*job.folder.glob("结果-*.parquet"), *job.folder.glob("问题-*.parquet")):
            path.unlink()
        mark.write_text(json.dumps({"指纹": now}, ensure_ascii=False), "utf-8")


def _write(frame: pl.DataFrame, path: Path) -> None:
    """先写旁边再改名：中途打断不会留下半片。"""
    half = path.with_suffix(".写")
    frame.write_parquet(half, compression="lz4")
    half.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
