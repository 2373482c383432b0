"""按现在的词表读旧答案：改名的接着用，退役的、没有去处的、不再可填的原样留着并说明，什么都不丢。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.dossier.values import read_value
from advisor.errors import InputError
from advisor.rulepack.model import RulePack
from advisor.vocabulary import FactValue


@dataclass(frozen=True)
class Reading:
    """answers 是能用的答案（None 为不清楚），按答的先后；unused 是留着不用的；notices 逐条说明。"""

    answers: Mapping[str, FactValue | None]
    unused: Mapping[str, str]
    notices: tuple[str, ...]

    @property
    def facts(self) -> dict[str, FactValue]:
        """已知的事实。"""
        return {name: value for name, value in self.answers.items() if value is not None}


def read_answers(changes: Iterable[tuple[str, str | None]], pack: RulePack) -> Reading:
    """把历次改动按 pack 的词表放一遍；旧名先换成现在的名字，所以旧名下答的可以在新名下改、撤。"""
    texts: dict[str, str] = {}
    under: dict[str, str] = {}
    notices: dict[str, None] = {}
    for recorded, text in changes:
        name = pack.renaming.current(recorded)
        if text is None:
            texts.pop(name, None)
            continue
        if name in texts and under[name] != recorded and texts[name] != text:
            notices[
                f"“{under[name]}”与“{recorded}”现在是同一个事实“{name}”，先答“{texts[name]}”，后答“{text}”，取后答的"
            ] = None
        texts[name], under[name] = text, recorded
    answers: dict[str, FactValue | None] = {}
    unused: dict[str, str] = {}
    for name, text in texts.items():
        recorded = under[name]
        if recorded != name and recorded in pack.renaming.renamed:
            notices[
                f"“{recorded}”已改名为“{name}”{_since(pack.renaming.renamed[recorded].since)}，答案“{text}”接着用"
            ] = None
        problem = _unusable(name, text, pack)
        if problem:
            unused[recorded] = text
            notices[problem] = None
        else:
            answers[name] = read_value(pack.vocabulary[name], text)
    return Reading(answers, unused, tuple(notices))


def _unusable(name: str, text: str, pack: RulePack) -> str:
    """这个答案为什么现在用不上；用得上则空。"""
    left = f"答案“{text}”留在案卷里，不参与判定"
    if name in pack.vocabulary:
        try:
            read_value(pack.vocabulary[name], text)
        except InputError as problem:
            return f"“{name}”{left}：按现在的词表不可填（可填：{problem.allowed}），请重答"
        return ""
    if name in pack.renaming.retired:
        gone = pack.renaming.retired[name]
        return f"“{name}”已退役{_since(gone.since)}（{gone.reason}），{left}"
    return f"“{name}”不在现在的词表里，也没有登记改名或退役，{left}"


def _since(version: str) -> str:
    return f"（自规则包 {version}）" if version else ""
