"""依据在各处的效力：只取决于位置与基准日，因此按不同的位置各算一次，再并回每一行。

效力不另写一遍，而是拿 judging 问出来的：同一处，条件本身为真、为假、未知时各判成什么。
情形、要件：作数且已核实为“不满足”，依据待核为“待核实”，不作数为“满足”；于是 一行的判断 = 条件 或 效力。
排除、倾向反过来：一行的判断 = 条件 且 效力。
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from advisor.judging import Judgement, judge_all
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.screening.frames import facts_of
from advisor.truth import Truth
from advisor.vocabulary import FactValue

POSITIVE = ("情形", "要件")


@dataclass(frozen=True)
class Zone:
    """效力处处相同的一片地方：各条件的效力、不作数的条件、各工具有没有站得住的依据；number 是编号。"""

    weights: Mapping[str, Truth]
    silent: frozenset[str]
    authority: Mapping[str, Truth]
    number: int


ZONE = "@片区"


def weight_column(leaf: str) -> str:
    """效力列的列名。"""
    return f"@{leaf}"


def silent_column(leaf: str) -> str:
    """“在此不作数”列的列名。"""
    return f"~{leaf}"


class Places:
    """一个规则包在一个基准日的效力；遇到新的位置才算。"""

    def __init__(self, pack: RulePack, as_of: date) -> None:
        self.pack, self.as_of = pack, as_of
        regions = pack.register.regions
        self.keys = [name for name in pack.vocabulary.names if name in regions.asked]
        self.rules = list(pack.all_rules())
        self.tools = [tool for tool in pack.tools.values() if tool.coded]
        self.varying = [rule for rule in self.rules if self._varies((*rule.regions, *_homes(pack, rule)))]
        self.varying_tools = [tool for tool in self.tools if self._varies(_homes(pack, tool))]
        self._asked = {truth: _answering(pack, truth) for truth in (True, False, None)}
        self._zones: dict[tuple[Truth, ...], Zone] = {}
        self._table: pl.DataFrame | None = None
        self.anywhere = self.zone({})
        """不因地而异的条件与依据，在哪里都照这个。"""

    def table(self, frame: pl.DataFrame) -> pl.DataFrame:
        """frame 里出现的各个位置：位置各列，加上片区编号、因地而异的效力列、不作数列与工具的依据列。"""
        found = frame.select(self.keys).unique()
        if self._table is not None:
            found = found.join(self._table, on=self.keys, how="anti", nulls_equal=True)
        if found.height:
            added = self._described(found)
            self._table = added if self._table is None else pl.concat([self._table, added])
        assert self._table is not None
        return self._table

    def _described(self, found: pl.DataFrame) -> pl.DataFrame:
        zones = [self.zone(facts_of(row, self.pack.vocabulary)) for row in found.iter_rows(named=True)]
        columns: dict[str, list[Truth]] = {}
        for rule in self.varying:
            columns[weight_column(rule.leaf)] = [zone.weights[rule.leaf] for zone in zones]
            columns[silent_column(rule.leaf)] = [rule.leaf in zone.silent for zone in zones]
        found = found.with_columns(pl.Series(ZONE, [zone.number for zone in zones], dtype=pl.UInt32))
        for tool in self.varying_tools:
            columns[tool.authority_leaf] = [zone.authority[tool.name] for zone in zones]
        return found.with_columns(pl.Series(name, values, dtype=pl.Boolean) for name, values in columns.items())

    def zone(self, where: Mapping[str, FactValue]) -> Zone:
        """一处的效力；各地域的真假都相同的，是同一片。"""
        regions = self.pack.register.regions
        key = tuple(regions.covers(name, where) for name in regions.names)
        if key not in self._zones:
            judged = {truth: judge_all(pack, where, self.as_of) for truth, pack in self._asked.items()}
            self._zones[key] = _zone(self.rules, judged, len(self._zones))
        return self._zones[key]

    def _varies(self, regions: tuple[str, ...]) -> bool:
        return any(self.pack.register.regions.asks(name) for name in regions)


def _homes(pack: RulePack, item: Rule | Tool) -> tuple[str, ...]:
    citations = item.citations if isinstance(item, Rule) else item.authority
    return tuple(pack.register[citation.code].region for citation in citations)


def _answering(pack: RulePack, truth: Truth) -> RulePack:
    """条件一律得出 truth 的规则包。"""

    def answered(rule: Rule) -> Rule:
        return replace(rule, test=_always(truth))

    tools = {
        name: replace(tool, rules=tuple(answered(rule) for rule in tool.rules)) for name, tool in pack.tools.items()
    }
    gates = {name: answered(rule) for name, rule in pack.gates.items()}
    obstacles = {name: answered(rule) for name, rule in pack.obstacles.items()}
    return replace(pack, gates=gates, obstacles=obstacles, tools=tools, relations=())


def _zone(rules: list[Rule], judged: Mapping[Truth, Judgement], number: int) -> Zone:
    weights: dict[str, Truth] = {}
    for rule in rules:
        positive = rule.kind in POSITIVE
        weight = judged[not positive].findings[rule.leaf].status
        for raw, judgement in judged.items():
            if judgement.findings[rule.leaf].status is not _joined(raw, weight, positive):
                raise RuntimeError(f"“{rule.leaf}”的判断不能写成“条件与效力相合”，列式判定须照 judging 修改")
        weights[rule.leaf] = weight
    unknown = judged[None]
    silent = frozenset(leaf for leaf, finding in unknown.findings.items() if finding.silent)
    return Zone(weights, silent, {name: found.status for name, found in unknown.authority.items()}, number)


def _joined(raw: Truth, weight: Truth, decisive: bool) -> Truth:
    """或（decisive 为真）、且（为假）。"""
    if raw is decisive or weight is decisive:
        return decisive
    return None if raw is None or weight is None else not decisive


def _always(truth: Truth) -> Callable[[Mapping[str, FactValue]], Truth]:
    return lambda facts: truth
