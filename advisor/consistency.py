"""事实之间的道理：哪些合在一起说不通，哪些由已填的必然推得，哪些因此不必问。

推得只在前提已知为真时发生；人填了的以人填的为准，与推得不合就报矛盾；前提牵进矛盾的不再推。
全是纯函数：同样的事实得同样的结果，与填写次序无关。
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from advisor.policy import Citation
from advisor.rulepack.model import Consequence, RulePack, Severity
from advisor.vocabulary import FactValue

Facts = Mapping[str, FactValue]
CONTRADICTION: Severity = "矛盾"


@dataclass(frozen=True)
class Inferred:
    """一个推得的值：由哪几项已填的事实推得，凭什么。"""

    value: FactValue
    because: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Contradiction:
    """一处说不通：涉及的已填事实与各自的值、为什么、怎么定、程度。"""

    id: str
    severity: Severity
    facts: Facts
    text: str
    settle: str
    citations: tuple[Citation, ...]


def contradictions(pack: RulePack, facts: Facts) -> tuple[Contradiction, ...]:
    """全部说不通的地方：必有一错的在前，存疑的在后。

    同几项事实已有写明的矛盾，就不再重复报推得不合。
    """
    found, clashes = _chain(pack, facts)
    stated = _stated(pack, facts, found)
    inferred = [
        item
        for item in clashes
        if not any(other.severity == CONTRADICTION and set(other.facts) <= set(item.facts) for other in stated)
    ]
    merged = [*stated, *inferred]
    return tuple(sorted(merged, key=lambda item: item.severity != CONTRADICTION))


class Deduction:
    """一宗地由已填的推得的，与改了几项之后推得的。inferred 是已知推得什么时给的，免得再推。"""

    def __init__(self, pack: RulePack, given: Facts, inferred: Mapping[str, Inferred] | None = None) -> None:
        self.pack, self.given = pack, given
        self._inferred = inferred
        self._after: dict[frozenset[tuple[str, FactValue]], Mapping[str, Inferred]] = {}

    @cached_property
    def _chained(self) -> tuple[dict[str, Inferred], list[Contradiction]]:
        return _chain(self.pack, self.given)

    @cached_property
    def inferred(self) -> Mapping[str, Inferred]:
        """反复推到推不动为止；已填的不推，前提牵进“必有一错”的矛盾时不推。"""
        if self._inferred is not None:
            return self._inferred
        found, clashes = self._chained
        if not found:
            return {}
        roots = {name for item in found.values() for name in item.because}
        near = (item for item in _stated(self.pack, self.given, found, roots) if item.severity == CONTRADICTION)
        disputed = {name for item in (*near, *clashes) for name in item.facts}
        return {name: item for name, item in found.items() if disputed.isdisjoint(item.because)}

    def after(self, change: Facts) -> Mapping[str, Inferred]:
        """改了（或多知道了）几项之后推得的；读到这几项的道理前后都不成立，推得的就照旧。"""
        book = self.pack.consistency
        touched = frozenset(item for item in change.items() if item[0] in book.sensitive)
        if not touched:
            return self.inferred
        if touched not in self._after:
            moved = dict(touched)
            same = book.conclusions.keys().isdisjoint(moved) and not self._stirs(moved)
            self._after[touched] = self.inferred if same else Deduction(self.pack, {**self.given, **change}).inferred
        return self._after[touched]

    @cached_property
    def _standing(self) -> tuple[dict[str, FactValue], set[str]]:
        """已填的连同推得的；在这些事实下成立的道理的编号。"""
        found, _ = self._chained
        known = {**self.given, **{name: item.value for name, item in found.items()}}
        rules = (rule for reading in self.pack.consistency.reading.values() for rule in reading)
        return known, {rule.id for rule in rules if rule.test(known) is True}

    def _stirs(self, moved: Facts) -> bool:
        """读到这几项的推得与矛盾里，有没有原来成立、或现在成立的。"""
        known, standing = self._standing
        trial = {**known, **moved}
        return any(
            rule.id in standing or rule.test(trial) is True
            for name in moved
            for rule in self.pack.consistency.reading.get(name, ())
        )


def follows(pack: RulePack, facts: Facts) -> Mapping[str, Inferred]:
    """由已填的推得的。"""
    return Deduction(pack, facts).inferred


def complete(pack: RulePack, facts: Facts) -> dict[str, FactValue]:
    """已填的加推得的。"""
    return {**facts, **{name: item.value for name, item in follows(pack, facts).items()}}


def irrelevant(pack: RulePack, facts: Facts) -> frozenset[str]:
    """填什么都不改变判定、因此不必问的事实（已填的不算）。"""
    known = complete(pack, facts)
    names = {name for rule in pack.consistency.exemptions if rule.test(known) is True for name in rule.facts}
    return frozenset(names.difference(facts))


def _chain(pack: RulePack, facts: Facts) -> tuple[dict[str, Inferred], list[Contradiction]]:
    """照先后推一遍（没有环，一遍就到底）；与人填的、或彼此推得不同的，记为矛盾。"""
    known = dict(facts)
    found: dict[str, Inferred] = {}
    clashes: list[Contradiction] = []
    for name, rules in pack.consistency.conclusions.items():
        fired = [rule for rule in rules if rule.test(known) is True]
        if not fired:
            continue
        if name in facts:
            wrong = [rule for rule in fired if rule.values[name] != facts[name]]
            clashes += [_against_answer(pack, rule, name, facts, found) for rule in wrong]
        elif all(rule.values[name] == fired[0].values[name] for rule in fired):
            because = _roots(fired[0].asks, facts, found)
            found[name] = Inferred(fired[0].values[name], because, fired[0].text)
            known[name] = fired[0].values[name]
        else:
            clashes.append(_against_each_other(pack, fired, name, facts, found))
    return found, clashes


def _roots(names: Iterable[str], facts: Facts, found: Mapping[str, Inferred]) -> tuple[str, ...]:
    """追到人填的事实。"""
    roots: dict[str, None] = {}
    for name in names:
        if name in facts:
            roots[name] = None
        elif name in found:
            roots.update((root, None) for root in found[name].because)
    return tuple(roots)


def _stated(
    pack: RulePack, facts: Facts, found: Mapping[str, Inferred], among: set[str] | None = None
) -> list[Contradiction]:
    """写明的矛盾里成立的；among 不空时只看牵涉其中事实的。"""
    known = {**facts, **{name: item.value for name, item in found.items()}}
    result: list[Contradiction] = []
    for rule in pack.consistency.incompatibilities:
        if (among is None or not among.isdisjoint(rule.asks)) and rule.test(known) is True:
            given = {name: facts[name] for name in _roots(rule.asks, facts, found)}
            result.append(Contradiction(rule.id, rule.severity, given, rule.text, rule.settle, rule.citations))
    return result


def _against_answer(
    pack: RulePack, rule: Consequence, name: str, facts: Facts, found: Mapping[str, Inferred]
) -> Contradiction:
    fact = pack.vocabulary[name]
    given = {root: facts[root] for root in (*_roots(rule.asks, facts, found), name)}
    wanted = f"“{name}”应为{fact.show(rule.values[name])}，填的是{fact.show(facts[name])}"
    return Contradiction(rule.id, CONTRADICTION, given, f"{rule.text}；{wanted}", rule.settle, rule.citations)


def _against_each_other(
    pack: RulePack, rules: list[Consequence], name: str, facts: Facts, found: Mapping[str, Inferred]
) -> Contradiction:
    fact = pack.vocabulary[name]
    asks = [ask for rule in rules for ask in rule.asks]
    given = {root: facts[root] for root in _roots(asks, facts, found)}
    said = "；".join(f"{rule.text}，“{name}”应为{fact.show(rule.values[name])}" for rule in rules)
    settle = "；".join(dict.fromkeys(rule.settle for rule in rules))
    citations = tuple(dict.fromkeys(citation for rule in rules for citation in rule.citations))
    return Contradiction("、".join(rule.id for rule in rules), CONTRADICTION, given, said, settle, citations)
