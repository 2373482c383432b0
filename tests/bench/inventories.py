"""合成台账：取值照案例库的分布，缺失像真表（整列没有、越难查的越空、同一片的地块彼此相像）。"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from advisor.consistency import contradictions
from advisor.playbook import Playbook
from advisor.rulepack.model import RulePack
from advisor.screening.frames import fact_schema
from advisor.vocabulary import Fact, FactValue, Kind

_MISSING_BY_COST = {1: 0.15, 2: 0.4, 3: 0.7}
_PATTERNS = 400
"""一片的地块从这么多种“底子”里抽，再各自改几处。"""
_CHANGED = 0.005


def synthetic(pack: RulePack, playbook: Playbook, rows: int, seed: int = 20261121) -> pl.DataFrame:
    """rows 宗地，一列一个事实（数是小数），外加编号。"""
    rng = np.random.default_rng(seed)
    schema = fact_schema(pack.vocabulary)
    bases = _bases(pack, playbook, rng)
    pattern = rng.integers(0, _PATTERNS, rows)
    size = rng.uniform(0.8, 1.0, rows)
    fixed = pack.register.regions.asked
    columns: list[pl.Series] = [pl.Series("编号", [f"D{seed % 1000:03d}{i:08d}" for i in range(rows)])]
    for fact in pack.vocabulary:  # type: ignore[attr-defined]
        pool = _pool(fact, playbook)
        own = [base.get(fact.name) for base in bases]
        gone = np.array([value is None for value in own])
        changed = rng.random(rows) < (0 if fact.name in fixed else _CHANGED)
        code = np.where(changed, _PATTERNS + rng.integers(0, len(pool), rows), pattern)
        absent = np.where(changed, rng.random(rows) < 0.5, gone[pattern])
        values = [pool[0] if value is None else value for value in own] + pool
        columns.append(_column(fact, values, code, absent, schema[fact.name], size))
    return pl.DataFrame(columns)


def _bases(pack: RulePack, playbook: Playbook, rng: np.random.Generator) -> list[dict[str, FactValue]]:
    """各种底子，里面没有说不通的；地方取案例里出现过的，省、市、县成套，不会张冠李戴。"""
    asked = pack.register.regions.asked
    found: list[dict[str, FactValue]] = []
    for _ in range(_PATTERNS):
        case = playbook.cases[rng.integers(0, len(playbook.cases))]
        facts = {name: value for name, value in case.facts.items() if name in asked}
        for fact in pack.vocabulary:  # type: ignore[attr-defined]
            pool = _pool(fact, playbook)
            if fact.name not in asked and rng.random() >= _MISSING_BY_COST.get(fact.cost, 0.4):
                facts[fact.name] = pool[rng.integers(0, len(pool))]
        while wrong := contradictions(pack, facts):
            for item in wrong:
                facts.pop(list(item.facts)[-1], None)
        found.append(facts)
    return found


def _pool(fact: Fact, playbook: Playbook) -> list[FactValue]:
    """案例里出现过的取值（重复的照留，即按频数）；案例没写的按类型给。"""
    seen = [case.facts[fact.name] for case in playbook.cases if fact.name in case.facts]
    if fact.kind is Kind.BOOL:
        usual = fact.usual if fact.usual is not None else True
        return [*seen, *([usual] * 6), not usual]
    if seen:
        return seen
    if fact.kind is Kind.NUMBER:
        return [Fraction(n) for n in (1, 3, 12, 30, 60)]
    if fact.kind is Kind.DATE:
        return [date(2019, 3, 1), date(2024, 6, 30), date(2027, 1, 31)]
    return list(fact.options) or ["株洲"]


def _column(
    fact: Fact, pool: list[FactValue], code: np.ndarray, absent: np.ndarray, kind: pl.DataType, size: np.ndarray
) -> pl.Series:
    if fact.kind is Kind.NUMBER:
        values = np.array([float(value) for value in pool])[code]  # type: ignore[arg-type]
        if not fact.integer:
            values = np.round(values * size, 2)
        if fact.maximum is not None:
            values = np.minimum(values, float(fact.maximum))
        found = pl.Series(fact.name, values)
    elif fact.kind is Kind.BOOL:
        found = pl.Series(fact.name, np.array(pool, dtype=bool)[code])
    else:
        found = pl.Series(fact.name, pool, dtype=pl.Date if fact.kind is Kind.DATE else pl.String).gather(
            pl.Series(code)
        )
        found = found.cast(kind) if fact.kind is Kind.CHOICE else found
    return found.to_frame().select(pl.when(~pl.lit(pl.Series(absent))).then(pl.col(fact.name))).to_series()


def write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    """写成办事员的表：是否写“是、否”。"""
    shown = frame.with_columns(
        pl.when(pl.col(name)).then(pl.lit("是")).when(~pl.col(name)).then(pl.lit("否")).alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.Boolean
    )
    shown.write_excel(path, worksheet="台账")
