"""问答：状态只有答案本身；后退、改答、续答都是重放。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from advisor.assess import Advisor
from advisor.evaluation import APPLIES, OPEN, REJECTED, Evaluation, evaluate_parcel
from advisor.inference import Engine
from advisor.questioning import Question, questions
from advisor.vocabulary import Fact, FactValue

Answers = Mapping[str, FactValue | None]
"""事实 → 值；None 是答过“不清楚”。没有的键是还没问。"""


@dataclass(frozen=True)
class Progress:
    """当前形势：下一问（没有可问的为 None）、还可能要问几项、各判定的个数、主推方案。"""

    next: Question | None
    remaining: int
    verdicts: Mapping[str, int]
    plan: tuple[str, ...]


class Interview:
    """一场问答。纯函数：同样的答案得到同样的下一问。"""

    def __init__(self, advisor: Advisor, as_of: date) -> None:
        self.advisor, self.as_of = advisor, as_of
        self._engine = Engine(advisor.engine.network, forward=False)
        known: dict[str, int] = {}
        for case in advisor.playbook.cases:
            for name in case.facts:
                known[name] = known.get(name, 0) + 1
        count = max(len(advisor.playbook.cases), 1)
        self._commonness = {name: times / count for name, times in known.items()}

    def fact(self, name: str) -> Fact:
        """词表里的事实。"""
        return self.advisor.pack.vocabulary[name]

    def progress(self, answers: Answers) -> Progress:
        """由答案得出当前形势。答过“不清楚”的不再问。"""
        facts = {name: value for name, value in answers.items() if value is not None}
        evaluation = evaluate_parcel(self.advisor.pack, self._engine, facts, self.as_of)
        matches = self.advisor.nearest(facts)
        order, made = self.advisor.outlook(evaluation, matches)
        leading = made[0].steps if made else ()
        pending = [
            q
            for q in questions(evaluation, order, leading, self.advisor.prior(), frozenset(answers))
            if q.fact not in answers and q.tools
        ]
        pending.sort(key=lambda q: (-self._priority(q), self.advisor.pack.vocabulary.position(q.fact)))
        return Progress(pending[0] if pending else None, len(pending), _count(evaluation), leading)

    def _priority(self, question: Question) -> float:
        """值得问的程度，按案例里有多常用到这个事实加权：先问常见的，少问冷僻的。"""
        return question.worth * (0.25 + self._commonness.get(question.fact, 0.0))

    def why(self, question: Question) -> str:
        """为什么现在问、到哪里查，几行文字。"""
        fact = self.fact(question.fact)
        lines = [fact.help, f"为何问：{fact.why}", "影响：" + "、".join(question.tools)]
        if fact.proof:
            lines.append(f"到哪查：{fact.proof.channel}——{fact.proof.document}（{fact.proof.department}）")
        return "\n".join(line for line in lines if line)


def _count(evaluation: Evaluation) -> dict[str, int]:
    counts = {APPLIES: 0, OPEN: 0, REJECTED: 0}
    for tool in evaluation.pack.tools.values():
        counts[evaluation.verdict(tool)] += 1
    return counts
