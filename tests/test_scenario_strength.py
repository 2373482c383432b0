"""情景的覆盖与变异：读成的期望与情景测试一致；小规则包上逐条可手算。"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.cli import run
from advisor.parcel import Parcel, read_facts
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack

pytest.importorskip("gherkin")

from advisor.rulecheck.coverage import coverage
from advisor.rulecheck.mutation import mutate
from advisor.rulecheck.trying import Trial
from advisor.scenarios import read_scenarios

HERE = Path(__file__).parent
AS_OF = ("--as-of", "2026-11-21")
FEATURE = """# language: zh-CN
功能: 甲工具

  背景:
    假如 地块事实如下:
      | 事实     | 值   |
      | 省份     | 天津 |
      | 面积     | 100  |
      | 零星面积 | 5    |
      | 抵押     | 否   |

  场景: 条件齐备
    当 评估该地块
    那么 "甲工具"判为"适用"

  场景: 零星超过一成
    假如 地块的"零星面积"为"20"
    当 评估该地块
    那么 "甲工具"判为"不适用"

  场景: 抵押没有同意
    假如 地块的"抵押"为"是"
    并且 地块的"同意"为"否"
    当 评估该地块
    那么 "甲工具"判为"不适用"
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """小规则包、空手册、三个情景。"""
    shutil.copytree(HERE / "packs" / "minimal", tmp_path / "rules")
    for name in ("cases", "tools"):
        (tmp_path / "playbooks" / name).mkdir(parents=True)
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "甲工具.feature").write_text(FEATURE, encoding="utf-8")
    monkeypatch.setenv("ADVISOR_RULES", str(tmp_path / "rules"))
    monkeypatch.setenv("ADVISOR_PLAYBOOKS", str(tmp_path / "playbooks"))
    return tmp_path


def test_every_expectation_read_holds(pack: RulePack, playbook: Playbook) -> None:
    """情景测试由推理引擎跑，这里由覆盖与变异所用的算法跑：读得懂的期望一句不差。"""
    scenarios = read_scenarios(HERE.parent / "features", pack, playbook, date(2026, 11, 21))
    gate = next(iter(pack.gates.values()))
    wrong = []
    for scenario in scenarios:
        trial = Trial(pack, scenario)
        wrong += [
            (scenario.place, item) for item in scenario.expectations if not trial.holds(item, trial.finding(gate))
        ]
    assert wrong == []
    assert {item.tool for scenario in scenarios for item in scenario.expectations} >= {
        name for name, tool in pack.tools.items() if tool.coded
    }


