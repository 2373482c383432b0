"""带单位的数：换算是精确的有理数，中文数字往返不变，认不出的不猜。

期望由算术给出：1 公顷 = 15 亩 = 10000 平方米。
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import InputError, RulePackError
from advisor.measures import number, scales_for
from advisor.rulepack import RulePack, load_rule_pack
from advisor.vocabulary import Fact, Kind

MU_PER_SQUARE_METRE = Fraction(15, 10000)
_FIGURES = "零一二三四五六七八九"
_SECTION = ("", "十", "百", "千")


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("地块面积", "34.3亩", Fraction("34.3")),
        ("地块面积", "34.3", Fraction("34.3")),
        ("地块面积", "34.3 亩", Fraction("34.3")),
        ("地块面积", "2.2867公顷", Fraction("2.2867") * 15),
        ("地块面积", "２.２８６７ 公顷", Fraction("2.2867") * 15),
        ("地块面积", "1.5 hm²", Fraction("22.5")),
        ("地块面积", "1.5HM2", Fraction("22.5")),
        ("地块面积", "22866.7平方米", Fraction("22866.7") * MU_PER_SQUARE_METRE),
        ("地块面积", "22,866.7 ㎡", Fraction("22866.7") * MU_PER_SQUARE_METRE),
        ("地块面积", "22866.7m2", Fraction("22866.7") * MU_PER_SQUARE_METRE),
        ("地块面积", "0.5 万平方米", Fraction("7.5")),
        ("地块面积", "1.2万亩", Fraction(12000)),
        ("地块面积", "1平方公里", Fraction(1500)),
        ("地块面积", "十五亩", Fraction(15)),
        ("地块面积", "三亩半", Fraction("3.5")),
        ("地块面积", "半亩", Fraction("0.5")),
        ("地块面积", "1公顷5亩", Fraction(20)),
        ("地块面积", "一百二十八点五", Fraction("128.5")),
        ("地块面积", "3,430", Fraction(3430)),
        ("地块面积", "3.43e2", Fraction(343)),
        ("地块面积", "1,234,567.89", Fraction("1234567.89")),
        ("总计容建筑面积", "15亩", Fraction(10000)),
        ("总计容建筑面积", "1亩", Fraction(2000, 3)),
        ("总计容建筑面积", "一点二万平方米", Fraction(12000)),
        ("开发投资比例", "25%", Fraction(25)),
        ("开发投资比例", "25％", Fraction(25)),
        ("开发投资比例", "25", Fraction(25)),
        ("开发投资比例", "百分之二十五", Fraction(25)),
        ("开发投资比例", "百分之25", Fraction(25)),
        ("开发投资比例", "三分之一", Fraction(100, 3)),
        ("开发投资比例", "三成", Fraction(30)),
        ("开发投资比例", "三成半", Fraction(35)),
        ("开发投资比例", "百分之一百二十", Fraction(120)),
        ("超约定动工日年限", "2年半", Fraction("2.5")),
        ("超约定动工日年限", "两年半", Fraction("2.5")),
        ("超约定动工日年限", "18个月", Fraction("1.5")),
        ("超约定动工日年限", "十八个月", Fraction("1.5")),
        ("超约定动工日年限", "2年3个月", Fraction("2.25")),
        ("超约定动工日年限", "半年", Fraction("0.5")),
        ("剩余使用年限", "三十七年", Fraction(37)),
        ("权利人数量", "三家", Fraction(3)),
        ("权利人数量", "12户", Fraction(12)),
        ("现状容积率", "一点五", Fraction("1.5")),
        ("亩均税收", "25万元/亩·年", Fraction(25)),
        ("亩均税收", "25 万元/亩", Fraction(25)),
        ("亩均税收", "8000元/亩", Fraction("0.8")),
        ("本息覆盖倍数", "1.2倍", Fraction("1.2")),
    ],
)
def test_quantities_as_people_write_them(pack: RulePack, name: str, raw: str, value: Fraction) -> None:
    assert pack.vocabulary[name].parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("二十五万元", Fraction(25)),
        ("7167.74万元", Fraction("7167.74")),
        ("7167.74", Fraction("7167.74")),
        ("3 亿元", Fraction(30000)),
        ("一亿二千万元", Fraction(12000)),
        ("1亿2000万元", Fraction(12000)),
        ("3千万元", Fraction(3000)),
        ("50元", Fraction(50, 10000)),
    ],
)
def test_money(raw: str, value: Fraction) -> None:
    """金额的单位是万元时，元、亿元都折成万元。"""
    money = Fact(name="价", kind=Kind.NUMBER, group="甲", unit="万元", scales=scales_for("万元", [{"元": Fraction(1)}]))
    assert money.parse(raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("超约定动工日年限", "3亩", "收到“3亩”，单位“亩”用不到这里。可填：不小于 0 的数，单位年"),
        ("地块面积", "三年", "收到“三年”，单位“年”用不到这里"),
        ("地块面积", "25%", "收到“25%”，单位“%”用不到这里"),
        ("开发投资比例", "3倍", "收到“3倍”，单位“倍”用不到这里"),
        ("现状容积率", "2亩", "收到“2亩”，单位“亩”用不到这里"),
        ("地块面积", "-3公顷", "收到“-3公顷”。可填：不小于 0 的数，单位亩"),
        ("地块面积", "负三亩", "收到“负三亩”。"),
        ("地块面积", "三分之一", "收到“三分之一”。"),
        ("地块面积", "3,43", "收到“3,43”。"),
        ("地块面积", "3 430", "收到“3 430”。"),
        ("地块面积", "34.3亩左右", "收到“34.3亩左右”。"),
        ("地块面积", "约34亩", "收到“约34亩”。"),
        ("地块面积", "亩", "收到“亩”。"),
        ("地块面积", "5亩1公顷", "收到“5亩1公顷”。"),
        ("地块面积", "3亩年", "收到“3亩年”。"),
        ("地块面积", "1e400亩", "收到“1e400亩”。"),
        ("权利人数量", "两个半", "收到“两个半”。可填：不小于 0 的整数，单位个"),
        ("剩余使用年限", "852个月", "收到“852个月”。可填：不小于 0 、不大于 70 的数，单位年"),
    ],
)
def test_what_does_not_fit_is_said(pack: RulePack, name: str, raw: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        pack.vocabulary[name].parse(raw)
    assert f"事实“{name}”{said}" in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("2公顷", "按 30 亩记"),
        ("十五亩", "按 15 亩记"),
        ("22866.7㎡", "按 34.30005 亩记"),
        ("1000平方米", "按 1.5 亩记"),
        ("34.3亩", ""),
        ("34.3", ""),
        ("3,430 亩", ""),
        ("不清楚", ""),
    ],
)
def test_conversion_is_said_back(pack: RulePack, raw: str, shown: str) -> None:
    assert pack.vocabulary["地块面积"].restated(raw) == shown


def in_chinese(value: int) -> str:
    """规范写法，照读法一位一位写：另写一遍，用来对拍。"""
    if value == 0:
        return "零"
    parts: list[str] = []
    for power, mark in ((8, "亿"), (4, "万"), (0, "")):
        level = value // 10**power % (10**8 if power == 8 else 10**4)
        if not level:
            continue
        gap = bool(parts) and level < 1000
        parts.append(("零" if gap else "") + section_in_chinese(level) + mark)
    return "".join(parts)


def section_in_chinese(value: int) -> str:
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + _FIGURES[digit] + _SECTION[place]
            zero = False
        else:
            zero = True
    return text


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_round_trip(value: int) -> None:
    high, low = divmod(value, 10**8)
    text = (in_chinese(high) + "亿" if high else "") + (
        ("零" if high and low < 10**7 else "") + in_chinese(low) if low or not high else ""
    )
    assert number(text) == value


@given(st.integers(0, 9999), st.text("0123456789", min_size=1, max_size=8))
def test_chinese_decimals_round_trip(whole: int, digits: str) -> None:
    text = in_chinese(whole) + "点" + "".join(_FIGURES[int(d)] for d in digits)
    assert number(text) == whole + Fraction(int(digits), 10 ** len(digits))


@given(st.decimals(0, 10**9, places=4))
def test_hectares_and_square_metres_agree_exactly(pack: RulePack, hectares: object) -> None:
    """同一块地写公顷、写平方米，记成同一个数，不差分毫。"""
    area = pack.vocabulary["地块面积"]
    exact = Fraction(str(hectares))
    assert area.parse(f"{hectares}公顷") == exact * 15
    assert area.parse(f"{hectares}万平方米") == exact * 15


@pytest.mark.parametrize(
    ("spoken", "value"),
    [("一百五", 150), ("两千三", 2300), ("一万二", 12000), ("一百零五", 105), ("十万", 100000), ("二〇二六", 2026)],
)
def test_spoken_numerals(spoken: str, value: int) -> None:
    assert number(spoken) == value


@pytest.mark.parametrize(
    "text", ["十十", "一百百", "一二百", "点五", "三十点", "一亿万", "1万2", "一百零", "--3", "9" * 80, ""]
)
def test_not_a_number(text: str) -> None:
    assert number(text) is None


def test_wrong_units_file_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "minimal"
    shutil.copytree(Path(__file__).parent / "packs" / "minimal", root)
    (root / "units.yaml").write_text(
        "量:\n  - {名称: 面积, 单位: {亩: 1, 公顷: 十五, 顷: -2}}\n  - {名称: 又一类, 单位: {亩: 2}}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulePackError) as caught:
        load_rule_pack(root)
    assert caught.value.problems == [
        "minimal/units.yaml 第 2 行：单位“公顷”的倍数“十五”不合。改法：写大于 0 的数或分数，如 2000/3。",
        "minimal/units.yaml 第 2 行：单位“顷”的倍数“-2”不合。改法：写大于 0 的数或分数，如 2000/3。",
        "minimal/units.yaml 第 3 行：单位“亩”重复。改法：一种写法只归一类。",
    ]


def test_wrong_pure_and_usual_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "minimal"
    shutil.copytree(Path(__file__).parent / "packs" / "minimal", root)
    (root / "units.yaml").write_text(
        "量:\n  - {名称: 比例, 单位: {'%': 1}, 纯数: 百分之一}\n  - {名称: 面积, 单位: {亩: 1}, 常写: [亩, 公顷]}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulePackError) as caught:
        load_rule_pack(root)
    assert caught.value.problems == [
        "minimal/units.yaml 第 2 行：纯数“百分之一”不合。改法：写大于 0 的数或分数，如 1/100。",
        "minimal/units.yaml 第 3 行：常写的“公顷”不在这一类。改法：先写进单位；万、亿可带在前面。",
    ]


@pytest.mark.parametrize(
    ("text", "factor", "dimension"),
    [
        ("公顷", 10_000, (("平方米", 1),)),
        ("亩", Fraction(10_000, 15), (("平方米", 1),)),
        ("万㎡", 10_000, (("平方米", 1),)),
        ("亿元", 10**8, (("元", 1),)),
        ("％", Fraction(1, 100), ()),
        ("倍", 1, ()),
        ("", 1, ()),
        ("元每平方米", 1, (("元", 1), ("平方米", -1))),
        ("万元/亩·年", Fraction(10_000 * 15, 10_000), (("元", 1), ("平方米", -1), ("年", -1))),
    ],
)
def test_units_of_formulas_come_from_the_same_table(
    pack: RulePack, text: str, factor: Fraction, dimension: tuple[tuple[str, int], ...]
) -> None:
    """测算的单位与量纲：期望由 1 公顷 = 15 亩 = 10000 平方米与十进制算得。"""
    found = pack.estimates.units.find(text)
    assert found is not None and (found.factor, found.dimension) == (factor, dimension)


@pytest.mark.parametrize("text", ["斤", "元/斤", "/亩", "万元/", "元/亩/斤", "万", "万/亩", "百元"])
def test_unknown_units_are_not_guessed(pack: RulePack, text: str) -> None:
    assert pack.estimates.units.find(text) is None


def test_facts_and_formulas_convert_alike(pack: RulePack) -> None:
    """同一张表：两种写法的倍数之比，填事实的与测算的一致。"""
    for fact in pack.vocabulary:
        wanted = pack.estimates.units.find(fact.unit) if fact.kind is Kind.NUMBER else None
        for spelling, scale in fact.scales.items():
            found = pack.estimates.units.find(spelling)
            if wanted is not None and found is not None and found.dimension == wanted.dimension:
                assert found.factor / wanted.factor == scale, f"{fact.name} {spelling}"


def test_a_unit_added_to_the_table_works_in_formulas(tmp_path: Path) -> None:
    """在单位表里加一种写法，测算就认得，不用动代码。"""
    root = tmp_path / "minimal"
    shutil.copytree(Path(__file__).parent / "packs" / "minimal", root)
    assert load_rule_pack(root).estimates.units.find("垧") is None
    table = (root / "units.yaml").read_text("utf-8")
    (root / "units.yaml").write_text(table.replace("亩: 2000/3", "亩: 2000/3, 垧: 10000"), "utf-8")
    found = load_rule_pack(root).estimates.units.find("万元/垧")
    assert found is not None and found.factor == 1
