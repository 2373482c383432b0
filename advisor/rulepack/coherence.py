"""装配事实之间的道理：矛盾、推得、不问；成环的、自相矛盾的不放行。"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from advisor.errors import InputError
from advisor.expression.domains import values as trial_values
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.model import Consequence, Consistency, Exemption, Incompatibility
from advisor.rulepack.reading import Source
from advisor.rulepack.schema import ConsistencyFile
from advisor.vocabulary import FactValue

_TRIALS = 20_000


def assemble_consistency(file: ConsistencyFile, source: Source, assembler: Assembler) -> Consistency:
    """核对并编好 consistency.yaml；写错的记进 assembler.problems。"""
    _check_ids(file, source, assembler)
    incompatibilities = tuple(_incompatibilities(file, source, assembler))
    consequences = tuple(_consequences(file, source, assembler))
    exemptions = tuple(_exemptions(file, source, assembler))
    conclusions = {
        name: tuple(rule for rule in consequences if name in rule.values) for name in _order(consequences, assembler)
    }
    for rule in consequences:
        _check_sound(rule, incompatibilities, assembler)
    sensitive = _sensitive(incompatibilities, consequences)
    return Consistency(
        incompatibilities, consequences, exemptions, conclusions, sensitive, _reading(*incompatibilities, *consequences)
    )


def _check_ids(file: ConsistencyFile, source: Source, assembler: Assembler) -> None:
    groups = {
        "矛盾": [entry.id for entry in file.incompatibilities],
        "推得": [entry.id for entry in file.consequences],
        "不问": [entry.id for entry in file.exemptions],
    }
    for key, ids in groups.items():
        for index, name in enumerate(ids):
            if name in ids[:index]:
                assembler.problems.add(source.place(key, index), f"{key}的编号“{name}”重复", "换一个编号")


def _incompatibilities(file: ConsistencyFile, source: Source, assembler: Assembler) -> Iterator[Incompatibility]:
    for index, entry in enumerate(file.incompatibilities):
        place = source.place("矛盾", index)
        compiled = assembler.expression(entry.expression, place)
        citations = assembler.citations(entry.citations, place)
        if compiled is None:
            continue
        if len(compiled.asks) < 2:
            assembler.problems.add(place, f"矛盾“{entry.id}”只说到一个事实", "矛盾是两个以上事实合在一起说不通")
        yield Incompatibility(
            entry.id, compiled.base, compiled.test, compiled.asks, entry.severity, citations,
            entry.text, entry.settle, place,
        )  # fmt: skip


def _consequences(file: ConsistencyFile, source: Source, assembler: Assembler) -> Iterator[Consequence]:
    for index, entry in enumerate(file.consequences):
        place = source.place("推得", index)
        compiled = assembler.expression(entry.expression, place)
        citations = assembler.citations(entry.citations, place)
        values: dict[str, FactValue] = {}
        for name, raw in entry.values.items():
            value = _value(name, raw, place, assembler)
            if value is not None:
                values[name] = value
        if compiled is None:
            continue
        for name in values:
            if name in compiled.asks:
                assembler.problems.add(place, f"推得“{entry.id}”的“{name}”又写在自己的条件里", "条件里只写别的事实")
        yield Consequence(
            entry.id, compiled.base, compiled.test, compiled.asks, values, citations, entry.text, entry.settle, place
        )


def _value(name: str, raw: object, place: str, assembler: Assembler) -> FactValue | None:
    if name not in assembler.vocabulary:
        assembler.problems.add(place, f"推得的“{name}”不在事实词表里", "改用词表里的名字；由公式算的写在 derived.yaml")
        return None
    try:
        value = assembler.vocabulary[name].parse(raw, place)
    except InputError as problem:
        assembler.problems.add(place, problem.found, f"可填 {problem.allowed}")
        return None
    if value is None:
        assembler.problems.add(place, f"推得的“{name}”没有写值", "写明推得什么；只是不必问的写到“不问”")
    return value


def _exemptions(file: ConsistencyFile, source: Source, assembler: Assembler) -> Iterator[Exemption]:
    for index, entry in enumerate(file.exemptions):
        place = source.place("不问", index)
        compiled = assembler.expression(entry.expression, place)
        for name in entry.facts:
            if name not in assembler.vocabulary:
                assembler.problems.add(place, f"不问的“{name}”不在事实词表里", "改用词表里的名字")
            elif compiled is not None and name in compiled.asks:
                assembler.problems.add(place, f"不问“{entry.id}”的“{name}”又写在自己的条件里", "条件里只写别的事实")
        if compiled is not None:
            yield Exemption(entry.id, compiled.base, compiled.test, compiled.asks, entry.facts, entry.text, place)


def _order(consequences: tuple[Consequence, ...], assembler: Assembler) -> tuple[str, ...]:
    """先推的在前；成环就推不完。"""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    places: dict[str, str] = {}
    for rule in consequences:
        for name in rule.values:
            sorter.add(name, *(ask for ask in rule.asks if ask != name))
            places.setdefault(name, rule.place)
    try:
        return tuple(name for name in sorter.static_order() if name in places)
    except CycleError as problem:
        ring = list(reversed(problem.args[1]))
        place = next(places[name] for name in ring if name in places)
        assembler.problems.add(place, f"推得成环：{' → '.join(ring)}", "去掉环上的一条，只留一个方向")
        return ()


def _check_sound(rule: Consequence, incompatibilities: tuple[Incompatibility, ...], assembler: Assembler) -> None:
    """推出来的值若总与自己的前提矛盾，这条就写反了。"""
    domains = [trial_values(assembler.vocabulary[name], rule.base) for name in rule.asks]
    if not rule.values.keys().isdisjoint(rule.asks) or math.prod(len(domain) for domain in domains) > _TRIALS:
        return
    known = {*rule.asks, *rule.values}
    against = [item for item in incompatibilities if item.severity == "矛盾" and known.issuperset(item.asks)]
    clashing: set[str] | None = None
    for choice in itertools.product(*domains):
        premise = dict(zip(rule.asks, choice, strict=True))
        if rule.test(premise) is True:
            broken = {item.id for item in against if item.test({**premise, **rule.values}) is True}
            clashing = broken if clashing is None else clashing & broken
    if clashing is None:
        assembler.problems.add(rule.place, f"推得“{rule.id}”的条件怎么填都不成立", "核对条件里的取值")
    for name in sorted(clashing or ()):
        assembler.problems.add(
            rule.place, f"推得“{rule.id}”推出的值与矛盾“{name}”说的正相反", "两条留一条，或改推得的值"
        )


def _sensitive(incompatibilities: tuple[Incompatibility, ...], consequences: tuple[Consequence, ...]) -> frozenset[str]:
    involved = {name for rule in consequences for name in (*rule.asks, *rule.values)}
    near = {name for rule in incompatibilities if involved.intersection(rule.asks) for name in rule.asks}
    return frozenset(involved | near)


def _reading(*rules: Incompatibility | Consequence) -> dict[str, tuple[Incompatibility | Consequence, ...]]:
    names = dict.fromkeys(name for rule in rules for name in rule.asks)
    return {name: tuple(rule for rule in rules if name in rule.asks) for name in names}
