"""地方口径、方案取舍、先例依据：只换说法、只供参考，不改判定。"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from advisor import yamlsource
from advisor.assess import Advisor
from advisor.parcel import Parcel

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)
PLACES = sorted(path.stem for path in (ROOT / "rules" / "taxonomies").glob("*.yaml"))


@pytest.mark.parametrize("place", PLACES)
def test_local_terms_never_change_a_verdict(advisor: Advisor, place: str) -> None:
    parcel = Parcel(name="甲", facts=advisor.playbook.case("H09").facts)
    plain = advisor.assess_one(parcel, AS_OF)
    local = advisor.assess_one(parcel, AS_OF, taxonomy=place)
    assert local.model_copy(update={"taxonomy": None}) == plain
    assert local.taxonomy is not None
    for item in local.taxonomy.classes:
        assert set(item.tools) <= {tool.id for tool in local.tools if tool.verdict != "不适用"}


@pytest.mark.parametrize("place", PLACES)
def test_local_terms_are_quoted_from_the_source(place: str, shared: Path) -> None:
    """叫法都有源文短引，短引是源文的连续子串。"""
    source = re.sub(r"\s+", "", (shared / "seeds" / "hunan-20.txt").read_text("utf-8"))
    for item in yamlsource.read(ROOT / "rules" / "taxonomies" / f"{place}.yaml")["类"]:
        quote = re.sub(r"\s+", "", item["出处"])
        assert quote in source, item["名称"]
        assert len(quote) <= 40


def test_six_places_are_there() -> None:
    assert sorted(["望城", "嘉禾", "长沙经开区", "湘潭", "衡阳", "娄底"]) == PLACES


def test_each_plan_weighs_itself_against_the_next(advisor: Advisor) -> None:
    view = advisor.assess_one(Parcel(name="甲", facts=advisor.playbook.case("H02a").facts), AS_OF)
    assert len(view.plans) > 1
    for plan in view.plans:
        for word in ("本方案独有", "对方独有", "时间", "批准：", "价款：", "风险："):
            assert word in plan.tradeoff


def test_precedent_says_whether_its_bases_hold_here(advisor: Advisor) -> None:
    """外地的地方文件在本地不作数，案例里也写明。"""
    facts = {**advisor.playbook.case("N03c").facts, "省份": "湖南"}
    view = advisor.assess_one(Parcel(name="甲", facts=facts), AS_OF)
    local = {c.id for c in advisor.playbook.cases if any(basis.code == "L1" for basis in c.file.basis)}
    tianjin = [match for match in view.precedents if match.id in local]
    assert tianjin
    for match in tianjin:
        assert any("不在本地域" in line for line in match.bases)
