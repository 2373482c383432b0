"""相近案例里各工具的使用率，一片一次算出；与 precedents、ranking 逐宗算的完全相同。

相同靠的是：列里的数是整数（百万分之一），两数之比只舍入一次；相似度逐个案例、照案例里事实的次序累加，取整到万分之一；
使用率是整数之比。
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from advisor.playbook import Case
from advisor.precedents import FINE, PRIOR_WEIGHT
from advisor.ranking import NEIGHBOURS
from advisor.rulepack.model import Tool
from advisor.screening.frames import to_column
from advisor.screening.grid import Array, Grid
from advisor.vocabulary import FactValue, Kind, Vocabulary

_Pair = tuple[str, FactValue]


class Neighbours:
    """一批先例；weight 是各事实的权重，tools 是要使用率的工具。"""

    def __init__(
        self, cases: Sequence[Case], vocabulary: Vocabulary, weight: Mapping[str, float], tools: Sequence[Tool]
    ) -> None:
        self.cases = sorted(cases, key=lambda case: case.id)
        self.vocabulary, self.weight = vocabulary, weight
        pairs: dict[_Pair, None] = dict.fromkeys(pair for case in self.cases for pair in case.facts.items())
        self._same = {pair: f"={at}" for at, pair in enumerate(pairs) if not self._counted(pair[0])}
        self._known = {name: f"?{name}" for name, _ in pairs}
        self._numbers = [name for name in self._known if self._counted(name)]
        used = [[float(case.tools.count(tool.name)) for tool in tools] for case in self.cases]
        self._used = np.array(used).reshape(len(self.cases), len(tools))

    def use(self, grid: Grid) -> Array:
        """各行、各工具的使用率。"""
        if not self.cases:
            return np.zeros((grid.height, self._used.shape[1]))
        points = self._points(grid)
        near = self._nearest(points)
        total = near.sum(axis=1, keepdims=True)
        share: Array = near @ self._used / np.where(total == 0, 1.0, total)  # 都是整数，乘加没有舍入
        return share

    def _nearest(self, points: Array) -> Array:
        """最近的几个案例留下分，其余为零；分相同的编号在前的近。"""
        count = len(self.cases)
        if count <= NEIGHBOURS:
            return points.astype(float)
        rank = points * count + np.arange(count - 1, -1, -1)
        places = np.argpartition(-rank, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        near = np.zeros(points.shape)
        np.put_along_axis(near, places, np.take_along_axis(points, places, axis=1).astype(float), axis=1)
        return near

    def _points(self, grid: Grid) -> Array:
        """各行与各案例的相似度，以万分之一计。"""
        table = grid.rows.select(
            *(
                pl.col(name).eq(pl.lit(to_column(value), dtype=grid.judge.schema[name])).fill_null(False).alias(column)
                for (name, value), column in self._same.items()
            ),
            *(pl.col(name).is_not_null().alias(column) for name, column in self._known.items()),
            *(pl.col(name).fill_null(0).cast(pl.Float64) for name in self._numbers),
        )
        known = {name: table[column].to_numpy() for name, column in self._known.items()}
        weighed = {name: known[name] * self.weight[name] for name in known}
        found = np.empty((grid.height, len(self.cases)), dtype=np.int64)
        for at, case in enumerate(self.cases):
            gained, total = np.zeros(grid.height), np.zeros(grid.height)
            for name, value in case.facts.items():
                column = self._same.get((name, value))
                if column is None:
                    gained += np.where(known[name], _ratio(table[name].to_numpy(), value), 0.0) * self.weight[name]
                else:
                    gained += table[column].to_numpy() * self.weight[name]
                total += weighed[name]
            found[:, at] = np.rint(gained / (total + PRIOR_WEIGHT) * FINE)
        return found

    def _counted(self, name: str) -> bool:
        return self.vocabulary[name].kind is Kind.NUMBER


def _ratio(ours: Array, theirs: FactValue) -> Array:
    """数的相似度：小的比大的，一正一负为零；列里的整数与浮点数之间没有舍入。"""
    other = float(to_column(theirs))
    small, large = np.minimum(abs(ours), abs(other)), np.maximum(abs(ours), abs(other))
    ratio = np.divide(small, large, out=np.zeros(len(ours)), where=(large > 0) & ((ours >= 0) == (other >= 0)))
    return np.where(ours == other, 1.0, ratio)
