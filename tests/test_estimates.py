"""测算：案例源里的数、可演算的算术、区间的性质、写错的输入。"""

from __future__ import annotations

import io
import json
import tokenize
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.cli import run
from advisor.errors import InputError
from advisor.estimating import EstimateView, estimates, read_inputs
from advisor.estimating.inputs import allowed
from advisor.estimating.interval import DivisorSpansZero, Interval
from advisor.estimating.model import LineView
from advisor.estimating.term import Constant, Extreme, Operation, Term, Variable, bounds, variables
from advisor.expression import names
from advisor.parcel import Parcel, Stated, read_parcel
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack
from advisor.vocabulary import FactValue

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)
MU = Fraction(2000, 3)
"""一亩的平方米数。"""


def made(pack: RulePack, facts: dict[str, FactValue], **raw: object) -> dict[str, EstimateView]:
    """按名称取各项测算。"""
    inputs = read_inputs(pack, {name: Stated(raw=value, where="例") for name, value in raw.items()})
    return {view.name: view for view in estimates(pack, facts, inputs, AS_OF)}


def line(view: EstimateView, name: str) -> LineView:
    return next(item for item in view.lines if item.name == name)


# —— 案例源里的数 ——


def test_tianshili_premium_is_not_guessed(pack: RulePack, playbook: Playbook) -> None:
    """补缴 7167.74 万元是两个评估价的差额；源文没有写那两个价，算不出，只说缺哪两个价。"""
    view = made(pack, dict(playbook.case("N03b").facts))["补缴价款"]
    assert (view.relevance, view.outcome, view.result) == ("适用", "缺输入", None)
    assert [item.name for item in view.missing] == ["新规划条件市场价", "原规划条件市场价"]
    assert all("土地估价报告" in item.source and item.kind == "测算输入" for item in view.missing)
    assert [item.instead for item in view.missing] == ["新规划条件楼面地价", "原规划条件楼面地价、原规划容积率"]
    assert all(item.value is None for item in view.lines)


@settings(max_examples=20, deadline=None)
@given(st.decimals(min_value=0, max_value=50_000, places=2))
def test_any_two_prices_that_far_apart_give_the_premium(pack: RulePack, playbook: Playbook, before: object) -> None:
    old = Fraction(str(before))
    facts = dict(playbook.case("N03b").facts)
    view = made(pack, facts, 原规划条件市场价=old, 新规划条件市场价=old + Fraction("7167.74"))["补缴价款"]
    assert view.result is not None and (view.result.low, view.result.high) == (7167.74, 7167.74)


def test_tianshili_fragment_share(pack: RulePack) -> None:
    """1688.4 平方米占合并后 45071.4 平方米的 3.75%，不到一成。"""
    facts: dict[str, FactValue] = {
        "省份": "天津", "毗邻零星地块": True,
        "零星地块面积": Fraction("1688.4") / MU, "项目总用地面积": Fraction("45071.4") / MU,
    }  # fmt: skip
    view = made(pack, facts)["天津零星用地占比"]
    assert view.relevance == "适用"
    assert view.result is not None and view.result.low == round(1688.4 / 45071.4 * 100, 4)
    assert line(view, "不超过一成").status == "满足"


def test_longhe_plot_ratio_sits_on_the_limit(pack: RulePack, playbook: Playbook) -> None:
    """已建 4.65 ÷ 11.58 过三分之一，调整后 2.2 不超过 2.2。"""
    facts = dict(playbook.case("N02").facts)
    views = made(pack, facts, 已建成建筑面积="4.65万平方米", 规划总建筑面积="11.58万㎡")
    assert line(views["廊坊商改住容积率"], "不超过上限").status == "满足"
    assert views["廊坊商改住容积率"].relevance == "适用"
    assert line(views["已建成占比"], "超过三分之一").status == "满足"
    over = made(pack, {**facts, "改造后容积率": Fraction("2.2001")})["廊坊商改住容积率"]
    assert line(over, "不超过上限").status == "不满足"


