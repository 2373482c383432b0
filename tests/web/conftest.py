"""网页测试共用：一个开着的网站，里面有两个单位、三种角色的人。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI

pytest.importorskip("fastapi", reason="没有装网页部件（pip install 'advisor[web]'）")

from advisor.assess import Advisor
from advisor.web.app import create_app
from advisor.web.jobs import Desk
from advisor.web.site import Settings
from tests.web.driving import Visitor, member, set_up

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, advisor: Advisor) -> Iterator[FastAPI]:
    """共用的网站：各测试用自己立的案卷，互不相干。"""
    store = tmp_path_factory.mktemp("web") / "案卷库.db"
    made = create_app(Settings(store=str(store), today=lambda: TODAY))
    made.state.site.workshop.__dict__["_desk"] = Desk(advisor)  # 规则包只读一次
    made.state.site.throttle.most = 10_000
    yield made
    made.state.site.close()


@pytest.fixture(scope="session")
def admin(app: FastAPI) -> Visitor:
    return set_up(app)


@pytest.fixture(scope="session")
def handler(app: FastAPI, admin: Visitor) -> Visitor:
    return member(app, "jing", "经一", "甲区局", "经办")


@pytest.fixture(scope="session")
def colleague(app: FastAPI, admin: Visitor) -> Visitor:
    return member(app, "jing2", "经二", "甲区局", "经办")


@pytest.fixture(scope="session")
def reviewer(app: FastAPI, admin: Visitor) -> Visitor:
    return member(app, "fu", "复一", "甲区局", "复核")


@pytest.fixture(scope="session")
def outsider(app: FastAPI, admin: Visitor) -> Visitor:
    return member(app, "wai", "外一", "乙区局", "经办", "复核")


@pytest.fixture
def sample() -> bytes:
    return (Path(__file__).resolve().parents[2] / "playbooks" / "samples" / "示例地块.yaml").read_bytes()


@pytest.fixture
def dossier(handler: Visitor, sample: bytes) -> str:
    """由示例地块立好的一卷，给出它的网址。"""
    handler.open("/dossiers/new").submit(
        "/dossiers/new", way="file", name="", files={"file": ("示例地块.yaml", sample, "application/yaml")}
    )
    assert handler.heading == "核对", handler.text
    return handler.path.removesuffix("/check")
