"""台账命令：脏表不崩、数据问题写全、表头与单位认得、续跑、输出安全、缺库有话说。"""

from __future__ import annotations

import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
openpyxl = pytest.importorskip("openpyxl", reason="没有装 openpyxl，读不回工作簿来核对")
pytest.importorskip("xlsxwriter", reason="没有装 advisor[screen]")
import xlsxwriter  # noqa: E402

from advisor.assess import Advisor  # noqa: E402
from advisor.cli import run as command  # noqa: E402
from advisor.errors import InputError, RulePackError  # noqa: E402
from advisor.parcel import Parcel  # noqa: E402
from advisor.playbook import Playbook  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.cells import Cells  # noqa: E402
from advisor.screening.decoding import text_columns  # noqa: E402
from advisor.screening.frames import fact_schema, facts_of, frame_of  # noqa: E402
from advisor.screening.guarding import check_archive  # noqa: E402
from advisor.screening.headers import Column, Headers, read_headers, read_mapping, suggested_mapping  # noqa: E402
from advisor.screening.local_terms import local_classes  # noqa: E402
from advisor.screening.reading import read_columns  # noqa: E402
from advisor.screening.running import Job, all_issues, all_results, run  # noqa: E402
from advisor.screening.situations import Situations  # noqa: E402
from advisor.screening.tables import open_table  # noqa: E402
from advisor.screening.template import write_template  # noqa: E402
from advisor.screening.verdicts import Judge  # noqa: E402
from advisor.vocabulary import FactValue, Kind  # noqa: E402
from tests.strategies import without_contradictions  # noqa: E402
from tests.test_invariants import random_parcel  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
AS_OF = datetime.date(2026, 11, 21)
DAY = ("--as-of", "2026-11-21")


@pytest.fixture(scope="module")
def headers(pack: RulePack) -> Headers:
    return read_headers(ROOT / "rules", pack.vocabulary)


@pytest.fixture
def job_of(advisor: Advisor, headers: Headers, tmp_path: Path) -> Callable[..., Job]:
    def make(path: Path, **options: object) -> Job:
        folder = tmp_path / "进度"
        table = open_table(path, folder, headers, {})
        matched = headers.match(table.titles)
        return Job(advisor, table, matched, headers, AS_OF, folder, **{"plans": False, **options})  # type: ignore[arg-type]

    return make


def facts_in(job: Job) -> list[dict[str, FactValue]]:
    """台账读成的事实，逐宗。"""
    raw = job.table.part(0, 1000, [column.header for column in job.matched.columns])
    facts, _ = read_columns(job.matched, job.headers, raw)
    return [facts_of(row, job.advisor.pack.vocabulary) for row in facts.to_dicts()]


def dirty_workbook(path: Path) -> None:
    """标题行、合并的两层表头、空行、数里夹字、混合单位、重号、年份列里的日期、公式、像公式的文字、合计行。"""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.merge_range("A1:H1", "某市低效用地台账（2026年）")
        page.merge_range("A2:A3", "地块编号")
        page.merge_range("B2:B3", "地块名称")
        page.merge_range("C2:E2", "权属情况")
        page.merge_range("F2:H2", "用地情况")
        for at, title in enumerate(["土地所有权", "是否抵押", "权利性质", "用地面积（㎡）", "剩余使用年限", "备注"]):
            page.write(2, at + 2, title)
        page.write_row(3, 0, ["007", "甲厂", "国有", "有", "出让", 66666.67, 30])
        page.write_string(5, 1, "=1+1")
        page.write_string(5, 0, "008")
        page.write_row(5, 2, ["国有土地", "无", "国有出让", "100亩", "约二十年"])
        page.write_row(6, 0, ["008", "丙厂", "军用", "也许", "出让", "1,200.5", None])
        page.write_datetime(6, 6, datetime.datetime(2031, 5, 1), day)
        page.write_row(7, 0, ["009", "丁厂", "集体", "-", "集体建设用地", None, 300])
        page.write_formula(7, 5, "=2000*10", None, 20000)
        page.write_row(8, 0, ["合计", None, None, None, None, 999999])


