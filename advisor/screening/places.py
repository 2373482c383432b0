"""依据在各处的效力：只取决于位置与基准日，因此按不同的位置各算一次，再并回每一行。

效力不另写一遍，而是拿 judging 问出来的：同一处，条件本身为真、为假、未知时各判成什么。
情形、要件：作数且已核实为“不满足”，依据待核为“待核实”，不作数为“满足”；于是 一行的判断 = 条件 或 效力。
排除、倾向反过来：一行的判断 = 条件 且 效力。
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from advisor.judging import AuthorityFinding, Finding, place_of
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.screening.frames import facts_of
from advisor.truth import Truth
from advisor.vocabulary import FactValue

POSITIVE = ("情形", "要件")


@dataclass(frozen=True)
class Zone:
    """效力处处相同的一片地方。

    weights 是各条件的效力；findings 是条件未知时的判断（看在此作不作数、依据的效力）；
    authority 是各工具有没有站得住的依据；number 是编号。
    """

    weights: Mapping[str, Truth]
    findings: Mapping[str, Finding]
    authority: Mapping[str, AuthorityFinding]
    number: int


ZONE = "@片区"
_ALL_BITS = 3


def weight_column(leaf: str) -> str:
    """效力列的列名。"""
    return f"@{leaf}"


def silent_column(leaf: str) -> str:
    """“在此不作数”列的列名；不作数的两位全一，其余为零。"""
    return f"~{leaf}"


class Places:
    """一个规则包在一个基准日的效力；遇到新的位置才算。"""

    def __init__(self, pack: RulePack, as_of: date) -> None:
        self.pack, self.as_of = pack, as_of
        regions = pack.register.regions
        self.keys = [name for name in pack.vocabulary.names if name in regions.asked]
        self.rules = list(pack.all_rules())
        self.tools = [tool for tool in pack.tools.values() if tool.coded]
        self.varying = [rule for rule in self.rules if self._varies(rule)]
        self.varying_tools = [tool for tool in self.tools if self._varies(tool)]
        self.anywhere = _zone(pack, {}, as_of, self.rules, 0)
        """不因地而异的条件与依据，在哪里都照这个。"""
        items: list[Rule | Tool] = [*self.varying, *self.varying_tools]
        named = {name for item in items for name in _regions(pack, item)}
        self._regions = sorted(named)
        self._zones: dict[tuple[Truth, ...], Zone] = {}
        self._by_number: list[Zone] = []
        self._known: pl.DataFrame | None = None
        self._apart = pl.DataFrame()
        self._alike: list[pl.Expr] = []

    def joined(self, frame: pl.DataFrame) -> pl.DataFrame:
        """各行加上片区编号、因地而异的效力列、不作数列与工具的依据列，行序不变。"""
        if not self.keys:
            return frame
        found = frame.select(self.keys).unique()
        if self._known is not None:
            found = found.join(self._known, on=self.keys, how="anti", nulls_equal=True)
        if found.height:
            numbers = [self.zone(facts_of(row, self.pack.vocabulary)).number for row in found.iter_rows(named=True)]
            added = found.with_columns(pl.Series(ZONE, numbers, dtype=pl.UInt32))
            self._known = added if self._known is None else pl.concat([self._known, added])
            self._describe()
        assert self._known is not None
        keyed = frame.select(self.keys).join(
            self._known, on=self.keys, how="left", nulls_equal=True, maintain_order="left"
        )
        return pl.concat([frame, self._apart[keyed[ZONE]].with_columns(self._alike)], how="horizontal")

    def _describe(self) -> None:
        """各片一行、因地而异的一样一列；各片都相同的几样只留一列，其余照它。"""
        zones = self._by_number
        columns = {ZONE: pl.Series([zone.number for zone in zones], dtype=pl.UInt32)}
        for rule in self.varying:
            weights = [zone.weights[rule.leaf] for zone in zones]
            silent = [_ALL_BITS * zone.findings[rule.leaf].silent for zone in zones]
            columns[weight_column(rule.leaf)] = pl.Series(weights, dtype=pl.Boolean)
            columns[silent_column(rule.leaf)] = pl.Series(silent, dtype=pl.UInt8)
        for tool in self.varying_tools:
            status = [zone.authority[tool.name].status for zone in zones]
            columns[tool.authority_leaf] = pl.Series(status, dtype=pl.Boolean)
        first: dict[tuple[object, ...], str] = {}
        same = {name: first.setdefault((str(each.dtype), *each), name) for name, each in columns.items()}
        self._apart = pl.DataFrame([columns[name].alias(name) for name in first.values()])
        self._alike = [pl.col(origin).alias(name) for name, origin in same.items() if name != origin]

    def zone(self, where: Mapping[str, FactValue]) -> Zone:
        """一处因地而异的效力；有关地域的真假都相同的，是同一片。"""
        key = tuple(self.pack.register.regions.covers(name, where) for name in self._regions)
        if key not in self._zones:
            self._zones[key] = _zone(self.pack, where, self.as_of, self.varying, len(self._zones))
            self._by_number.append(self._zones[key])
        return self._zones[key]

    @property
    def count(self) -> int:
        """算过几片。"""
        return len(self._by_number)

    def numbered(self, number: int) -> Zone:
        """某个编号的片区。"""
        return self._by_number[number]

    def _varies(self, item: Rule | Tool) -> bool:
        return any(self.pack.register.regions.asks(name) for name in _regions(self.pack, item))


def _regions(pack: RulePack, item: Rule | Tool) -> tuple[str, ...]:
    """一条条件、一个工具的效力牵涉的地域。"""
    citations = item.citations if isinstance(item, Rule) else item.authority
    own = item.regions if isinstance(item, Rule) else ()
    return (*own, *(pack.register[citation.code].region for citation in citations))


def _zone(pack: RulePack, where: Mapping[str, FactValue], as_of: date, rules: list[Rule], number: int) -> Zone:
    """拿 judging 问一处的效力：rules 里的条件为真、为假、未知，各判成什么。"""
    place = place_of(pack.register, where, as_of)
    weights: dict[str, Truth] = {}
    for rule in rules:
        positive = rule.kind in POSITIVE
        weight = place.finding(rule, not positive).status
        for raw in (True, False, None):
            if place.finding(rule, raw).status is not _joined(raw, weight, positive):
                raise RuntimeError(f"“{rule.leaf}”的判断不能写成“条件与效力相合”，列式判定须照 judging 修改")
        weights[rule.leaf] = weight
    findings = {rule.leaf: place.finding(rule, None) for rule in rules}
    authority = {tool.name: place.authority(tool) for tool in pack.tools.values() if tool.coded}
    return Zone(weights, findings, authority, number)


def _joined(raw: Truth, weight: Truth, decisive: bool) -> Truth:
    """或（decisive 为真）、且（为假）。"""
    if raw is decisive or weight is decisive:
        return decisive
    return None if raw is None or weight is None else not decisive
