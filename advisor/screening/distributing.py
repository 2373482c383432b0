"""把各片分给几个进程或一个 Spark 集群：片内照样是列式判定，结果与一个进程逐片判完全相同。"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from advisor.assess import Advisor
from advisor.playbook import Playbook
from advisor.rulepack import load_rule_pack
from advisor.screening.grading import read_scheme
from advisor.screening.headers import Matched, read_headers
from advisor.screening.running import Job, Progress, keep_or_clear, write_part
from advisor.screening.situations import Situations
from advisor.screening.tables import Table


@dataclass(frozen=True)
class Recipe:
    """另一个进程照着重建同一件活要的东西；文件夹须是各处都够得着的。"""

    rules: Path
    playbooks: Path
    table: Table
    matched: Matched
    as_of: date
    folder: Path
    plans: bool
    part_rows: int
    taxonomy: str
    grading: Path | None = None

    @classmethod
    def of(cls, job: Job, rules: Path, playbooks: Path) -> Recipe:
        """一件活的做法。"""
        return cls(
            rules, playbooks, job.table, job.matched, job.as_of, job.folder, job.plans, job.part_rows, job.taxonomy,
            job.scheme.path if job.scheme else None,
        )  # fmt: skip

    def job(self) -> Job:
        """重建。"""
        pack = load_rule_pack(self.rules)
        advisor = Advisor(pack, Playbook(self.playbooks, pack.vocabulary, tuple(pack.tools)), forward=False)
        headers = read_headers(self.rules, pack.vocabulary)
        scheme = read_scheme(str(self.grading), self.rules, pack, headers) if self.grading else None
        return Job(advisor, self.table, self.matched, headers, self.as_of, self.folder, self.plans, self.part_rows,
                   self.taxonomy, scheme=scheme)  # fmt: skip


@lru_cache(maxsize=1)
def _rebuilt(packed: bytes) -> tuple[Job, Situations | None]:
    recipe: Recipe = pickle.loads(packed)
    job = recipe.job()
    return job, Situations(job.advisor, job.judge) if job.plans else None


def work(packed: bytes, start: int) -> int:
    """判一片，落盘，返回这片的起点。"""
    job, situations = _rebuilt(packed)
    write_part(job, start, situations)
    return start


def default_workers(job: Job) -> int:
    """几个进程合适：算方案的，有几个处理器用几个；只判定的，一个进程边读边判边写就占满两个，多的至多四个，免得占内存。"""
    cores = os.cpu_count() or 1
    return cores if job.plans else min(cores, 4) if cores > 2 else 1


def run_on_processes(job: Job, recipe: Recipe, workers: int, progress: Progress | None = None) -> None:
    """几个进程一起判；中断时没判完的片不要，判完的片留着。"""
    packed, pending = _pending(job, recipe)
    context = multiprocessing.get_context("spawn")
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # 子进程各用一线程，免得互相抢
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_to_parent)
    try:
        futures = [pool.submit(work, packed, start) for start in pending]
        _told(job, (future.result() for future in as_completed(futures)), len(pending), progress)
    except KeyboardInterrupt:
        for child in set(multiprocessing.active_children()) - before:  # 先写旁边再改名，停在哪里都不会有半片
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_to_parent() -> None:
    """Ctrl-C 由主进程收：子进程不各打各的调用栈。"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_on_spark(job: Job, recipe: Recipe, master: str, progress: Progress | None = None) -> None:
    """交给 Spark 调度；master 如 local[2]、spark://主机:7077、yarn，空则照集群自己的设置。"""
    from pyspark.sql import SparkSession

    packed, pending = _pending(job, recipe)
    if not pending:
        return
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # 本机模式用同一个 Python；集群照集群的设置
    builder: Any = SparkSession.builder.appName("advisor screen").config("spark.ui.enabled", "false")
    builder = builder.config("spark.executorEnv.POLARS_MAX_THREADS", "1")
    session = (builder.master(master) if master else builder).getOrCreate()
    try:
        parts = session.sparkContext.parallelize(pending, len(pending))
        _told(job, parts.map(lambda start: work(packed, start)).toLocalIterator(True), len(pending), progress)
    finally:
        session.stop()


def _pending(job: Job, recipe: Recipe) -> tuple[bytes, list[int]]:
    job.folder.mkdir(parents=True, exist_ok=True)
    keep_or_clear(job)
    return pickle.dumps(recipe), [start for start in job.starts if not job.result_path(start).is_file()]


def _told(job: Job, finished: Iterator[int], pending: int, progress: Progress | None) -> None:
    done = (len(job.starts) - pending) * job.size
    for _ in finished:
        done += job.size
        if progress is not None:
            progress(min(done, job.table.rows), job.table.rows)
