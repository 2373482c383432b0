"""两次结果比一比：哪几宗、哪个工具的判定变了，是事实变了还是规则、基准日变了。"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from advisor.errors import InputError
from advisor.rulepack.model import RulePack, Tool
from advisor.screening.headers import ID, NAME
from advisor.screening.verdicts import verdict_column
from advisor.screening.workbook import Book

BEFORE = "·前"
TOOL, FROM, TO, WHY = "工具", "原判定", "现判定", "为何"
RULES_CHANGED = "事实没有变，是规则或基准日变了"
_COLUMNS = [ID, NAME, TOOL, FROM, TO, WHY]


def finished(folder: Path) -> pl.LazyFrame:
    """一次判定的结果：结果目录，或一份结果 Parquet。

    Raises:
        InputError: 那里没有判定结果。
    """
    parts = sorted((folder / "进度").glob("结果-*.parquet"))
    if folder.is_file() and folder.suffix.lower() == ".parquet":
        parts = [folder]
    elif (folder / "结果.parquet").is_file():
        parts = [folder / "结果.parquet"]
    if not parts:
        raise InputError(str(folder), "这里没有上次的判定结果", fix="指到上次 advisor screen --out 的目录")
    return pl.scan_parquet(parts)


def changes(before: pl.LazyFrame, after: pl.LazyFrame, pack: RulePack) -> pl.DataFrame:
    """逐宗逐工具的变化，按编号对；编号重复的只对第一宗。新增的、不见了的也列出。"""
    old = before.unique(ID, keep="first", maintain_order=True)
    new = after.unique(ID, keep="first", maintain_order=True)
    columns = set(old.collect_schema().names()) & set(new.collect_schema().names())
    both = new.join(old, on=ID, how="inner", suffix=BEFORE, maintain_order="left")
    found: list[pl.DataFrame] = []
    for tool in pack.tools.values():
        column = verdict_column(tool.name)
        if column not in columns:
            continue
        was, now = pl.col(f"{column}{BEFORE}").cast(pl.String), pl.col(column).cast(pl.String)
        turned = both.filter(was != now)
        found.append(
            turned.select(ID, NAME, pl.lit(tool.name).alias(TOOL), was.alias(FROM), now.alias(TO), _why(tool, pack, columns))
            .collect()
        )  # fmt: skip
    for here, other, word in ((new, old, "新增"), (old, new, "不见了")):
        only = here.join(other, on=ID, how="anti").select(
            ID, NAME, *(pl.lit("").alias(name) for name in _COLUMNS[2:5]), pl.lit(f"这宗地{word}").alias(WHY)
        )
        found.append(only.collect())
    return pl.concat(found).sort(ID, TOOL)


def tally(changed: pl.DataFrame) -> pl.DataFrame:
    """每个工具由什么变成什么，各几宗。"""
    counted = changed.filter(pl.col(TOOL) != "").group_by(TOOL, FROM, TO).len("宗数")
    return counted.sort("宗数", TOOL, FROM, TO, descending=[True, False, False, False])


def write_changes(path: Path, changed: pl.DataFrame) -> None:
    """变化簿：汇总与明细。"""
    with Book(path) as book:
        book.frame("变化汇总", tally(changed))
        book.frame("变化明细", changed)


def _why(tool: Tool, pack: RulePack, columns: set[str]) -> pl.Expr:
    """这个工具读到的事实（连同由以推得它们的）里变了哪几个；都没变的，看牵动推得的别的事实。"""
    read = {name for rule in tool.rules for name in rule.asks} | pack.register.regions.asked
    for name, rules in reversed(list(pack.consistency.conclusions.items())):
        if name in read:
            read = read.union(*(rule.asks for rule in rules))
    own, others = _changed(pack, columns, read), _changed(pack, columns, pack.consistency.sensitive - read)
    return pl.coalesce(own, others, pl.lit(RULES_CHANGED)).alias(WHY)


def _changed(pack: RulePack, columns: set[str], among: set[str] | frozenset[str]) -> pl.Expr:
    """among 里变了的事实各由什么变成什么；一个都没变为空。"""
    said = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}{BEFORE}"))).then(
            pl.format(f"{name}：{{}} → {{}}", _shown(f"{name}{BEFORE}"), _shown(name))
        )
        for name in pack.vocabulary.names
        if name in among and name in columns
    ]
    if not said:
        return pl.lit(None, dtype=pl.String)
    text = pl.concat_str(said, separator="；", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _shown(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return text.replace({"true": "是", "false": "否"}).fill_null("不清楚")
