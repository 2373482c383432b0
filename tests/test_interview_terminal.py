"""真的终端：tmux 里一问一答，看屏幕上有什么再按键；等屏幕按内容等，有总时限。"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.interview import Interview
from advisor.interview.dossier_file import load, save
from advisor.interview.transcript import unattended
from advisor.vocabulary import Fact, FactValue, Kind

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)
LIMIT = 240
"""一个测试里等屏幕合计至多几秒。"""

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="没有装 tmux，真终端的问答测不了")


class Terminal:
    """一个 tmux 窗口。屏幕比对时不计空白，免得被折行打断。"""

    def __init__(self, session: str) -> None:
        self.session = session
        self.deadline = time.monotonic() + LIMIT

    def start(self, *arguments: str) -> None:
        """在干净的窗口里运行 advisor interview。"""
        self.close()
        command = f"cd {ROOT} && LANG=C.UTF-8 {sys.executable} -m advisor interview {' '.join(arguments)}"
        command += f" --as-of {AS_OF}; while true; do sleep 1; done"
        self._tmux("-u", "new-session", "-d", "-s", self.session, "-x", "100", "-y", "60", command)

    def close(self) -> None:
        self._tmux("kill-session", "-t", f"={self.session}")

    def press(self, *keys: str) -> None:
        """按键，如 Enter、Escape、F1、C-c。"""
        self._tmux("send-keys", "-t", self.session, *keys)

    def write(self, text: str) -> None:
        """打字。"""
        self._tmux("send-keys", "-t", self.session, "-l", text)

    def screen(self) -> str:
        return "".join(self._tmux("capture-pane", "-p", "-t", self.session).split())

    def until(self, ready: str | Callable[[str], bool], what: str = "") -> str:
        """等到屏幕上有这些字（或合这个条件）。"""
        while True:
            screen = self.screen()
            if ready(screen) if callable(ready) else "".join(ready.split()) in screen:
                return screen
            if time.monotonic() > self.deadline:
                raise AssertionError(
                    f"等不到“{what or ready}”：\n{self._tmux('capture-pane', '-p', '-t', self.session)}"
                )
            time.sleep(0.1)

    def asked(self, fact: Fact, count: int) -> None:
        """等到最新的一问是它，而且已答 count 项。"""
        question = "".join(fact.question.split())

        def ready(screen: str) -> bool:
            latest = re.split(r"已答(?=\d+项)", screen)[-1]
            return latest.startswith(f"{count}项") and question in latest and latest.rstrip().endswith(_tail(fact))

        self.until(ready, f"已答 {count} 项 … {fact.question}")

    def answer(self, fact: Fact, value: FactValue | None) -> None:
        """选或打出答案再回车；不清楚的选末项或空着。"""
        if listed(fact):
            shown = fact.show(value) if value is not None else "目前不清楚"
            for _ in range([*choices(fact), "目前不清楚"].index(shown)):
                self.press("Down")
            self.until(f"»{shown}")
        elif value is not None:
            self.write(fact.show(value))
            self.until(f">{fact.show(value)}")
        self.press("Enter")

    def choose(self, title: str, position: int, shown: str) -> None:
        """在核对、矛盾这类列表里选第几项（从 0 起）。"""
        self.until(title)
        for _ in range(position):
            self.press("Down")
        self.until(f"»{shown}")
        self.press("Enter")

    def interrupt(self) -> None:
        """按 Ctrl-C 直到存好退出；两问之间的一瞬按会落空，人会再按一次。"""
        while "已存到" not in self.screen():
            self.press("C-c")
            pause = min(self.deadline, time.monotonic() + 3)
            self.until(lambda screen, pause=pause: "已存到" in screen or time.monotonic() > pause, "已存到")  # type: ignore[misc]

    def _tmux(self, *arguments: str) -> str:
        return subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=False).stdout


def choices(fact: Fact) -> tuple[str, ...]:
    return fact.options if fact.kind is Kind.CHOICE else ("是", "否")


def listed(fact: Fact) -> bool:
    """列出来选的；选项太多的改成打字。"""
    return fact.kind is Kind.BOOL or (fact.kind is Kind.CHOICE and len(fact.options) <= 20)


def _tail(fact: Fact) -> str:
    """这一问刚摆出来、还没动时屏幕最末的字。"""
    return "目前不清楚" if listed(fact) else "Ctrl-C存好退出>"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(f"advisor-{abs(hash(str(tmp_path)))}")
    yield opened
    opened.close()


def test_why_back_interrupt_resume_in_chinese(advisor: Advisor, terminal: Terminal, tmp_path: Path) -> None:
    """中文名、打字选省份、F1 说为什么、Esc 退回重答、Ctrl-C 存好，--resume 从下一问接着。"""
    dossier = tmp_path / "案卷.yaml"
    vocabulary, interview = advisor.pack.vocabulary, Interview(advisor, AS_OF)
    facts = advisor.playbook.case("H09").facts
    first, second = _asked(interview, facts, 2)
    terminal.start("--save", str(dossier))
    terminal.until("给这宗地起个名字")
    terminal.press("C-u")
    terminal.write("汇隆地块（二期）")
    terminal.press("Enter")

    terminal.asked(first, 0)
    terminal.press("F1")
    terminal.until(lambda screen: "为何问：" in screen and "到哪查：" in screen and screen.endswith(_tail(first)))
    terminal.answer(first, facts[first.name])
    terminal.asked(second, 1)
    terminal.answer(second, vocabulary[second.name].parse("长沙"))
    third = interview.progress({first.name: facts[first.name], second.name: "长沙"}).next
    assert third is not None
    terminal.asked(vocabulary[third.fact], 2)
    terminal.press("Escape")
    terminal.asked(second, 1)
    assert load(dossier, vocabulary)[1] == {first.name: facts[first.name]}
    terminal.answer(second, facts[second.name])
    terminal.until("已答 2 项")
    terminal.interrupt()
    kept = {first.name: facts[first.name], second.name: facts[second.name]}
    assert load(dossier, vocabulary) == ("汇隆地块（二期）", kept)

    terminal.start("--resume", str(dossier))
    following = interview.progress(kept).next
    assert following is not None
    terminal.asked(vocabulary[following.fact], 2)
    terminal.interrupt()
    assert load(dossier, vocabulary) == ("汇隆地块（二期）", kept)


def test_units_are_converted_and_contradictions_shown_at_once(
    advisor: Advisor, terminal: Terminal, tmp_path: Path
) -> None:
    """带单位的数换算回显；国有土地答成集体建设用地使用权，当场指出（土地管理法第九条），就地改过来接着问。"""
    dossier = tmp_path / "案卷.yaml"
    vocabulary, interview = advisor.pack.vocabulary, Interview(advisor, AS_OF)
    facts = advisor.playbook.case("H09").facts
    whole, _ = unattended(interview, facts)
    answers = _before(whole, {"地块面积", "权利类型"})
    save(dossier, "汇隆地块", answers)
    assert answers["土地所有权"] == "国有"

    terminal.start("--resume", str(dossier))
    waiting = {"地块面积", "权利类型"}
    while waiting:
        question = interview.progress(answers).next
        assert question is not None, f"没问到 {waiting}"
        fact = vocabulary[question.fact]
        terminal.asked(fact, len(answers))
        if fact.name == "地块面积":
            terminal.write("15.2公顷")
            terminal.press("Enter")
            terminal.until("按 228 亩记")  # 1 公顷 = 15 亩
        elif fact.name == "权利类型":
            terminal.answer(fact, "集体建设用地使用权")
            screen = terminal.until("先留着，核对后再定")
            assert "矛盾：" in screen
            assert "土地所有权：国有权利类型：集体建设用地使用权怎么定：" in screen
            terminal.choose("必有一错", 1, "改：权利类型")
            terminal.until(lambda screen: screen.endswith("未确权目前不清楚"), "改答权利类型")
            terminal.answer(fact, facts[fact.name])
        else:
            terminal.answer(fact, facts.get(fact.name))
        answers[fact.name] = facts.get(fact.name)
        waiting.discard(fact.name)
    terminal.until(f"已答 {len(answers)} 项")
    terminal.interrupt()
    assert answers["地块面积"] == Fraction(228)
    assert load(dossier, vocabulary) == ("汇隆地块", answers)


def test_early_stop_going_on_and_changing_an_answer(advisor: Advisor, terminal: Terminal, tmp_path: Path) -> None:
    """主推方案定了就停、说还剩几项；接着答，F2 去核对，改一项，再看结果。"""
    dossier = tmp_path / "案卷.yaml"
    vocabulary, interview = advisor.pack.vocabulary, Interview(advisor, AS_OF)
    answers, _ = unattended(interview, advisor.playbook.case("H09").facts)
    save(dossier, "汇隆地块", answers)
    stopped = interview.progress(answers)
    assert stopped.next is None

    terminal.start("--resume", str(dossier))
    screen = terminal.until("接下来（↑↓")
    assert f"主推方案多半不会再变：{'→'.join(stopped.plan)}。还有{stopped.remaining}项没答" in screen
    terminal.choose("接下来", 1, "接着答")
    terminal.asked(_next(interview, answers), len(answers))
    terminal.press("F2")
    terminal.choose("核对无误就看结果", 2 + list(answers).index("园区内"), "改：园区内")
    terminal.until(lambda screen: screen.endswith("是否目前不清楚"), "改答园区内")
    terminal.answer(vocabulary["园区内"], False)
    answers["园区内"] = False
    terminal.asked(_next(interview, answers), len(answers))
    terminal.press("F2")
    terminal.choose("核对无误就看结果", 0, "看结果")
    terminal.until("案卷已存到")
    assert load(dossier, vocabulary) == ("汇隆地块", answers)


def _before(answers: Mapping[str, FactValue | None], held: set[str]) -> dict[str, FactValue | None]:
    """先答的那些，到 held 里头一项之前。"""
    return dict(itertools.takewhile(lambda item: item[0] not in held, answers.items()))


def _next(interview: Interview, answers: Mapping[str, FactValue | None]) -> Fact:
    """接着答的下一问。"""
    question = interview.progress(answers, thorough=True).next
    assert question is not None
    return interview.fact(question.fact)


def _asked(interview: Interview, facts: Mapping[str, FactValue], count: int) -> list[Fact]:
    """照案例作答时的头几问。"""
    answers: dict[str, FactValue | None] = {}
    for _ in range(count):
        question = interview.progress(answers).next
        assert question is not None
        answers[question.fact] = facts.get(question.fact)
    return [interview.fact(name) for name in answers]
