"""列式的推得：照先后一列一列地补。矛盾牵涉、推得不合的行，按情形归并后逐个问 consistency，与逐宗评估同源。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
"""这一行有说不通的地方（矛盾、存疑，或推得与填写不合）。"""
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
        self._flags = [inferred_column(name) for name in self.names]
        self._fired = {rule.id: f"!推{index}" for index, rule in enumerate(book.consequences)}
        self._broken = {rule.id: f"!矛{index}" for index, rule in enumerate(book.incompatibilities)}

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
        wide = self._settled(wide, [*self._fired.values(), *self._broken.values(), *clashes])
        return wide.select(*rows.columns, *self._flags, SUSPECT)

    def given(self, row: Mapping[str, Any]) -> dict[str, FactValue]:
        """补过的一行里，人填的事实；行里没有的列当作没填。"""
        inferred = {name for name, flag in zip(self.names, self._flags, strict=True) if row[flag]}
        kept = {name: row[name] for name in self.schema if name not in inferred and row.get(name) is not None}
        return {name: from_column(self.pack.vocabulary[name], value) for name, value in kept.items()}

    def conflicts(self, rows: pl.DataFrame) -> Iterator[tuple[int, Contradiction]]:
        """补过的各行里说不通的：行在表里的位置、说不通在哪里。"""
        places = rows[SUSPECT].arg_true()
        columns = [*self._read, *self._flags]
        for place, row in zip(places.to_list(), rows.select(columns)[places].iter_rows(named=True), strict=True):
            for item in contradictions(self.pack, self.given(row)):
                yield place, item

    def _settled(self, wide: pl.DataFrame, marks: list[str]) -> pl.DataFrame:
        """有矛盾的行，牵涉矛盾的推得收回。哪些收回只看各条真假与填没填，因此同样的只问一次。"""
        disputed = wide.filter(_DISPUTED)
        if not disputed.height:
            return wide
        present = [pl.col(name).is_null().alias(f"?{name}") for name in self._read]
        keyed = disputed.select(*marks, *self._flags, *present)
        keys = list(zip(keyed.hash_rows(1).to_list(), keyed.hash_rows(2).to_list(), strict=True))
        first: dict[tuple[int, int], int] = {}
        for place, key in enumerate(keys):
            first.setdefault(key, place)
        rows = disputed.select(*self._read, *self._flags)[list(first.values())]
        kept = {
            key: follows(self.pack, self.given(row)).keys()
            for key, row in zip(first, rows.iter_rows(named=True), strict=True)
        }
        places = wide[_DISPUTED].arg_true()
        for name in self.names:
            left = wide[inferred_column(name)].scatter(places, [name in kept[key] for key in keys])
            taken = pl.col(inferred_column(name)) & ~pl.lit(left)
            wide = wide.with_columns(
                pl.when(~taken).then(pl.col(name)).alias(name), pl.lit(left).alias(inferred_column(name))
            )
        return wide

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
