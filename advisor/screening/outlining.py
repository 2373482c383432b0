"""一片地块各自的规划所看（Outline），压成字节：相同的只规划一次。各列与 outline、ranking 逐宗算的完全相同。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from advisor.expression.nodes import Node
from advisor.likelihood import Prior, combined
from advisor.outline import LIKELY, Outline, Premise, Prospect, drawing, planned
from advisor.ranking import DISCOUNT, FINE, worth
from advisor.rulepack.model import Relation, RulePack, Tool
from advisor.screening.grid import TRUE, UNKNOWN, Array, Grid, blocking

_DISCOUNTS = np.array(DISCOUNT)
_TIER = 2**50
"""分数不到这么大：先比层次，再比分数。"""
_APPLIES, _USABLE, _CERTAIN, _ALIVE = 1, 2, 4, 8
_LIKELY = 4
_IDLE = 255


class Outlining:
    """一个规则包、一批案例分布的规划所看。"""

    def __init__(self, pack: RulePack, prior: Prior) -> None:
        self.pack, self.prior = pack, prior
        coded = [tool for tool in pack.tools.values() if tool.coded]
        self.tools = sorted(coded, key=lambda tool: tool.name)
        """同分的照名称排，因此列就照名称排。"""
        self._at = {tool.name: at for at, tool in enumerate(self.tools)}
        self._relations = planned(pack)
        resolvable = {name for tool in self.tools for name in tool.resolves}
        self._obstacles = [name for name in pack.obstacles if name in resolvable]
        sizes = (len(self.tools), len(self.tools), len(self.tools), 8 * len(self.tools), len(self._relations))
        self._cuts = np.cumsum(sizes).tolist()

    def keys(self, grid: Grid, use: Array) -> list[bytes]:
        """各行的规划所看，压成字节；use 是各行各工具的使用率，列序同 tools。"""
        facts = _Columns(grid, self.prior)
        chances = [facts.occasion_chance(tool) for tool in self.tools]
        details = [self._prospect(grid, tool, chance) for tool, chance in zip(self.tools, chances, strict=True)]
        flags, opened, sure = (np.column_stack(part) for part in zip(*details, strict=True))
        premises = {relation.id: self._premise(facts, relation) for relation in self._relations}
        here = self._here(flags, premises)
        flags, opened, sure = here * flags, here * opened, here * sure
        ranks = [
            self._rank(grid, tool, chance, use[:, at])
            for at, (tool, chance) in enumerate(zip(self.tools, chances, strict=True))
        ]
        ranked = np.where(here, np.column_stack(ranks), np.iinfo(np.int64).max)
        order = np.argsort(ranked, axis=1, kind="stable").astype(np.uint8)
        order[np.arange(len(self.tools)) >= here.sum(axis=1)[:, None]] = _IDLE
        known = [self._touched(premises[relation.id], relation, here) for relation in self._relations]
        standing = [self._standing(grid, name, here) for name in self._obstacles]
        parts = (order, flags, opened, sure.view(np.uint8), *(column[:, None] for column in (*known, *standing)))
        table = np.ascontiguousarray(np.concatenate(parts, axis=1))
        found: list[bytes] = table.view(f"V{table.shape[1]}").ravel().tolist()
        return found

    def outline(self, key: bytes) -> Outline:
        """字节还原。"""
        order, flags, opened, sure, premises, standing = np.split(np.frombuffer(key, np.uint8), self._cuts)
        chances = sure.view(np.float64)
        prospects = tuple(
            Prospect(
                self.tools[at].name, bool(flags[at] & _APPLIES), bool(flags[at] & _USABLE),
                bool(flags[at] & _CERTAIN), float(chances[at]), int(opened[at]),
            )
            for at in order[order != _IDLE].tolist()
        )  # fmt: skip
        known = {
            relation.id: Premise((False, True, None)[code & 3], bool(code & _LIKELY))
            for relation, code in zip(self._relations, premises.tolist(), strict=True)
        }
        stand = tuple(name for name, code in zip(self._obstacles, standing.tolist(), strict=True) if code)
        return Outline(prospects, stand, known)

    def _prospect(self, grid: Grid, tool: Tool, chance: Array) -> tuple[Array, Array, Array]:
        """一个工具的标记（不能成案的为零）、还开着几条、把握。"""
        applies = grid.verdict(tool) == TRUE
        flags = _ALIVE + _APPLIES * applies + _USABLE * (applies | (chance >= LIKELY))
        flags = (flags + _CERTAIN * (grid.occasion(tool) == TRUE)) * ~grid.rejected(tool)
        opened = _count(grid, tool) + grid.unverified(tool)
        return flags.astype(np.uint8), opened.astype(np.uint8), np.where(applies, 1.0, chance)

    def _here(self, flags: Array, premises: Mapping[str, Array]) -> Array:
        """进得了方案的：选得上的，连同前置、引出一路能带进来的。"""
        alive = flags > 0
        here: Array = ((flags & _USABLE) > 0) & np.array([tool.name in self.pack.chosen for tool in self.tools])
        while True:
            before = here.copy()
            for relation, brought in drawing(self.pack):
                active = here[:, self._places(relation.tools)].any(axis=1)
                if relation.id in premises:
                    code = premises[relation.id]
                    active &= (code & _LIKELY) > 0 if relation.kind == "前置" else (code & 3) == TRUE
                for at in self._places(brought):
                    here[:, at] |= active & alive[:, at]
            if (here == before).all():
                return here

    def _places(self, names: Iterable[str]) -> list[int]:
        return [self._at[name] for name in names if name in self._at]

    def _rank(self, grid: Grid, tool: Tool, likely: Array, use: Array) -> Array:
        """排先后的键，同 ranking.sort_key；只对还能成案的有意义。"""
        liked = sum((grid.column(rule.leaf) == TRUE for rule in tool.of_kind("倾向")), np.zeros(grid.height, int))
        stands = [grid.stands(name) == TRUE for name in tool.resolves if name in self.pack.obstacles]
        resolved = sum(stands, np.zeros(grid.height, int))
        discount = _DISCOUNTS[_count(grid, tool)]
        points = np.rint(worth(tool, self.prior, likely, use, resolved, liked, discount, np.sqrt) * FINE)
        tier = np.where(grid.verdict(tool) == TRUE, int(tool.role == "配套"), 2)
        found: Array = tier * _TIER - points.astype(np.int64)
        return found

    def _touched(self, code: Array, relation: Relation, here: Array) -> Array:
        """牵不着进得了方案的工具的前提，一律写成恒成立。"""
        count = here[:, self._places(relation.tools)].sum(axis=1)
        touched = count > (1 if relation.kind in ("常组合", "互斥") else 0)
        return np.where(touched, code, TRUE + _LIKELY).astype(np.uint8)

    def _premise(self, facts: _Columns, relation: Relation) -> Array:
        """一条关系的前提：真值两位，多半成立一位。"""
        assert relation.base is not None
        truth = facts.whole(relation)
        likely = (truth == TRUE) | ((truth == UNKNOWN) & (facts.chance(relation.base) >= LIKELY))
        code: Array = (np.where(truth == UNKNOWN, 2, truth) + _LIKELY * likely).astype(np.uint8)
        return code

    def _standing(self, grid: Grid, obstacle: str, here: Array) -> Array:
        places = [at for at, tool in enumerate(self.tools) if obstacle in tool.resolves]
        found: Array = ((grid.stands(obstacle) == TRUE) & here[:, places].any(axis=1)).astype(np.uint8)
        return found


@dataclass(frozen=True)
class _Columns:
    """条件成立的可能性，一列一列地算；同 likelihood。"""

    grid: Grid
    prior: Prior

    def occasion_chance(self, tool: Tool) -> Array:
        found = prod(self.chance(rule.base) for rule in tool.of_kind("情形"))
        return np.broadcast_to(np.asarray(found, dtype=float), (self.grid.height,))

    def chance(self, node: Node) -> Array:
        found = combined(node, self._of)
        return np.broadcast_to(np.asarray(found, dtype=float), (self.grid.height,))

    def whole(self, relation: Relation) -> Array:
        """关系前提的真值。"""
        return self.grid.column(relation.leaf)

    def _of(self, node: Node) -> Array:
        truth = self.grid.truth(node)
        return np.where(truth == UNKNOWN, self.prior.of(node), (truth == TRUE).astype(float))


def _count(grid: Grid, tool: Tool) -> Array:
    """挡着“适用”的条件几条。"""
    return sum((grid.blocked(rule) for rule in blocking(tool)), np.zeros(grid.height, dtype=int))
