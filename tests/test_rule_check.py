"""体检里的静态毛病：设立依据只在地方有效、问了不用的事实、说明与条件对不上。"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from advisor.rulecheck import check_pack

HERE = Path(__file__).parent
AS_OF = date(2026, 11, 21)
CHANGES = {
    "设立依据只在地方有效": (
        "tools/甲工具.yaml", "\n依据: [A1§1]", "\n依据: [L1]",
        "提醒  minimal/tools/甲工具.yaml 第 1 行：工具“甲工具”的条件凭全国的规定，设立依据却只在天津有效，"
        "别处一律待核实。改法：有全国依据的补上。",
    ),
    "问了不用": (
        "facts.yaml", "名称: 动工日,", "名称: 竣工日,",
        "提醒  minimal/facts.yaml：事实“竣工日”问了却没有一处用到。改法：删去，或在条件里用上。",
    ),
    "说明的数与条件不同": (
        "tools/甲工具.yaml", "零星占比 <= 10", "零星占比 <= 15",
        "错误  minimal/tools/甲工具.yaml 第 10 行：“占比”的条件写 零星占比 <= 15%，说明里的数却是 10%。"
        "改法：对照依据，改条件或改说明。",
    ),
    "只在倾向里用到": (
        "tools/乙工具.yaml", "说明: 只有记忆中的依据}\n",
        "说明: 只有记忆中的依据}\n倾向:\n  - {编号: 早动工, 条件: \"动工日 < '2020-01-01'\", 说明: 早就动工}\n",
        "提醒  minimal/tools/乙工具.yaml 第 10 行：事实“动工日”只在倾向里用到，问答从来不问它。"
        "改法：要紧的写进情形、要件或排除；只作参考的可以不改。",
    ),
}  # fmt: skip


def found(root: Path, playbooks: Path) -> set[str]:
    return {str(item) for item in check_pack(root, playbooks, AS_OF)}


@pytest.mark.parametrize("what", CHANGES)
def test_one_fault_adds_one_finding(what: str, tmp_path: Path) -> None:
    name, old, new, finding = CHANGES[what]
    for folder in ("cases", "tools"):
        (tmp_path / "playbooks" / folder).mkdir(parents=True)
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    before = found(root, tmp_path / "playbooks")
    path = root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert found(root, tmp_path / "playbooks") - before == {finding}


TABULAR = {
    "表头叫法指到没有的事实": ("headers.yaml", "别名: {没有这个事实: [别的叫法]}\n", "“没有这个事实”不在事实词表里"),
    "图形算没有的事实": ("spatial.yaml", "面积: 没有这个事实\n", "“没有这个事实”不在事实词表里"),
    "否决到没有的档": (
        "grading/本市.yaml",
        "名称: 本市\n示例: 是\n说明: 试\n最少权重: 1\n指标:\n  - {名称: 占比, 同: 零星面积, 权重: 1, 满分值: 10, 示例参数: 是}\n"
        "分档:\n  - {档: A, 不低于: 0}\n一票否决:\n  - {条件: 抵押, 档: Z, 说明: 试}\n",
        "没有“Z”这一档",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TABULAR)
def test_inventory_files_are_checked_too(what: str, tmp_path: Path) -> None:
    """平时用到才读的台账几份，体检时都读。"""
    pytest.importorskip("polars", reason="没有装 advisor[screen]")
    name, text, said = TABULAR[what]
    if name == "spatial.yaml":
        pytest.importorskip("shapely", reason="没有装 advisor[geo]")
    for folder in ("cases", "tools"):
        (tmp_path / "playbooks" / folder).mkdir(parents=True)
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    before = found(root, tmp_path / "playbooks")
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    (added,) = found(root, tmp_path / "playbooks") - before
    assert added.startswith(f"错误  minimal/{name}") and said in added and "改法：" in added


def test_a_place_with_its_own_basis_but_no_threshold(tmp_path: Path) -> None:
    """天津写了门槛；湖南也有设立依据，却没有写湖南的门槛。"""
    for folder in ("cases", "tools"):
        (tmp_path / "playbooks" / folder).mkdir(parents=True)
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    for name, old, new in (
        ("regions.yaml", "  - {名称: 天津", "  - {名称: 湖南, 上级: 全国, 条件: 省份 == '湖南'}\n  - {名称: 天津"),
        (
            "policies/全部.yaml",
            "  - {代码: L1",
            "  - {代码: M1, 名称: 湖南通知, 层级: 地方规范性文件, 地域: 湖南, 生效: 2024-01-01, 置信: seed}\n  - {代码: L1",
        ),
    ):
        path = root / name
        path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    before = found(root, tmp_path / "playbooks")
    path = root / "tools" / "甲工具.yaml"
    path.write_text(path.read_text("utf-8").replace("\n依据: [A1§1]", "\n依据: [A1§1, M1]", 1), encoding="utf-8")
    assert found(root, tmp_path / "playbooks") - before == {
        "提醒  minimal/tools/甲工具.yaml 第 1 行：工具“甲工具”在湖南有设立依据，却没有写湖南的门槛；写了门槛的是天津。"
        "改法：核当地文件有没有门槛，有的写上；确实没有的可以不改。"
    }
