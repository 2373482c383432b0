"""几个进程、Spark 与逐片判，结果逐格相同。"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
pytest.importorskip("numpy", reason="没有装 numpy，造不出合成台账")

from advisor.assess import Advisor  # noqa: E402
from advisor.playbook import Playbook  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.distributing import Recipe, run_on_processes, run_on_spark  # noqa: E402
from advisor.screening.headers import read_headers  # noqa: E402
from advisor.screening.running import Job, all_issues, all_results, run  # noqa: E402
from advisor.screening.tables import open_table  # noqa: E402
from tests.bench.inventories import synthetic  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ROWS = 300
Made = tuple[Job, Recipe]


@pytest.fixture(scope="module")
def inventory(pack: RulePack, playbook: Playbook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("台账") / "台账.parquet"
    synthetic(pack, playbook, ROWS).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def made(advisor: Advisor, inventory: Path) -> Callable[[Path], Made]:
    def make(folder: Path) -> Made:
        headers = read_headers(ROOT / "rules", advisor.pack.vocabulary)
        table = open_table(inventory, folder, headers, {})
        day = datetime.date(2026, 11, 21)
        job = Job(advisor, table, headers.match(table.titles), headers, day, folder, part_rows=200)
        return job, Recipe.of(job, ROOT / "rules", ROOT / "playbooks")

    return make


@pytest.fixture(scope="module")
def alone(made: Callable[[Path], Made], inventory: Path) -> Job:
    job, _ = made(inventory.parent / "一个进程")
    run(job)
    assert len(job.starts) == 2
    assert all_results(job).collect().height == ROWS
    return job


def same(one: Job, other: Job) -> bool:
    results = all_results(one).collect().equals(all_results(other).collect())
    return results and all_issues(one).equals(all_issues(other))


def test_several_processes_give_the_same_result(made: Callable[[Path], Made], alone: Job, tmp_path: Path) -> None:
    job, recipe = made(tmp_path)
    run_on_processes(job, recipe, 2)
    assert same(job, alone)


def test_spark_gives_the_same_result(made: Callable[[Path], Made], alone: Job, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="没有装 advisor[spark]")
    if shutil.which("java") is None:
        pytest.skip("没有 Java，起不了 Spark")
    job, recipe = made(tmp_path)
    run_on_spark(job, recipe, "local[2]")
    assert same(job, alone)
