"""方案按不同的局面算：局面相同的地块（条件里的比较、是否类事实、片区、缺哪些事实都相同）方案相同，只算一次。

推理结果由列里的真值还原，不再逐宗判断；方案一律由 Advisor.outlook 给出，与逐宗评估同源。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import polars as pl

from advisor.assess import Advisor
from advisor.consistency import follows, irrelevant
from advisor.evaluation import APPLIES, Evaluation
from advisor.expression.nodes import Node, names
from advisor.judging import Finding, Judgement
from advisor.planning import Plan
from advisor.questioning import Question, questions
from advisor.rulepack.model import Rule, Tool
from advisor.screening.frames import facts_of
from advisor.screening.places import ZONE
from advisor.screening.verdicts import Judge
from advisor.truth import Truth
from advisor.vocabulary import FactValue, Kind

_MOST_KEPT = 200_000
_FIRST_ASKED = 5
"""还没有方案的，先核实最值得问的几个。"""
NO_PLAN = "暂无成案的组合"


@dataclass(frozen=True)
class Situation:
    """一种局面下的主推方案；verify 是先要核实的事实，opened 是还开着的条件（文字），applies 为每一步都适用。"""

    steps: tuple[str, ...]
    applies: bool
    resolves: tuple[str, ...]
    opened: tuple[str, ...]
    verify: tuple[str, ...]
    worth: float

    @property
    def title(self) -> str:
        """写成“甲 → 乙”。"""
        return " → ".join(self.steps) or NO_PLAN


class Situations:
    """一个规则包、一个基准日的局面表；记住算过的。"""

    def __init__(self, advisor: Advisor, judge: Judge) -> None:
        self.advisor, self.judge = advisor, judge
        self.vocabulary = advisor.pack.vocabulary
        self._nodes = (*advisor.engine.network.leaves, *(joint.id for joint in advisor.engine.network.joints))
        read = {name for node in _conditions(judge) for name in names(node)} | advisor.pack.register.regions.asked
        kinds = {fact.name: fact.kind for fact in self.vocabulary}
        self._plain = [name for name in judge.schema if name in read and kinds[name] is Kind.BOOL]
        self._present = [name for name in judge.schema if name in read and kinds[name] is not Kind.BOOL]
        self._by_value: tuple[str, ...] = ()
        self._known: dict[tuple[int, int], Situation] = {}
        self.computed = 0

    def of(self, truths: pl.DataFrame) -> list[Situation]:
        """各行的局面，行序同 truths。"""
        while True:
            before = self._by_value
            found = self._attempt(truths)
            if self._by_value == before:
                return found

    def _attempt(self, truths: pl.DataFrame) -> list[Situation]:
        keyed = truths.select(self._key())
        keys = list(zip(keyed.hash_rows(1).to_list(), keyed.hash_rows(2).to_list(), strict=True))
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        first: dict[tuple[int, int], int] = {}
        for index, key in enumerate(keys):
            if key not in self._known:
                first.setdefault(key, index)
        rows = truths[list(first.values())]
        for key, row in zip(first, rows.iter_rows(named=True), strict=True):
            situation, read = self.situation(row)
            if not read <= set(self._by_value):  # 先例按值比的事实也要入键
                self._by_value = tuple(sorted(read | set(self._by_value)))
                self._known.clear()
                return []
            self._known[key] = situation
            self.computed += 1
        return [self._known[key] for key in keys]

    def _key(self) -> list[pl.Expr]:
        columns = [*self.judge.columns.atom_names, *self._plain, *self._by_value]
        zone = [ZONE] if self.judge.places.keys else []
        absent = [pl.col(name).is_null().alias(f"?{name}") for name in self._present]
        return [pl.col(name) for name in dict.fromkeys(chain(columns, zone))] + absent

    def situation(self, row: Mapping[str, object]) -> tuple[Situation, set[str]]:
        """由一行真值得出局面，连同方案按值读了哪些事实。"""
        evaluation = self.restored(row)
        read = Reading(evaluation.judgement.facts)
        watched = Judgement(read, evaluation.judgement.findings, evaluation.judgement.authority, {})
        order, plan = self.leading(replace(evaluation, judgement=watched))
        skip = irrelevant(evaluation.pack, evaluation.given)
        asked = questions(evaluation, order, plan.steps if plan else (), self.advisor.prior(), skip)
        return _described(evaluation, plan, asked), read.by_value

    def leading(self, evaluation: Evaluation) -> tuple[list[Tool], Plan | None]:
        """工具的先后与主推方案：问 Advisor.outlook 要，与逐宗评估同一处。"""
        advisor = self.advisor
        order, made = advisor.outlook(evaluation, advisor.nearest(evaluation.facts))
        return order, made[0] if made else None

    def restored(self, row: Mapping[str, object]) -> Evaluation:
        """由列里的真值还原一宗地的推理结果（不带提醒与轨迹）。"""
        pack, places = self.judge.pack, self.judge.places
        number = row[ZONE] if places.keys else None
        here = places.numbered(number) if isinstance(number, int) else places.anywhere
        findings: dict[str, Finding] = {}
        for rule in places.rules:
            known = here.findings.get(rule.leaf) or places.anywhere.findings[rule.leaf]
            findings[rule.leaf] = Finding(rule, _truth(row[rule.leaf]), None, known.standings, known.why_silent)
        authority = here.authority
        judgement = Judgement(facts_of(row, self.vocabulary), findings, authority, {})
        truths = {name: _truth(row[name]) for name in self._nodes}
        inferred = follows(pack, self.judge.inferring.given(row))
        return Evaluation(pack, places.as_of, judgement, truths, (), inferred)


def _described(evaluation: Evaluation, plan: Plan | None, asked: list[Question]) -> Situation:
    if plan is None:
        return Situation((), False, (), (), tuple(question.fact for question in asked[:_FIRST_ASKED]), 0.0)
    opened = tuple(f"{name}：{_to_settle(rule)}" for name, rule in plan.open)
    verify = tuple(question.fact for question in asked if set(question.tools) & set(plan.steps))
    applies = all(evaluation.verdict(evaluation.pack.tools[name]) == APPLIES for name in plan.steps)
    worth = (2.0 if applies else 1.0) * (1 + len(plan.resolves)) * 0.9 ** len(plan.open)
    return Situation(plan.steps, applies, plan.resolves, opened, verify, round(worth, 6))


def _to_settle(rule: Rule | None) -> str:
    if rule is None:
        return "当地有没有现行依据待核"
    return f"待排查“{rule.text}”" if rule.kind == "排除" else f"待确认“{rule.text}”"


class Reading(Mapping[str, FactValue]):
    """记下哪些事实被按值读过。条件求值用 get，已由比较列入键；其余读法（先例逐事实比）才须连值入键。"""

    def __init__(self, facts: Mapping[str, FactValue]) -> None:
        self._facts = facts
        self.by_value: set[str] = set()

    def __getitem__(self, name: str) -> FactValue:
        self.by_value.add(name)
        return self._facts[name]

    def __contains__(self, name: object) -> bool:
        self.by_value.add(str(name))
        return name in self._facts

    def get(self, name: str, default: FactValue | None = None) -> FactValue | None:  # type: ignore[override]
        """条件求值用的读法，不记。"""
        return self._facts.get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.by_value.update(self._facts)
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _conditions(judge: Judge) -> Iterator[Node]:
    for rule in judge.places.rules:
        yield rule.base
    for relation in judge.pack.relations:
        if relation.base is not None:
            yield relation.base
    for exemption in judge.pack.consistency.exemptions:
        yield exemption.base


def _truth(value: object) -> Truth:
    assert value is None or isinstance(value, bool)
    return value