def test_huilong_areas_add_up(pack: RulePack, playbook: Playbook) -> None:
    """28 ＋ 102 ＋ 98 ＝ 228。"""
    facts = {**playbook.case("H09").facts, "拟退出面积": Fraction(102)}
    kept = made(pack, facts)["分割后面积"].result
    assert kept is not None and kept.text == "98 亩"
    assert facts["已开发面积"] + facts["拟退出面积"] + kept.low == facts["地块面积"] == 228  # type: ignore[operator]


def test_idle_fee_is_at_most_a_fifth(pack: RulePack) -> None:
    """法律：出让金的 20% 以下；部令：20%。宜章一案的出让金为 928.66 万元。"""
    facts: dict[str, FactValue] = {"已依法动工": False, "超约定动工日年限": Fraction(1), "闲置原因": "企业自身"}
    view = made(pack, facts, 土地出让或划拨价款="928.66")["土地闲置费"]
    law, order = line(view, "法律幅度内的闲置费").value, line(view, "按部令征缴").value
    assert law is not None and order is not None
    assert (law.low, law.high) == (0, 185.732) and (order.low, order.high) == (185.732, 185.732)


def test_buyback_price_per_mu(pack: RulePack) -> None:
    """奥瑞克：14.8 亩 454.67 万元，每亩约 30.72 万元。"""
    view = made(pack, {}, 收储补偿总价="454.67", 收储面积="14.8")["收储再供应收支"]
    price = line(view, "收储单价").value
    assert price is not None and price.low == round(454.67 / 14.8, 4)


@pytest.mark.parametrize(
    ("surface", "underground", "mu", "times"),
    [("40", "48328", "72.5", "1.8"), ("78", "33600", "50.4", "0.65")],
    ids=["舜泰", "九龙公园"],
)
def test_underground_areas(pack: RulePack, surface: str, underground: str, mu: str, times: str) -> None:
    """舜泰地下 48328 平方米约 72.5 亩；九龙公园用地 5.2 万平方米、地下 3.36 万平方米。"""
    facts: dict[str, FactValue] = {"地块面积": Fraction(surface), "地上地下分层利用": True}
    view = made(pack, facts, 地下建筑面积=underground)["地下空间折算"]
    shown = [line(view, name).value for name in ("折合土地", "相当于地块面积")]
    for value, wanted in zip(shown, (mu, times), strict=True):
        assert value is not None and f"{value.low:.{len(wanted.partition('.')[2])}f}" == wanted


def test_zengcheng_base_leaves_out_ancillary_floors(pack: RulePack) -> None:
    """六成的基数先扣配套：10 万里有 1.5 万配套，上限是 5.1 万，不是 6 万。"""
    place: dict[str, FactValue] = {"省份": "广东", "地级市": "广州", "县区": "增城", "拟建标准厂房": True}
    facts = {**place, "总计容建筑面积": Fraction(100_000), "配套用房计容建筑面积": Fraction(15_000)}
    view = made(pack, facts)["增城可分割转让面积"]
    cap = line(view, "可分割转让上限").value
    assert cap is not None and cap.low == (100_000 - 15_000) * 0.6
    assert line(view, "拟分割不超过上限").missing == ("拟分割转让建筑面积",)
    tool = next(item for item in pack.tools["标准厂房"].rules if item.id == "增城可分割比例")
    for sold in (50_999, 51_000, 51_001, 60_000):
        status = line(made(pack, {**facts, "拟分割转让建筑面积": Fraction(sold)})["增城可分割转让面积"], "拟分割不超过上限").status  # fmt: skip
        assert (status == "满足") is tool.test({**facts, "拟分割转让建筑面积": Fraction(sold)})


# —— 税与现金流的算术 ——


