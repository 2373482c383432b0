"""地方口径：整片地块各归入本地的哪几类。与逐宗评估同一套归法。"""

from __future__ import annotations

import polars as pl

from advisor.inference.network import group_joint, obstacle_joint, tool_joint
from advisor.rulepack.model import LocalClass, RulePack, Taxonomy
from advisor.screening.frames import facts_of
from advisor.truth import STATUS

LOCAL = "地方口径"


def local_classes(truths: pl.DataFrame, pack: RulePack, taxonomy: Taxonomy) -> pl.Series:
    """各行对得上的类，顿号隔开；只有待核实的工具撑着的写明待核实。"""
    tested = [item for item in taxonomy.classes if item.test is not None]
    rows = [facts_of(row, pack.vocabulary) for row in truths.iter_rows(named=True)] if tested else []
    names: list[pl.Expr] = []
    for item in taxonomy.classes:
        if item.test is None and not (item.tools or item.obstacles):
            continue
        test = item.test
        truth = (
            pl.lit(pl.Series([test(facts) for facts in rows], dtype=pl.Boolean))
            if test is not None
            else pl.lit(True, dtype=pl.Boolean)
        )
        names.append(_named(item, truth, pack))
    if not names:
        return pl.Series(LOCAL, [""] * truths.height)
    return truths.select(pl.concat_str(names, separator="、", ignore_nulls=True).alias(LOCAL)).to_series()


def _named(item: LocalClass, truth: pl.Expr, pack: RulePack) -> pl.Expr:
    coded = [name for name in item.tools if pack.tools[name].coded]
    applies = _any([pl.col(tool_joint(name)).fill_null(False) for name in coded])
    unsettled = _any(
        [pl.col(tool_joint(name)).is_null() & pl.col(group_joint(name, "情形")).fill_null(False) for name in coded]
    )
    stands = _any([pl.col(obstacle_joint(name)).fill_null(False) for name in item.obstacles])
    mapped = bool(item.tools or item.obstacles)
    included = truth.fill_null(True) & (applies | unsettled | stands if mapped else pl.lit(True))
    sure = truth.fill_null(False) & (applies | stands if mapped else pl.lit(True))
    return (
        pl.when(included & sure).then(pl.lit(item.name)).when(included).then(pl.lit(f"{item.name}（{STATUS[None]}）"))
    )


def _any(parts: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(parts) if parts else pl.lit(False)
