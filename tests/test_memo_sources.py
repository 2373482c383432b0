"""走一遍内容模型：数字、文号都要在所注出处的原文里找得到。对全部案例的事实各成一份。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest

from advisor.assess import Advisor
from advisor.memo import Estimate, build_memo
from advisor.memo.estimated import plan_estimates
from advisor.memo.model import Memo, Sourced
from advisor.memo.sourcing import Sourcing, traces
from advisor.parcel import Parcel

AS_OF = date(2026, 11, 21)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]*〔\d{4}〕\d+号|第\d+号")
ARTICLE = re.compile(r"第[一二三四五六七八九十百千零]+条")
COUNTED = ("事实", "规则")


def pieces(memo: Memo) -> Iterator[tuple[str, str, Sourced]]:
    """每句、每格：位置、文字、带出处的句或行；序号一栏不算。"""
    for paragraph in memo.paragraphs():
        for sentence in paragraph.sentences:
            yield paragraph.key, sentence.text, sentence
    for row in memo.rows():
        for index, cell in enumerate(row.cells):
            if index or not cell.isdigit():
                yield row.key, cell, row


def unsourced(text: str, item: Sourced, sourcing: Sourcing) -> list[str]:
    """文字里在出处的原文找不到的数、文号、条号；“共几项”等于所列出处的个数，算有出处。"""
    known = " ".join(sourcing.text(source) for source in item.sources)
    for kind in COUNTED:
        text = text.replace(f"{len(item.of(kind))}项", "")
    numbers = set(NUMBER.findall(known))
    lost = [number for number in NUMBER.findall(text) if number not in numbers]
    lost += [found for found in DOCUMENT_NUMBER.findall(text) if found not in known]
    return lost + [found for found in ARTICLE.findall(text) if found not in known]


def check(memo: Memo, sourcing: Sourcing) -> list[str]:
    """全份里没有出处的。"""
    found: list[str] = []
    for where, text, item in pieces(memo):
        if not item.sources:
            found.append(f"{where}：没有出处——{text}")
        found += [f"{where}：{lost}——{text[:60]}" for lost in unsourced(text, item, sourcing)]
    return found


@pytest.mark.parametrize("part", range(2))
def test_every_number_of_every_other_case_has_a_source(advisor: Advisor, part: int) -> None:
    faults: list[str] = []
    for case in advisor.playbook.cases[part::4]:
        result = advisor.assess([Parcel(name="本地块", facts=case.facts)], AS_OF)
        parcel = result.parcels[0]
        faults += [
            f"{case.id} {item}"
            for item in check(build_memo(parcel, result, advisor), Sourcing(parcel, result, advisor))
        ]
    assert faults == []


def test_a_number_without_a_source_is_caught(advisor: Advisor) -> None:
    """守门的自己也要会失败：出处里没有的数、文号、条号，没有出处的句子。"""
    result = advisor.assess([Parcel(name="甲", facts=advisor.playbook.case("H09").facts)], AS_OF)
    sourcing = Sourcing(result.parcels[0], result, advisor)
    area = sourcing.sentence("面积228亩，补缴9999万元，依国土资规〔1999〕1号第九百条。", "事实:地块面积")
    assert unsourced(area.text, area, sourcing) == ["9999", "1999", "1", "依国土资规〔1999〕1号", "第九百条"]
    bare = sourcing.sentence("面积228亩。", "规则:组合")
    assert unsourced(bare.text, bare, sourcing) == ["228"]


def test_unverified_bases_carry_their_mark(advisor: Advisor) -> None:
    """依据待核的，句里、表里都带记号，对照表写明可靠程度。"""
    result = advisor.assess([Parcel(name="甲", facts=advisor.playbook.case("H02").facts)], AS_OF)
    sourcing = Sourcing(result.parcels[0], result, advisor)
    memo = build_memo(result.parcels[0], result, advisor)
    assert sourcing.basis_text("依据:H2").endswith("〔依据待核，时效待核〕")
    assert sourcing.basis_text("依据:A1§58") == "《中华人民共和国土地管理法》第五十八条"
    cash = next(row for row in memo.option_rows if row.cells[0] == "现金流出")
    assert "不改用途的补缴价款——拟出让时出让土地市场价减划拨权益价〔依据待核〕" in cash.cells[2]
    risk = next(item for item in memo.risks if "作价出资" in item.key)
    assert risk.text.endswith("〔依据待核〕。")
    assert risk.sentences[0].confidence == "依据待核"
    row = next(item for item in traces(memo, sourcing) if item.where == risk.key)
    assert "H2" not in row.text and "湘自资规〔2021〕7号" in row.bases


def test_unknown_is_written_as_to_be_verified_not_as_fact(advisor: Advisor) -> None:
    """方案还有待核实的条件：写“经核实后”，不写成已定；不知道的事实写【待核实】。"""
    result = advisor.assess([Parcel(name="甲", facts={**advisor.playbook.case("H09").facts})], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor)
    text = "".join(paragraph.heading + paragraph.text for paragraph in memo.path)
    assert text.startswith("经核实后，建议按以下次序处置")
    assert "1.带押分割。【待核实】" in text
    empty = advisor.assess([Parcel(name="甲", facts={})], AS_OF)
    blank = build_memo(empty.parcels[0], empty, advisor)
    assert "抵押情况【待核实】" in blank.overview[0].text
    assert "没有抵押" not in blank.overview[0].text


@pytest.mark.parametrize("value", ["是", "否"])
def test_overview_says_what_the_fact_says(advisor: Advisor, value: str) -> None:
    facts = {"已抵押": value == "是"}
    result = advisor.assess([Parcel(name="甲", facts=facts)], AS_OF)
    text = build_memo(result.parcels[0], result, advisor).overview[0].text
    assert ("已设抵押" in text, "没有抵押" in text) == ((True, False) if value == "是" else (False, True))


def test_estimates_are_a_table_with_what_is_missing(advisor: Advisor) -> None:
    """测算由别处算好传进来：缺价的写缺什么，不给就没有这一节。"""
    result = advisor.assess([Parcel(name="甲", facts=advisor.playbook.case("H09").facts)], AS_OF)
    estimate = Estimate(
        name="补缴价款", result="缺价，算不出", formula="新条件市场价减原条件市场价", inputs=(), missing=("新条件市场价",),
        bases=("《中华人民共和国城市房地产管理法》第十八条",), valuation_date="2026-11-21", note="以评估备案结果为准",
        sources=("依据:A2§18",),
    )  # fmt: skip
    memo = build_memo(result.parcels[0], result, advisor, estimates=(estimate,))
    assert "缺：新条件市场价" in memo.estimate_rows[0].cells[2]
    assert "以评估备案结果为准" in memo.estimate_rows[0].cells[3]
    assert check(memo, Sourcing(result.parcels[0], result, advisor, (estimate,))) == []
    assert build_memo(result.parcels[0], result, advisor).estimate_rows == ()


def test_what_can_be_estimated_is_given_and_the_rest_says_what_it_lacks(advisor: Advisor) -> None:
    """汇隆：228 亩已开发 28 亩，退出 102 亩，保留 98 亩；没有价的一项不算，逐项说缺什么。"""
    facts = {**advisor.playbook.case("H09").facts, "拟退出面积": Fraction(102)}
    parcel = Parcel(name="甲", facts=facts)
    result = advisor.assess([parcel], AS_OF)
    given = plan_estimates(advisor, parcel, result.parcels[0], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor, estimates=given)
    rows = {row.cells[0]: row.cells for row in memo.estimate_rows}
    assert "98 亩" in rows["分割后面积"][1]
    assert "收储补偿总价" in rows["未算各项"][2]
    assert check(memo, Sourcing(result.parcels[0], result, advisor, given)) == []


def test_options_stand_side_by_side_as_in_the_broadcasting_case(advisor: Advisor) -> None:
    """湖南广电一案：作价出资、划拨补办出让、五年过渡期并排，各写现金流出、谁出、税费、批准、时间、还开着、风险。"""
    result = advisor.assess([Parcel(name="甲", facts=advisor.playbook.case("H02").facts)], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor)
    rows = {row.cells[0]: row.cells[1:] for row in memo.option_rows}
    assert rows["办法"] == ("作价出资", "划拨补办出让", "五年过渡期")
    assert {"现金流出", "谁出", "涉及的税", "批准", "时间", "还开着", "风险与防范"} <= set(rows)
    assert "不缴现金出让金" in rows["现金流出"][0]
    assert rows["谁出"][0] == "土地价款——不付现金"
    assert "过渡期内不补价款" in rows["现金流出"][2]
    assert rows["时间"][2].startswith("20–45日")
    assert all(all(cells) for cells in rows.values())


def drafted(advisor: Advisor, case_id: str) -> Memo:
    """一个案例的地块，连同测算的草案。"""
    parcel = Parcel(name="甲", facts=advisor.playbook.case(case_id).facts)
    result = advisor.assess([parcel], AS_OF)
    given = plan_estimates(advisor, parcel, result.parcels[0], AS_OF)
    return build_memo(result.parcels[0], result, advisor, estimates=given)


def test_what_decides_whether_to_ask_is_asked_first(advisor: Advisor) -> None:
    """龙河：抵押、查封都没查。先查有没有，正文不先问能不能自己解押、法院同不同意；清单里也排在后面。"""
    memo = drafted(advisor, "N02")
    body = "".join(item.text for item in memo.verify)
    assert "有抵押登记吗" in body
    assert "自己解押" not in body and "执行法院已经同意" not in body
    asked = [row.key.partition("/")[2] for row in memo.check_rows]
    assert asked.index("已抵押") < asked.index("能自筹解押")
    assert asked.index("司法查封") < asked.index("执行法院同意处置")


def test_a_rejected_tool_says_which_condition_is_not_met(advisor: Advisor) -> None:
    """龙河已动工停建：无偿收回的要件“从没有依法动过工”不满足，不写成“从没有依法动过工”；改变不了的只点明是哪一项。"""
    rows = {row.cells[0]: row.cells for row in drafted(advisor, "N02").rejected_rows}
    _, reason, ways = rows["闲置无偿收回"]
    assert reason.startswith("不满足“从没有依法动过工")
    assert ways.split("\n")[0] == "不可改变：已依法动工现为是"
    assert "司法查封" not in ways
    assert rows["五年过渡期"][1].startswith("触发“商品住宅用地须公开竞价取得")


def test_an_estimate_names_the_line_it_gives(advisor: Advisor) -> None:
    """龙河调整后容积率 2.2，上限 2.2：写明是距上限 0、不超过上限，不光写一个 0。"""
    rows = {row.cells[0]: row.cells for row in drafted(advisor, "N02").estimate_rows}
    assert rows["廊坊商改住容积率"][1] == "距上限 0\n不超过上限：满足"
