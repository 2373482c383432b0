"""依据在各处的效力：只取决于位置与基准日，因此按不同的位置各算一次，再并回每一行。

效力不另写一遍，而是拿 judging 问出来的：同一处，条件本身不利时判成什么。
情形、要件：作数且已核实为“不满足”，依据待核为“待核实”，不作数为“满足”；于是 行的判断 = 条件 或 效力。
排除、倾向反过来：行的判断 = 条件 且 效力。
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from advisor.judging import Place, judge, judge_authority
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.screening.frames import facts_of
from advisor.truth import Truth

POSITIVE = ("情形", "要件")


@dataclass(frozen=True)
class Effect:
    """一条条件在一处的效力：weight 与条件的真值合成判断；silent 为在此不作数。"""

    weight: Truth
    silent: bool


def effect_column(rule: Rule) -> str:
    """效力列的列名。"""
    return f"@{rule.leaf}"


def silent_column(rule: Rule) -> str:
    """“在此不作数”列的列名。"""
    return f"~{rule.leaf}"


class Places:
    """一个规则包在一个基准日的效力；遇到新的位置才算。"""

    def __init__(self, pack: RulePack, as_of: date) -> None:
        self.pack, self.as_of = pack, as_of
        regions = pack.register.regions
        self.keys = [name for name in pack.vocabulary.names if name in regions.asked]
        self.rules = list(pack.all_rules())
        self.tools = [tool for tool in pack.tools.values() if tool.coded]
        self._effects: dict[tuple[str, tuple[Truth, ...]], Effect] = {}
        self._authority: dict[tuple[str, tuple[Truth, ...]], Truth] = {}
        self._spread = {rule.leaf: self._regions_of(rule) for rule in self.rules}
        self._spread |= {tool.authority_leaf: self._regions_of(tool) for tool in self.tools}
        self.varying = [rule for rule in self.rules if self._asks(rule.leaf)]
        self.varying_tools = [tool for tool in self.tools if self._asks(tool.authority_leaf)]
        nowhere = Place({}, pack.register, as_of)
        self.fixed = {rule.leaf: self.effect(rule, nowhere) for rule in self.rules if not self._asks(rule.leaf)}
        self.fixed_authority = {
            tool.name: self.authority(tool, nowhere) for tool in self.tools if not self._asks(tool.authority_leaf)
        }
        self._table: pl.DataFrame | None = None

    def table(self, frame: pl.DataFrame) -> pl.DataFrame:
        """frame 里出现的各个位置：位置各列，加上因地而异的条件的效力列、不作数列与工具的依据列。"""
        found = frame.select(self.keys).unique()
        if self._table is not None:
            found = found.join(self._table, on=self.keys, how="anti", nulls_equal=True)
        if found.height:
            added = self._describe(found)
            self._table = added if self._table is None else pl.concat([self._table, added])
        assert self._table is not None
        return self._table

    def _describe(self, found: pl.DataFrame) -> pl.DataFrame:
        columns: dict[str, list[Truth]] = {}
        for row in found.to_dicts():
            place = Place(facts_of(row, self.pack.vocabulary), self.pack.register, self.as_of)
            for rule in self.varying:
                effect = self.effect(rule, place)
                columns.setdefault(effect_column(rule), []).append(effect.weight)
                columns.setdefault(silent_column(rule), []).append(effect.silent)
            for tool in self.varying_tools:
                columns.setdefault(tool.authority_leaf, []).append(self.authority(tool, place))
        added = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Boolean()))
        return pl.concat([found.select(self.keys), added], how="horizontal")

    def effect(self, rule: Rule, place: Place) -> Effect:
        """一条条件在一处的效力；只看它所涉地域的真假，因此记得住。"""
        key = (rule.leaf, tuple(place.covers(name) for name in self._spread[rule.leaf]))
        if key not in self._effects:
            self._effects[key] = _asked(rule, place)
        return self._effects[key]

    def authority(self, tool: Tool, place: Place) -> Truth:
        """工具在一处有没有站得住的依据。"""
        key = (tool.name, tuple(place.covers(name) for name in self._spread[tool.authority_leaf]))
        if key not in self._authority:
            self._authority[key] = judge_authority(tool, place).status
        return self._authority[key]

    def _asks(self, leaf: str) -> bool:
        """效力是否因位置而异。"""
        return any(self.pack.register.regions.asks(name) for name in self._spread[leaf])

    def _regions_of(self, item: Rule | Tool) -> tuple[str, ...]:
        citations = item.citations if isinstance(item, Rule) else item.authority
        own = item.regions if isinstance(item, Rule) else ()
        named = [*own, *(self.pack.register[citation.code].region for citation in citations)]
        return tuple(dict.fromkeys(named))


def _asked(rule: Rule, place: Place) -> Effect:
    positive = rule.kind in POSITIVE
    found = {raw: judge(replace(rule, test=_always(raw)), place) for raw in (True, False, None)}
    weight = found[not positive].status
    for raw, finding in found.items():
        if finding.status is not _joined(raw, weight, positive):
            raise RuntimeError(f"“{rule.leaf}”的效力不能列式合成，须改 screening.places")  # 判断的规矩改了才会到这里
    return Effect(weight, found[None].silent)


def _joined(raw: Truth, weight: Truth, positive: bool) -> Truth:
    decisive = positive
    if raw is decisive or weight is decisive:
        return decisive
    return None if raw is None or weight is None else not decisive


def _always(value: Truth) -> Any:
    def test(facts: Mapping[str, object]) -> Truth:
        return value

    return test
