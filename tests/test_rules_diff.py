"""advisor rules diff：两版差在哪用话说，一处不漏；案卷库与台账里哪些判定会翻、因为哪条。"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from advisor.cli import run
from advisor.pack_differences import changed_files, pack_differences
from advisor.rulepack import load_rule_pack

HERE = Path(__file__).parent
RULES = HERE.parent / "rules"
MINIMAL = HERE / "packs" / "minimal"
AS_OF = ("--as-of", "2026-11-21")
REQUIREMENT = """要件:
  - {编号: 收储块够大, 条件: 拟退出面积 >= 20, 依据: [A1§58], 说明: 收储块不少于 20 亩}
"""
READY = {
    "省份": "湖南", "地级市": "株洲", "低效用地再开发试点": "否", "土地所有权": "国有", "权利类型": "出让",
    "登记用途": "工业", "权属清晰无争议": "是", "已办不动产登记": "是", "地块面积": "228", "已开发面积": "28",
    "愿部分退出": "是", "愿整体退出": "否", "已抵押": "否", "司法查封": "否", "进入破产程序": "否",
    "土壤污染重点监管单位": "否", "分割后可独立分宗": "是",
}  # fmt: skip
"""分割收储条件齐备的一宗，同它的情景。"""


def edited(source: Path, target: Path, edits: Mapping[str, tuple[str, str]]) -> Path:
    """改过几处的一份副本。"""
    shutil.copytree(source, target)
    for name, (old, new) in edits.items():
        text = (target / name).read_text("utf-8")
        assert old in text, name
        (target / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return target


ONE_CHANGE = {
    "门槛": (
        "tools/甲工具.yaml", "零星占比 <= 10", "零星占比 <= 20",
        "工具“甲工具”的条件“占比”的判断式：零星占比不超过 10% → 零星占比不超过 20%",
    ),
    "依据": ("tools/甲工具.yaml", "依据: [L1]", "依据: [L1, D1§5]", "工具“甲工具”的条件“占比”的依据：L1 → L1、D1§5"),
    "条件的地域": ("tools/甲工具.yaml", "地域: 天津, ", "", "工具“甲工具”的条件“占比”的地域：天津 → 没有写"),
    "解决的症结": ("tools/甲工具.yaml", "解决: [带抵押]\n", "", "工具“甲工具”的解决的症结：带抵押 → 没有写"),
    "效力期": ("policies/全部.yaml", "2026-12-31", "2028-12-31", "依据“L1”的失效：2026-12-31 → 2028-12-31"),
    "置信": ("policies/全部.yaml", "置信: recalled", "置信: retrieved", "依据“D1”的置信：依据待核 → 已核对文本"),
    "闸门": (
        "gates.yaml", "not 抵押 or 同意", "not 抵押",
        "闸门“抵押已同意”的判断式：“抵押”为否，或“同意”为是 → “抵押”为否",
    ),
    "关系的前提": ("relations.yaml", "条件: 抵押, ", "", "关系“R1”的前提：“抵押”为是 → 没有写"),
    "地域的条件": (
        "regions.yaml", "条件: 省份 == '天津'", "条件: 省份 == '湖南'", "地域“天津”的条件：省份为天津 → 省份为湖南",
    ),
    "事实的选项": ("facts.yaml", "[湖南, 天津]", "[湖南, 天津, 北京]", "事实“省份”的选项：湖南、天津 → 湖南、天津、北京"),
    "推导的公式": (
        "derived.yaml", "/ 面积 * 100", "/ 面积",
        "推导事实“零星占比”的公式：零星面积除以面积乘以100 → 零星面积除以面积",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ONE_CHANGE)
def test_one_change_is_told_alone(what: str, tmp_path: Path) -> None:
    name, old, new, told = ONE_CHANGE[what]
    after = edited(MINIMAL, tmp_path / "minimal", {name: (old, new)})
    found = pack_differences(load_rule_pack(MINIMAL), load_rule_pack(after))
    assert [str(item) for item in found] == [told]
    assert changed_files(MINIMAL, after) == (name,)


def test_an_added_and_a_removed_condition(tmp_path: Path) -> None:
    """加一条、删一条；反过来比，加删互换。"""
    line = "  - {编号: 占比, 条件: 零星占比 <= 10, 地域: 天津, 依据: [L1], 说明: 零星占比不超过 10%}\n"
    other = "  - {编号: 已同意, 条件: 同意, 依据: [A1§3], 说明: 同意}\n"
    after = edited(MINIMAL, tmp_path / "minimal", {"tools/甲工具.yaml": (line, other)})
    packs = load_rule_pack(MINIMAL), load_rule_pack(after)
    forth, back = pack_differences(*packs), pack_differences(*reversed(packs))
    assert [(item.subject, item.what) for item in forth] == [
        ("工具“甲工具”的条件“占比”", "删去"),
        ("工具“甲工具”的条件“已同意”", "新增"),
    ]
    assert {(item.subject, item.what) for item in back} == {
        ("工具“甲工具”的条件“占比”", "新增"),
        ("工具“甲工具”的条件“已同意”", "删去"),
    }


def test_the_same_pack_has_no_difference() -> None:
    pack = load_rule_pack(RULES)
    assert pack_differences(pack, pack) == ()


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """分割收储多一条要件：收储块不少于 20 亩。"""
    return edited(RULES, tmp_path_factory.mktemp("新") / "rules", {"tools/分割收储.yaml": ("要件:\n", REQUIREMENT)})


def test_which_dossiers_flip_and_why(stricter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """退 15 亩的由适用翻成不适用，退 25 亩的不动。"""
    store = str(tmp_path / "库.db")
    for name, area in (("小块", 15), ("大块", 25)):
        path = tmp_path / f"{name}.yaml"
        facts = "".join(f"  {key}: {value}\n" for key, value in {**READY, "拟退出面积": area}.items())
        path.write_text(f"名称: {name}\n事实:\n{facts}", encoding="utf-8")
        assert run(["dossier", "new", name, "--from", str(path), "--store", store, "--who", "甲"]) == 0
    capsys.readouterr()
    assert run(["rules", "diff", str(RULES), str(stricter), "--store", store, *AS_OF]) == 0
    out = capsys.readouterr().out
    assert "新增工具“分割收储”的条件“收储块够大”" in out
    assert "案卷库 2 卷，判定会变的 1 卷" in out
    told = out[out.index("案卷库") :].splitlines()
    assert told[1].endswith(" 小块")
    assert told[2:] == [
        "  分割收储：适用 → 不适用·不具备条件",
        "    因为 新增要件“收储块不少于 20 亩”（不满足）",
    ]


def test_which_parcels_of_an_inventory_flip(stricter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("polars")
    path = tmp_path / "台账.csv"
    columns = ["地块编号", *READY, "拟退出面积"]
    rows = [[f"D{area}", *READY.values(), str(area)] for area in (15, 18, 25)]
    path.write_text("\n".join(",".join(row) for row in [columns, *rows]) + "\n", encoding="utf-8")
    assert run(["rules", "diff", str(RULES), str(stricter), "--inventory", str(path), *AS_OF]) == 0
    told = capsys.readouterr().out.split("改过的文件：tools/分割收储.yaml\n")[1].splitlines()
    assert told == [
        "台账 3 宗，判定会变的 2 宗",
        "分割收储：适用 → 不具备条件，2 宗，如 D15",
        "    因为 新增要件“收储块不少于 20 亩”（不满足）",
    ]
