"""一片地块各自先核实什么：同 questioning，一列一列地算。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from advisor.combining import Steps
from advisor.likelihood import Prior
from advisor.questioning import FINE, OBSTACLE_WEIGHT, pull, weight_of
from advisor.rulepack.model import Rule, Tool
from advisor.screening.grid import UNKNOWN, Array, Grid, blocking
from advisor.screening.keeping import Kept
from advisor.screening.places import Zone
from advisor.screening.verdicts import Judge

FIRST_ASKED = 5
"""还没有方案的，先核实最值得问的几个。"""
_MOST_KEPT = 100_000
_WEIGHTS = np.array([[weight_of(unsettled, leading) for leading in (False, True)] for unsettled in (False, True)])


class Verifying:
    """一个规则包、一个基准日的核实次序。"""

    def __init__(self, judge: Judge, prior: Prior) -> None:
        self.judge, self.pack, self.places = judge, judge.pack, judge.places
        rules = [*self.places.rules, *self.pack.obstacles.values()]
        named = {name for rule in rules for name in rule.asks} | self.pack.register.regions.asked
        self.facts = [name for name in self.pack.vocabulary.names if name in named]
        self._at = {name: at for at, name in enumerate(self.facts)}
        self._pull = np.array([pull(self.pack.vocabulary, name, prior) for name in self.facts])
        self._tools = [tool for tool in self.pack.tools.values() if tool.coded]
        self._varying = {rule.leaf for rule in self.places.varying}
        self._moving = {tool.name for tool in self.places.varying_tools}
        self._texts = Kept[bytes, tuple[str, ...]](_MOST_KEPT)

    def first(self, grid: Grid, steps: Sequence[Steps]) -> list[tuple[str, ...]]:
        """各行先核实的事实，由最值得问的起；steps 是各行主推方案的各步，没有方案的为空。"""
        unknown = np.stack([grid.unknown(name) for name in self.facts])
        askable = unknown & ~self._skipped(grid)
        worth = np.zeros(unknown.shape)
        touched, chosen = np.zeros(unknown.shape, dtype=bool), np.zeros(unknown.shape, dtype=bool)
        several = {own: at for at, own in enumerate(dict.fromkeys(steps))}
        kinds = np.fromiter((several[own] for own in steps), int, grid.height)
        for tool in self._tools:
            places, asked = self._needed(grid, tool, askable)
            lead, unsettled = np.array([tool.name in own for own in several])[kinds], grid.occasion(tool) == UNKNOWN
            self._share(worth, touched, places, asked, _WEIGHTS[unsettled.astype(int), lead.astype(int)])
            chosen[places] |= asked & lead
        for name, rule in self.pack.obstacles.items():
            places = [self._at[fact] for fact in dict.fromkeys(rule.asks)]
            asked = unknown[places] & (grid.stands(name) == UNKNOWN)
            self._share(worth, touched, places, asked, np.float64(OBSTACLE_WEIGHT))
        bare = np.array([not own for own in several])[kinds]
        return self._listed(worth.T, np.where(bare, touched, chosen).T, bare)

    @staticmethod
    def _share(worth: Array, touched: Array, places: list[int], asked: Array, weight: Array | np.float64) -> None:
        """把一份分量平摊给要问的事实。"""
        share = weight / np.maximum(asked.sum(axis=0), 1)
        for column, at in enumerate(places):
            worth[at] += np.where(asked[column], share, 0.0)
        touched[places] |= asked

    def _listed(self, worth: Array, chosen: Array, bare: Array) -> list[tuple[str, ...]]:
        """选中的事实由值得问到不值得问，同分的照词表次序。"""
        points = np.rint(worth * self._pull * FINE).astype(np.int64)
        order = np.argsort(np.where(chosen, -points, 1), axis=1, kind="stable").astype(np.uint8)
        counts = chosen.sum(axis=1)
        counts = np.where(bare, np.minimum(counts, FIRST_ASKED), counts)
        found: list[tuple[str, ...]] = []
        for row, count in zip(order, counts.tolist(), strict=True):
            found.append(self._texts.get(row[:count].tobytes(), partial(self._named, row[:count])))
        return found

    def _named(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.facts[at] for at in places)

    def _skipped(self, grid: Grid) -> Array:
        """哪几个事实在哪几行不必问。"""
        found = np.zeros((len(self.facts), grid.height), dtype=bool)
        for exemption in self.pack.consistency.exemptions:
            truth = grid.rows.select(self.judge.columns.truth(exemption.base).fill_null(False)).to_series().to_numpy()
            for name in exemption.facts:
                if name in self._at:
                    found[self._at[name]] |= truth
        return found

    def _needed(self, grid: Grid, tool: Tool, askable: Array) -> tuple[list[int], Array]:
        """判定这个工具要知道哪些事实：先问情形，再问其余，最后问地域。返回事实的位次与各行要不要问。"""
        rules = blocking(tool)
        names = dict.fromkeys(name for rule in rules for name in rule.asks)
        if tool.name in self._moving or any(rule.leaf in self._varying for rule in rules):
            names.update(dict.fromkeys(self.places.keys))
        places = [self._at[name] for name in names]
        column = {name: at for at, name in enumerate(names)}
        free = askable[places] & (grid.verdict(tool) == UNKNOWN)
        occasions = self._asked(grid, [rule for rule in rules if rule.kind == "情形"], column) & free
        every = self._asked(grid, rules, column) & free
        found = np.where(occasions.any(axis=0), occasions, every)
        if tool.name in self._moving:
            located = self._by_zone(grid, column, partial(self._of_authority, tool)) & free
            found = np.where(found.any(axis=0), found, located)
        return places, found

    def _asked(self, grid: Grid, rules: Iterable[Rule], column: dict[str, int]) -> Array:
        """挡着的条件要问的事实（含判断地域所需的）。"""
        found = np.zeros((len(column), grid.height), dtype=bool)
        for rule in rules:
            blocked = grid.blocked(rule)
            for name in rule.asks:
                found[column[name]] |= blocked
            if rule.leaf in self._varying:
                found |= blocked & self._by_zone(grid, column, partial(self._of_rule, rule))
        return found

    def _by_zone(self, grid: Grid, column: dict[str, int], asks: Callable[[Zone], Iterable[str]]) -> Array:
        """各行因所在片区还要问的位置事实。"""
        zones = grid.zones()
        assert zones is not None
        table = np.zeros((len(column), self.places.count), dtype=bool)
        for number in np.unique(zones).tolist():
            for name in asks(self.places.numbered(number)):
                table[column[name], number] = True
        found: Array = table[:, zones]
        return found

    def _of_rule(self, rule: Rule, zone: Zone) -> list[str]:
        """同 Evaluation.open_facts 里判断地域的一段。"""
        regions = self.pack.register.regions
        if rule.regions:
            return [name for region in rule.regions for name in regions.asks(region)]
        standings = zone.findings[rule.leaf].standings
        return [name for item in standings if item.in_region is None for name in regions.asks(item.policy.region)]

    def _of_authority(self, tool: Tool, zone: Zone) -> list[str]:
        regions, standings = self.pack.register.regions, zone.authority[tool.name].standings
        return [name for item in standings if item.in_region is None for name in regions.asks(item.policy.region)]
