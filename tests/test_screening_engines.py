"""几个进程、Spark 与逐片判，结果逐格相同。"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
np = pytest.importorskip("numpy", reason="没有装 numpy，造不出合成台账")

from advisor.cli import run as command  # noqa: E402
from advisor.playbook import Playbook  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.running import PART_ROWS  # noqa: E402
from tests.bench.inventories import synthetic  # noqa: E402

DAY = ("--as-of", "2026-11-21")


@pytest.fixture(scope="module")
def inventory(pack: RulePack, playbook: Playbook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("台账") / "台账.parquet"
    synthetic(pack, playbook, PART_ROWS + 500).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def alone(inventory: Path) -> pl.DataFrame:
    return result(inventory, inventory.parent / "一个进程", "--workers", "1")


def result(inventory: Path, out: Path, *options: str) -> pl.DataFrame:
    assert (
        command(["screen", str(inventory), "--out", str(out), "--no-plans", "--format", "parquet", *options, *DAY]) == 0
    )
    return pl.read_parquet(out / "结果.parquet")


def test_several_processes_give_the_same_result(inventory: Path, alone: pl.DataFrame, tmp_path: Path) -> None:
    assert alone.height == PART_ROWS + 500
    assert result(inventory, tmp_path / "两个进程", "--workers", "2").equals(alone)


def test_spark_gives_the_same_result(inventory: Path, alone: pl.DataFrame, tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="没有装 advisor[spark]")
    if shutil.which("java") is None:
        pytest.skip("没有 Java，起不了 Spark")
    spark = ("--engine", "spark", "--spark-master", "local[2]")
    assert result(inventory, tmp_path / "集群", *spark).equals(alone)
