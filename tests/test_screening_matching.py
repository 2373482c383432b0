"""地企匹配与亩均评价：比得准、来得及、一家一宗、没配上的说得出为什么；方案是数据，示例标明是示例。"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
pytest.importorskip("scipy", reason="没有装 advisor[screen]")
openpyxl = pytest.importorskip("openpyxl", reason="没有装 openpyxl，读不回工作簿来核对")

from advisor.assess import Advisor  # noqa: E402
from advisor.cli import run as command  # noqa: E402
from advisor.errors import InputError, RulePackError  # noqa: E402
from advisor.locating import grading_schemes  # noqa: E402
from advisor.playbook import Playbook  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.demand import DemandBook, read_demand_book, read_demands  # noqa: E402
from advisor.screening.grading import GRADE, GRADING, POINTS, UNGRADED, read_scheme  # noqa: E402
from advisor.screening.headers import Headers, read_headers  # noqa: E402
from advisor.screening.matching import Match, assigned, delivery, match  # noqa: E402
from advisor.screening.running import PLAN, WORTH, Job, all_issues, all_results, run  # noqa: E402
from advisor.screening.tables import open_table  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
AS_OF = datetime.date(2026, 11, 21)
DAY = ("--as-of", "2026-11-21")


@pytest.fixture(scope="module")
def headers(pack: RulePack) -> Headers:
    return read_headers(ROOT / "rules", pack.vocabulary)


@pytest.fixture(scope="module")
def book(pack: RulePack, headers: Headers) -> DemandBook:
    return read_demand_book(ROOT / "rules", pack, headers)


@pytest.fixture
def screened(advisor: Advisor, headers: Headers, tmp_path: Path) -> Callable[..., Job]:
    """判好的一份台账。"""

    def make(text: str, **options: object) -> Job:
        path = tmp_path / "台账.csv"
        path.write_text(text, "utf-8")
        table = open_table(path, tmp_path / "进度", headers, {})
        job = Job(advisor, table, headers.match(table.titles), headers, AS_OF, tmp_path / "进度", **options)  # type: ignore[arg-type]
        run(job)
        return job

    return make


def inventory(*rows: str) -> str:
    """几宗已收归储备的地：编号、县区、规划用途、面积。主推方案都是收储再供应。"""
    lines = [
        f"{code},湖南,{county},国有,是,{use},{size}" for code, county, use, size in (row.split(",") for row in rows)
    ]
    return "\n".join(["编号,省份,县区,土地所有权,已收归国有储备,规划用途,地块面积", *lines]) + "\n"


def matched(job: Job, book: DemandBook, *rows: str) -> list[Match]:
    """几家需求：企业、用途、面积至少、面积至多、最迟要地、县区。"""
    path = job.folder / "需求.csv"
    path.write_text("\n".join(["企业,用途,最小面积,最大面积,要地期限,县区", *rows]) + "\n", "utf-8")
    return match(job, book, read_demands(path, job.folder / "需求", book, {}))


def test_delivery_adds_the_steps_up_to_the_last_delivering_one(playbook: Playbook) -> None:
    """首尾相接照手册的总时长；交付之后的监管不占时间；没有交付工具的不算交得出；时长不定的记下来。"""
    spans = {name: playbook.tool(name).duration.days for name in ("协议收回", "收储再供应")}  # type: ignore[union-attr]
    assert spans == {"协议收回": (60, 180), "收储再供应": (180, 720)}
    found = delivery(("协议收回", "收储再供应", "全周期监管"), playbook, ("收储再供应",))
    assert found is not None and (found.fast, found.slow, found.vague) == (240, 900, ())
    assert delivery(("自主改造",), playbook, ("收储再供应",)) is None
    vague = delivery(("收储再供应", "标准厂房"), playbook, ("标准厂房",))
    assert vague is not None and (vague.fast, vague.slow, vague.vague) == (180, 720, ("标准厂房",))


def test_deadlines_decide_what_can_be_delivered(screened: Callable[..., Job], book: DemandBook) -> None:
    """收储再供应 180 至 720 天：上限赶得上的全分，只下限赶得上的要抓紧、少一半期限分，下限也赶不上的不配。"""
    job = screened(inventory("1,长沙县,工业,30", "2,长沙县,工业,30"))
    assert set(all_results(job).collect()[PLAN]) == {"收储再供应"}
    sure, hurried, late = matched(
        job,
        book,
        "甲,工业,20,40,2028-11-10,长沙县",
        "乙,工业,20,40,2028-11-09,长沙县",
        "丙,工业,20,40,2027-05-19,长沙县",
    )
    assert sure.chosen is not None and hurried.chosen is not None
    assert "要抓紧" not in sure.chosen.why and "要抓紧" in hurried.chosen.why
    assert sure.chosen.score - hurried.chosen.score == book.file.deadline_points / 2
    assert late.chosen is None and "2027-05-19 前交得出的 0 宗（最快的要到 2027-05-20）" in late.reason


def test_unfitting_parcels_are_named_step_by_step(screened: Callable[..., Job], book: DemandBook) -> None:
    """筛到哪一项一宗不剩，就说到哪一项；说得出理由；不知道的记待核实，不当作不合。"""
    job = screened(inventory("1,长沙县,工业,30", "2,长沙县,仓储,80", "3,,,90"))
    small, use, fit = matched(
        job, book, "甲,工业,1,5,,长沙县", "乙,商业,,100,2028-01-01,长沙县", "丙,仓储,60,90,,长沙县"
    )
    assert small.reason.endswith("要在哪个县区合的 3 宗，需要用途合的 2 宗，面积至少合的 2 宗，面积至多合的 0 宗")
    assert use.chosen is None and "最合的 3 也只有" in use.reason and "拟改造用途待核实（要商业）" in use.reason
    assert fit.chosen is not None and fit.chosen.parcel["编号"] == "2"
    assert "规划用途仓储（要仓储）；地块面积80亩（不少于60亩）；地块面积80亩（不多于90亩）" in fit.chosen.why
    assert [item.parcel["编号"] for item in fit.candidates] == ["2", "3"]


def test_one_parcel_goes_to_one_enterprise(screened: Callable[..., Job], book: DemandBook) -> None:
    """都看中一宗的，能换的换开，换不开的说配给了谁。"""
    job = screened(inventory("1,长沙县,工业,30", "2,长沙县,工业,60"))
    first, second, third = matched(job, book, "甲,工业,20,90,,长沙县", "乙,工业,20,40,,长沙县", "丙,工业,50,90,,长沙县")
    chosen = [item.chosen.parcel["编号"] if item.chosen else None for item in (first, second, third)]
    assert sorted(filter(None, chosen)) == ["1", "2"]
    lost = next(item for item in (first, second, third) if item.chosen is None)
    assert "都配给了别家" in lost.reason


def test_parcels_kept_by_their_owner_are_not_offered(screened: Callable[..., Job], book: DemandBook) -> None:
    job = screened("编号,土地所有权,权利类型,生产经营状态,认定为低效用地,地块面积\n1,国有,出让,停产,是,30\n")
    assert all_results(job).collect()[PLAN].to_list() == ["自主改造"]
    (found,) = matched(job, book, "甲,,20,40,,")
    assert found.chosen is None and found.reason.startswith("会交出来的地 0 宗")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.integers(1, 5), st.integers(0, 200).map(lambda n: n / 2), max_size=4), max_size=4))
def test_assignment_is_the_best_one_to_one(scores: list[dict[int, float]]) -> None:
    """与穷举比：先是配上的家数最多，再是总分最高；只配在候选里的，一宗不配两家。"""
    ordered = [dict(sorted(own.items(), key=lambda item: -item[1])) for own in scores]
    found = assigned(ordered)
    taken = [row for row in found if row is not None]
    assert len(set(taken)) == len(taken)
    assert all(row is None or row in own for row, own in zip(found, scores, strict=True))
    best = max(
        (
            (len(rows), sum(own[row] for own, row in zip(scores, choice, strict=True) if row is not None))
            for choice in itertools.product(*([None, *own] for own in scores))
            if len(rows := [row for row in choice if row is not None]) == len(set(rows))
        ),
    )
    assert (len(taken), sum(own[row] for own, row in zip(scores, found, strict=True) if row is not None)) == best


def test_the_command_writes_matches_and_bad_cells(tmp_path: Path) -> None:
    """需求表的表头、单位、坏格子同台账；像公式的企业名按文字写；没配上的有原因。"""
    parcels, demands, out = tmp_path / "台账.csv", tmp_path / "需求.csv", tmp_path / "结果"
    parcels.write_text(inventory("1,长沙县,工业,30"), "utf-8")
    demands.write_text(
        "企业名称,所属行业,需求用途,最小面积（公顷）,最大面积,要地期限\n=1+1,机械,二类工业用地,2,四十亩,2029-01-01\n乙,商贸,商业,很大,20,明年\n",
        "utf-8",
    )
    assert command(["screen", str(parcels), "--out", str(out), "--demand", str(demands), *DAY]) == 0
    sheets = openpyxl.load_workbook(out / "地企匹配.xlsx")
    head, first, second = list(sheets["地企匹配"].values)
    row = dict(zip(head, first, strict=True))
    assert (row["需求企业"], row["需要用途"], row["面积至少"], row["面积至多"]) == ("=1+1", "工业", "30亩", "40亩")
    assert sheets["地企匹配"]["A2"].data_type == "s" and (row["结果"], row["编号"]) == ("配上", "1")
    assert dict(zip(head, second, strict=True))["没配上的原因"]
    bad = [(item[2], item[3]) for item in list(sheets["需求数据问题"].values)[1:]]
    assert bad == [("最小面积（公顷）", "很大"), ("要地期限", "明年")]
    assert "四十亩" not in (page := (out / "结果.html").read_text("utf-8")) and "地企匹配" in page


def test_matching_needs_plans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(inventory("1,长沙县,工业,30"), "utf-8")
    assert command(["screen", str(path), "--out", str(tmp_path), "--demand", str(path), "--no-plans"]) == 2
    assert "去掉 --no-plans" in capsys.readouterr().err
    assert command(["screen", str(path), "--out", str(tmp_path / "乙"), "--demand", str(path), *DAY]) == 2
    assert "没有“需求企业”这一列" in capsys.readouterr().err


def test_the_demand_template_reads_back(book: DemandBook, tmp_path: Path) -> None:
    """空白需求表的每一列都认得，单选有下拉；表头对照可生成。"""
    path, mapping = tmp_path / "需求.xlsx", tmp_path / "对照.yaml"
    assert command(["screen", "--demand-template", str(path)]) == 0
    page = openpyxl.load_workbook(path)["需求"]
    titles = [cell.value for cell in page[1]]
    assert [column.target for column in book.headers.match(titles).columns] == list(book.vocabulary.names)
    assert len(page.data_validations.dataValidation) == 1
    page["A2"] = "甲"
    page.parent.save(path)
    assert command(["screen", "--suggest-mapping", str(mapping), "--demand", str(path)]) == 0
    assert yaml.safe_load(mapping.read_text("utf-8"))["需求企业"] == "需求企业"


GRADED = "编号,土地所有权,已收归国有储备,亩均税收,亩均营业收入（元/亩）,认定为闲置土地\n"


def test_grades_follow_the_scheme(
    screened: Callable[..., Job], pack: RulePack, headers: Headers, tmp_path: Path
) -> None:
    """手算：税收满分六成、营收一半四成，合八十分为 A；缺一项照其余的权重；都缺的不评；一票否决列 D。"""
    scheme = read_scheme("长沙经开区式样示例", ROOT / "rules", pack, headers)
    rows = [
        "1,国有,是,33.63,3000000,",
        "2,国有,是,16.815,,否",
        "3,国有,是,,,",
        "4,国有,是,100,9000000,是",
        "5,国有,是,0,很多,",
    ]
    job = screened(GRADED + "\n".join(rows) + "\n", scheme=scheme)
    found = all_results(job).collect()
    assert found[GRADE].to_list() == ["A", "C", UNGRADED, "D", "D"]
    assert found[POINTS].to_list() == [80.0, 50.0, None, 100.0, 0.0]
    assert found[GRADING][1] == "缺亩均营收" and "闲置土地" in found[GRADING][3]
    assert next(row for row in all_issues(job).rows() if row[3] == "很多")[:3] == (6, "5", "亩均营业收入（元/亩）")
    factors = {band.name: band.factor for band in scheme.file.bands}
    plain = screened(GRADED + "\n".join(rows) + "\n")
    ratio = (found[WORTH] / all_results(plain).collect()[WORTH]).round(6).to_list()
    assert ratio == [factors["A"], factors["C"], 1.0, factors["D"], factors["D"]]


def test_grading_without_the_scheme_columns(screened: Callable[..., Job], pack: RulePack, headers: Headers) -> None:
    """台账里一列指标都没有，照样判完，写明数据不够；停产的仍按一票否决。"""
    scheme = read_scheme("北京经开区式样示例", ROOT / "rules", pack, headers)
    job = screened("编号,土地所有权,生产经营状态\n1,国有,正常\n2,国有,停产\n", scheme=scheme, plans=False)
    assert all_results(job).collect()[GRADE].to_list() == [UNGRADED, "D"]


@pytest.mark.parametrize("name", grading_schemes(ROOT / "rules"))
def test_shipped_schemes_are_marked_examples(name: str, pack: RulePack, headers: Headers) -> None:
    """随包的方案都写明是示例、不是法规，每个数都标着示例参数。"""
    scheme = read_scheme(name, ROOT / "rules", pack, headers)
    assert scheme.file.sample and "不是法规" in scheme.title and "待核" in scheme.file.text
    assert all(entry.sample for entry in scheme.file.indicators) and "示例参数" in scheme.file.note
    assert all("示例参数" in veto.text for veto in scheme.file.vetoes)


def test_bad_schemes_are_explained(pack: RulePack, headers: Headers, tmp_path: Path) -> None:
    path = tmp_path / "方案.yaml"
    path.write_text(
        "名称: 试\n示例: 否\n说明: 试\n最少权重: 1\n分档:\n  - {档: A, 不低于: 0}\n指标:\n"
        "  - {名称: 甲, 同: 没有的事实, 权重: 1, 满分值: 1, 示例参数: 是}\n"
        "  - {名称: 乙, 类型: 数值, 权重: 1, 满分值: 1}\n"
        "  - {名称: 丙, 类型: 数值, 权重: 1, 示例参数: 是}\n"
        "一票否决:\n  - {条件: 没有的事实, 档: 戊, 说明: 试}\n",
        "utf-8",
    )
    with pytest.raises(RulePackError) as caught:
        read_scheme(str(path), ROOT / "rules", pack, headers)
    found = "\n".join(caught.value.problems)
    for text in (
        "“没有的事实”不在事实词表里",
        "“乙”的数没有出处",
        "“丙”的满分值与类型不配",
        "没有“戊”这一档",
        "没有的事实",
    ):
        assert text in found
    with pytest.raises(InputError, match="北京经开区式样示例"):
        read_scheme("没有", ROOT / "rules", pack, headers)


def test_bad_demand_rules_are_explained(pack: RulePack, headers: Headers, tmp_path: Path) -> None:
    data = yaml.safe_load((ROOT / "rules" / "demand.yaml").read_text("utf-8"))
    data["交付"] = ["没有的工具"]
    data["比对"][0] |= {"字段": "没有的列", "地块": ["没有的事实"]}
    (tmp_path / "demand.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(RulePackError) as caught:
        read_demand_book(tmp_path, pack, headers)
    found = "\n".join(caught.value.problems)
    for text in ("没有“没有的工具”这个工具", "“没有的列”不在“字段”里", "“没有的事实”不在事实词表里"):
        assert text in found
    with pytest.raises(InputError, match="没有写地企匹配怎么比"):
        read_demand_book(tmp_path / "空", pack, headers)