def tiered(income: Fraction, cost: Fraction) -> Fraction:
    """土地增值税按条例的四档逐档算（独立写一遍）。"""
    gain = max(income - cost, Fraction(0))
    tax = Fraction(0)
    edges = [Fraction(0), cost / 2, cost, cost * 2, max(gain, cost * 2)]
    for low, high, rate in zip(edges, edges[1:], (30, 40, 50, 60), strict=False):
        tax += max(min(gain, high) - low, Fraction(0)) * rate / 100
    return tax


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 2000))
def test_land_value_added_tax_is_the_four_tiers(pack: RulePack, income: int, cost: int) -> None:
    view = made(pack, {"土地所有权": "国有"}, 不含税转让收入=income, 扣除项目金额=cost)["土地增值税"]
    assert view.result is not None
    assert view.result.low == pytest.approx(float(tiered(Fraction(income), Fraction(cost))), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.integers(0, 3000), st.integers(0, 900)), st.tuples(st.integers(1, 1500), st.integers(0, 700)))
def test_land_value_added_tax_range_is_tight(pack: RulePack, income: tuple[int, int], cost: tuple[int, int]) -> None:
    """收入高、扣除少则税多：两端恰是两个角上的税。"""
    spans = {"不含税转让收入": [income[0], sum(income)], "扣除项目金额": [cost[0], sum(cost)]}
    result = made(pack, {"土地所有权": "国有"}, **spans)["土地增值税"].result
    assert result is not None and result.tight
    assert result.low == pytest.approx(float(tiered(Fraction(income[0]), Fraction(sum(cost)))), abs=1e-4)
    assert result.high == pytest.approx(float(tiered(Fraction(sum(income)), Fraction(cost[0]))), abs=1e-4)


def test_present_value_by_hand(pack: RulePack) -> None:
    """起步投 1000，一年收 550，两年收 605，折现率 10%：－1000＋500＋500＝0。"""
    flows = {"分年建设投资": {"0": 1000, "其余年": 0}, "分年租金收入": {"0": 0, "1": 550, "2": 605}}
    none = dict.fromkeys(["分年转让销售收入", "分年土地价款", "分年运营费用", "分年税费"], 0)
    view = made(pack, {}, 折现率=10, **none, **flows)["改造项目现金流"]
    assert view.flow is not None and view.flow.years == (0, 1, 2)
    assert [cell and cell.low for cell in view.flow.rows[-1].cells] == [-1000, 550, 605]
    assert view.result is not None and (view.result.low, view.result.high) == (0, 0)
    spread = made(pack, {}, 折现率=[5, 15], **none, **flows)["改造项目现金流"].result
    low, high = (-1000 + 550 / (1 + r) + 605 / (1 + r) ** 2 for r in (0.15, 0.05))
    assert spread is not None and spread.low <= round(low, 4) and round(high, 4) <= spread.high


def test_an_untold_year_is_missing_not_zero(pack: RulePack) -> None:
    none = dict.fromkeys(["分年转让销售收入", "分年土地价款", "分年运营费用", "分年税费", "分年租金收入"], 0)
    view = made(pack, {}, 分年建设投资={"第1年": 100, "第3年": 100}, **none)["改造项目现金流"]
    assert view.flow is not None
    built = next(row for row in view.flow.rows if row.name == "建设投资")
    assert [cell and cell.low for cell in built.cells] == [100, None, 100]
    assert view.result is None


def test_units_are_converted_exactly(pack: RulePack) -> None:
    """1 亩 ＝ 2000/3 平方米；300 亩 × 1 × 1500 元/平方米 ＝ 3 亿元。"""
    facts: dict[str, FactValue] = {"地块面积": Fraction(300), "改造后容积率": Fraction(1)}
    view = made(pack, facts, 新规划条件楼面地价="1500 元/㎡", 原规划条件市场价="1.2亿元")["补缴价款"]
    assert view.result is not None and view.result.text == "18000 万元"
    assert line(view, "新条件市场价").substituted == "1500 元/平方米 × 300 亩 × 1"


