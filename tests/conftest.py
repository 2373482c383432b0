"""共用的测试件：随仓库的规则包与手册，只读一次。"""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

pytest_plugins = ["tests.steps.parcel_steps", "tests.steps.estimate_steps"]


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
