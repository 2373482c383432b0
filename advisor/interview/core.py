"""问答：状态只有答案本身；后退、改答、续答都是重放。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from advisor.assess import Advisor
from advisor.citation_text import article_text
from advisor.combining import Steps
from advisor.consistency import Contradiction, contradictions, irrelevant
from advisor.evaluation import APPLIES, OPEN, REJECTED, Evaluation, evaluate_parcel
from advisor.foresight import Foresight, Reading
from advisor.inference import Engine
from advisor.interview.ordering import Answers, Guide
from advisor.questioning import Question, questions
from advisor.ranking import neighbour_use
from advisor.vocabulary import Fact, FactValue, Kind


@dataclass(frozen=True)
class Progress:
    """当前形势。

    next 是下一问，没有可问的为 None；pending 是还没答而能改变判定的，由最值得问到最不值得问
    （主推方案定了可以停，所以不一定为空）；verdicts 是各判定的个数；plan 是主推方案；conflicts 是已答的里说不通的。
    """

    next: Question | None
    pending: tuple[Question, ...]
    verdicts: Mapping[str, int]
    plan: Steps
    conflicts: tuple[Contradiction, ...]

    @property
    def remaining(self) -> int:
        """还能改变判定的有几项。"""
        return len(self.pending)


@dataclass(frozen=True)
class Effect:
    """一种答法会怎样：哪些工具由此适用或情形成立，哪些由此不适用。"""

    answer: FactValue
    opens: tuple[str, ...]
    closes: tuple[str, ...]


class Interview:
    """一场问答。纯函数：同样的答案得到同样的下一问。without 里的主案不作参照（核对时用）。"""

    def __init__(self, advisor: Advisor, as_of: date, without: frozenset[str] = frozenset()) -> None:
        self.advisor, self.as_of, self.without = advisor, as_of, without
        self.reading = Reading(advisor.pack, advisor.engine.network)
        self._engine = Engine(advisor.engine.network, forward=False)

    def fact(self, name: str) -> Fact:
        """词表里的事实。"""
        return self.advisor.pack.vocabulary[name]

    def progress(self, answers: Answers, thorough: bool = False) -> Progress:
        """由答案得出当前形势。答过“不清楚”的不再问；thorough 是不管主推方案定没定，
        按能定下多少一直问到没有能改变判定的。"""
        foresight = self._foresight(_known(answers))
        evaluation = foresight.evaluation
        skip = self.needless(answers)
        pending = self._pending(foresight, answers, skip)
        following: Question | None = pending[0] if thorough and pending else None
        chosen = None if thorough else self._guide.choose(answers, foresight, skip | frozenset(evaluation.inferred))
        if chosen is not None:
            following = next((item for item in pending if item.fact == chosen), self._plain_question(chosen))
        return Progress(
            next=following,
            pending=tuple(pending),
            verdicts=_count(evaluation),
            plan=foresight.leading,
            conflicts=contradictions(self.advisor.pack, _known(answers)),
        )

    def effects(self, answers: Answers, name: str) -> tuple[Effect, ...]:
        """一个是否类或单选事实的各种答法会打开、关上哪些工具；什么都不变的答法不列。"""
        fact = self.fact(name)
        values: tuple[FactValue, ...] = (True, False) if fact.kind is Kind.BOOL else fact.options
        foresight = self._foresight({key: value for key, value in _known(answers).items() if key != name})
        before = foresight.evaluation
        found: list[Effect] = []
        for value in values:
            after = foresight.known({name: value})
            opens = tuple(
                t.name for t in before.pack.tools.values() if _openness(after, t.name) > _openness(before, t.name)
            )
            closes = tuple(
                t.name for t in before.pack.tools.values() if _openness(after, t.name) < _openness(before, t.name)
            )
            if opens or closes:
                found.append(Effect(value, opens, closes))
        return tuple(found)

    def why(self, question: Question, answers: Answers) -> str:
        """为什么现在问、各答法会怎样、到哪里查，几行文字。"""
        fact = self.fact(question.fact)
        lines = [fact.help, f"为何问：{fact.why}" if fact.why else ""]
        effects = self.effects(answers, question.fact)
        lines += [f"答“{fact.show(item.answer)}”：{told(item)}" for item in effects[:8]]
        if not effects and question.tools:
            lines.append("影响：" + _few(question.tools))
        bases = self.bases(question.fact)
        lines.append(f"依据：{'；'.join(bases)}" if bases else "")
        if fact.proof:
            lines.append(f"到哪查：{fact.proof.channel}——{fact.proof.document}（{fact.proof.department}）")
        return "\n".join(line for line in lines if line)

    def bases(self, name: str) -> tuple[str, ...]:
        """读到这个事实的条件所依的条文，至多三处。"""
        register = self.advisor.pack.register
        cited: dict[str, None] = {}
        for rule in self.reading.rules.get(name, ()):
            for citation in rule.citations:
                if citation.article:
                    cited[f"《{register[citation.code].title}》{article_text(citation.article)}"] = None
        return tuple(cited)[:3]

    @cached_property
    def _guide(self) -> Guide:
        labels = {case.id: self._foresight(case.facts).leading for case in self.advisor.cases(self.without)}
        return Guide(self.advisor, self.reading, labels, self.without)

    def _foresight(self, facts: Mapping[str, FactValue]) -> Foresight:
        evaluation = evaluate_parcel(self.advisor.pack, self._engine, facts, self.as_of)
        use = neighbour_use(self.advisor.nearest(evaluation.facts, self.without))
        prior, usage = self.advisor.prior(self.without), self.advisor.usage(self.without)
        return Foresight(evaluation, self.reading, prior, use, usage)

    def needless(self, answers: Answers) -> frozenset[str]:
        """不必问的：填什么都不改变判定的；上一层自己还不清楚的，也不追问下一层。"""
        pack = self.advisor.pack
        unclear = {name for name, value in answers.items() if value is None}
        deeper = {name for parent in unclear for name in self._deeper.get(parent, ())}
        return irrelevant(pack, _known(answers)) | frozenset(deeper.difference(answers))

    @cached_property
    def _deeper(self) -> Mapping[str, frozenset[str]]:
        """是否类事实 → 只在它为“是”时才要问的事实。"""
        found: dict[str, set[str]] = {}
        rules = self.advisor.pack.consistency
        follow = [(rule.asks, rule.test, rule.facts) for rule in rules.exemptions]
        follow += [(rule.asks, rule.test, tuple(rule.values)) for rule in rules.consequences]
        for asks, test, names in follow:
            if len(asks) == 1 and test({asks[0]: False}) is True:
                found.setdefault(asks[0], set()).update(names)
        return {name: frozenset(names) for name, names in found.items()}

    def _pending(self, foresight: Foresight, answers: Answers, skip: frozenset[str]) -> list[Question]:
        asked = questions(
            foresight.evaluation, foresight.order, foresight.leading, foresight.prior, skip | frozenset(answers)
        )
        return [item for item in asked if item.tools and item.fact not in answers and item.fact not in skip]

    def _plain_question(self, name: str) -> Question:
        """眼下不直接卡住哪个工具、但能分清局面的一问。"""
        return Question(name, 0.0, tuple(sorted(self.reading.tools.get(name, ()))), ())


def told(effect: Effect) -> str:
    """一种答法会怎样，一句话。"""
    parts = [
        f"打开 {_few(effect.opens)}" if effect.opens else "",
        f"关上 {_few(effect.closes)}" if effect.closes else "",
    ]
    return "；".join(part for part in parts if part)


def _few(names: tuple[str, ...]) -> str:
    return "、".join(names[:6]) + (f" 等 {len(names)} 个" if len(names) > 6 else "")


def _openness(evaluation: Evaluation, name: str) -> int:
    """一个工具开到什么程度：0 不适用，1 待核实，2 情形成立，3 适用。"""
    tool = evaluation.pack.tools[name]
    verdict = evaluation.verdict(tool)
    if verdict == REJECTED:
        return 0
    return 3 if verdict == APPLIES else 1 + (evaluation.occasion(tool) is True)


def _known(answers: Answers) -> dict[str, FactValue]:
    return {name: value for name, value in answers.items() if value is not None}


def _count(evaluation: Evaluation) -> dict[str, int]:
    counts = {APPLIES: 0, OPEN: 0, REJECTED: 0}
    for tool in evaluation.pack.tools.values():
        counts[evaluation.verdict(tool)] += 1
    return counts
