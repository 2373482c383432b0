"""台账里哪些地块站在一份依据上：没有判为不适用的工具里，引用它而作数的条件。口径同案卷。"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from advisor.assess import Advisor
from advisor.inference.network import tool_joint
from advisor.judging import AUTHORITY
from advisor.rulepack.model import RulePack, Tool
from advisor.screening.headers import read_headers
from advisor.screening.reading import read_columns
from advisor.screening.running import Job
from advisor.screening.tables import open_table
from advisor.screening.verdicts import SILENT, code_column


@dataclass(frozen=True)
class RelyingRows:
    """一份台账：共几宗、几宗站在这份依据上，其中各“工具/条件”几宗。"""

    rows: int
    relying: int
    uses: Mapping[str, int]


def relying_rows(
    source: Path, rules: Path, advisor: Advisor, as_of: date, codes: Collection[str], work: Path
) -> Mapping[str, RelyingRows]:
    """依据代码 → 站在它上面的；表头照 rules 的认法，work 放中间结果。

    Raises:
        InputError: 台账读不了。
    """
    headers = read_headers(rules, advisor.pack.vocabulary)
    table = open_table(source, work / "表", headers, {}, "")
    job = Job(advisor, table, headers.match(table.titles), headers, as_of, work / "判", plans=False)
    uses = {code: dict(_uses(code, advisor.pack)) for code in codes}
    counted = {code: dict.fromkeys(found, 0) for code, found in uses.items()}
    relying = dict.fromkeys(codes, 0)
    for start in job.starts:
        facts, _ = read_columns(job.matched, job.headers, job.table.part(start, job.size, job.used))
        truths = job.judge.truths(facts)
        coded = truths.with_columns(job.judge.codes(truths))
        for code, found in uses.items():
            if found:
                marks = coded.select(mark.alias(name) for name, mark in found.items())
                relying[code] += int(marks.select(pl.any_horizontal(pl.all())).to_series().sum())
                for name in found:
                    counted[code][name] += int(marks[name].sum())
    return {
        code: RelyingRows(table.rows, relying[code], {k: n for k, n in counted[code].items() if n}) for code in codes
    }


def _uses(code: str, pack: RulePack) -> Iterator[tuple[str, pl.Expr]]:
    """“工具/条件”与它在一行里用没用到。"""
    for tool in pack.tools.values():
        open_ = pl.col(tool_joint(tool.name)).fill_null(True) if tool.coded else pl.lit(False)
        for rule in tool.rules:
            if any(item.code == code for item in rule.citations):
                yield f"{tool.name}/{rule.id}", open_ & (pl.col(code_column(rule.leaf)) != SILENT)
        if tool.coded and _founded(tool, code):
            yield f"{tool.name}/{AUTHORITY}", open_


def _founded(tool: Tool, code: str) -> bool:
    return any(item.code == code for item in tool.authority)
