"""主推方案按规划所看的去重：判定、症结、先例使用率、把握先整列算出，压成规划所看（Outline），相同的只规划一次。

方案由 planning 给出，与逐宗评估同源；还开着什么、先核实什么也整列算，同样的文字只拼一次。
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np
import polars as pl

from advisor.assess import Advisor
from advisor.combining import Steps
from advisor.outline import Outline
from advisor.planning import leading_plan
from advisor.rulepack.model import Tool
from advisor.screening.grid import Array, Grid, blocking
from advisor.screening.keeping import Kept
from advisor.screening.neighbours import Neighbours
from advisor.screening.outlining import Outlining
from advisor.screening.places import ZONE
from advisor.screening.verdicts import Judge
from advisor.screening.verifying import Verifying
from advisor.vocabulary import Kind

_MOST_KEPT = 200_000
NO_PLAN = "暂无成案的组合"
ARROW = " → "
"""主推方案各步之间的写法。"""


@dataclass(frozen=True)
class Lead:
    """一种规划所看之下的主推方案；applies 为每一步都适用，worth 是排优先名次的分。"""

    steps: Steps = ()
    applies: bool = False
    resolves: tuple[str, ...] = ()
    worth: float = 0.0

    @property
    def title(self) -> str:
        """写成“甲 → 乙”。"""
        return ARROW.join(self.steps) or NO_PLAN


@dataclass(frozen=True)
class Situation:
    """一宗地的主推方案；opened 是还开着的条件（文字），verify 是先要核实的事实。"""

    lead: Lead
    opened: tuple[str, ...]
    verify: tuple[str, ...]


class Situations:
    """一个规则包、一个基准日的方案表；记住算过的。computed 是规划了几次。"""

    def __init__(self, advisor: Advisor, judge: Judge) -> None:
        self.advisor, self.pack = advisor, advisor.pack
        self.judge = judge
        prior = advisor.prior()
        self.outlining = Outlining(advisor.pack, prior)
        self.neighbours = Neighbours(advisor.cases(), advisor.pack.vocabulary, advisor.weights(), self.outlining.tools)
        self.verifying = Verifying(judge, prior)
        self._key = _key(judge)
        self._said = {
            (tool.name, leaf): f"{tool.name}：{text}"
            for tool in self.outlining.tools
            for leaf, text in _open_texts(tool)
        }
        self._leads = Kept[bytes, Lead](_MOST_KEPT)
        self._alike = Kept[Lead, Lead](_MOST_KEPT)
        self._opened = Kept[tuple[Steps, bytes], tuple[str, ...]](_MOST_KEPT)
        self.computed = 0

    def of(self, truths: pl.DataFrame) -> list[Situation]:
        """各行的主推方案，行序同 truths。"""
        grid = Grid(self.judge, truths)
        keys = self.outlining.keys(grid, self.neighbours.use(grid))
        leads = [self._lead(key) for key in keys]
        codes = {lead: code for code, lead in enumerate(dict.fromkeys(leads))}
        same = self._same(truths, [codes[lead] for lead in leads])
        rows = list(dict.fromkeys(same))  # 判断、缺的事实、方案都相同的，只写一次
        found = dict(zip(rows, self._described(truths[rows], [leads[row] for row in rows]), strict=True))
        return [found[row] for row in same]

    def _described(self, truths: pl.DataFrame, leads: list[Lead]) -> list[Situation]:
        """各行还开着什么、先核实什么。"""
        grid = Grid(self.judge, truths)
        opened = self._opened_of(grid, leads)
        verify = self.verifying.first(grid, [lead.steps for lead in leads])
        return [Situation(*each) for each in zip(leads, opened, verify, strict=True)]

    def _same(self, truths: pl.DataFrame, leads: list[int]) -> list[int]:
        """各行与前面哪一行的判断、缺的事实、方案都相同（第一个这样的行）。"""
        keyed = truths.select(self._key).with_columns(pl.Series("\0", leads, dtype=pl.UInt32))
        hashed = pl.DataFrame([keyed.hash_rows(1).alias("一"), keyed.hash_rows(2).alias("二")]).with_row_index("行")
        return hashed.select(pl.col("行").first().over("一", "二")).to_series().to_list()

    def _lead(self, key: bytes) -> Lead:
        return self._leads.get(blake2b(key, digest_size=16).digest(), partial(self._computed, key))

    def _computed(self, key: bytes) -> Lead:
        self.computed += 1
        lead = self._planned(self.outlining.outline(key))
        return self._alike.get(lead, lambda: lead)

    def _planned(self, outline: Outline) -> Lead:
        plan = leading_plan(outline, self.advisor.usage())
        if plan is None:
            return Lead()
        own = [prospect for prospect in outline.prospects if prospect.name in plan.steps]
        applies, opened = all(item.applies for item in own), sum(item.opened for item in own)
        worth = (2.0 if applies else 1.0) * (1 + len(plan.resolves)) * 0.9**opened
        return Lead(plan.steps, applies, plan.resolves, round(worth, 6))

    def _opened_of(self, grid: Grid, leads: Sequence[Lead]) -> list[tuple[str, ...]]:
        """各行方案里还开着的条件：方案相同、挡着的条件相同的，文字相同。"""
        rows: dict[Steps, list[int]] = {}
        for row, lead in enumerate(leads):
            rows.setdefault(lead.steps, []).append(row)
        found: list[tuple[str, ...]] = [()] * len(leads)
        for steps, places in rows.items():
            items, marks = self._marks(grid, steps, places)
            for row, mark in zip(places, marks, strict=True):
                found[row] = self._opened.get((steps, mark), partial(_marked, items, mark))
        return found

    def _marks(self, grid: Grid, steps: Steps, places: list[int]) -> tuple[list[str], list[bytes]]:
        """方案各步可能还开着的条件（文字），与这几行各条开没开着。"""
        items: list[str] = []
        columns: list[Array] = []
        for tool in (self.pack.tools[name] for name in steps):
            for rule in blocking(tool):
                items.append(self._said[tool.name, rule.leaf])
                columns.append(grid.blocked(rule)[places])
            items.append(self._said[tool.name, tool.authority_leaf])
            columns.append(grid.unverified(tool)[places])
        if not columns:
            return [], [b""] * len(places)
        return items, [row.tobytes() for row in np.column_stack(columns)]


def _key(judge: Judge) -> list[pl.Expr]:
    """判断与缺的事实全由这些列定：比较、是否类事实、片区、别的事实知不知道。"""
    kinds = {fact.name: fact.kind for fact in judge.pack.vocabulary}
    plain = [name for name, kind in kinds.items() if kind is Kind.BOOL]
    zone = [ZONE] if judge.places.keys else []
    known = [pl.col(name).is_null().alias(f"?{name}") for name, kind in kinds.items() if kind is not Kind.BOOL]
    return [pl.col(name) for name in (*judge.columns.atom_names, *plain, *zone)] + known


def _marked(items: Sequence[str], mark: bytes) -> tuple[str, ...]:
    return tuple(items[at] for at, shut in enumerate(mark) if shut)


def _open_texts(tool: Tool) -> Iterator[tuple[str, str]]:
    """一个工具各条可能还开着的条件（最后是依据）怎么说。"""
    for rule in blocking(tool):
        yield rule.leaf, f"待排查“{rule.text}”" if rule.kind == "排除" else f"待确认“{rule.text}”"
    yield tool.authority_leaf, "当地有没有现行依据待核"
