"""共用的测试件：随仓库的规则包与手册，只读一次。"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack
from tests.databases import new_database, temporary_cluster

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

pytest_plugins = ["tests.steps.parcel_steps", "tests.steps.clock_steps", "tests.steps.estimate_steps"]


@pytest.fixture(scope="session")
def pack() -> RulePack:
    return load_rule_pack(ROOT / "rules")


@pytest.fixture(scope="session")
def playbook(pack: RulePack) -> Playbook:
    return Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools))


@pytest.fixture(scope="session")
def advisor(pack: RulePack, playbook: Playbook) -> Advisor:
    return Advisor(pack, playbook)


@pytest.fixture(scope="session")
def shared() -> Path:
    """与检出目录并列的参考资料；用户的克隆里没有，读它的测试跳过。"""
    if not SHARED.is_dir():
        pytest.skip("没有 ../shared 参考资料")
    return SHARED


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """一个临时的 PostgreSQL 集群。"""
    with temporary_cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """一个还没有建的案卷库：SQLite 文件或 PostgreSQL 空库，同一个测试各跑一遍。"""
    if request.param == "sqlite":
        return str(tmp_path / "案卷库.db")
    return new_database(request.getfixturevalue("cluster"), f"t{uuid.uuid4().hex}")
