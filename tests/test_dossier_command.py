"""案卷的命令行与问答：立卷到比对走一遍；问答每答一问写进库，两人同答不丢。"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.cli import run
from advisor.dossier.interviewing import StoreKeeping
from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import ConflictError
from advisor.interview.dossier_file import load
from advisor.rulepack import RulePack

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"
AS_OF = ("--as-of", "2026-11-21")


class Office:
    """在一个目录里敲命令：返回退出码、输出、报错。"""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def dossier(self, *arguments: str) -> str:
        """advisor dossier …，须成功，返回输出。"""
        code, out, err = self("dossier", *arguments)
        assert code == 0, err
        return out


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ADVISOR_STORE", raising=False)
    return Office(capsys)


def test_from_opening_to_comparing(office: Office, tmp_path: Path, pack: RulePack) -> None:
    """立卷、补答、评估、改判、看、核对、重放、换规则包比对、导出导入、生成草案用的事实文件。"""
    assert office("dossier", "list")[0] == 2
    number = office.dossier("new", "示例地块", "--from", str(SAMPLE), "--who", "张三", "--source", "登记簿").strip()
    assert (tmp_path / "案卷库.db").is_file()
    version = 1 + len(load(SAMPLE, pack.vocabulary)[1])
    said = office.dossier("answer", number, "抵押权人同意=是", "--who", "李四", "--source", "同意函")
    assert said == f"已记 1 条，案卷到第 {version + 1} 条\n"
    code, _, err = office("dossier", "answer", number, "已抵押=否", "--seen", str(version), "--who", "王五")
    assert code == 2
    assert "李四" in err and "“抵押权人同意”：不清楚 → 是" in err and "您这次的没有写入" in err
    assert "已留存为案卷 2" in office.dossier("assess", number, *AS_OF, "--who", "李四")

    code, _, err = office("dossier", "override", number, "分割收储", "待核实", *AS_OF, "--who", "王五")
    assert (code, err) == (2, "--reason：改判没有写理由。下一步：写明为什么改、凭什么改。\n")
    said = office.dossier("override", number, "分割收储", "待核实", "--reason", "会商", *AS_OF, "--who", "王五")
    assert said == "已改判“分割收储”：适用 → 待核实（系统判适用）\n"
    mark = "人工改判“分割收储”：适用 → 待核实。理由：会商（王五，"
    shown = office.dossier("show", number, "--log")
    assert mark in shown and "同意函" in shown and "228 亩" in shown and "第 1 次评估：李四" in shown
    assert mark in office.dossier("assess", number, *AS_OF, "--who", "李四")
    machine = json.loads(office.dossier("assess", number, *AS_OF, "--who", "李四", "--format", "json"))
    assert machine["assessment"] == 3
    assert [item["tool"] for item in machine["overrides"]] == ["分割收储"]
    assert machine["result"]["rule_pack"]["sha256"] == pack.sha256

    assert "条全对，末条散列" in office.dossier("verify")
    assert "重算与留存逐字节相同" in office.dossier("replay", number, "--assessment", "1")
    newer = tmp_path / "新规则"
    shutil.copytree(ROOT / "rules", newer)
    tool = newer / "tools" / "分割收储.yaml"
    first, rest = re.split(r"(?m)^要件:\n", tool.read_text("utf-8"))
    added = "要件:\n  - {编号: 新加的, 条件: 地块面积 <= 100, 依据: [A1§58], 说明: 地块不超过一百亩}\n"
    tool.write_text(first + added + rest, encoding="utf-8")
    code, _, err = office("dossier", "replay", number, "--rules", str(newer))
    assert code == 2 and "不能逐字节重放" in err
    compared = office.dossier("diff", number, "--rules", str(newer))
    assert mark in compared
    assert "因为 新增要件“地块不超过一百亩”（不满足）" in compared

    office.dossier("export", number, "--out", "一.json")
    assert "没有导入" in office("dossier", "import", "一.json")[2]
    assert "已导入案卷" in office.dossier("import", "一.json", "--store", "另.db")
    assert office.dossier("export", number, "--store", "另.db") == Path("一.json").read_text("utf-8")
    office.dossier("export", number, "--facts", "--out", "地块.yaml")
    name, answers = load(Path("地块.yaml"), pack.vocabulary)
    assert name == "示例地块"
    assert answers == {**load(SAMPLE, pack.vocabulary)[1], "抵押权人同意": True}


def test_verify_exits_one_when_a_row_was_touched(office: Office) -> None:
    number = office.dossier("new", "某地", "--who", "张三").strip()
    office.dossier("new", "别处", "--who", "张三")
    office.dossier("answer", number, "已抵押=是", "--who", "张三")
    with closing(sqlite3.connect("案卷库.db")) as connection:
        connection.execute("UPDATE dossier_entry SET new = '否' WHERE seq = 2")
        connection.commit()
    code, out, _ = office("dossier", "verify")
    assert code == 1
    assert out.splitlines()[0] == f"案卷“{number}”第 2 条的内容与散列不符：被改过（答案“已抵押”）"
    assert "1 条全对" in out.splitlines()[1]
    assert office("dossier", "verify", "没有")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("answer", "{}"), "没有写要记什么"),
        (("answer", "{}", "已抵押"), "“已抵押”里没有等号"),
        (("answer", "{}", "已抵压=是"), "“已抵压”不在事实词表里，也不是测算输入。下一步：最接近的是“已抵押”"),
        (("answer", "{}", "已抵押=也许"), "事实“已抵押”收到“也许”。可填：是、否；不清楚可写“不清楚”"),
        (("answer", "{}", "--withdraw", "已抵押"), "“已抵押”没有答过"),
        (("answer", "没有", "已抵押=是"), "没有编号“没有”的案卷"),
        (("show", "没有"), "没有编号“没有”的案卷"),
        (("replay", "{}"), "还没有评估过"),
        (("import", "没有.json"), "没有.json：没有这个文件"),
        (("assess", "{}", "--taxonomy", "没有"), "没有“没有”的分类"),
        (("export", "{}", "--facts"), "--facts 要写到文件"),
        (("new", "某地", "--number", "{}"), "已有一卷"),
        (("new", "某地", "--who", " "), "--who：没有写是谁"),
    ],
)
def test_wrong_usage_exits_two_and_changes_nothing(office: Office, arguments: tuple[str, ...], said: str) -> None:
    number = office.dossier("new", "某地", "--who", "张三").strip()
    before = office.dossier("list", "--format", "json")
    code, out, err = office("dossier", *(word.format(number) for word in arguments))
    assert (code, out) == (2, "")
    assert said in err
    assert office.dossier("list", "--format", "json") == before


def test_unclear_is_an_answer_and_can_be_withdrawn(office: Office) -> None:
    number = office.dossier("new", "某地", "--who", "张三").strip()
    office.dossier("answer", number, "已抵押=不清楚", "--who", "张三")
    assert "不清楚，列入待核实" in office.dossier("show", number)
    office.dossier("answer", number, "--withdraw", "已抵押", "--who", "李四", "--remark", "问错了地")
    shown = office.dossier("show", number, "--log")
    assert "不清楚，列入待核实" not in shown
    assert "答“已抵押”：不清楚 → 撤回；备注：问错了地" in shown


def test_store_from_the_environment_in_a_real_process(tmp_path: Path) -> None:
    environment = {**os.environ, "ADVISOR_STORE": str(tmp_path / "局里.db"), "PYTHONIOENCODING": "utf-8"}

    def advisor(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "advisor", "dossier", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT, env=environment
        )

    number = advisor("new", "某地", "--who", "张三").stdout.strip()
    assert number in advisor("list").stdout
    exported = advisor("export", number)
    assert json.loads(exported.stdout)["编号"] == number
    assert [path.name for path in tmp_path.iterdir()] == ["局里.db"]


@pytest.fixture
def two(tmp_path: Path, advisor: Advisor) -> tuple[StoreKeeping, StoreKeeping]:
    """两个人开着同一卷问答。"""
    store = Store(str(tmp_path / "库.db"), create=True)
    first = StoreKeeping(store, "", "张三", advisor)
    first.save("某地", {"已抵押": True})
    second = StoreKeeping(store, first.number, "李四", advisor)
    second.load()
    return first, second


def test_different_facts_answered_together_both_stay(two: tuple[StoreKeeping, StoreKeeping]) -> None:
    first, second = two
    assert first.save("某地", {"已抵押": True, "司法查封": False}) == {"已抵押": True, "司法查封": False}
    merged = second.save("某地", {"已抵押": True, "园区内": None})
    assert merged == {"已抵押": True, "司法查封": False, "园区内": None}
    entries = second.store.read(second.number).entries
    assert [(entry.who, entry.subject, entry.new) for entry in entries[1:]] == [
        ("张三", "已抵押", "是"),
        ("张三", "司法查封", "否"),
        ("李四", "园区内", "不清楚"),
    ]


def test_the_same_fact_answered_together_is_a_conflict(two: tuple[StoreKeeping, StoreKeeping]) -> None:
    first, second = two
    first.save("某地", {"已抵押": False})
    with pytest.raises(ConflictError, match=r"张三.*答“已抵押”：是 → 否。您这次的没有写入"):
        second.save("某地", {"已抵押": None})
    assert second.load() == ("某地", {"已抵押": False})
    assert second.save("某地", {}) == {}  # 看过之后再撤，就不冲突
    assert first.store.read(first.number).answers == {}


def test_going_back_is_a_withdrawal_in_the_log(two: tuple[StoreKeeping, StoreKeeping]) -> None:
    first, _ = two
    assert first.save("某地", {}) == {}
    assert first.store.read(first.number).entries[-1].new is None
    first.save("某地", {"已抵押": True})
    first.assessed({"已抵押": True}, date(2026, 11, 21))
    assert first.store.read(first.number).assessments[0].facts == {"已抵押": "是"}
    version = first.store.read(first.number).version
    first.store.override(first.number, "分割收储", "待核实", "适用", "会商", "王五", version)
    assert "人工改判“分割收储”" in first.remarks()[0]


def test_old_answers_stay_when_the_interview_goes_on(two: tuple[StoreKeeping, StoreKeeping]) -> None:
    """词表里没有的旧答案：问答里不出现，也不会被当成撤回。"""
    first, _ = two
    store, number = first.store, first.number
    store.answer(number, [Change("早先的事实", "是")], "张三", store.read(number).version)
    name, answers = first.load()
    assert answers == {"已抵押": True}
    first.save(name, {**answers, "园区内": True})
    assert store.read(number).answers == {"已抵押": "是", "早先的事实": "是", "园区内": "是"}
    assert "“早先的事实”不在现在的词表里" in first.remarks()[0]


@pytest.mark.parametrize("other", ["--save", "--resume", "--answers"])
def test_interview_refuses_two_places_at_once(office: Office, other: str) -> None:
    code, _, err = office("interview", "--store", "库.db", other, "案卷.yaml")
    assert code == 2
    assert "不能一起用" in err


def test_leaving_before_the_first_answer_opens_no_dossier(tmp_path: Path, advisor: Advisor) -> None:
    with Store(str(tmp_path / "库.db"), create=True) as store:
        keeping = StoreKeeping(store, "", "张三", advisor)
        assert keeping.load() == ("", {})
        assert keeping.save("某地", {}) == {}
        keeping.assessed({}, date(2026, 11, 21))
        assert keeping.remarks() == ()
        assert keeping.resume == f"advisor interview --store {tmp_path / '库.db'}"
        assert store.listing() == []


@pytest.mark.skipif(shutil.which("tmux") is None, reason="没有装 tmux")
def test_terminal_interview_writes_every_answer_to_the_store(tmp_path: Path) -> None:
    """真的终端：答一题就进库；杀掉进程也在；按编号接着答。"""
    session, store = f"dossier-{tmp_path.name[-12:]}", tmp_path / "库.db"

    def tmux(*arguments: str) -> str:
        return subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=False).stdout

    def until(words: str) -> None:
        screen = ""
        for _ in range(480):
            screen = tmux("capture-pane", "-p", "-t", session)
            if words in screen:
                return
            time.sleep(0.25)
        raise AssertionError(f"等不到“{words}”：\n{screen}")

    def start(*more: str) -> None:
        words = " ".join(("interview", "--store", str(store), "--who", "张三", *more))
        command = f"cd {ROOT} && LANG=C.UTF-8 exec {sys.executable} -m advisor {words}"
        tmux("-u", "new-session", "-d", "-s", session, "-x", "100", "-y", "40", command)

    start()
    try:
        until("给这宗地起个名字")
        tmux("send-keys", "-t", session, "C-u")
        tmux("send-keys", "-t", session, "-l", "汇隆地块")
        tmux("send-keys", "-t", session, "Enter")
        until("已答 0 项")
        until("Ctrl-C 存好退出\n>")
        tmux("send-keys", "-t", session, "Enter")
        until("已答 1 项")
    finally:
        tmux("kill-session", "-t", session)
    with Store(str(store)) as opened:
        (number,) = opened.numbers()
        assert opened.read(number).name == "汇隆地块"
        assert len(opened.read(number).answers) == 1
    start("--dossier", number)
    try:
        until("已答 1 项")
    finally:
        tmux("kill-session", "-t", session)
    with Store(str(store)) as opened:
        assert opened.verify(number) == []


def test_memo_from_the_store_says_what_was_overridden(office: Office, tmp_path: Path) -> None:
    """由案卷直接出草案：人工改判与理由写在处置建议里。"""
    number = office.dossier("new", "汇隆", "--from", str(SAMPLE)).strip()
    office.dossier("override", number, "自主改造", "不适用", "--reason", "业主书面放弃", "--who", "张三", *AS_OF)
    office.dossier("memo", number, "--out", "出", "--format", "md", *AS_OF)
    written = next((tmp_path / "出").glob("*.md")).read_text("utf-8")
    assert "人工改判“自主改造”" in written
    assert "业主书面放弃" in written


def test_clocks_over_the_store_warn_by_exit_code(office: Office) -> None:
    """约定 2025-12-01 动工：满一年是 2026-12-01，九十天内到期，退出码 1；只看三天则为 0。"""
    number = office.dossier("new", "甲").strip()
    office.dossier("answer", number, "约定动工日=2025-12-01", "已依法动工=否", "土地所有权=国有", "权利类型=出让")
    code, out, err = office("dossier", "clocks", "--within", "90d", *AS_OF)
    assert code == 1, out + err
    assert "2026-12-01" in out
    code, out, err = office("dossier", "clocks", number, "--within", "3d", *AS_OF)
    assert code == 0, out + err


def test_estimate_inputs_are_kept_with_the_answers(office: Office, tmp_path: Path) -> None:
    """事实文件“测算”一节随卷入库：改、撤、导出都在，草案用得上；写错的不入库。

    补缴＝新条件市场价 − 原条件市场价：1.2 亿元 − 3000 万元 ＝ 9000 万元，低的一头 4000 − 3000 ＝ 1000 万元。
    """
    written = "名称: 试\n事实:\n  省份: 湖南\n测算:\n  估价期日: 2026-10-01\n  新规划条件市场价: [4000万元, 1.2亿元]\n"
    Path("试.yaml").write_text(written, encoding="utf-8")
    number = office.dossier("new", "试", "--from", "试.yaml").strip()
    office.dossier("answer", number, "原规划条件市场价=3000", "省份=湖北")
    code, _, err = office("dossier", "answer", number, "原规划条件市场价=三千")
    assert code == 2 and "原规划条件市场价" in err and "万元" in err
    shown = office.dossier("show", number, "--log")
    assert "写测算输入“原规划条件市场价”：没有 → 3000" in shown and "1.2亿元" in shown
    office.dossier("memo", number, "--out", "稿", "--format", "md", *AS_OF)
    assert "1000～9000 万元" in next(Path("稿").glob("*.md")).read_text(encoding="utf-8")

    office.dossier("answer", number, "--withdraw", "估价期日")
    office.dossier("export", number, "--facts", "--out", "出.yaml")
    office.dossier("export", number, "--out", "出.json")
    told = Path("出.yaml").read_text(encoding="utf-8")
    assert "原规划条件市场价: 3000" in told and "1.2亿元" in told and "估价期日" not in told
    assert "条全对" in office.dossier("verify", number)
    office.dossier("import", "出.json", "--store", "另.db")
    assert "1.2亿元" in office.dossier("show", number, "--store", "另.db")