def test_a_dirty_workbook_is_screened_with_every_problem_listed(job_of: Callable[..., Job], tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    dirty_workbook(path)
    job = job_of(path)
    first, second, third, fourth = facts_in(job)
    assert first == {"土地所有权": "国有", "权利类型": "出让", "剩余使用年限": Fraction(30), "已抵押": True,
                     "地块面积": Fraction("100.000005")}  # fmt: skip  # 66666.67 ㎡ × 0.0015 亩
    assert second == {"土地所有权": "国有", "权利类型": "出让", "已抵押": False, "地块面积": Fraction(100)}
    assert third == {"权利类型": "出让", "地块面积": Fraction("1.80075")}
    assert fourth == {"土地所有权": "集体", "权利类型": "集体建设用地使用权", "地块面积": Fraction(30)}
    run(job)
    issues = all_issues(job)
    found = {(row["行"], row["列"], row["值"]) for row in issues.to_dicts()}
    assert found == {
        (6, "剩余使用年限", "约二十年"),
        (7, "土地所有权", "军用"),
        (7, "是否抵押", "也许"),
        (7, "剩余使用年限", "2031-05-01 00:00:00"),
        (7, "地块编号", "008"),
        (8, "剩余使用年限", "300"),
        (9, "", ""),
    }
    allowed = {row["列"]: row["可填"] for row in issues.to_dicts()}
    assert allowed["土地所有权"] == "国有、集体、国有与集体混合；不清楚可写“不清楚”"
    assert "不大于 70" in allowed["剩余使用年限"]
    assert job.matched.ignored == ("备注",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_usual_encodings(job_of: Callable[..., Job], tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes("宗地编号,省,宗地面积（公顷）,有无查封\n00１,湖南省,２．５,√\n\n002,,三,×\n".encode(encoding))
    job = job_of(path)
    assert facts_in(job) == [
        {"省份": "湖南", "地块面积": Fraction("37.5"), "司法查封": True}, {"司法查封": False},
    ]  # fmt: skip
    run(job)
    assert all_results(job).select("编号").collect()["编号"].to_list() == ["00１", "002"]
    assert all_issues(job)["值"].to_list() == ["三"]


def test_unreadable_files_say_what_to_do(headers: Headers, tmp_path: Path) -> None:
    cases = {
        "没有.xlsx": (None, "没有这个文件"),
        "空.csv": (b"", "文件是空的"),
        "乱.csv": (b"\x81\x20\xff\xfe\xff", "编码不认识"),
        "无表头.csv": ("甲,乙\n1,2\n".encode(), "找不到认得的表头"),
        "坏.xlsx": (b"not a zip", "打不开"),
        "坏.parquet": (b"PAR0", "Parquet"),
        "图.dwg": (b"x", "不认识的格式"),
    }
    for name, (content, expected) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError, match=expected):
            open_table(path, tmp_path / "进度", headers, {})


def test_zip_bombs_are_refused_without_unpacking(tmp_path: Path) -> None:
    """一百兆的零压成十万字节：压缩比上千，不展开。"""
    path = tmp_path / "炸弹.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(100 * 2**20))
    with pytest.raises(InputError, match="压缩炸弹"):
        check_archive(path)


def test_typed_parquet_reads_the_same_as_text(job_of: Callable[..., Job], playbook: Playbook, tmp_path: Path) -> None:
    """案例地块写成 Parquet（数是浮点、是否是布尔）再读回，事实一个不差。"""
    rows = [dict(case.facts) for case in playbook.cases]
    frame = pl.DataFrame(
        [
            {name: float(value) if isinstance(value, Fraction) else value for name, value in facts.items()}
            for facts in rows
        ],
        infer_schema_length=None,
    )
    path = tmp_path / "台账.parquet"
    frame.write_parquet(path)
    assert facts_in(job_of(path)) == rows


def test_verdicts_plans_and_reasons_equal_assess(advisor: Advisor, pack: RulePack, playbook: Playbook) -> None:
    """案例地块（三取一）与随机地块（多有说不通、推得的）逐宗：工具判定、主推方案、症结、不具备条件的为何、地方口径，都与 assess 相同。"""
    rng = random.Random(20261122)
    rows = [dict(case.facts) for case in playbook.cases[::3]]  # 逐结点的对拍另有一处，案例全数
    rows += [random_parcel(pack, rng, density) for density in (0.05, 0.1, 0.2, 0.4) for _ in range(2)]
    rows += [without_contradictions(pack, {**facts, "建设状态": "未动工"}) for facts in rows[-4:]]
    judge = Judge(pack, AS_OF)
    truths = judge.truths(frame_of(rows, pack.vocabulary))
    shown = pl.concat([judge.summary(truths)], how="horizontal")
    texts = text_columns(shown, pack).to_dicts()
    plans = Situations(advisor, judge).of(truths)
    local = local_classes(truths, pack, pack.taxonomies["望城"])
    for index, facts in enumerate(rows):
        view = advisor.assess([Parcel(name="甲", facts=facts)], AS_OF, taxonomy="望城").parcels[0]
        assert plans[index].lead.steps == (view.plans[0].steps if view.plans else ())
        if view.plans:
            assert plans[index].opened == view.plans[0].open
            assert plans[index].verify == view.plans[0].verify_first
            assert plans[index].lead.resolves == view.plans[0].resolves
        row = texts[index]
        coded = [tool for tool in view.tools if not tool.note]
        for verdict, column in (("适用", "适用工具"), ("待核实", "待核实工具")):
            assert set(filter(None, row[column].split("、"))) == {tool.id for tool in coded if tool.verdict == verdict}
        assert (
            row["成立的症结"].split("、") == [o.id for o in view.obstacles if o.status == "成立"]
            or not row["成立的症结"]
        )
        for tool in coded:
            if tool.reason == "不具备条件":
                adverse = [
                    c.text for c in tool.conditions
                    if c.id != "有现行依据" and c.kind != "倾向" and c.status == ("满足" if c.kind == "排除" else "不满足")
                ]  # fmt: skip
                assert f"{tool.id}：{'、'.join(adverse)}" in row["不具备条件的为何"].split("\n")
        assert view.taxonomy is not None
        expected = [c.name if c.status == "对得上" else f"{c.name}（待核实）" for c in view.taxonomy.classes]
        assert list(filter(None, local[index].split("、"))) == expected


def test_an_interrupted_run_continues_and_finished_parts_are_kept(job_of: Callable[..., Job], tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("编号,省份,已抵押\n" + "".join(f"{i},湖南,是\n" for i in range(10)), "utf-8")
    job = job_of(path, part_rows=4)

    def stop(done: int, total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job, stop)
    first = job.result_path(0).stat().st_mtime_ns
    assert not job.result_path(8).is_file()
    seen: list[int] = []
    run(job_of(path, part_rows=4), lambda done, total: seen.append(done))
    assert job.result_path(0).stat().st_mtime_ns == first
    assert seen == [8, 10]  # 先报判过的，再报新判的
    assert all_results(job).collect().height == 10
    path.write_text("编号,省份,已抵押\n1,湖南,否\n", "utf-8")
    again = job_of(path, part_rows=4)
    run(again)
    assert all_results(again).collect().height == 1


def test_unknown_words_and_similar_headers_go_to_the_mapping(headers: Headers, tmp_path: Path) -> None:
    titles = ["宗地编号", "用地面积（公顷）", "用地面积（坪）", "抵押情况", "土地使用权类别"]
    matched = headers.match(titles)
    assert {column.header: column.target for column in matched.columns} == {
        "宗地编号": "编号", "用地面积（公顷）": "地块面积", "抵押情况": "已抵押",
    }  # fmt: skip
    text = suggested_mapping(headers, titles)
    path = tmp_path / "对照.yaml"
    path.write_text(text.replace('"土地使用权类别": 不用', '"土地使用权类别": 权利类型'), "utf-8")
    chosen = read_mapping(path, headers)
    assert headers.match(titles, chosen).find("权利类型") is not None
    path.write_text('"备注": 面积大小\n', "utf-8")
    with pytest.raises(InputError, match="不在事实词表里"):
        read_mapping(path, headers)


def test_bad_header_data_is_reported_by_line(pack: RulePack, tmp_path: Path) -> None:
    (tmp_path / "headers.yaml").write_text(
        "别名:\n  没有的事实: [甲]\n  省份: [乙]\n  地级市: [乙]\n单位写法:\n  光年: [ly]\n", "utf-8"
    )
    with pytest.raises(RulePackError) as caught:
        read_headers(tmp_path, pack.vocabulary)
    assert [problem.split("：")[1].split("。")[0] for problem in caught.value.problems] == [
        "“没有的事实”不在事实词表里", "“乙”既指“省份”又指“地级市”", "单位“光年”没有登记",
    ]  # fmt: skip


def test_no_alias_names_two_facts_and_none_shadows_a_fact(headers: Headers, pack: RulePack) -> None:
    for fact in pack.vocabulary:  # type: ignore[attr-defined]
        assert headers.target(fact.name) == fact.name


def test_the_template_comes_back_unchanged(job_of: Callable[..., Job], pack: RulePack, tmp_path: Path) -> None:
    """空白台账填一行再读：每一列都认得，一格不丢。"""
    path = tmp_path / "模板.xlsx"
    write_template(path, pack.vocabulary)
    book = openpyxl.load_workbook(path)
    page = book["台账"]
    filled = {"编号": "001", "省份": "湖南", "已抵押": "是", "地块面积（亩）": 228, "权利类型": "不清楚"}
    for cell in page[1]:
        page.cell(2, cell.column, filled.get(cell.value))
    assert len(page.data_validations.dataValidation) == sum(f.kind in ("是否", "单选") for f in pack.vocabulary)  # type: ignore[attr-defined]
    book.save(path)
    job = job_of(path)
    assert not job.matched.ignored and not job.matched.problems
    assert facts_in(job) == [{"省份": "湖南", "已抵押": True, "地块面积": Fraction(228)}]


def test_the_command_writes_everything_and_cells_stay_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "台账.xlsx", tmp_path / "结果"
    dirty_workbook(path)
    forms = [part for form in ("xlsx", "csv", "parquet", "html") for part in ("--format", form)]
    assert command(["screen", str(path), "--out", str(out), "--taxonomy", "望城", *forms, *DAY]) == 0
    assert "4 宗，用了 7 列，数据问题 7 条；没有用的列：备注" in capsys.readouterr().out
    book = openpyxl.load_workbook(out / "结果.xlsx")
    assert book.sheetnames == ["一地一策", "汇总·方案", "汇总·工具", "汇总·症结", "汇总·地方口径", "汇总·核查任务",
                               "核查任务", "数据问题"]  # fmt: skip
    rows = list(book["一地一策"].values)
    assert [row[rows[0].index("优先名次")] for row in rows[1:]] != []
    names = [cell for cell in book["一地一策"]["D"] if cell.value == "=1+1"]
    assert [cell.data_type for cell in names] == ["s"]
    assert "'=1+1" in (out / "结果.csv").read_text("utf-8-sig")
    page = (out / "结果.html").read_text("utf-8")
    assert "http://" not in page and "https://" not in page and "=1+1" in page
    machine = pl.read_parquet(out / "结果.parquet")
    book_of = json.loads((out / "理由对照.json").read_text("utf-8"))
    assert set(book_of["理由"]) == {name for name in machine.columns if name.startswith("理由·")}
    departments = {row[0] for row in list(book["核查任务"].values)[1:]}
    assert "不动产登记中心" in departments


def test_strict_gives_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "台账.xlsx", tmp_path / "结果"
    dirty_workbook(path)
    assert command(["screen", str(path), "--out", str(out), "--strict", "--no-plans", *DAY]) == 1
    assert "第 7 行“土地所有权”：“军用”认不出" in capsys.readouterr().out
    assert not (out / "结果.xlsx").exists()


def test_conflicts_are_listed_and_only_sure_ones_stop_strict(job_of: Callable[..., Job], tmp_path: Path) -> None:
    """集体土地填出让必有一错；整体退出又部分退出只是存疑，不因此拒收。"""
    head, wrong, doubtful = "编号,土地所有权,权利性质,愿整体退出,愿部分退出", "1,集体,出让,,", "2,国有,出让,是,是"
    both, one = tmp_path / "两宗.csv", tmp_path / "一宗.csv"
    both.write_text("\n".join([head, wrong, doubtful]) + "\n", "utf-8")
    one.write_text("\n".join([head, doubtful]) + "\n", "utf-8")
    job = job_of(both)
    run(job)
    first, second = all_issues(job).to_dicts()
    assert (first["行"], first["列"], first["值"]) == (2, "土地所有权、权利性质", "集体、出让")
    assert first["问题"].startswith("矛盾：")
    assert (second["行"], second["列"], second["值"]) == (3, "愿部分退出、愿整体退出", "是、是")
    assert second["问题"].startswith("存疑：")
    strict = ("--strict", "--no-plans", "--format", "parquet", *DAY)
    assert command(["screen", str(both), "--out", str(tmp_path / "甲"), *strict]) == 1
    assert command(["screen", str(one), "--out", str(tmp_path / "乙"), *strict]) == 0


def test_cells_take_the_units_the_vocabulary_takes(job_of: Callable[..., Job], tmp_path: Path) -> None:
    """八成即 80%；六个月即半年；1 平方公里即 1500 亩；日期列照读。"""
    path = tmp_path / "台账.csv"
    path.write_text("编号,地块面积,已建面积比例,剩余使用年限,约定动工日\n1,1平方公里,8成,6个月,2015-06-30\n", "utf-8")
    assert facts_in(job_of(path)) == [
        {"地块面积": Fraction(1500), "已建面积比例": Fraction(80), "剩余使用年限": Fraction(1, 2),
         "约定动工日": datetime.date(2015, 6, 30)},
    ]  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_cell_reads_the_same_whatever_its_neighbours(headers: Headers, data: st.DataObject) -> None:
    """整列都干净时一起读，有一格不干净就逐格细读：两种读法，同一格读得一样。"""
    fact = data.draw(st.sampled_from(list(headers.vocabulary)))
    factor = data.draw(st.sampled_from([Fraction(1), Fraction(1, 10000)])) if fact.kind is Kind.NUMBER else Fraction(1)
    column, kind = Column("列", fact.name, factor=factor), fact_schema(headers.vocabulary)[fact.name]
    if fact.kind is Kind.NUMBER and data.draw(st.booleans()):
        bounds = [fact.minimum, fact.maximum]
        near = [float(bound) + step for bound in bounds if bound is not None for step in (-0.5, 0, 0.5)]
        odd, junk = [None, 0.0, 3.43, 1e9, 2e9, -1.0, float("nan"), float("inf"), *near], float("inf")
        cells = data.draw(st.lists(st.sampled_from(odd), min_size=1, max_size=5))
    else:
        words = [
            "是",
            "否",
            "",
            "不清楚",
            "3.43",
            "1,234",
            "12亩",
            "-1",
            "1e3",
            "1e12",
            "2026-01-02",
            "别的",
            *fact.options,
        ]
        cells, junk = data.draw(st.lists(st.sampled_from([None, *words]), min_size=1, max_size=5)), "认不出的字"
    reader, dtype = Cells(headers), pl.Series([junk]).dtype
    together = reader.read(pl.Series("列", cells, dtype=dtype), fact, column, kind)
    apart = [reader.read(pl.Series("列", [cell, junk], dtype=dtype), fact, column, kind) for cell in cells]
    assert together.values.to_list() == [each.values[0] for each in apart]
    assert set(together.bad) == {index for index, each in enumerate(apart) if 0 in each.bad}


def test_a_change_is_traced_through_what_follows_from_it(tmp_path: Path) -> None:
    """建设状态改了，推得的房屋情况跟着变：变化说得出是建设状态，不说成规则变了。"""
    head, out = "编号,省份,建设状态", tmp_path / "乙"
    for name, state in (("甲", "未动工"), ("乙", "已建成")):
        (tmp_path / f"{name}.csv").write_text(f"{head}\n1,湖南,{state}\n", "utf-8")
    common = ("--no-plans", "--format", "parquet", *DAY)
    assert command(["screen", str(tmp_path / "甲.csv"), "--out", str(tmp_path / "甲"), *common]) == 0
    assert (
        command(["screen", str(tmp_path / "乙.csv"), "--out", str(out), "--diff", str(tmp_path / "甲"), *common]) == 0
    )
    found = [row for row in list(openpyxl.load_workbook(out / "变化.xlsx")["变化明细"].values)[1:] if row[2]]
    assert found
    assert {row[5] for row in found} == {"建设状态：未动工 → 已建成"}


def test_the_core_does_not_need_the_extra(tmp_path: Path) -> None:
    """没装 polars 的机器：别的命令照常，screen 说清缺什么、怎么装。"""
    code = (
        "import sys, importlib.util as u; real=u.find_spec\n"
        "u.find_spec=lambda n,*a: None if n.split('.')[0] in ('polars','fastexcel','xlsxwriter') else real(n,*a)\n"
        "sys.modules['polars']=None\n"
        "from advisor.cli import run\n"
        "assert run(['rules','facts'])==0\n"
        "sys.exit(run(['screen','甲.xlsx','--out','乙']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "没有装台账批量要的 polars、fastexcel、xlsxwriter" in done.stderr
    assert "pip install 'advisor[screen]'" in done.stderr


def test_diff_says_which_verdicts_changed_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """一宗改了一个事实，一宗没动，一宗新增：只有改了的那宗变，说得出是哪个事实。"""
    rows = ["编号,省份,土地所有权,已抵押,毗邻零星地块", "1,湖南,国有,否,是", "2,湖南,国有,否,是"]
    first, second = tmp_path / "一.csv", tmp_path / "二.csv"
    first.write_text("\n".join(rows) + "\n", "utf-8")
    second.write_text(
        "\n".join([rows[0], rows[1].replace("否,是", "否,否"), rows[2], "3,湖南,国有,否,是"]) + "\n", "utf-8"
    )
    common = ("--no-plans", "--format", "parquet", *DAY)
    assert command(["screen", str(first), "--out", str(tmp_path / "甲"), *common]) == 0
    assert command(["screen", str(second), "--out", str(tmp_path / "乙"), "--diff", str(tmp_path / "甲"), *common]) == 0
    book = openpyxl.load_workbook(tmp_path / "乙" / "变化.xlsx")
    found = list(book["变化明细"].values)[1:]
    assert ("1", None, "零星用地并宗", "待核实", "无此情形", "毗邻零星地块：是 → 否") in found
    assert {row[0] for row in found if row[2]} == {"1"}
    assert [row[5] for row in found if row[0] == "3"] == ["这宗地新增"]
    assert command(["screen", str(second), "--out", str(tmp_path / "乙"), "--diff", str(tmp_path / "乙"), *common]) == 2
    assert "同一个目录" in capsys.readouterr().err


def test_another_day_shows_which_parcels_flip(tmp_path: Path) -> None:
    """换一个基准日：事实没变而判定变了的，说明是规则或基准日变了。"""
    path = tmp_path / "台账.csv"
    path.write_text("编号,省份,低效用地再开发试点,土地所有权\n1,天津,是,国有\n", "utf-8")
    out = tmp_path / "结果"
    day = ("--against-as-of", "2010-01-01")
    assert command(["screen", str(path), "--out", str(out), "--no-plans", "--format", "parquet", *day, *DAY]) == 0
    found = list(openpyxl.load_workbook(out / "换规则的变化.xlsx")["变化明细"].values)[1:]
    assert all(row[5] == "事实没有变，是规则或基准日变了" for row in found)


def test_other_rules_show_which_parcels_flip(tmp_path: Path) -> None:
    """换一个规则包：只有改了的那条规则牵涉的工具变，说明是规则变了、事实没有变。"""
    path, out, rules = tmp_path / "台账.csv", tmp_path / "结果", tmp_path / "rules"
    path.write_text("编号,土地所有权,毗邻零星地块\n1,国有,是\n2,国有,\n", "utf-8")
    shutil.copytree(ROOT / "rules", rules)
    tool = rules / "tools" / "零星用地并宗.yaml"
    text = tool.read_text("utf-8")
    assert text.count("条件: 毗邻零星地块\n") == 1
    tool.write_text(text.replace("条件: 毗邻零星地块\n", "条件: not 毗邻零星地块\n"), "utf-8")
    other = ("--against-rules", str(rules))
    assert command(["screen", str(path), "--out", str(out), "--no-plans", "--format", "parquet", *other, *DAY]) == 0
    found = list(openpyxl.load_workbook(out / "换规则的变化.xlsx")["变化明细"].values)[1:]
    assert found == [("1", None, "零星用地并宗", "待核实", "无此情形", "事实没有变，是规则或基准日变了")]


def test_ctrl_c_leaves_finished_parts_and_no_traceback(tmp_path: Path) -> None:
    """判到一半按 Ctrl-C：没有调用栈，说清怎么接着判；判完的片留着，再跑结果与一口气跑完的一样。"""
    path, out = tmp_path / "台账.csv", tmp_path / "结果"
    rows = "".join(f"{i},湖南,国有,{'是' if i % 2 else '否'}\n" for i in range(60_000))
    path.write_text("编号,省份,土地所有权,已抵押\n" + rows, "utf-8")
    words = ["screen", str(path), "--out", str(out), "--format", "parquet", *DAY]
    code = "import sys; from advisor.cli import main; main(sys.argv[1:])"
    running = subprocess.Popen(
        [sys.executable, "-c", code, *words, "--workers", "2"], stderr=subprocess.PIPE, text=True, cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip
    while running.poll() is None and not list(out.glob("进度/结果-*.parquet")):
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=240)
    assert running.returncode == 130 and "Traceback" not in said
    assert "再运行一次就接着判" in said and "已中断" in said
    kept = {part.name: part.stat().st_mtime_ns for part in out.glob("进度/结果-*.parquet")}
    assert kept and not (out / "结果.parquet").exists()
    assert command([*words, "--workers", "1"]) == 0
    assert {name: (out / "进度" / name).stat().st_mtime_ns for name in kept} == kept
    assert pl.read_parquet(out / "结果.parquet").height == 60_000