# —— 区间的性质 ——

_NAMES = ("甲", "乙", "丙")
_numbers = st.fractions(min_value=-20, max_value=20, max_denominator=8)


def _grow(parts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.builds(Operation, st.sampled_from("+-*/"), parts, parts),
        st.builds(Extreme, st.booleans(), st.lists(parts, min_size=1, max_size=3).map(tuple)),
    )


terms = st.recursive(st.one_of(st.builds(Variable, st.sampled_from(_NAMES)), st.builds(Constant, _numbers)), _grow, max_leaves=8)  # fmt: skip
intervals = st.tuples(_numbers, _numbers).map(lambda ends: Interval(min(ends), max(ends)))
boxes = st.fixed_dictionaries(dict.fromkeys(_NAMES, intervals))
shares = st.tuples(*(st.fractions(min_value=0, max_value=1, max_denominator=10) for _ in range(6)))


def within(outer: Interval, first: Fraction, second: Fraction) -> Interval:
    """按两个份额在区间里截一段。"""
    width = outer.high - outer.low
    low, high = sorted((first, second))
    return Interval(outer.low + width * low, outer.low + width * high)


@settings(max_examples=150, deadline=None)
@given(terms, boxes, shares)
def test_range_holds_every_point_and_never_widens(
    term: Term, box: dict[str, Interval], cut: tuple[Fraction, ...]
) -> None:
    """取区间内任一点，结果在区间内；缩窄输入，结果不变宽，也不由紧变松。"""
    try:
        whole = bounds(term, box)
    except DivisorSpansZero:
        return
    smaller = {name: within(box[name], cut[i], cut[i + 3]) for i, name in enumerate(_NAMES)}
    part = bounds(term, smaller)
    point = bounds(term, {name: Interval.of(item.low) for name, item in smaller.items()})
    assert point.interval.single
    assert part.interval.low <= point.interval.low <= part.interval.high
    assert whole.interval.low <= part.interval.low and part.interval.high <= whole.interval.high
    assert part.tight or not whole.tight


@settings(max_examples=150, deadline=None)
@given(terms, boxes)
def test_a_tight_range_is_reached_at_its_corners(term: Term, box: dict[str, Interval]) -> None:
    """说是紧的，两端就真取得到。"""
    try:
        found = bounds(term, box)
    except DivisorSpansZero:
        return
    if not found.tight:
        return
    used = sorted(set(variables(term)))
    corners = product(*((box[name].low, box[name].high) for name in used))
    values = [bounds(term, {n: Interval.of(v) for n, v in zip(used, ends, strict=True)}).interval.low for ends in corners]  # fmt: skip
    assert (min(values), max(values)) == (found.interval.low, found.interval.high)


def test_a_loose_range_says_so() -> None:
    """甲 × 甲 在 [-1, 1] 上方向不定：给外包区间，并说是外包。"""
    found = bounds(Operation("*", Variable("甲"), Variable("甲")), {"甲": Interval.of(-1, 1)})
    assert not found.tight and found.interval == Interval.of(-1, 1)


def complete(pack: RulePack) -> tuple[dict[str, FactValue], dict[str, object]]:
    """数值事实与输入都填上的一宗地。"""
    facts: dict[str, FactValue] = {fact.name: Fraction(7) for fact in pack.vocabulary if fact.kind == "数值"}
    raw: dict[str, object] = {
        name: {"数": 11, "日期": "2026-08-01", "逐年": {"第1年": 5, "第2年": 6}}[entry.kind]
        for name, entry in pack.estimates.inputs.items()
    }
    return facts, raw | {"契税适用税率": 4, "分年建设投资": {"第1至2年": 3}}


def results(views: dict[str, EstimateView]) -> dict[tuple[str, str], object]:
    return {(v.name, item.name): (item.value, item.status) for v in views.values() for item in v.lines}