def test_coverage_by_hand(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """齐备的情景里三条都靠“成立”；占比、闸门各有一个“不成立”；有面积没有不成立的情景，待核实的一个都没有。"""
    assert run(["rules", "coverage", "--tool", "甲工具", *AS_OF]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "甲工具 的情形“有面积”缺：不成立、待核实",
        "甲工具 的要件“抵押已同意”缺：待核实",
        "甲工具 的要件“占比”缺：待核实",
        "条件 3 条，成立、不成立都有情景定下判定的 2 条（66.7%），连同待核实的 0 条",
    ]


def test_an_unknown_that_opens_the_verdict_covers_the_third_value(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = office / "features" / "甲工具.feature"
    more = '\n  场景: 面积还不知道\n    假如 地块的"面积"不清楚\n    当 评估该地块\n    那么 "甲工具"判为"待核实"\n'
    path.write_text(FEATURE + more, encoding="utf-8")
    assert run(["rules", "coverage", "--tool", "甲工具", *AS_OF]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "甲工具 的情形“有面积”缺：不成立"


def test_mutation_by_hand(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """占比：翻、删有人看见，等号与移门槛（5%、20% 都不在 9 至 11 之间）看不见；

    有面积：只有翻看得见；闸门：删掉“同意”那一支看不见（没有“有抵押而同意”的情景）。
    """
    assert run(["rules", "mutate", "--tool", "甲工具", *AS_OF]) == 0
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [
            "甲工具/占比：等号换了（零星面积除以面积乘以100不超过 10），没有情景发现",
            "甲工具/占比：门槛移成 零星面积除以面积乘以100不超过 9，没有情景发现",
            "甲工具/占比：门槛移成 零星面积除以面积乘以100不超过 11，没有情景发现",
            "甲工具/有面积：整条删去，没有情景发现",
            "甲工具/有面积：等号换了（面积大于 0 亩），没有情景发现",
            "甲工具/有面积：门槛移成 面积大于 -1 亩，没有情景发现",
            "甲工具/有面积：门槛移成 面积大于 1 亩，没有情景发现",
            "闸门/抵押已同意：删去 “同意”为是，没有情景发现",
            "改坏 15 处，情景发现 7 处（46.7%），没有发现 8 处",
        ]
    )


def test_harmless_mutants_are_set_apart(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """面积不小于 0（词表），“有面积”的门槛移到 -1、整条删去都还会改变面积为 0 的判定；

    另写一条“面积不少于 0 或有抵押”，怎么填都成立，删哪一支、整条删去都不改变判定；翻过来会。
    """
    pytest.importorskip("z3")
    tool = office / "rules" / "tools" / "甲工具.yaml"
    line = "  - {编号: 总成立, 条件: 面积 >= 0 or 抵押, 依据: [A1§1], 说明: 总成立}\n"
    tool.write_text(tool.read_text("utf-8").replace("要件:\n", f"要件:\n{line}"), encoding="utf-8")
    assert run(["rules", "mutate", "--tool", "甲工具", "--solve", *AS_OF]) == 0
    told = capsys.readouterr().out.splitlines()
    harmless = [item for item in told if item.endswith("改了也不改变判定")]
    assert "甲工具/总成立：整条删去，改了也不改变判定" in harmless
    assert "甲工具/总成立：删去 “抵押”为是，改了也不改变判定" in harmless
    assert not any(item.startswith("甲工具/有面积") for item in harmless)


def filled(text: str, advisor: Advisor) -> str:
    """照引擎的判定把空着的填上（真做时由人对着依据填）。"""
    scenes = []
    for scene in text.split("\n\n  场景: ")[1:]:
        rows = [line.strip("| ").split(" | ") for line in scene.splitlines() if line.strip().startswith("|")][1:]
        facts = read_facts({row[0].strip(): row[1].strip() for row in rows}, advisor.pack.vocabulary, "待补")
        view = advisor.assess_one(Parcel(name="待补", facts=facts), date(2026, 11, 21))
        verdict = next(tool.verdict for tool in view.tools if tool.id == "甲工具")
        scenes.append(scene.replace('判为""', f'判为"{verdict}"'))
    return "".join(f"\n  场景: {scene.rstrip()}\n" for scene in scenes)


def test_proposed_scenarios_close_the_gaps(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """建议的情景填上判定、并进去之后：两值都有情景定下判定，改坏了没有一处看不出来。"""
    pytest.importorskip("z3")
    assert run(["scenario", "new", "甲工具", "--out", str(office / "待补.feature"), *AS_OF]) == 0
    text = (office / "待补.feature").read_text("utf-8")
    assert text.count('判为""') == text.count("场景:") > 0
    pack = load_rule_pack(office / "rules")
    advisor = Advisor(pack, Playbook(office / "playbooks", pack.vocabulary, tuple(pack.tools)))
    (office / "features" / "甲工具.feature").write_text(FEATURE + filled(text, advisor), encoding="utf-8")
    capsys.readouterr()
    assert run(["rules", "coverage", "--tool", "甲工具", "--least", "100", *AS_OF]) == 0
    assert run(["rules", "mutate", "--tool", "甲工具", "--solve", "--least", "100", *AS_OF]) == 0


def test_blank_verdicts_are_refused(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """没填的情景，体检报错。"""
    folder = office / "features" / "tools"
    folder.mkdir()
    (folder / "甲工具.feature").write_text(FEATURE.replace('判为"适用"', '判为""'), encoding="utf-8")
    assert run(["rules", "check"]) == 1
    assert "错误  features/tools/甲工具.feature：有情景的判定还空着" in capsys.readouterr().out


def test_existing_file_is_not_overwritten(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("z3")
    (office / "待补.feature").write_text("已填好的", encoding="utf-8")
    assert run(["scenario", "new", "甲工具", "--out", str(office / "待补.feature"), *AS_OF]) == 2
    assert (office / "待补.feature").read_text("utf-8") == "已填好的"
    assert "这个文件已经有了" in capsys.readouterr().err


def test_below_the_asked_share_fails(office: Path) -> None:
    for command in ("coverage", "mutate"):
        assert run(["rules", command, "--tool", "甲工具", "--least", "95", *AS_OF]) == 1
        assert run(["rules", command, "--tool", "甲工具", "--least", "40", *AS_OF]) == 0


def test_no_such_tool(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "mutate", "--tool", "丙工具"]) == 2
    assert capsys.readouterr().err == "--tool：没有“丙工具”这个工具。可填：乙工具、甲工具。下一步：从中选一个。\n"


def test_shipped_scenarios_notice_what_is_altered(advisor: Advisor) -> None:
    """随包的规则逐条改坏，九成五以上有情景发现；条件九成八以上有情景让它单独定下判定，其余的逐条说得出。"""
    scenarios = read_scenarios(HERE.parent / "features", advisor.pack, advisor.playbook, date(2026, 11, 21))
    tools = [tool.name for tool in advisor.pack.tools.values() if tool.coded]
    report = mutate(advisor.pack, scenarios, tools)
    assert report.made > 1500
    assert report.score >= 0.95, [f"{item.rule.leaf}：{item.how}" for item in report.survived]
    found = coverage(advisor.pack, scenarios, tools)
    lacking = [f"{item.tool}/{item.rule.id}：{item.missing}" for item in found if not item.complete]
    assert len(lacking) <= len(found) * 0.02, lacking
