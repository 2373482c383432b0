"""advisor policy：到期日历说得出谁站在它上面；登记新文件不动原有的字，列得出工作单。"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from advisor.assess import Advisor
from advisor.cli import run
from advisor.cli.policy import _asked
from advisor.playbook import Playbook
from advisor.policy_entering import mark_superseded, suggested_code, suggested_file
from advisor.reliance import reliance_on
from advisor.rulepack import load_rule_pack

HERE = Path(__file__).parent
RULES = HERE.parent / "rules"
AS_OF = ("--as-of", "2026-11-21")
ENTER, NEXT, PICK = "\r", "\x1b[B", " "


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """小规则包与一套空手册；一份模板写着 L1 的名称。"""
    shutil.copytree(HERE / "packs" / "minimal", tmp_path / "rules")
    for name in ("cases", "tools", "templates"):
        (tmp_path / "playbooks" / name).mkdir(parents=True)
    (tmp_path / "playbooks" / "templates" / "草案.md.j2").write_text("依《天津通知》办理", encoding="utf-8")
    monkeypatch.setenv("ADVISOR_RULES", str(tmp_path / "rules"))
    monkeypatch.setenv("ADVISOR_PLAYBOOKS", str(tmp_path / "playbooks"))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_expires_and_what_stands_on_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """L1 2026-12-31 失效，离基准日 40 天：看 180 天要办，看 10 天不用办。"""
    assert run(["policy", "expiring", "--within", "180d", *AS_OF]) == 1
    assert told(capsys) == [
        "基准日 2026-11-21，看到 2027-05-20：要办 1 件，另列 0 件",
        "L1《天津通知》：2026-12-31 失效，还有 40 天",
        "  条件：甲工具/占比",
        "  模板：草案.md.j2",
        "  没有别的现行依据：甲工具/占比",
    ]
    assert run(["policy", "expiring", "--within", "10d", *AS_OF]) == 0
    assert told(capsys) == ["基准日 2026-11-21，看到 2026-12-01：要办 0 件，另列 0 件"]


def test_expired_and_replaced_is_listed_but_not_pressing(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """过期后还有别的现行依据撑着，就不必天天报。"""
    tool = office / "rules" / "tools" / "甲工具.yaml"
    tool.write_text(tool.read_text("utf-8").replace("依据: [L1]", "依据: [L1, A1§3]"), encoding="utf-8")
    assert run(["policy", "expiring", "--as-of", "2027-02-01"]) == 0
    assert told(capsys)[0].endswith("要办 0 件，另列 1 件")


def test_dossiers_that_stand_on_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """天津的一卷用到了 L1 的条件，湖南的没有。"""
    store = str(office / "库.db")
    for name, province in (("津地", "天津"), ("湘地", "湖南")):
        path = office / f"{name}.yaml"
        path.write_text(
            f"名称: {name}\n事实: {{省份: {province}, 面积: 100, 零星面积: 5, 抵押: 否}}\n", encoding="utf-8"
        )
        assert run(["dossier", "new", name, "--from", str(path), "--store", store, "--who", "甲"]) == 0
    capsys.readouterr()
    assert run(["policy", "expiring", "--store", store, *AS_OF]) == 1
    (line,) = [line for line in told(capsys) if line.startswith("  案卷：")]
    assert "津地（甲工具/占比）" in line
    assert "湘地" not in line


def test_parcels_of_an_inventory_that_stand_on_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """四宗：天津合门槛的、没填零星面积的站在上面；天津超门槛的已判不适用，湖南的不管。"""
    pytest.importorskip("polars")
    (office / "rules" / "headers.yaml").write_text("编号: [编号]\n名称: [名称]\n是: [是]\n否: [否]\n", encoding="utf-8")
    rows = ("编号,省份,面积,零星面积,抵押", "1,天津,100,5,否", "2,天津,100,,否", "3,天津,100,50,否", "4,湖南,100,5,否")
    (office / "台账.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run(["policy", "expiring", "--inventory", str(office / "台账.csv"), *AS_OF]) == 1
    assert "  台账：4 宗里有 2 宗（甲工具/占比 2 宗）" in told(capsys)


ANSWERS = """名称: 天津市零星用地新通知
文号: 津示例〔2027〕1号
层级: 地方规范性文件
地域: 天津
生效: 2027-01-01
置信: retrieved
要点: '占比: 改为不超过 15%'
取代: [L1]
"""


def test_entering_keeps_the_file_and_lists_the_work(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    register = office / "rules" / "policies" / "全部.yaml"
    before = register.read_text("utf-8")
    (office / "新.yaml").write_text(ANSWERS, encoding="utf-8")
    assert run(["policy", "add", "--answers", str(office / "新.yaml"), *AS_OF]) == 0
    assert told(capsys)[1:] == [
        "登记了 L2《天津市零星用地新通知》。工作单：",
        "被取代的 L1 还有这些引用，逐条对新文件改：",
        "  条件：甲工具/占比",
        "  模板：草案.md.j2",
        "  没有别的现行依据：甲工具/占比",
        "下一步：改条件与情景，advisor rules check；advisor rules diff 原来的 现在的 看哪些判定会翻；advisor rules schemas。",
    ]
    added = list(difflib.ndiff(before.splitlines(), register.read_text("utf-8").splitlines()))
    assert [line for line in added if line.startswith("- ")] == [
        "-   - {代码: L1, 名称: 天津通知, 层级: 地方规范性文件, 地域: 天津, 生效: 2024-01-01, 失效: 2026-12-31, 置信: seed}"
    ]
    policies = load_rule_pack(office / "rules").register
    assert policies["L1"].superseded_by == ("L2",)
    new = policies["L2"]
    assert (new.number, new.region, new.effective) == ("津示例〔2027〕1号", "天津", date(2027, 1, 1))
    assert new.gist == "占比: 改为不超过 15%"


REFUSED = {
    "代码用过": ("代码: A1\n", "依据“A1”：代码已是《甲法》。可填：没有用过的，如 L2。下一步：换一个代码。\n"),
    "地域没有": (
        "地域: 天律\n", "依据“L2”：地域“天律”不在地域树里。下一步：先在 regions.yaml 里登记。\n",
    ),
    "取代没有登记": ("取代: [Z9]\n", "依据“L2”：被取代的“Z9”没有登记。下一步：核对代码；没有登记过的不必写。\n"),
    "日期颠倒": (
        "失效: 2026-01-01\n", "依据“L2”：失效 2026-01-01 在生效 2027-01-01 之前。下一步：核对两个日期。\n",
    ),
    "登记册没有": ("登记册: 别处.yaml\n", "依据“L2”：没有登记册“别处.yaml”。可填：全部.yaml。下一步：从中选一个。\n"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_refused_answers_leave_the_register_alone(
    mistake: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, message = REFUSED[mistake]
    kept = [item for item in ANSWERS.splitlines(keepends=True) if not item.startswith(line.split(":")[0])]
    (office / "新.yaml").write_text("".join(kept) + line, encoding="utf-8")
    register = office / "rules" / "policies" / "全部.yaml"
    before = register.read_bytes()
    assert run(["policy", "add", "--answers", str(office / "新.yaml"), *AS_OF]) == 2
    assert capsys.readouterr().err == message
    assert register.read_bytes() == before


def test_a_misspelt_key_is_shown_with_its_line(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "新.yaml").write_text(ANSWERS.replace("层级", "级别"), encoding="utf-8")
    assert run(["policy", "add", "--answers", str(office / "新.yaml")]) == 2
    error = capsys.readouterr().err
    assert "第 3 行：不认识的键“级别”" in error
    assert "缺“层级”" in error


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def test_asked_one_by_one(office: Path, keys: PipeInput) -> None:
    """名称、文号、层级（往下八格：地方规范性文件在第八）、地域、日期、时效、置信、取代 L1、代码、登记册、要点、备注。"""
    pack = load_rule_pack(office / "rules")
    advisor = Advisor(pack, Playbook(office / "playbooks", pack.vocabulary, tuple(pack.tools)))
    position = list(pack.register.codes).index("L1")
    keys.send_text(
        "".join(
            (
                "新通知", ENTER, ENTER, NEXT * 7, ENTER, "天津", ENTER, "2027-01-01", ENTER, ENTER, ENTER, ENTER,
                NEXT * position, PICK, ENTER, ENTER, ENTER, "要点", ENTER, ENTER,
            )
        )
    )  # fmt: skip
    new = _asked(advisor, office / "rules")
    assert (new.code, new.title, new.level, new.region) == ("L2", "新通知", "地方规范性文件", "天津")
    assert (new.effective, new.expires, new.supersedes, new.file) == (date(2027, 1, 1), None, ("L1",), "全部.yaml")


def test_suggestions_follow_the_shipped_register() -> None:
    """湖南的市县文件进湖南的登记册，接着 H 往下编；国家规范性文件接着 E。"""
    pack = load_rule_pack(RULES)
    assert suggested_file(pack, RULES, "地方规范性文件", "株洲") == "湖南.yaml"
    assert suggested_file(pack, RULES, "地方规范性文件", "天津") == "其他省市.yaml"
    for level, region, letter in (
        ("地方规范性文件", "长沙", "H"),
        ("国家规范性文件", "全国", "E"),
        ("法律", "全国", "A"),
    ):
        code = suggested_code(pack, RULES, level, region)
        assert code[0] == letter
        assert code not in pack.register


def test_every_shipped_policy_can_be_marked_superseded() -> None:
    """登记册里的每一份都找得到自己那一段，只改“被替代”这一行。"""
    for path in sorted((RULES / "policies").glob("*.yaml")):
        text = path.read_text("utf-8")
        for code in [line.split(":")[1].strip() for line in text.splitlines() if line.startswith("  - 代码:")]:
            lines = zip(text.splitlines(), mark_superseded(text, code, "Z9").splitlines(), strict=True)
            ((old, new),) = [(a, b) for a, b in lines if a != b]
            assert old.strip().startswith("被替代:")
            assert "Z9]" in new


def test_reliance_of_the_shipped_law_names_its_gate(advisor: Advisor) -> None:
    """抵押已处理引用民法典抵押两条（摘编 G05），不是单靠一份以外的文件。"""
    found = reliance_on("A3", advisor.pack, advisor.playbook, date(2026, 11, 21))
    assert "闸门/抵押已处理" in found.conditions
    assert "闸门/抵押已处理" in found.alone
