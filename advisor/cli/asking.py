"""终端问答：F1 为什么问，F2 先看结果，Esc 退回上一问，Ctrl-C 存好再走。"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import questionary
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings

from advisor.assess import Advisor
from advisor.cli.showing import console, show_assessment
from advisor.consistency import CONTRADICTION, Contradiction, contradictions
from advisor.errors import ConflictError, InputError
from advisor.interview import Interview, Progress
from advisor.interview.keeping import Keeping
from advisor.interview.transcript import reason, shown, unattended, write_transcript
from advisor.parcel import Parcel, read_parcel
from advisor.questioning import Question
from advisor.vocabulary import Fact, FactValue, Kind

BACK, WHY, RESULT = "\0后退", "\0为什么", "\0看结果"
UNCLEAR = "目前不清楚"
_FITS = 20
"""选项不多于这么多的列出来选，一屏放得下；再多的打字选。"""
_ARROWS = "（↑↓ 选，回车定）"
_KEYS = "F1 为什么问  F2 看结果  Esc 上一问  Ctrl-C 存好退出"


def run_unattended(advisor: Advisor, answers: Path, transcript: str | None, as_of: date, thorough: bool = False) -> int:
    """用事实文件自动作答。"""
    parcel = read_parcel(answers, advisor.pack.vocabulary)
    given, record = unattended(Interview(advisor, as_of), parcel.facts, thorough)
    if transcript:
        write_transcript(Path(transcript), record)
    out = console()
    left = f"还有 {record['open']} 项能改变判定，没有问（加 --thorough 问到底）。" if record["open"] else ""
    out.print(f"自动作答：问了 {len(record['asked'])} 项，第 {record['settled_at']} 项后主推方案没有再变。{left}")
    facts = {name: value for name, value in given.items() if value is not None}
    show_assessment(advisor.assess([Parcel(name=parcel.name, facts=facts)], as_of))
    return 0


def run_interview(
    advisor: Advisor, keeping: Keeping, transcript: str | None, as_of: date, thorough: bool = False
) -> int:
    """一问一答，核对后出结果；答案随答随存到 keeping。"""
    session = _Session(advisor, as_of, keeping, thorough)
    session.load()
    try:
        session.run()
    except (KeyboardInterrupt, EOFError):
        session.store()
        print(f"\n已存到 {keeping.place}；接着答：{keeping.resume}", file=sys.stderr)
        return 130
    if transcript:
        write_transcript(Path(transcript), session.record())
    return 0


class _Session:
    def __init__(self, advisor: Advisor, as_of: date, keeping: Keeping, thorough: bool) -> None:
        self.advisor, self.as_of, self.keeping = advisor, as_of, keeping
        self.interview = Interview(advisor, as_of)
        self.name = ""
        self.answers: dict[str, FactValue | None] = {}
        self.log: list[dict[str, Any]] = []
        self.settled_at = 0
        self.plan: tuple[str, ...] = ()
        self.thorough = thorough
        self.out = console()

    def run(self) -> None:
        if not self.name:
            self.name = (
                str(questionary.text("给这宗地起个名字：", default="未命名地块").unsafe_ask()).strip() or "未命名地块"
            )
        while True:
            if self._ask_all():
                choice = self._review()
                if choice == "看结果":
                    self._show()
                    return
                self.thorough = self.thorough or choice == "接着答"
                if choice != "接着答":
                    self._ask_one(choice)

    def load(self) -> None:
        self.name, self.answers = self.keeping.load()
        for remark in self.keeping.remarks():
            self.out.print(remark)

    def store(self) -> None:
        """存下；别人同时答的并进来，同一个事实别人先改了就以存着的为准。"""
        try:
            self.answers = self.keeping.save(self.name or "未命名地块", self.answers)
        except ConflictError as problem:
            self.out.print(str(problem))
            self.load()

    def record(self) -> dict[str, Any]:
        return {"asked": self.log, "settled_at": self.settled_at, "plan": list(self.plan)}

    def _ask_all(self) -> bool:
        """一直问到主推方案定下（可接着答）、没有可问的，或选了先看结果。"""
        while True:
            progress = self.interview.progress(self.answers, self.thorough)
            if progress.plan != self.plan:
                self.plan, self.settled_at = progress.plan, len(self.answers)
            if progress.next is None:
                if progress.remaining and not self.thorough and self._go_on(progress):
                    continue
                return True
            counts = "，".join(f"{name} {count}" for name, count in progress.verdicts.items())
            leading = "→".join(progress.plan) or "还没有"
            self.out.print(f"\n已答 {len(self.answers)} 项（{counts}；眼下主推：{leading}）", style="dim")
            reply = self._prompt(progress.next)
            if reply == BACK:
                self._back()
            elif reply == RESULT:
                return True
            else:
                self._keep(progress.next.fact, reply, progress.next.tools)

    def _go_on(self, progress: Progress) -> bool:
        """主推方案多半不会再变：停，还是把剩下的也答完。"""
        self.out.print(
            f"\n主推方案多半不会再变：{'→'.join(progress.plan) or '眼下没有成案的'}。"
            f"还有 {progress.remaining} 项没答，能定下方案里待核实的条件和别的工具，可以现在答，也可以列入核查清单以后查。"
        )
        following = questionary.select("接下来", choices=["核对并看结果", "接着答"], instruction=_ARROWS)
        go_on = str(following.unsafe_ask()) == "接着答"
        self.thorough = go_on
        return go_on

    def _keep(self, name: str, reply: object, tools: tuple[str, ...]) -> None:
        fact = self.interview.fact(name)
        known = {item.id for item in self._contradictions()}
        self.answers[name] = fact.parse(None if reply == UNCLEAR else reply)
        if restated := fact.restated(reply):
            self.out.print(restated, style="dim")
        self.log.append({"fact": name, "answer": shown(self.answers[name]), "why": reason(tools)})
        self.store()
        for item in self._contradictions():
            if item.id not in known:
                self._settle(item)

    def _contradictions(self) -> tuple[Contradiction, ...]:
        given = {name: value for name, value in self.answers.items() if value is not None}
        return contradictions(self.advisor.pack, given)

    def _settle(self, item: Contradiction) -> None:
        """说不通的当场摆出来：两边各答了什么、怎么定；改哪一项由人选，也可以先留着。"""
        self.out.print(
            f"\n{item.severity}：{item.text}", style="bold red" if item.severity == CONTRADICTION else "yellow"
        )
        for name, value in item.facts.items():
            self.out.print(f"  {name}：{self.interview.fact(name).show(value)}")
        if item.settle:
            self.out.print(f"  怎么定：{item.settle}")
        if item.severity != CONTRADICTION:
            return
        choices: list[Any] = [questionary.Choice(f"改：{name}", value=name) for name in item.facts]
        choices.append("先留着，核对后再定")
        choice = str(questionary.select("必有一错", choices=choices, instruction=_ARROWS).unsafe_ask())
        if choice in item.facts:
            self._ask_one(choice)

    def _back(self) -> None:
        if self.answers:
            last = next(reversed(self.answers))
            del self.answers[last]
            self.store()
        else:
            self.out.print("已经是第一问。")

    def _prompt(self, question: Question) -> object:
        while True:
            reply = _ask(self.interview.fact(question.fact))
            if reply != WHY:
                return reply
            self.out.print(self.interview.why(question, self.answers))

    def _ask_one(self, name: str) -> None:
        fact = self.interview.fact(name)
        reply = _ask(fact)
        if reply == WHY:
            self.out.print(self.interview.why(Question(name, 0.0, (), ()), self.answers))
            self._ask_one(name)
        elif reply not in (BACK, RESULT):
            self._keep(name, reply, ())

    def _review(self) -> str:
        """核对：逐条列出，可改任意一条；区分已填与不清楚，还说不通的也列出。"""
        self.out.rule("核对")
        for name, value in self.answers.items():
            fact = self.interview.fact(name)
            self.out.print(f"  {name}：{'（不清楚，列入待核实）' if value is None else fact.show(value)}")
        for item in self._contradictions():
            if item.severity == CONTRADICTION:
                self.out.print(f"  还说不通：{'、'.join(item.facts)}（{item.text}）", style="bold red")
        choices: list[Any] = ["看结果", "接着答"] if self.interview.progress(self.answers, True).next else ["看结果"]
        choices += [questionary.Choice(f"改：{name}", value=name) for name in self.answers]
        asked = questionary.select("核对无误就看结果，有误选一项来改", choices=choices, instruction=_ARROWS)
        return str(asked.unsafe_ask())

    def _show(self) -> None:
        facts = {name: value for name, value in self.answers.items() if value is not None}
        ordered = self.advisor.pack.vocabulary.ordered(facts)
        show_assessment(self.advisor.assess([Parcel(name=self.name, facts=ordered)], self.as_of))
        for remark in self.keeping.remarks():
            self.out.print(remark)
        self.keeping.assessed(ordered, self.as_of)
        self.out.print(f"\n案卷已存到 {self.keeping.place}；{self.keeping.following}")


def _ask(fact: Fact) -> object:
    """问一个事实；返回答案，或 BACK、WHY、RESULT。"""
    options = list(fact.options) if fact.kind is Kind.CHOICE else ["是", "否"]
    if fact.kind is Kind.BOOL or (fact.kind is Kind.CHOICE and len(options) <= _FITS):
        prompt = questionary.select(
            fact.question, choices=[*options, UNCLEAR], instruction=f"\n  {_KEYS}\n", use_shortcuts=False
        )
    else:
        unit = f"（{fact.unit}）" if fact.unit and fact.unit not in fact.question else ""
        chosen = fact.kind is Kind.CHOICE
        prompt = questionary.text(
            f"{fact.question}{unit}",
            instruction=f"\n  {'打一两个字，用 ↓ 选；' if chosen else ''}空着回车=目前不清楚  {_KEYS}\n>",
            validate=_validator(fact),
            completer=WordCompleter(options, sentence=True, match_middle=True) if chosen else None,
        )
    return _with_keys(prompt).unsafe_ask()


def _validator(fact: Fact) -> Any:
    def check(text: str) -> bool | str:
        try:
            fact.parse(text)
        except InputError as problem:
            return f"可填：{problem.allowed}"
        return True

    return check


def _with_keys(prompt: questionary.Question) -> questionary.Question:
    keys = KeyBindings()

    def leave(result: str) -> Any:
        def handle(event: KeyPressEvent) -> None:
            event.app.exit(result=result)

        return handle

    keys.add("f1", eager=True)(leave(WHY))
    keys.add("f2", eager=True)(leave(RESULT))
    keys.add("escape", eager=True)(leave(BACK))
    existing = prompt.application.key_bindings
    prompt.application.key_bindings = merge_key_bindings([existing, keys] if existing else [keys])
    return prompt
