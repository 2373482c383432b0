"""列式的推得：照先后一列一列地补。有矛盾、推得不合的行，逐个问 consistency，与逐宗评估同源。

问的时候只带着牵连得到的、成立的道理与它们读到的事实：不成立的道理，少知道几个事实也不会成立。
哪里说不通，只看哪些道理成立、读到的填没填、推得的事实填成什么：同样的只问一次，各行换上自己的值。
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial, reduce
from itertools import chain
from typing import Any

import polars as pl

from advisor.consistency import CONTRADICTION, Contradiction, contradictions, follows
from advisor.expression.columnar import column_truth
from advisor.rulepack.model import Consequence, RulePack
from advisor.screening.frames import Schema, from_column, to_column
from advisor.screening.keeping import Kept
from advisor.vocabulary import FactValue

SUSPECT = "!说不通"
"""说不通的行（矛盾、存疑，或推得与填写不合）里引出它的道理，用逗号隔开；说得通的为空。"""
_DISPUTED = "!有矛盾"
"""有矛盾的行里，推得的因此收不收回要看的道理，用逗号隔开；没有矛盾的为空。"""
_Pattern = tuple[str, tuple[str, ...], tuple[Any, ...]]
"""成立的道理、读到的事实里填了的、其中本可推得的填成什么。"""

_MOST_KEPT = 20_000


def inferred_column(name: str) -> str:
    """“这个事实是推得的”列的列名。"""
    return f"+{name}"


class Inferring:
    """一个规则包的推得与矛盾；names 是推得的事实，先推的在前。"""

    def __init__(self, pack: RulePack, schema: Schema) -> None:
        self.pack, self.schema = pack, schema
        book = pack.consistency
        self.names = tuple(book.conclusions)
        asked = [rule.asks for rule in book.consequences] + [rule.asks for rule in book.incompatibilities]
        read = {*self.names, *chain.from_iterable(asked)}
        self._read = [name for name in schema if name in read]
        self._inferred = {name: inferred_column(name) for name in self.names}
        self._flags = list(self._inferred.values())
        self._fired = {rule.id: f"!推{index}" for index, rule in enumerate(book.consequences)}
        self._broken = {rule.id: f"!矛{index}" for index, rule in enumerate(book.incompatibilities)}
        touched = {self._broken[rule.id]: self._upstream(rule.asks) for rule in book.incompatibilities}
        for name, rules in book.conclusions.items():
            columns = _each_other(name), *(_with_answer(name, rule) for rule in rules)
            touched |= dict.fromkeys(columns, self._upstream([name]))
        around = {flag: self._around(names) for flag, names in touched.items()}
        self._standing = {SUSPECT: self._listed(touched), _DISPUTED: self._listed(around)}
        self._judged = [*self._fired.values(), *touched]
        self._steps = [step for step in self._stepwise() if step]
        self._narrowed = Kept[str, tuple[RulePack, tuple[str, ...]]](_MOST_KEPT)
        self._retracted = Kept[_Pattern, frozenset[str]](_MOST_KEPT)
        self._found = Kept[_Pattern, tuple[Contradiction, ...]](_MOST_KEPT)

    def filled(self, rows: pl.DataFrame) -> pl.DataFrame:
        """补上推得的值，再加各推得列与 SUSPECT 列；行序不变。"""
        wide = rows
        for step in self._steps:
            wide = wide.with_columns(step)
        wide = self._settled(self._told(self._told(wide, SUSPECT), _DISPUTED))
        return wide.select(*rows.columns, *self._flags, SUSPECT)

    def _stepwise(self) -> Iterator[list[pl.Expr]]:
        """补上推得的值、判有没有说不通，一步一步的表达式；后一步要用前一步的列。"""
        clashes: list[str] = []
        computed: set[str] = set()
        for name, rules in self.pack.consistency.conclusions.items():
            fresh = [rule for rule in rules if rule.id not in computed]
            computed.update(rule.id for rule in fresh)
            yield [_true(column_truth(rule.base)).alias(self._fired[rule.id]) for rule in fresh]
            against = [self._against(name, rule).alias(_with_answer(name, rule)) for rule in rules]
            yield [*against, self._against_each_other(name, rules).alias(_each_other(name))]
            clashes += [_each_other(name), *(_with_answer(name, rule) for rule in rules)]
            value = self._value(name, rules)
            found = pl.col(name).is_null() & value.is_not_null() & ~pl.col(_each_other(name))
            known = pl.when(found).then(value).otherwise(pl.col(name))
            yield [found.alias(inferred_column(name)), known.alias(name)]
        stated = self.pack.consistency.incompatibilities
        yield [_true(column_truth(rule.base)).alias(self._broken[rule.id]) for rule in stated]
        severe = [self._broken[rule.id] for rule in stated if rule.severity == CONTRADICTION]
        yield [
            (_any(clashes + severe) & _any(self._flags)).alias(_DISPUTED),
            _any([*clashes, *self._broken.values()]).alias(SUSPECT),
        ]

    def conflicts(self, rows: pl.DataFrame) -> Iterator[tuple[int, Contradiction, Mapping[str, Any]]]:
        """补过的各行里说不通的：行在表里的位置、说不通在哪里（牵涉哪几个事实、为什么）、这行填的值（列里的写法）。"""
        for place, pattern, stated in self._patterns(rows, SUSPECT):
            for item in self._found.get(pattern, partial(self._contradicted, pattern, stated)):
                yield place, item, stated

    def _contradicted(self, pattern: _Pattern, stated: Mapping[str, Any]) -> tuple[Contradiction, ...]:
        return contradictions(self._only(pattern[0])[0], self._facts(stated))

    def _facts(self, stated: Mapping[str, Any]) -> dict[str, FactValue]:
        return {name: from_column(self.pack.vocabulary[name], value) for name, value in stated.items()}

    def _patterns(self, rows: pl.DataFrame, mark: str) -> Iterator[tuple[int, _Pattern, dict[str, Any]]]:
        """有记号的各行：位置、记号里的道理怎样问、它们读到的事实里人填的（列里的写法）。"""
        places = rows[mark].is_not_null().arg_true()
        stated = [pl.when(~pl.col(flag)).then(pl.col(name)).alias(name) for name, flag in self._inferred.items()]
        marked = rows.select(mark, *self._read, *self._flags)[places].with_columns(stated)
        columns = marked.to_dict(as_series=False)
        for at, place in enumerate(places.to_list()):
            told: str = columns[mark][at]
            facts = {name: value for name in self._only(told)[1] if (value := columns[name][at]) is not None}
            answered = tuple(value for name, value in facts.items() if name in self._inferred)
            yield place, (told, tuple(facts), answered), facts

    def _told(self, wide: pl.DataFrame, mark: str) -> pl.DataFrame:
        """有记号的行里写上成立的道理；推得的那些，只写与这行的毛病牵连得到的。"""
        places = wide[mark].arg_true()
        told = wide.select(self._judged)[places].select(self._standing[mark]).to_series()
        return wide.with_columns(pl.Series(mark, [None] * wide.height, dtype=pl.String).scatter(places, told))

    def _listed(self, touched: Mapping[str, frozenset[str]]) -> pl.Expr:
        """成立的道理，用逗号隔开；推得的须碰得到毛病牵连的事实（touched：毛病 → 牵连的事实）。"""
        book = self.pack.consistency
        standing = {self._broken[rule.id]: pl.col(self._broken[rule.id]) for rule in book.incompatibilities}
        for rule in book.consequences:
            near = [flag for flag, names in touched.items() if not names.isdisjoint(rule.values)]
            standing[self._fired[rule.id]] = pl.col(self._fired[rule.id]) & _any(near)
        words = [pl.when(holds).then(pl.lit(f"{mark},")).otherwise(pl.lit("")) for mark, holds in standing.items()]
        return pl.concat_str(words) if words else pl.lit("", dtype=pl.String)

    def _upstream(self, names: Iterable[str]) -> frozenset[str]:
        """这些事实，连同推得它们要看的。"""
        seen: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                left += chain.from_iterable(rule.asks for rule in self.pack.consistency.conclusions.get(name, ()))
        return frozenset(seen)

    def _around(self, touched: frozenset[str]) -> frozenset[str]:
        """根子与这些事实相交的推得事实，连同推得它们要看的。"""
        near = (name for name in self.names if not touched.isdisjoint(self._upstream([name])))
        return self._upstream(near)

    def _only(self, told: str) -> tuple[RulePack, tuple[str, ...]]:
        """只剩这些道理的规则包，与它们读到的事实。"""
        return self._narrowed.get(told, partial(self._narrow, told))

    def _narrow(self, told: str) -> tuple[RulePack, tuple[str, ...]]:
        marks, book = set(told.split(",")), self.pack.consistency
        broken = tuple(rule for rule in book.incompatibilities if self._broken[rule.id] in marks)
        fired = tuple(rule for rule in book.consequences if self._fired[rule.id] in marks)
        conclusions = {
            name: chosen
            for name, rules in book.conclusions.items()
            if (chosen := tuple(rule for rule in rules if self._fired[rule.id] in marks))
        }
        less = replace(book, incompatibilities=broken, consequences=fired, conclusions=conclusions)
        read = {*chain.from_iterable((*rule.asks, *rule.values) for rule in fired)}
        read.update(chain.from_iterable(rule.asks for rule in broken))
        return replace(self.pack, consistency=less), tuple(name for name in self._read if name in read)

    def _settled(self, wide: pl.DataFrame) -> pl.DataFrame:
        """有矛盾的行，牵涉矛盾的推得收回。"""
        places = wide[_DISPUTED].is_not_null().arg_true()
        if not len(places):
            return wide
        lost = [
            self._retracted.get(pattern, partial(self._lost, pattern, stated))
            for _, pattern, stated in self._patterns(wide, _DISPUTED)
        ]
        for name in self.names:
            gone = places.filter(pl.Series([name in found for found in lost], dtype=pl.Boolean))
            if not len(gone):
                continue
            left = wide[inferred_column(name)].scatter(gone, False)
            taken = pl.col(inferred_column(name)) & ~pl.lit(left)
            wide = wide.with_columns(
                pl.when(~taken).then(pl.col(name)).alias(name), pl.lit(left).alias(inferred_column(name))
            )
        return wide

    def _lost(self, pattern: _Pattern, stated: Mapping[str, Any]) -> frozenset[str]:
        """收回的推得。"""
        pack, _ = self._only(pattern[0])
        return frozenset(pack.consistency.conclusions).difference(follows(pack, self._facts(stated)))

    def _literal(self, name: str, rule: Consequence) -> pl.Expr:
        return pl.lit(to_column(rule.values[name]), dtype=self.schema[name])

    def _value(self, name: str, rules: tuple[Consequence, ...]) -> pl.Expr:
        return pl.coalesce(pl.when(pl.col(self._fired[rule.id])).then(self._literal(name, rule)) for rule in rules)

    def _against(self, name: str, rule: Consequence) -> pl.Expr:
        """推得与填的不合。"""
        return pl.col(self._fired[rule.id]) & _true(pl.col(name) != self._literal(name, rule))

    def _against_each_other(self, name: str, rules: tuple[Consequence, ...]) -> pl.Expr:
        """推得的彼此不合。"""
        by_value: dict[FactValue, list[str]] = {}
        for rule in rules:
            by_value.setdefault(rule.values[name], []).append(self._fired[rule.id])
        if len(by_value) == 1:
            return pl.lit(False)
        count = reduce(pl.Expr.__add__, (_any(columns).cast(pl.UInt8) for columns in by_value.values()))
        return count > 1


def _each_other(name: str) -> str:
    """“推得的彼此不合”列的列名。"""
    return f"!{name}"


def _with_answer(name: str, rule: Consequence) -> str:
    """“推得与填的不合”列的列名。"""
    return f"!{name}·{rule.id}"


def _true(truth: pl.Expr) -> pl.Expr:
    return truth.fill_null(False)


def _any(columns: Iterable[str]) -> pl.Expr:
    listed = list(columns)
    return pl.any_horizontal(listed) if listed else pl.lit(False)
