"""问答：只问还能改变判定的；不清楚不再问；随答随存；终端里的按键。"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from advisor.assess import Advisor
from advisor.errors import InputError
from advisor.evaluation import evaluate_parcel
from advisor.inference import Engine
from advisor.interview import Interview
from advisor.interview.dossier_file import load, save
from advisor.interview.transcript import unattended
from advisor.vocabulary import FactValue, Kind

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)


def verdicts(advisor: Advisor, facts: dict[str, FactValue]) -> dict[str, str]:
    evaluation = evaluate_parcel(advisor.pack, Engine(advisor.engine.network, forward=False), facts, AS_OF)
    return {name: evaluation.verdict(tool) for name, tool in advisor.pack.tools.items()}


@pytest.mark.parametrize("case_id", ["H09", "H06", "N03c", "H18"])
def test_unasked_facts_could_not_have_changed_a_verdict(advisor: Advisor, case_id: str) -> None:
    """问到没有可问的之后，再给任何一个没问过的事实，判定都不变。"""
    case = advisor.playbook.case(case_id)
    answers, _ = unattended(Interview(advisor, AS_OF), case.facts)
    facts = {name: value for name, value in answers.items() if value is not None}
    settled = verdicts(advisor, facts)
    rng = random.Random(1)
    unasked = [fact for fact in advisor.pack.vocabulary if fact.name not in answers]
    for fact in unasked:
        if fact.kind is Kind.TEXT:
            continue
        raw = {
            Kind.BOOL: "是",
            Kind.CHOICE: rng.choice(fact.options or ("",)),
            Kind.DATE: "2026-01-31",
        }.get(fact.kind, "3")
        value = fact.parse(raw)
        assert value is not None
        after = verdicts(advisor, {**facts, fact.name: value})
        assert after == settled, fact.name


def test_same_answers_same_next_question(advisor: Advisor) -> None:
    """状态只有答案：次序不同的同一组答案，下一问相同。"""
    interview = Interview(advisor, AS_OF)
    facts = dict(advisor.playbook.case("H09").facts)
    shuffled = dict(random.Random(5).sample(list(facts.items()), len(facts)))
    assert interview.progress(facts) == interview.progress(shuffled)


def test_unclear_is_not_asked_again_and_stays_unknown(advisor: Advisor) -> None:
    interview = Interview(advisor, AS_OF)
    first = interview.progress({}).next
    assert first is not None
    second = interview.progress({first.fact: None}).next
    assert second is not None
    assert second.fact != first.fact


def test_dossier_keeps_every_answer_with_unclear_ones(advisor: Advisor, tmp_path: Path) -> None:
    vocabulary = advisor.pack.vocabulary
    answers = {**advisor.playbook.case("H09").facts, "土壤调查已完成": None}
    path = tmp_path / "案卷.yaml"
    save(path, "甲: 乙", answers)
    assert load(path, vocabulary) == ("甲: 乙", answers)


def test_a_folder_that_cannot_be_written_keeps_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "案卷.yaml"
    save(path, "甲", {"已抵押": True})
    before = path.read_bytes()
    (tmp_path / "案卷.yaml.tmp").mkdir()
    with pytest.raises(InputError, match="上次存的原样还在"):
        save(path, "甲", {"已抵押": False})
    assert path.read_bytes() == before


@pytest.mark.skipif(shutil.which("tmux") is None, reason="没有装 tmux")
def test_terminal_why_back_interrupt_resume(tmp_path: Path) -> None:
    """真的终端：F1 说为什么，答一题、Esc 退回，Ctrl-C 存好，--resume 接着答。"""
    session = f"advisor-{tmp_path.name[-12:]}"
    dossier = tmp_path / "案卷.yaml"

    def tmux(*arguments: str) -> str:
        done = subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=False)
        return done.stdout

    def until(words: str) -> str:
        for _ in range(120):
            screen = tmux("capture-pane", "-p", "-t", session)
            if words in screen:
                return screen
            time.sleep(0.25)
        raise AssertionError(f"等不到“{words}”：\n{screen}")

    command = f"cd {ROOT} && LANG=C.UTF-8 {sys.executable} -m advisor interview --save {dossier}; while true; do sleep 1; done"
    tmux("-u", "new-session", "-d", "-s", session, "-x", "100", "-y", "40", command)
    try:
        until("给这宗地起个名字")
        tmux("send-keys", "-t", session, "C-u")
        tmux("send-keys", "-t", session, "-l", "汇隆地块")
        tmux("send-keys", "-t", session, "Enter")
        until("已答 0 项")
        tmux("send-keys", "-t", session, "F1")
        until("为何问：")
        tmux("send-keys", "-t", session, "Enter")
        until("已答 1 项")
        tmux("send-keys", "-t", session, "Escape")
        time.sleep(1)
        tmux("send-keys", "-t", session, "Enter")
        until("已答 1 项")
        for _ in range(5):  # 两问之间的一瞬按 Ctrl-C 会落空，人会再按一次
            tmux("send-keys", "-t", session, "C-c")
            time.sleep(2)
            if dossier.exists() and "已存到" in tmux("capture-pane", "-p", "-t", session):
                break
        until("已存到")
    finally:
        tmux("kill-session", "-t", session)
    assert "汇隆地块" in dossier.read_text("utf-8")
