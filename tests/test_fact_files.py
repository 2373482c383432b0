"""事实文件：坏样本逐字核对报错；好的写法都收。"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from advisor.errors import InputError
from advisor.parcel import read_facts, read_parcel
from advisor.rulepack import RulePack

SAMPLES = sorted((Path(__file__).parent / "bad" / "facts").glob("*.yaml"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_bad_fact_file_is_refused_with_the_whole_message(sample: Path, pack: RulePack) -> None:
    expected = sample.with_name(f"{sample.stem}.期望.txt").read_text("utf-8").strip()
    with pytest.raises(InputError) as caught:
        read_parcel(sample, pack.vocabulary)
    assert str(caught.value) == expected.replace("{文件}", str(sample))


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("已抵押", "是", True),
        ("已抵押", "false", False),
        ("已抵押", "不清楚", None),
        ("已抵押", "待核实", None),
        ("已抵押", None, None),
        ("已抵押", "", None),
        ("地块面积", "228亩", Fraction(228)),
        ("地块面积", "1,234.5", Fraction("1234.5")),
        ("地块面积", "２２８", Fraction(228)),
        ("零星地块面积", 3.43, Fraction("3.43")),
        ("省份", "湖南省", "湖南"),
        ("地级市", "株洲市", "株洲"),
        ("县区", "天元区", "天元"),
        ("县区", "长沙经开区", "长沙经开区"),
        ("县区", "沙县", "沙县"),
    ],
)
def test_accepted_spellings(pack: RulePack, name: str, raw: object, value: object) -> None:
    assert pack.vocabulary[name].parse(raw) == value


@pytest.mark.parametrize("raw", ["nan", "inf", "1e400", "--3", "3.4.5", True, "9" * 5000])
def test_numbers_that_are_not_numbers(pack: RulePack, raw: object) -> None:
    with pytest.raises(InputError):
        pack.vocabulary["地块面积"].parse(raw)


def test_json_file_is_read_like_yaml(tmp_path: Path, pack: RulePack) -> None:
    path = tmp_path / "甲.json"
    path.write_text('{"名称": "甲", "事实": {"地块面积": 3.43, "已抵押": true, "司法查封": null}}', encoding="utf-8")
    assert read_parcel(path, pack.vocabulary).facts == {"已抵押": True, "地块面积": Fraction("3.43")}


def test_yaml_does_not_guess(tmp_path: Path, pack: RulePack) -> None:
    """010 不读成八进制，1:30 不读成九十。"""
    path = tmp_path / "甲.yaml"
    path.write_text("事实:\n  地块面积: 010\n  县区: 1:30\n", encoding="utf-8")
    assert read_parcel(path, pack.vocabulary).facts == {"县区": "1:30", "地块面积": Fraction(10)}


def test_alias_bomb_is_refused(tmp_path: Path, pack: RulePack) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    path = tmp_path / "炸弹.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="用了 YAML 的引用"):
        read_parcel(path, pack.vocabulary)


def test_ten_percent_is_exact(pack: RulePack) -> None:
    """3.43 ÷ 34.3 恰为 10%，不受浮点误差影响。"""
    facts = read_facts({"零星地块面积": "3.43", "项目总用地面积": "34.3"}, pack.vocabulary, "")
    assert pack.derive(facts)["零星占比"] == 10