def test_everything_is_computed_when_nothing_is_missing(pack: RulePack) -> None:
    facts, raw = complete(pack)
    for view in made(pack, facts, **raw).values():
        assert (view.outcome, view.missing) == ("已算出", ()), view.name


def test_taking_one_away_leaves_a_gap_never_a_zero(pack: RulePack) -> None:
    """逐个去掉一项：每行要么不变，要么变成缺；有别的写法的才会换算法，有法定幅度的才会用幅度。"""
    facts, raw = complete(pack)
    before = results(made(pack, facts, **raw))
    banded = {name for name, entry in pack.estimates.inputs.items() if entry.band}
    book = pack.estimates.estimates.items()
    switching = {name for name, item in book if any(one.form == "任一" for one in item.lines)}
    switching |= {name for name, item in book for one in item.lines if switching & {used for part in one.parts for used in names(part)}}  # fmt: skip
    for name in (*facts, *raw):
        fewer_facts = {key: value for key, value in facts.items() if key != name}
        fewer = made(pack, fewer_facts, **{key: value for key, value in raw.items() if key != name})
        for key, (value, status) in results(fewer).items():
            kept = (value, status) == before[key]
            gap = value is None and status in (None, "待核实")
            assert kept or gap or name in banded or key[0] in switching, (name, key)
        for view in fewer.values():
            assert all(item.name == name or item.name in fewer_facts or item.name not in facts for item in view.missing)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_shipped_estimates_hold_every_point(pack: RulePack, data: st.DataObject) -> None:
    """随仓库的各项测算：输入给区间，取其中任一点，每行的点结果都在区间结果里。"""
    facts, _ = complete(pack)
    spans: dict[str, object] = {}
    points: dict[str, object] = {}
    for name, entry in pack.estimates.inputs.items():
        if entry.kind == "日期":
            continue
        low, high = sorted((data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))))
        if entry.band:
            low, high = (int(bound) for bound in entry.band)
        middle = Fraction(low) + (high - low) * data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]))
        spans[name], points[name] = ([low, high], middle) if entry.kind == "数" else ({"1-2": [low, high]}, {"1-2": middle})  # fmt: skip
    wide, narrow = made(pack, facts, **spans), made(pack, facts, **points)
    for view in wide.values():
        for item in view.lines:
            inner = line(narrow[view.name], item.name)
            if item.value is not None and inner.value is not None:
                assert item.value.low - 1e-3 <= inner.value.low <= inner.value.high <= item.value.high + 1e-3
            if item.status in ("满足", "不满足"):
                assert inner.status == item.status


