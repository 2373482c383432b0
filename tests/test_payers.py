"""谁出：手册里每项价款税费由谁负担，要么有依据，要么照实标待核；印进草案的不许说过头。"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.memo import build_memo
from advisor.memo.comparison import Comparison, Option
from advisor.memo.sourcing import Sourcing
from advisor.parcel import Parcel
from advisor.playbook import CostEntry, Playbook, ToolPlaybook
from advisor.rulecheck import check_pack
from advisor.rulepack import RulePack
from advisor.vocabulary import FactValue

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

# 各税的纳税人：契税法第一条、增值税法第三条、土地增值税暂行条例第二条、印花税法第一条。
TAXPAYERS = {
    "契税": ("A10§1", ("受让", "承受", "买受", "承接", "权利人")),
    "增值税": ("A11§3", ("转让方", "出租人")),
    "土地增值税": ("B6§2", ("转让方",)),
    "印花税": ("A13§1", ("立据各方",)),
}


def costs(pack: RulePack, playbook: Playbook) -> Iterator[tuple[ToolPlaybook, CostEntry]]:
    for book in filter(None, map(playbook.tool, pack.tools)):
        for cost in book.costs:
            yield book, cost


def test_every_payer_has_a_basis_or_is_to_be_checked(pack: RulePack, playbook: Playbook) -> None:
    """每条都写了类、写了谁出；谁出不是待核的都有依据，依据的代码都在登记册里。"""
    for book, cost in costs(pack, playbook):
        where = f"{book.name} {cost.item}"
        assert cost.kind and cost.payer, where
        assert cost.payer_unsettled or cost.payer_bases, where
        for entry in (*cost.citations, *cost.payer_citations):
            assert entry.label.partition("§")[0] in pack.register, f"{where} {entry.label}"


def test_taxes_are_paid_by_those_the_tax_laws_name(pack: RulePack, playbook: Playbook) -> None:
    """说定了谁缴的税，依据里有那部税法的纳税人条款，缴的就是那一方。"""
    settled = 0
    for book, cost in costs(pack, playbook):
        if cost.item in TAXPAYERS and not cost.payer_unsettled:
            article, payers = TAXPAYERS[cost.item]
            assert article in {entry.label for entry in cost.payer_bases}, f"{book.name} {cost.item}"
            assert any(word in cost.payer for word in payers), f"{book.name} {cost.item} {cost.payer}"
            settled += 1
    assert settled > len(TAXPAYERS)


def test_whether_taking_back_is_taxed_is_left_to_the_tax_office(pack: RulePack, playbook: Playbook) -> None:
    """协议收回能不能照征收、收回免税，摘编写明须税务确认：收储类工具的两税不能说定由谁缴。"""
    for name in ("协议收回", "分割收储", "双协议收储"):
        book = playbook.tool(name)
        assert book is not None
        for cost in book.costs:
            if cost.item in ("增值税", "土地增值税"):
                assert cost.payer_unsettled, f"{name} {cost.item}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("谁出: 买受人, 依据: [C3§10, C3§25]", "谁出: 买受人, 依据: []", "“拍卖价款”写了谁出是“买受人”却没有依据"),
        ("谁出: 竞买人, ", "", "“保证金”没有写谁出"),
        ("依据: [C3§17]", "依据: [C3§17], 谁出依据: [Q9§1]", "依据“Q9§1”的代码没有登记"),
    ],
)
def test_rules_check_catches_a_bare_payer(tmp_path: Path, old: str, new: str, said: str) -> None:
    for name in ("rules", "playbooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / "playbooks" / "tools" / "司法处置.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    found = [item for item in check_pack(tmp_path / "rules", tmp_path / "playbooks", AS_OF) if item.severity == "错误"]
    assert [(item.place, item.text) for item in found] == [("playbooks/tools/司法处置.yaml", said)]


def compared(advisor: Advisor, facts: Mapping[str, FactValue], *tools: str) -> dict[str, tuple[str, ...]]:
    """把几个工具各当一个方案并排，逐行取各方案的文字；正文与附件两张合在一起。"""
    result = advisor.assess([Parcel(name="甲", facts=facts)], AS_OF)
    sourcing = Sourcing(result.parcels[0], result, advisor)
    comparison = Comparison([Option(name, (name,), (), ()) for name in tools], sourcing)
    return {row.cells[0]: row.cells[1:] for row in (*comparison.brief(), *comparison.full())}


def test_an_unsettled_payer_is_marked_in_the_draft(advisor: Advisor) -> None:
    rows = compared(advisor, {}, "用途转换", "协议收回")
    assert "城市基础设施配套费——【待核】多为建设单位，看当地规定" in rows["谁出"][0]
    assert "土地增值税：【待核】不能免的由原权利人缴，税务确认" in rows["涉及的税与谁缴"][1]
    assert "土地增值税：【待核】不能免的由原权利人缴，税务确认——" in rows["涉及的税"][1]


def test_payer_and_text_carry_their_own_marks(advisor: Advisor) -> None:
    """划拨补办：价差口径凭记忆，要标；由权利人补交有暂行条例第四十五条，不标。不增收凭记忆，谁出也要标。"""
    rows = compared(advisor, {"省份": "广西"}, "划拨补办出让", "增容不增价")
    assert "拟出让时出让土地市场价减划拨权益价〔依据待核〕" in rows["现金流出"][0]
    assert "不改用途的补缴价款——权利人。" in rows["谁出"][0]
    assert "土地出让价款——不增收〔依据待核〕" in rows["谁出"][1]


def test_local_costs_stay_at_home(advisor: Advisor) -> None:
    """成都高新区的补偿口径、奖励只在当地列；没有别的可说时写手册未列，不说“没有”。"""
    away = compared(advisor, {"省份": "湖南", "地级市": "株洲"}, "协议收回", "增容不增价")
    assert "成都" not in "".join(text for cells in away.values() for text in cells)
    assert "收入" not in away
    nothing = compared(advisor, {}, "风险备案", "全周期监管")
    assert nothing["涉及的税"] == ("手册未列", "手册未列")
    assert nothing["涉及的税与谁缴"] == ("手册未列，问税务", "手册未列，问税务")


def test_the_same_tax_with_different_payers_names_the_tools(advisor: Advisor) -> None:
    """一个方案里同一种税、不同工具由不同的人缴，分别写明是哪个工具；都一样的只写一次。"""
    result = advisor.assess([Parcel(name="甲", facts={})], AS_OF)
    steps = ("股权合作", "合作开发")
    comparison = Comparison([Option("主推方案", steps, (), ())], Sourcing(result.parcels[0], result, advisor))
    taxes = next(row.cells[1] for row in comparison.brief() if row.cells[0] == "涉及的税与谁缴").split("\n")
    assert "契税：股权合作——【待核】土地作价入股的由承受方缴；合作开发——承受方" in taxes
    assert "印花税：立据各方" in taxes


def test_tools_of_the_main_plan_are_told_once(advisor: Advisor) -> None:
    """备选方案里与主推方案相同的工具不重写，写明同主推方案；自己的照写，带工具名。"""
    result = advisor.assess([Parcel(name="甲", facts={})], AS_OF)
    compared = [
        Option("主推方案", ("双协议收储", "带方案出让"), (), ()),
        Option("备选方案一", ("双协议收储", "收储再供应"), (), ()),
    ]
    comparison = Comparison(compared, Sourcing(result.parcels[0], result, advisor))
    for row in (*comparison.brief(), *comparison.full()):
        if row.cells[0] in ("现金流出与谁出", "谁出", "批准", "主要风险", "风险与防范"):
            main, other = (cell.split("\n") for cell in row.cells[1:])
            assert [line.partition("：")[0] for line in main] == ["双协议收储", "带方案出让"]
            assert [line.partition("：")[0] for line in other] == ["收储再供应", "双协议收储"]
            assert other[-1] == "双协议收储：同主推方案"


def test_income_is_not_listed_as_an_outflow(advisor: Advisor) -> None:
    """出让收入是进账：不在现金流出里，另列一行，写受让人缴。"""
    rows = compared(advisor, {}, "收储再供应", "自主改造")
    assert "出让收入" not in rows["现金流出"][0] and "出让收入" not in rows["谁出"][0]
    assert re.match(r"收储再供应：出让收入：受让人——全额上缴财政", rows["收入"][0])


def test_every_draft_marks_what_is_to_be_checked(advisor: Advisor) -> None:
    """案例库的地块各出一份：表里不出现没加标记的“待核（”。"""
    for case in advisor.playbook.cases[::7]:
        result = advisor.assess([Parcel(name="甲", facts=case.facts)], AS_OF)
        memo = build_memo(result.parcels[0], result, advisor)
        for row in (*memo.brief_rows, *memo.option_rows):
            assert "待核（" not in "".join(row.cells), f"{case.id} {row.key}"
