"""列式的推得：照先后一列一列地补。有矛盾、推得不合的行，逐个问 consistency，与逐宗评估同源。

逐个问的时候只带着成立的道理与它们读到的事实：不成立的道理，少知道几个事实也不会成立。
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from itertools import chain
from typing import Any

import polars as pl

from advisor.consistency import CONTRADICTION, Contradiction, contradictions, follows
from advisor.expression.columnar import column_truth
from advisor.rulepack.model import Consequence, RulePack
from advisor.screening.frames import Schema, from_column, to_column
from advisor.vocabulary import FactValue

SUSPECT = "!说不通"
"""说不通的行（矛盾、存疑，或推得与填写不合）里成立的道理，用逗号隔开；说得通的为空。"""
_DISPUTED = "!有矛盾"


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
        self._marks = {**self._fired, **self._broken}
        self._narrowed: dict[str, tuple[RulePack, tuple[str, ...]]] = {}
        self._kept: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def filled(self, rows: pl.DataFrame) -> pl.DataFrame:
        """补上推得的值，再加各推得列与 SUSPECT 列；行序不变。"""
        clashes: list[str] = []
        computed: set[str] = set()
        wide = rows
        for name, rules in self.pack.consistency.conclusions.items():
            fresh = [rule for rule in rules if rule.id not in computed]
            computed.update(rule.id for rule in fresh)
            wide = wide.with_columns(_true(column_truth(rule.base)).alias(self._fired[rule.id]) for rule in fresh)
            clash = [self._against(name, rule).alias(f"!{name}·{rule.id}") for rule in rules]
            wide = wide.with_columns(*clash, self._against_each_other(name, rules).alias(f"!{name}"))
            clashes += [f"!{name}", *(f"!{name}·{rule.id}" for rule in rules)]
            value = self._value(name, rules)
            found = pl.col(name).is_null() & value.is_not_null() & ~pl.col(f"!{name}")
            known = pl.when(found).then(value).otherwise(pl.col(name))
            wide = wide.with_columns(found.alias(inferred_column(name)), known.alias(name))
        stated = self.pack.consistency.incompatibilities
        wide = wide.with_columns(_true(column_truth(rule.base)).alias(self._broken[rule.id]) for rule in stated)
        severe = [self._broken[rule.id] for rule in stated if rule.severity == CONTRADICTION]
        wide = wide.with_columns(
            (_any(clashes + severe) & _any(self._flags)).alias(_DISPUTED),
            _any([*clashes, *self._broken.values()]).alias(SUSPECT),
        )
        wide = self._settled(self._told(wide))
        return wide.select(*rows.columns, *self._flags, SUSPECT)

    def given(self, row: Mapping[str, Any], names: Iterable[str]) -> dict[str, FactValue]:
        """补过的一行里，这些事实中人填的；行里没有的列当作没填。"""
        vocabulary, inferred = self.pack.vocabulary, self._inferred
        known = (name for name in names if row.get(name) is not None)
        kept = (name for name in known if not (name in inferred and row[inferred[name]]))
        return {name: from_column(vocabulary[name], row[name]) for name in kept}

    def conflicts(self, rows: pl.DataFrame) -> Iterator[tuple[int, Contradiction]]:
        """补过的各行里说不通的：行在表里的位置、说不通在哪里。"""
        places = rows[SUSPECT].is_not_null().arg_true()
        suspects = rows.select(SUSPECT, *self._read, *self._flags)[places]
        for place, row in zip(places.to_list(), suspects.iter_rows(named=True), strict=True):
            pack, names = self._only(row[SUSPECT])
            for item in contradictions(pack, self.given(row, names)):
                yield place, item

    def _told(self, wide: pl.DataFrame) -> pl.DataFrame:
        """说不通的行里写上成立的道理。"""
        places = wide[SUSPECT].arg_true()
        listed = [pl.when(pl.col(mark)).then(pl.lit(f"{mark},")).otherwise(pl.lit("")) for mark in self._marks.values()]
        found = wide.select(self._marks.values())[places].select(pl.concat_str(listed)).to_series() if listed else None
        empty = pl.Series(SUSPECT, [None] * wide.height, dtype=pl.String)
        return wide.with_columns(empty if found is None else empty.scatter(places, found))

    def _only(self, told: str) -> tuple[RulePack, tuple[str, ...]]:
        if told not in self._narrowed:
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
            names = tuple(name for name in self._read if name in read)
            self._narrowed[told] = replace(self.pack, consistency=less), names
        return self._narrowed[told]

    def _settled(self, wide: pl.DataFrame) -> pl.DataFrame:
        """有矛盾的行，牵涉矛盾的推得收回。"""
        places = wide[_DISPUTED].arg_true()
        if not len(places):
            return wide
        disputed = wide.select(SUSPECT, *self._read, *self._flags)[places]
        kept = [self._followed(row) for row in disputed.iter_rows(named=True)]
        for name in self.names:
            left = wide[inferred_column(name)].scatter(places, [name in found for found in kept])
            taken = pl.col(inferred_column(name)) & ~pl.lit(left)
            wide = wide.with_columns(
                pl.when(~taken).then(pl.col(name)).alias(name), pl.lit(left).alias(inferred_column(name))
            )
        return wide

    def _followed(self, row: Mapping[str, Any]) -> frozenset[str]:
        """还推得的事实。只看哪些道理成立、它们读到的填没填，同样的只推一次。"""
        pack, names = self._only(row[SUSPECT])
        facts = self.given(row, names)
        key = row[SUSPECT], tuple(facts)
        if key not in self._kept:
            self._kept[key] = frozenset(follows(pack, facts))
        return self._kept[key]

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
        count = reduce(pl.Expr.__add__, (_any(columns).cast(pl.UInt8) for columns in by_value.values()))
        return count > 1


def _true(truth: pl.Expr) -> pl.Expr:
    return truth.fill_null(False)


def _any(columns: Iterable[str]) -> pl.Expr:
    listed = list(columns)
    return pl.any_horizontal(listed) if listed else pl.lit(False)