# —— 写错的输入 ——


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        (
            "新规划条件市场阶", 1,
            "例：“新规划条件市场阶”不是测算输入。可填：最接近的是“新规划条件市场价”。"
            "下一步：改成列出的名称；确需新增的在 rules/estimates/ 里加。",
        ),
        ("地块面积", 228, "例：“地块面积”是事实，不是测算输入。下一步：移到“事实:”下面。"),
        (
            "新规划条件市场价", "12 亩",
            "例：测算输入“新规划条件市场价”收到“12 亩”。可填：不小于 0 的数，单位万元（也可写明元、亿元），"
            "拿不准写区间 [低, 高]；没有的写“不清楚”。下一步：照可填的写法改正，再运行一次。",
        ),
        (
            "新规划条件市场价", [5, 3],
            "例：测算输入“新规划条件市场价”收到“[5, 3]”，区间反了。可填：不小于 0 的数，单位万元（也可写明元、亿元），"
            "拿不准写区间 [低, 高]；没有的写“不清楚”。下一步：小的写在前，大的写在后。",
        ),
        (
            "收储面积", -3,
            "例：测算输入“收储面积”收到“-3”，不能是负数。可填：不小于 0 的数，单位亩（也可写明平方米、万平方米、公顷），"
            "拿不准写区间 [低, 高]；没有的写“不清楚”。下一步：照可填的写法改正，再运行一次。",
        ),
        (
            "契税适用税率", "6%",
            "例：测算输入“契税适用税率”收到“6%”，不在法定幅度之内。可填：不小于 0 的数，单位%，在 3%～5% 之内，"
            "拿不准写区间 [低, 高]；没有的写“不清楚”。下一步：核对当地公布的适用数。",
        ),
        (
            "估价期日", "2026年8月",
            "例：测算输入“估价期日”收到“2026年8月”。可填：日期，如 2026-01-31；没有的写“不清楚”。"
            "下一步：照可填的写法改正，再运行一次。",
        ),
        (
            "分年税费", {"头一年": 3},
            "例：测算输入“分年税费”的年份写成“头一年”。可填：第1年、第2至5年、其余年；第0年是起步当年，最远第60年。"
            "下一步：照可填的写法改正，再运行一次。",
        ),
        ("分年税费", {"1-3": 3, "第2年": 4}, "例：测算输入“分年税费”的第2年写了两次。下一步：一年只留一处。"),
    ],
    ids=["写错名字", "是事实", "单位不合", "区间反了", "负数", "出了法定幅度", "日期不合", "年份不合", "年份重复"],
)  # fmt: skip
def test_bad_input_is_refused_with_the_whole_message(pack: RulePack, name: str, raw: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_inputs(pack, {name: Stated(raw=raw, where="例")})
    assert str(caught.value) == message


@pytest.mark.parametrize("raw", ["很大", "", True, "1~2~3", [1, 2, 3], [[1, 2], 3], {"a": 1}, "nan", "1e400", "十"])
def test_what_is_not_a_number_is_never_a_number(pack: RulePack, raw: object) -> None:
    """空是没有；其余都要报错。"""
    stated = {"收储补偿总价": Stated(raw=raw, where="例")}
    if raw == "":
        assert read_inputs(pack, stated).numbers == {}
        return
    with pytest.raises(InputError, match="收储补偿总价"):
        read_inputs(pack, stated)


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [
        ("1,200.5 万元", "12005000", "12005000"),
        ("１２００万元", "12000000", "12000000"),
        ("1.2亿元", "120000000", "120000000"),
        ("3000000元", "3000000", "3000000"),
        ("100～200", "1000000", "2000000"),
        ("100-200 万元", "1000000", "2000000"),
        ("100万元至1亿元", "1000000", "100000000"),
        (["100", "2000000元"], "1000000", "2000000"),
    ],
)
def test_accepted_spellings(pack: RulePack, raw: object, low: str, high: str) -> None:
    found = read_inputs(pack, {"收储补偿总价": Stated(raw=raw, where="例")}).numbers["收储补偿总价"]
    assert found == Interval(Fraction(low), Fraction(high))


def test_every_allowed_text_fits_one_line(pack: RulePack) -> None:
    """每个输入都说得出可填什么、找谁要。"""
    for entry in pack.estimates.inputs.values():
        assert allowed(entry) and entry.source and entry.text and entry.department, entry.name


# —— 文件、命令、规则包 ——


@pytest.fixture
def parcel_file(tmp_path: Path) -> Path:
    path = tmp_path / "甲.yaml"
    path.write_text(
        "名称: 甲地\n事实:\n  省份: 湖南\n  权利类型: 出让\n  登记用途: 工业\n  拟改造用途: 商业\n  已收归国有储备: 否\n"
        "测算:\n  新规划条件市场价: [9000, 9500]\n  原规划条件市场价: 4000\n",
        encoding="utf-8",
    )
    return path


def test_estimates_ride_in_the_fact_file_without_touching_the_verdict(pack: RulePack, parcel_file: Path) -> None:
    parcel = read_parcel(parcel_file, pack.vocabulary)
    assert set(parcel.estimates) == {"新规划条件市场价", "原规划条件市场价"}
    assert parcel.estimates["原规划条件市场价"].where == f"{parcel_file} 第 10 行"
    assert Parcel(name="甲地", facts=parcel.facts).estimates == {}


