"""案例相似度：逐个事实比，说得出哪里同、哪里不同。案例只供参考，不改变判定。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from advisor.playbook import Case
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary

SAME_AT_LEAST = 0.8
FINE = 10_000
"""相似度取到万分之一。"""
PRIOR_WEIGHT = 4.0
"""可比的事实太少时压低得分：相当于先放四个不相同的事实。"""


@dataclass(frozen=True)
class Match:
    """一个案例与一宗地有多像；points 以万分之一计。"""

    case: Case
    points: int

    @property
    def score(self) -> float:
        """有多像，0 到 1。"""
        return self.points / FINE


@dataclass(frozen=True)
class Contrast:
    """一宗地与一个案例逐事实对照：同、不同、本地块还不知道的。"""

    same: tuple[str, ...]
    different: tuple[str, ...]
    unknown: tuple[str, ...]


def similarity(fact: Fact, left: FactValue, right: FactValue) -> float:
    """两个值有多像，0 到 1。数按大小之比，其余相同为 1、不同为 0。

    >>> area = Fact(name="面积", kind=Kind.NUMBER, group="")
    >>> similarity(area, Fraction(50), Fraction(100)), similarity(area, Fraction(0), Fraction(0))
    (0.5, 1.0)
    """
    if fact.kind is Kind.NUMBER and isinstance(left, Fraction) and isinstance(right, Fraction):
        if left == right:
            return 1.0
        small, large = sorted((abs(left), abs(right)))
        if not large or (left >= 0) != (right >= 0):
            return 0.0
        return (small.numerator * large.denominator) / (small.denominator * large.numerator)  # 同 float(small / large)
    return 1.0 if left == right else 0.0


def weights(vocabulary: Vocabulary, cases: Iterable[Case]) -> dict[str, float]:
    """事实的权重：案例里取值越分散的越有区分力；人人相同的（如所有权国有）几乎不算。"""
    table: dict[str, dict[FactValue, int]] = {}
    for case in cases:
        for name, value in case.facts.items():
            counts = table.setdefault(name, {})
            counts[value] = counts.get(value, 0) + 1
    result: dict[str, float] = {}
    for name in vocabulary.names:
        counts = table.get(name, {})
        total = sum(counts.values())
        spread = 1 - sum((n / total) ** 2 for n in counts.values()) if total else 0.5
        result[name] = 0.25 + spread
    return result


def nearest(
    facts: Mapping[str, FactValue], cases: Sequence[Case], vocabulary: Vocabulary, weight: Mapping[str, float]
) -> list[Match]:
    """由近到远的案例；双方都知道的事实才计分，weight 是各事实的权重。"""
    matches = [Match(case, _score(case, facts, vocabulary, weight)) for case in cases]
    return sorted(matches, key=lambda match: (-match.points, match.case.id))


def _score(case: Case, facts: Mapping[str, FactValue], vocabulary: Vocabulary, weight: Mapping[str, float]) -> int:
    gained = total = 0.0
    for name, theirs in case.facts.items():
        ours = facts.get(name)
        if ours is None:
            continue
        total += weight[name]
        if ours == theirs:
            gained += weight[name]
        elif isinstance(ours, Fraction):  # 其余的不同就是全不像
            gained += similarity(vocabulary[name], ours, theirs) * weight[name]
    return round(gained / (total + PRIOR_WEIGHT) * FINE)


def contrast(case: Case, facts: Mapping[str, FactValue], vocabulary: Vocabulary) -> Contrast:
    """哪里同、哪里不同、哪里还不知道。"""
    same: list[str] = []
    different: list[str] = []
    for name, theirs in case.facts.items():
        if name not in facts:
            continue
        fact, ours = vocabulary[name], facts[name]
        mine, other = fact.show(ours), fact.show(theirs)
        if similarity(fact, ours, theirs) >= SAME_AT_LEAST:
            same.append(f"{name}：{mine}" if ours == theirs else f"{name}：{mine}（案例 {other}）")
        else:
            different.append(f"{name}：本地块 {mine}，案例 {other}")
    return Contrast(tuple(same), tuple(different), tuple(name for name in case.facts if name not in facts))
