"""下一问问什么、何时可以停：先问在哪里，再问最能分清局面的，最后问还可能翻掉主推方案的。

案例库当作“这类地通常怎样”的样本：与已有答案越合的案例分量越重。案例的地名不参与比较——
同在一个市的两块地未必是一种局面。案例只决定先问什么、何时停，从不改变判定。
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, log, log2

from advisor.assess import Advisor
from advisor.combining import Steps
from advisor.evaluation import Evaluation
from advisor.foresight import Foresight, Reading
from advisor.precedents import similarity
from advisor.vocabulary import FactValue, Kind

Answers = Mapping[str, FactValue | None]
"""事实 → 值；None 是答过“不清楚”。没有的键是还没问。"""

_DISAGREE = 0.1
_SILENT, _SILENT_USUAL, _SILENT_UNUSUAL = 0.5, 0.8, 0.3
_UNCLEAR = 0.6
"""一个案例与一个答案不合、案例没写、答案是不清楚时，它的分量乘以多少。"""

_RIVALS = 12
_TELLING = 0.15
"""一个事实至少要把“主推哪种方案”说清这么多比特，才值得为分清局面而问。"""
_WORRY = 0.02
"""主推方案还有这么大可能被翻掉，就接着问。"""


class Guide:
    """挑下一问。without 里的主案不作参照（核对时不许看自己的答案）。"""

    def __init__(
        self, advisor: Advisor, reading: Reading, labels: Mapping[str, Steps], without: frozenset[str]
    ) -> None:
        self.vocabulary = advisor.pack.vocabulary
        self.reading, self.regions = reading, advisor.pack.register.regions
        cases = advisor.cases(without)
        self._labels = [labels[case.id] for case in cases]
        self._facts = [{n: v for n, v in case.facts.items() if n in reading.facts} for case in cases]
        self._listed: dict[str, list[tuple[int, FactValue]]] = {}
        for index, facts in enumerate(self._facts):
            for name, value in facts.items():
                self._listed.setdefault(name, []).append((index, value))

    def choose(self, answers: Answers, foresight: Foresight, skip: frozenset[str]) -> str | None:
        """下一个要问的事实；再问也多半不会翻掉主推方案时为 None。skip 是不必问的。"""
        done = skip | frozenset(answers)
        place = self._where(foresight.evaluation, done)
        if place is not None:
            return place
        weight = self._weights(answers)
        gains = {name: self._gain(name, weight) for name in self._listed if name not in done and self._telling(name)}
        best = max(gains, key=lambda name: (gains[name], -self.vocabulary.position(name)), default=None)
        if best is not None and gains[best] >= _TELLING:
            return best
        return self._overturning(foresight, weight, done, gains) or self._crucial(foresight, done)

    def _where(self, evaluation: Evaluation, done: frozenset[str]) -> str | None:
        """地名先问：还有地域定不下在不在内，而它要靠这个地名。"""
        for name in self.vocabulary.names:
            if name in done or name not in self.regions.asked or self.vocabulary[name].kind is Kind.BOOL:
                continue
            for region in self.regions.names:
                if name in self.regions.asks(region) and self.regions.covers(region, evaluation.facts) is None:
                    return name
        return None

    def _telling(self, name: str) -> bool:
        return name not in self.regions.asked and self.vocabulary[name].kind in (Kind.BOOL, Kind.CHOICE)

    def _weights(self, answers: Answers) -> list[float]:
        """各案例与已有答案有多合，合计为 1。"""
        logs = [0.0] * len(self._facts)
        for name, answer in answers.items():
            if name in self.regions.asked or name not in self.reading.facts:
                continue
            fact = self.vocabulary[name]
            silent = 0.0
            if answer is not None:
                usual = _SILENT_USUAL if answer == fact.usual else _SILENT_UNUSUAL
                silent = log(_SILENT if fact.usual is None else usual)
            known = dict(self._listed.get(name, ()))
            for index in range(len(logs)):
                if index not in known:
                    logs[index] += silent
                elif answer is None:
                    logs[index] += log(_UNCLEAR)
                else:
                    logs[index] += log(_DISAGREE + (1 - _DISAGREE) * similarity(fact, answer, known[index]))
        top = max(logs, default=0.0)
        raw = [exp(item - top) for item in logs]
        total = sum(raw) or 1.0
        return [item / total for item in raw]

    def _gain(self, name: str, weight: list[float]) -> float:
        """知道了它，“主推哪种方案”少掉多少不确定（比特），按查起来多费事打折。"""
        groups: dict[FactValue, dict[Steps, float]] = {}
        whole: dict[Steps, float] = {}
        for index, value in self._listed[name]:
            group = groups.setdefault(value, {})
            label = self._labels[index]
            group[label] = group.get(label, 0.0) + weight[index]
            whole[label] = whole.get(label, 0.0) + weight[index]
        left = sum(_entropy(group.values()) for group in groups.values())
        return (_entropy(whole.values()) - left) / (1 + 0.15 * (self.vocabulary[name].cost - 1))

    def _overturning(
        self, foresight: Foresight, weight: list[float], done: frozenset[str], gains: Mapping[str, float]
    ) -> str | None:
        """照相近的案例把剩下的填上，看主推方案变不变；会变就问使它变的那个事实。"""
        likely = sorted(range(len(weight)), key=lambda index: -weight[index])[:_RIVALS]
        overturned: list[int] = []
        worry, left = 0.0, sum(weight[index] for index in likely)
        for index in likely:
            if worry + left < _WORRY:
                return None
            left -= weight[index]
            rest = {name: value for name, value in self._facts[index].items() if name not in done}
            if rest and foresight.leading_if(rest) != foresight.leading:
                overturned.append(index)
                worry += weight[index]
        if worry < _WORRY:
            return None
        mass: dict[str, float] = {}
        for index in overturned:
            for name in self._facts[index]:
                if name not in done:
                    mass[name] = mass.get(name, 0.0) + weight[index]
        nearest = self._facts[overturned[0]]
        alone = {
            name
            for name, value in nearest.items()
            if name not in done and foresight.leading_if({name: value}) != foresight.leading
        }
        pool = alone or {name for name in nearest if name not in done}
        return max(pool, key=lambda name: (mass[name], gains.get(name, 0.0), -self.vocabulary.position(name)))

    @staticmethod
    def _crucial(foresight: Foresight, done: frozenset[str]) -> str | None:
        """主推方案里情形已成立的工具，自己的要件还开着的，问定它的事实；问过仍不清楚的不再追问。

        各工具共用的闸门留给接着答与核查清单。
        """
        evaluation = foresight.evaluation
        unclear = done.difference(evaluation.facts)
        for tool in (evaluation.pack.tools[name] for name in foresight.leading):
            if evaluation.occasion(tool) is not True:
                continue
            for finding in evaluation.unsettled(tool):
                own = finding.rule.kind == "要件" and finding.rule.leaf.startswith(f"{tool.name}/")
                missing = [fact for fact in finding.rule.asks if fact not in evaluation.facts]
                if own and missing and unclear.isdisjoint(missing):
                    return missing[0]
        return None


def _entropy(parts: Iterable[float]) -> float:
    """一组分量的熵乘以其合计（比特）。"""
    values = [part for part in parts if part > 0]
    total = sum(values)
    return -sum(part * log2(part / total) for part in values) if total > 0 else 0.0
