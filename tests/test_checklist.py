"""核查清单：一项不漏、恰出现一次；写出去读得回来；公式不会算；坏格说清在哪。"""

from __future__ import annotations

import sys
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from advisor.assess import Advisor
from advisor.checklist import Section, checklist
from advisor.checklist_sheet import FACT, RESULT, read_checklist, write_checklist
from advisor.cli import run
from advisor.consistency import irrelevant
from advisor.errors import InputError
from advisor.parcel import Parcel, read_parcel
from advisor.rulepack import RulePack
from advisor.vocabulary import CHANNELS

openpyxl = pytest.importorskip("openpyxl", reason="没有装 openpyxl")
AS_OF = date(2026, 11, 21)
ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"


@pytest.fixture(scope="module")
def parcel(pack: RulePack) -> Parcel:
    return read_parcel(SAMPLE, pack.vocabulary)


@pytest.fixture(scope="module")
def sections(advisor: Advisor, pack: RulePack, parcel: Parcel) -> tuple[Section, ...]:
    return checklist(pack, parcel, advisor.assess_one(parcel, AS_OF))


@pytest.fixture
def sheet_path(tmp_path: Path, pack: RulePack, sections: tuple[Section, ...]) -> Path:
    path = tmp_path / "清单.xlsx"
    write_checklist(path, "示例地块", "基准日 2026-11-21", sections, pack.vocabulary)
    return path


def fill(path: Path, answers: dict[str, object], formats: dict[str, str] | None = None) -> None:
    """像办事员那样在“查明结果”里填。"""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for name, answer in answers.items():
        cell = result_cell(sheet, name)
        cell.value = answer
        if formats and name in formats:
            cell.number_format = formats[name]
        sheet.cell(cell.row, cell.column + 1).value = "不动产登记簿查询结果"
        sheet.cell(cell.row, cell.column + 2).value = "张三"
    book.save(path)


def result_cell(sheet: Any, name: str) -> Any:
    titles = {cell.value: cell.column for cell in sheet[3]}
    row = next(r for r in range(4, sheet.max_row + 1) if sheet.cell(r, titles[FACT]).value == name)
    return sheet.cell(row, titles[RESULT])


@pytest.mark.parametrize("case_id", ["H09", "N03", "N10", "H16", "N20", None])
def test_every_open_fact_appears_exactly_once(advisor: Advisor, pack: RulePack, case_id: str | None) -> None:
    """待核实的工具里待核实的条件，缺的事实一项不漏；已知的、推得的、不必问的不列。"""
    facts = advisor.playbook.case(case_id).facts if case_id else {}
    parcel = Parcel(name="甲", facts=facts)
    view = advisor.assess_one(parcel, AS_OF)
    items = [item for section in checklist(pack, parcel, view) for item in section.items]
    names = [item.fact for item in items]
    assert len(names) == len(set(names))
    missing = {
        name
        for tool in view.tools
        if tool.verdict == "待核实"
        for condition in tool.conditions
        if condition.kind != "倾向" and condition.status == "待核实"
        for name, value in condition.facts.items()
        if value is None
    }
    assert missing - irrelevant(pack, facts) <= set(names)
    assert {question.fact for question in view.questions} <= set(names)
    known = set(facts) | {item.fact for item in view.inferred}
    assert known.isdisjoint(names)
    assert irrelevant(pack, facts).isdisjoint(names)


def test_grouped_by_channel_and_department_in_order_of_worth(
    advisor: Advisor, pack: RulePack, parcel: Parcel, sections: tuple[Section, ...]
) -> None:
    assert [section.channel for section in sections] == [c for c in CHANNELS if c in {s.channel for s in sections}]
    for section in sections:
        departments = [group.department for group in section.groups]
        assert len(departments) == len(set(departments))
        firsts = [group.items[0].rank for group in section.groups]
        assert firsts == sorted(firsts)
        for group in section.groups:
            ranks = [item.rank for item in group.items]
            assert ranks == sorted(ranks)
            for item in group.items:
                proof = pack.vocabulary[item.fact].proof
                assert proof is not None
                assert (item.channel, item.department) == (section.channel, group.department)
                assert (proof.channel, proof.department, proof.document) == (
                    item.channel,
                    item.department,
                    item.document,
                )
    first = next(item for section in sections for item in section.items if item.rank == 1)
    assert first.fact == advisor.assess_one(parcel, AS_OF).questions[0].fact


def test_filled_in_and_read_back(sheet_path: Path, pack: RulePack, sections: tuple[Section, ...]) -> None:
    """每一项都填上、读回来，值与照词表读的一样；没填的不算。"""
    given: dict[str, object] = {}
    for item in [item for section in sections for item in section.items][:20]:
        fact = pack.vocabulary[item.fact]
        given[item.fact] = {"是否": "是", "数值": 12, "文字": "株洲"}.get(fact.kind.value, (fact.options or ("",))[0])
    fill(sheet_path, given)
    found = read_checklist(sheet_path, pack.vocabulary)
    assert {name: entry.value for name, entry in found.items()} == {
        name: pack.vocabulary[name].parse(raw) for name, raw in given.items()
    }
    assert {(entry.source, entry.person) for entry in found.values()} == {("不动产登记簿查询结果", "张三")}


def test_a_blank_checklist_gives_nothing(sheet_path: Path, pack: RulePack) -> None:
    assert read_checklist(sheet_path, pack.vocabulary) == {}


