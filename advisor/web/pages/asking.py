"""问答：一页一问；改答案之前先列出受影响的；两人同改一项，停下来让人选。"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from advisor.dossier.chain import ANSWER
from advisor.dossier.differences import Differences, differences
from advisor.dossier.joining import SameFactError
from advisor.dossier.record import Change
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.vocabulary import Fact, FactValue, Kind
from advisor.web.callers import FormHere, MissingError, number_of, text_of
from advisor.web.folders import Folder, ToWrite
from advisor.web.jobs import effects, needless
from advisor.web.rendering import go

router = APIRouter(prefix="/dossiers/{number}")


def fact_of(folder: ToWrite, fact: str) -> Fact:
    """网址里的事实。

    Raises:
        MissingError: 词表里没有。
    """
    if fact not in folder.site.advisor.pack.vocabulary:
        raise MissingError(f"没有“{fact}”这一问")
    return folder.fact(fact)


Asked = Annotated[Fact, Depends(fact_of)]


@router.get("/ask")
def ask(folder: ToWrite, all: bool = False, done: str = "") -> Response:
    """下一问；没有可问的，或主推方案定了，给出去处。"""
    turn = folder.turn(all)
    just = done if done in folder.reading.answers else ""
    if not turn.fact:
        return folder.page("settled.html", turn=turn, thorough=all, just=just)
    return folder.page(
        "ask.html",
        turn=turn,
        fact=folder.fact(turn.fact),
        given=None,
        problem="",
        previous=(list(folder.reading.answers) or [""])[-1],
        thorough=all,
        after="",
        just=just,
    )


@router.get("/ask/{fact}")
def ask_one(folder: ToWrite, fact: Asked, all: bool = False, after: str = "") -> Response:
    """指定的一问：回头改。"""
    return _question(folder, fact, _shown(folder, fact), all, after)


@router.get("/ask/{fact}/effects")
def effects_of(folder: ToWrite, fact: Asked) -> Response:
    """选项多的一问，各种答法打开、关上哪些工具。"""
    counted = fact.kind in (Kind.BOOL, Kind.CHOICE)
    found = folder.site.workshop.do(effects, folder.answers, folder.site.today, fact.name) if counted else ()
    return folder.page("effects.html", fact=fact, found=found)


@router.post("/ask/{fact}")
def answer(folder: ToWrite, fact: Asked, form: FormHere) -> Response:
    """记下答案，转到下一问。"""
    thorough, after = text_of(form, "all") == "1", text_of(form, "after")
    if text_of(form, "withdraw"):
        return _withdraw(folder, fact, number_of(form, "seen"), text_of(form, "remark"), thorough)
    raw = "不清楚" if text_of(form, "unclear") else text_of(form, "value").strip()
    try:
        if not raw:
            raise InputError(
                fact.name, "还没有答", allowed=fact.allowed, fix="不知道就答“目前不清楚”，结果里列为待核实"
            )
        value = fact.parse(raw)
    except InputError as problem:
        said = InputError("", problem.found, problem.allowed, problem.fix.replace("，再运行一次", ""))
        return _question(folder, fact, raw, thorough, after, problem=str(said), status=422)
    seen = number_of(form, "seen")
    change = Change(fact.name, written(value), text_of(form, "source"), text_of(form, "remark"))
    if fact.name in folder.reading.answers and not text_of(form, "sure"):
        if folder.reading.answers[fact.name] == value:
            return _onward(folder, fact, thorough, after)
        found = _affected(folder, fact, value)
        if found is not None:
            return folder.page("confirm.html", fact=fact, change=change, found=found, seen=seen, thorough=thorough,
                               after=after, idle=_idle(folder, fact, value))  # fmt: skip
    try:
        folder.write([change], seen)
    except SameFactError as conflict:
        return folder.page("same_fact.html", status=409, fact=fact, change=change, theirs=conflict.theirs,
                           thorough=thorough, after=after)  # fmt: skip
    return _onward(folder, fact, thorough, after)


def _withdraw(folder: Folder, fact: Fact, seen: int, remark: str, thorough: bool) -> Response:
    """撤回答案：日志里留着，判定当作没有答过。"""
    change = Change(fact.name, None, "", remark)
    if fact.name in folder.reading.answers:
        try:
            folder.write([change], seen)
        except SameFactError as conflict:
            return folder.page("same_fact.html", status=409, fact=fact, change=change, theirs=conflict.theirs,
                               thorough=thorough, after="check")  # fmt: skip
    return go(f"{folder.place('check')}#{_anchor(folder, fact)}")


def _question(
    folder: Folder, fact: Fact, given: str | None, thorough: bool, after: str, *, problem: str = "", status: int = 200
) -> Response:
    names = list(folder.reading.answers)
    before = names[: names.index(fact.name)] if fact.name in names else names
    return folder.page(
        "ask.html",
        status=status,
        turn=folder.turn(thorough, fact.name),
        fact=fact,
        given=given,
        problem=problem,
        previous=before[-1] if before else "",
        thorough=thorough,
        after=after,
        just="",
    )


def _onward(folder: Folder, fact: Fact, thorough: bool, after: str) -> Response:
    if after == "check":
        return go(f"{folder.place('check')}#{_anchor(folder, fact)}")
    query = f"?done={folder.place(fact.name).rsplit('/', 1)[-1]}{'&all=1' if thorough else ''}"
    return go(folder.place("ask") + query)


def _anchor(folder: Folder, fact: Fact) -> str:
    return f"f{folder.site.advisor.pack.vocabulary.position(fact.name)}"


def _shown(folder: Folder, fact: Fact) -> str | None:
    """这一问现在的答案，照填写的样子；没有答过的为 None。"""
    answers = folder.reading.answers
    return written(answers[fact.name]) if fact.name in answers else None


def _affected(folder: Folder, fact: Fact, value: FactValue | None) -> Differences | None:
    """改成 value 会变什么；什么都不变为 None。"""
    after = {name: known for name, known in folder.reading.facts.items() if name != fact.name}
    if value is not None:
        after[fact.name] = value
    before_json = folder.site.assess_json(folder.dossier.name, folder.reading.facts)
    after_json = folder.site.assess_json(folder.dossier.name, after)
    found = differences(json.loads(before_json), json.loads(after_json))
    return found if any(tool.verdict_changed for tool in found.tools) or found.obstacles or _replanned(found) else None


def _replanned(found: Differences) -> bool:
    return found.plans_before[:1] != found.plans_after[:1]


def _idle(folder: Folder, fact: Fact, value: FactValue | None) -> list[str]:
    """改了以后不再影响判定的答案：留着，标出来。"""
    after = tuple((name, value if name == fact.name else known) for name, known in folder.answers)
    do = folder.site.workshop.do
    now, then = (do(needless, answers, folder.site.today) for answers in (folder.answers, after))
    return [name for name in folder.reading.answers if name in then and name not in now and name != fact.name]


def last_entries(folder: Folder) -> dict[str, tuple[str, str, str]]:
    """每个事实最近一次是谁、何时、凭什么材料答的。"""
    current = folder.site.advisor.pack.renaming.current
    entries = (entry for entry in folder.dossier.entries if entry.kind == ANSWER)
    return {current(entry.subject): (entry.who, entry.at, entry.source) for entry in entries}
