"""理由的整数解成文字：同样的整数只解一次，查表得文字。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from advisor.evaluation import APPLIES, NOT_QUALIFIED, OPEN
from advisor.judging import AUTHORITY
from advisor.rulepack.model import RulePack, Tool
from advisor.screening.verdicts import (
    MET,
    OBSTACLES,
    SILENT,
    UNMET,
    UNSETTLED,
    reason_column,
    reasons_of,
    verdict_column,
    words_of,
)

STATES: Mapping[int, str] = {MET: "满足", UNSETTLED: "待核实", UNMET: "不满足", SILENT: "不作数"}


def states(words: Iterable[int], leaves: list[str]) -> dict[str, int]:
    """几个整数里各条条件的两位。"""
    found: dict[str, int] = {}
    for word, (_, part) in zip(words, words_of("", leaves), strict=True):
        found.update({leaf: word >> (2 * at) & 3 for at, leaf in enumerate(part)})
    return found


def why(tool: Tool, words: Iterable[int], wanted: int) -> tuple[str, ...]:
    """一个工具的理由里，挡着它的条件（文字）：wanted 为 UNMET 取不利的，UNSETTLED 取待核实的。"""
    found: list[str] = []
    codes = states(words, reasons_of(tool))
    for rule in tool.rules:
        code = codes[rule.leaf]
        if rule.kind == "倾向" or code == SILENT:
            continue
        adverse = MET if rule.kind == "排除" else UNMET
        if code == (adverse if wanted == UNMET else UNSETTLED):
            found.append(rule.text)
    if wanted == UNSETTLED and codes[tool.authority_leaf] == UNSETTLED:
        found.append(f"{AUTHORITY}待核")
    return tuple(found)


def obstacles_of(words: Iterable[int], pack: RulePack, wanted: int = MET) -> tuple[str, ...]:
    """成立（或待核实）的症结。"""
    codes = states(words, list(pack.obstacles))
    return tuple(name for name, code in codes.items() if code == wanted)


def text_columns(frame: pl.DataFrame, pack: RulePack) -> pl.DataFrame:
    """给人看的几列：适用的工具、待核实的工具、症结、情形对得上而不具备条件的为何。"""
    return frame.select(
        _named(pack, APPLIES).alias("适用工具"),
        _named(pack, OPEN).alias("待核实工具"),
        obstacle_texts(frame, pack).alias("成立的症结"),
        unqualified_texts(frame, pack).alias("不具备条件的为何"),
    )


def obstacle_texts(frame: pl.DataFrame, pack: RulePack) -> pl.Series:
    """各行成立的症结，顿号隔开。"""
    columns = [name for name, _ in words_of(OBSTACLES, list(pack.obstacles))]
    return _looked_up(frame.select(columns), lambda words: "、".join(obstacles_of(words, pack)))


def unqualified_texts(frame: pl.DataFrame, pack: RulePack) -> pl.Series:
    """情形对得上、因条件不满足而不能用的工具，各说为何，一个工具一行。"""
    parts: list[pl.Series] = []
    for tool in (tool for tool in pack.tools.values() if tool.coded):
        columns = [name for name, _ in words_of(reason_column(tool.name), reasons_of(tool))]
        texts = _looked_up(frame.select(columns), lambda words, t=tool: f"{t.name}：{'、'.join(why(t, words, UNMET))}")
        here = frame[verdict_column(tool.name)] == NOT_QUALIFIED
        parts.append(texts.zip_with(here, pl.Series([None], dtype=pl.String)).alias(tool.name))
    if not parts:
        return pl.Series([""] * frame.height)
    return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)).to_series()


def _named(pack: RulePack, verdict: str) -> pl.Expr:
    names = [
        pl.when(pl.col(verdict_column(tool.name)) == verdict).then(pl.lit(tool.name))
        for tool in pack.tools.values()
        if tool.coded
    ]
    return pl.concat_str(names, separator="、", ignore_nulls=True)


def _looked_up(words: pl.DataFrame, say: object) -> pl.Series:
    """同样的整数只说一次。"""
    assert callable(say)
    known = words.unique()
    texts = [say(row) for row in known.iter_rows()]
    table = known.with_columns(pl.Series("\0", texts, dtype=pl.String))
    return words.join(table, on=words.columns, how="left", maintain_order="left")["\0"]