def number_item(sections: tuple[Section, ...], pack: RulePack, unit: str) -> str:
    return next(i.fact for s in sections for i in s.items if pack.vocabulary[i.fact].unit == unit)


def test_units_and_percent_formats(sheet_path: Path, pack: RulePack, sections: tuple[Section, ...]) -> None:
    """数可以带单位；Excel 的百分数格式 25%（存的是 0.25）读成 25。"""
    share, years = number_item(sections, pack, "%"), number_item(sections, pack, "年")
    fill(sheet_path, {share: 0.25, years: "十八个月"}, {share: "0.00%"})
    found = read_checklist(sheet_path, pack.vocabulary)
    assert found[share].value == 25
    assert found[years].value == Fraction(3, 2)


def test_bad_cells_are_listed_with_row_and_column(
    sheet_path: Path, pack: RulePack, sections: tuple[Section, ...]
) -> None:
    """坏格一次列全：行列、收到什么、可填什么；一格坏就一格都不收。"""
    yes_no = [i.fact for s in sections for i in s.items if pack.vocabulary[i.fact].kind.value == "是否"][:2]
    years = number_item(sections, pack, "年")
    fill(sheet_path, {yes_no[0]: "也许", yes_no[1]: "是", years: "=1+1"})
    sheet = openpyxl.load_workbook(sheet_path).active
    with pytest.raises(InputError) as caught:
        read_checklist(sheet_path, pack.vocabulary)
    said = str(caught.value)
    assert said.startswith(f"{sheet_path}：有 2 格填得不对，一格都没有收")
    row = result_cell(sheet, yes_no[0]).row
    assert f"第 {row} 行I 列“查明结果”：事实“{yes_no[0]}”收到“也许”。可填：是、否；不清楚可写“不清楚”" in said
    assert f"第 {result_cell(sheet, years).row} 行I 列“查明结果”：事实“{years}”写了公式" in said


def test_nothing_in_the_sheet_is_a_formula(tmp_path: Path, pack: RulePack, sections: tuple[Section, ...]) -> None:
    """名称里写 =cmd|… 也只是文字。"""
    for index, name in enumerate(["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\x00坏字符"]):
        path = tmp_path / f"{index}.xlsx"
        write_checklist(path, name, name, sections, pack.vocabulary)
        cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        note = next(cell for cell in cells if cell.coordinate == "A2")
        assert note.value == name.replace("\x00", "")
        assert note.quotePrefix is (name[0] in "=+-@")


def test_the_sheet_is_ready_to_print(sheet_path: Path) -> None:
    sheet = openpyxl.load_workbook(sheet_path).active
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9  # A4
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert [cell.value for cell in sheet[3]][-4:] == ["查明结果", "来源材料", "经办", "日期"]


def test_same_checklist_same_bytes(tmp_path: Path, pack: RulePack, sections: tuple[Section, ...]) -> None:
    for name in ("甲", "乙"):
        write_checklist(tmp_path / f"{name}.xlsx", "示例", "注", sections, pack.vocabulary)
    assert (tmp_path / "甲.xlsx").read_bytes() == (tmp_path / "乙.xlsx").read_bytes()


def test_what_is_not_a_checklist_is_refused(tmp_path: Path, pack: RulePack) -> None:
    with pytest.raises(InputError, match="没有这个文件"):
        read_checklist(tmp_path / "没有.xlsx", pack.vocabulary)
    (tmp_path / "坏.xlsx").write_text("不是表", encoding="utf-8")
    with pytest.raises(InputError, match="不是能读的 xlsx 表"):
        read_checklist(tmp_path / "坏.xlsx", pack.vocabulary)
    openpyxl.Workbook().save(tmp_path / "空.xlsx")
    with pytest.raises(InputError, match="找不到“要查的事实”“查明结果”两列的表头"):
        read_checklist(tmp_path / "空.xlsx", pack.vocabulary)


def test_without_openpyxl_one_sentence(
    tmp_path: Path, pack: RulePack, sections: tuple[Section, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"没有装读写 Excel 的部件 openpyxl.*pip install 'advisor\[excel\]'"):
        write_checklist(tmp_path / "甲.xlsx", "甲", "", sections, pack.vocabulary)


def test_command_out_and_back(tmp_path: Path, pack: RulePack, capsys: pytest.CaptureFixture[str]) -> None:
    """导出、填写、读回：新事实文件里是原来的加查明的；与原来不同的说出来。"""
    sheet, after = tmp_path / "清单.xlsx", tmp_path / "新.yaml"
    assert run(["checklist", str(SAMPLE), "--out", str(sheet), "--as-of", "2026-11-21"]) == 0
    name = openpyxl.load_workbook(sheet).active.cell(5, 2).value
    raw = {"是否": "是", "数值": "12", "文字": "株洲"}.get(
        pack.vocabulary[name].kind.value, (pack.vocabulary[name].options or ("",))[0]
    )
    fill(sheet, {name: raw})
    assert run(["checklist", str(SAMPLE), "--read", str(sheet), "--out", str(after)]) == 0
    assert "读回 1 项" in capsys.readouterr().out
    before = read_parcel(SAMPLE, pack.vocabulary).facts
    assert read_parcel(after, pack.vocabulary).facts == {**before, name: pack.vocabulary[name].parse(raw)}
    fill(sheet, {name: "不知所云"})
    assert run(["checklist", str(SAMPLE), "--read", str(sheet), "--out", str(after)]) == 2
