"""CONTRIBUTING.md 里要人照做的每一段，都在一份副本里照做一遍；文中写的判定与报错都要对得上。"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.assessment import ToolView
from advisor.errors import ExpressionError
from advisor.expression import parse
from advisor.parcel import Parcel, read_facts
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
AS_OF = date(2026, 11, 21)
EXAMPLE, REFERENCE = "## 从头到尾做一遍", "## 逐样说"
FENCE = re.compile(r"^```(?P<language>\w+) ?(?P<marks>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("rules", "playbooks", "features", "tests")


@dataclass(frozen=True)
class Block:
    """文中一个代码块：语言、记号（文件=、接在=……）与内容。"""

    language: str
    text: str
    marks: dict[str, str] = field(default_factory=dict)


def blocks(text: str) -> list[Block]:
    """文中全部代码块。"""
    return [
        Block(
            found["language"], found["text"], dict(mark.split("=", 1) for mark in found["marks"].split() if "=" in mark)
        )
        for found in FENCE.finditer(text)
    ]


def chapter(start: str, end: str) -> str:
    """从一个标题到另一个标题。"""
    return GUIDE[GUIDE.index("\n" + start) : GUIDE.index("\n" + end)]


def apply(block: Block, root: Path) -> None:
    """照记号把一块内容写进副本。"""
    path = root / block.marks["文件"]
    if "加在" in block.marks:
        text = path.read_text("utf-8").rstrip("\n") + "\n" + block.text
    elif "替换" in block.marks:
        text = replace_key(path.read_text("utf-8"), block.marks["替换"], block.text)
    elif "接在" in block.marks:
        text = insert_after(path.read_text("utf-8"), block.marks["接在"], block.text)
    else:
        assert not path.exists(), f"{path.name}已经有了，文中却说新建"
        text = block.text
    path.write_text(text, encoding="utf-8")


def replace_key(text: str, key: str, line: str) -> str:
    """换掉顶层的一行；旧行是空的，或者新行只比它多出虚构的依据。旧行改了文中也要跟着改。"""
    old = next(item for item in text.splitlines(keepends=True) if item.startswith(f"{key}:"))
    assert old in (f"{key}: []\n", re.sub(r", Z\d[^],]*", "", line)), f"文中的“{key}”与文件里的对不上：{old}"
    return text.replace(old, line, 1)


def insert_after(text: str, name: str, added: str) -> str:
    """接在名称（编号）为 name 的一项之后。"""
    lines = text.splitlines(keepends=True)
    head = re.compile(rf"(\s*)- \{{?(名称|编号): {re.escape(name)}[,\n]")
    start, indent = next((i, len(m[1])) for i, line in enumerate(lines) if (m := head.match(line)))
    end = start + 1
    while end < len(lines) and lines[end].strip() and len(lines[end]) - len(lines[end].lstrip()) > indent:
        end += 1
    return "".join([*lines[:end], added, *lines[end:]])


def checkout(root: Path) -> Path:
    """规则、手册、情景与测试的一份副本；代码仍用装好的。"""
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "bench"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def run(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    """照文中的命令在副本里运行。"""
    words = command.split()
    environment = {**os.environ, "ADVISOR_RULES": str(root / "rules"), "ADVISOR_PLAYBOOKS": str(root / "playbooks")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    while "=" in words[0]:
        name, value = words.pop(0).split("=", 1)
        environment[name] = value
    programs = {".venv/bin/python": [sys.executable], ".venv/bin/advisor": [sys.executable, "-m", "advisor"]}
    arguments = [*programs.get(words[0], words[:1]), *words[1:]]
    if "pytest" in arguments:
        arguments += ["-p", "no:cacheprovider"]
    return subprocess.run(
        arguments, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=300
    )


def commands(block: Block) -> list[str]:
    """一块里让人运行的命令。"""
    return [line for line in block.text.splitlines() if line] if block.language == "bash" else []


def squeezed(text: str) -> str:
    """不计空白与折行。"""
    return "".join(text.split())


def rows(text: str, head: str) -> Iterator[list[str]]:
    """以 head 为第一栏的表格里的各行。"""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip() for cell in row.strip("|").split(" | ")]


@dataclass(frozen=True)
class Walk:
    """照“从头到尾做一遍”一步步做完：副本在哪，各条命令说了什么。"""

    root: Path
    told: dict[str, str]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """写的写、跑的跑，照文中的先后；退出码照文中的记号，没有记号的是 0。"""
    root = checkout(tmp_path_factory.mktemp("例子"))
    told: dict[str, str] = {}
    for block in blocks(chapter(EXAMPLE, REFERENCE)):
        if "文件" in block.marks:
            apply(block, root)
        for command in commands(block):
            done = run(command, root)
            assert done.returncode == int(block.marks.get("退出", "0")), command + done.stdout + done.stderr
            told[command] = done.stdout
    return Walk(root, told)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """全文每一段都写进去的副本。"""
    root = checkout(tmp_path_factory.mktemp("全文"))
    for block in blocks(GUIDE):
        if "文件" in block.marks:
            apply(block, root)
        for command in commands(block):
            if " policy add " in command:
                assert run(command, root).returncode == 0
    return root


def test_example_uses_every_workshop_command(example: Walk) -> None:
    """登记、体检、看、覆盖、变异、比较、编辑器帮助都走到；体检没有错误，新门槛改坏了都有情景发现。"""
    used = [command.split(".venv/bin/advisor ")[1] for command in example.told if "advisor" in command]
    assert [" ".join(words.split()[:2]) for words in used] == [
        "policy add", "rules check", "rules show", "rules coverage", "rules mutate", "rules diff", "rules schemas",
    ]  # fmt: skip
    said = dict(zip(used, [text for command, text in example.told.items() if "advisor" in command], strict=True))
    assert said["rules check --solve"].splitlines()[-1].startswith("规则包问题 0，")
    for words in ("rules coverage --tool 零星用地并宗", "rules mutate --tool 零星用地并宗"):
        assert "示例市零星占比" not in said[words], said[words]
    assert "Z1" in (example.root / "schemas" / "工具.json").read_text("utf-8")


def test_example_reads_back_as_written(example: Walk) -> None:
    """rules show、rules diff 的样子与文中所印一致。"""
    for mark, word in (("查看", "rules show"), ("比较", "rules diff")):
        said = next(text for command, text in example.told.items() if word in command)
        printed = next(block.text for block in blocks(GUIDE) if block.marks.get("输出") == mark)
        assert squeezed(printed) in squeezed(said)


def test_example_here_and_elsewhere(example: Walk) -> None:
    """文中那张表：当地与外地的判定。"""
    pack = load_rule_pack(example.root / "rules")
    advisor = Advisor(pack, Playbook(example.root / "playbooks", pack.vocabulary, tuple(pack.tools)))
    table = list(rows(chapter(EXAMPLE, REFERENCE), "地级市"))
    assert {row[0] for row in table} == {"示例", "株洲"}
    for city, pilot, share, verdict, status, *_ in table:
        tool = judged(advisor, city, pilot, share)
        assert tool.verdict == verdict, (city, pilot, share)
        assert tool.reason == ("不具备条件" if verdict == "不适用" else None)
        assert shown(tool, "示例市零星占比") == status, (city, pilot, share)


def judged(advisor: Advisor, city: str, pilot: str, share: str) -> ToolView:
    """其余条件齐备的一块地，按表里的一行填。"""
    raw = {
        "省份": "湖南", "地级市": city, "低效用地再开发试点": pilot, "土地所有权": "国有", "权利类型": "出让",
        "登记用途": "工业", "拟改造用途": "工业", "权属清晰无争议": "是", "司法查封": "否", "进入破产程序": "否",
        "符合国土空间规划": "是", "涉永久基本农田或生态保护红线": "否", "拟建商品住宅": "否", "毗邻零星地块": "是",
        "零星地块可独立供地": "否", "零星地块权属": "已收储国有", "项目总用地面积": "100",
        "零星地块面积": share.removesuffix("%"),
    }  # fmt: skip
    facts = read_facts(raw, advisor.pack.vocabulary, "例子")
    view = advisor.assess_one(Parcel(name="例子", facts=facts), AS_OF)
    return next(tool for tool in view.tools if tool.id == "零星用地并宗")


def shown(tool: ToolView, condition: str) -> str:
    """一条条件的状态；不作数的写“不作数”。"""
    if condition in [item.id for item in tool.silent]:
        return "不作数"
    return next(item.status for item in tool.conditions if item.id == condition)


def test_everything_in_the_guide_holds(everything: Path) -> None:
    """依据、事实、工具、关系、案例、一致性、单位、期限、测算、改名一并写进去：体检没有错误，新加的情景全部通过。"""
    told = [line for block in blocks(chapter(REFERENCE, "## 条件怎么写")) for line in commands(block)]
    assert set(told) >= {".venv/bin/advisor rules check", ".venv/bin/advisor rules facts", ".venv/bin/advisor backtest"}
    for command in dict.fromkeys(told):
        done = run(command, everything)
        assert done.returncode == 0, done.stdout + done.stderr
        if command.endswith("template check"):
            assert done.stdout.splitlines()[-1].endswith("毛病 0 处"), done.stdout
        elif command.endswith("check"):
            assert done.stdout.splitlines()[-1].startswith("规则包问题 0，"), done.stdout
            assert "示例厂房托管" not in done.stdout, done.stdout


def test_error_messages_are_the_real_ones(pack: RulePack) -> None:
    """报错表里印的就是会看到的。"""
    signature = {fact.name: fact for fact in pack.vocabulary} | {name: item.fact for name, item in pack.derived.items()}
    table = list(rows(GUIDE, "条件写成"))
    assert len(table) == 10
    for written, message in table:
        with pytest.raises(ExpressionError) as caught:
            parse(written.strip("`"), signature)
        assert str(caught.value) == message


def test_sample_expressions_are_accepted(pack: RulePack) -> None:
    """“条件怎么写”里的写法都通。"""
    signature = {fact.name: fact for fact in pack.vocabulary} | {name: item.fact for name, item in pack.derived.items()}
    table = [row[1] for row in rows(GUIDE, "想说") if row[1].startswith("`")]
    assert len(table) == 8
    for written in table:
        parse(written.strip("`"), signature)


def test_the_fiction_stays_out_of_the_shipped_pack() -> None:
    """虚构的市、依据、工具不进随仓库的规则、手册与情景。"""
    for folder in ("rules", "playbooks", "features"):
        for path in (ROOT / folder).rglob("*"):
            assert "示例厂房托管" not in path.name
            if path.suffix in (".yaml", ".feature"):
                assert "示例市" not in path.read_text("utf-8"), path