def test_command_lists_what_concerns_the_parcel(parcel_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["estimate", str(parcel_file), "--as-of", "2026-11-21", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    views = {view["name"]: view for view in found["estimates"]}
    assert views["补缴价款"]["result"] == {"low": 5000, "high": 5500, "unit": "万元", "text": "5000～5500 万元", "tight": True}  # fmt: skip
    assert "补办出让价款" not in views and "增城可分割转让面积" not in views
    assert run(["estimate", str(parcel_file), "--as-of", "2026-11-21", "--format", "json", "--all"]) == 0
    assert "补办出让价款" in {view["name"] for view in json.loads(capsys.readouterr().out)["estimates"]}
    assert run(["estimate", str(parcel_file), "--as-of", "2026-11-21"]) == 0
    text = "".join(capsys.readouterr().out.split())
    assert "应补缴＝取大者（市场价差额，0）＝取大者（5000～5500万元，0）＝5000～5500万元" in text


def test_command_names_the_line_of_a_bad_input(parcel_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parcel_file.write_text(parcel_file.read_text("utf-8").replace("[9000, 9500]", "[9500, 9000]"), encoding="utf-8")
    assert run(["estimate", str(parcel_file)]) == 2
    assert f"{parcel_file} 第 9 行：测算输入“新规划条件市场价”收到“[9500, 9000]”，区间反了。" in capsys.readouterr().err


def test_command_lists_the_inputs(pack: RulePack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "inputs"]) == 0
    text = "".join(capsys.readouterr().out.split())
    assert "契税适用税率" in text


def test_estimates_count_in_the_fingerprint(tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "minimal"
    shutil.copytree(Path(__file__).parent / "packs" / "minimal", root)
    before = load_rule_pack(root)
    assert list(before.estimates.estimates) == ["总价", "投资"]
    path = root / "estimates" / "测算.yaml"
    path.write_text(path.read_text("utf-8").replace("[3, 5]", "[3, 4]"), encoding="utf-8")
    assert load_rule_pack(root).sha256 != before.sha256


def test_expired_basis_takes_the_estimate_off(pack: RulePack) -> None:
    """依据尚未施行（基准日在前）的，不作数，写明原因。"""
    found = {view.name: view for view in estimates(pack, {"土地所有权": "国有", "愿转让或合作": True}, read_inputs(pack, {}), date(2020, 1, 1))}  # fmt: skip
    assert found["转让增值税"].relevance == "不适用" and "A11§10尚未施行" in found["转让增值税"].why


def test_every_estimate_has_bases_tools_and_scenarios(pack: RulePack) -> None:
    feature = (ROOT / "features" / "estimates" / "测算.feature").read_text("utf-8")
    for name, estimate in pack.estimates.estimates.items():
        assert estimate.citations and estimate.tools, name
        assert all(estimate.reminders), name
        assert f'测算"{name}"缺"' in feature or f'测算"{name}"的结论为"缺输入"' in feature, name
        assert f'测算"{name}"的"' in feature, name
        if estimate.premise or estimate.regions:
            assert f'测算"{name}"对本地块"不适用"' in feature, name


def test_no_estimate_in_the_code(pack: RulePack) -> None:
    """advisor/ 的代码里没有测算与输入的名字：公式、税率只在数据里。"""
    words = {*pack.estimates.inputs, *pack.estimates.estimates} - {"折现率"}
    words |= {line.name for estimate in pack.estimates.estimates.values() for line in estimate.lines if len(line.name) > 3}  # fmt: skip
    for path in sorted((ROOT / "advisor").rglob("*.py")):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            hits = [word for word in words if word in token.string]
            assert not hits, f"{path.relative_to(ROOT)} 第 {token.start[0]} 行：{hits}"
