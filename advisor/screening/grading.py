"""亩均评价：照数据里的方案（rules/grading/）打分、分档，排优先名次时用。方案是各地自己的，随包的只是示例。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import polars as pl
from pydantic import Field

from advisor.errors import ExpressionError, InputError, RulePackError
from advisor.expression import Node, parse
from advisor.expression.columnar import SCALE, column_truth
from advisor.locating import grading_schemes
from advisor.rulepack.model import RulePack
from advisor.rulepack.reading import Problems, Source, read_model
from advisor.rulepack.schema import Condition, Entry, YesNo
from advisor.screening.fields import FieldEntry, check_fields, fields_headers, fields_vocabulary
from advisor.screening.headers import Headers, Matched
from advisor.screening.reading import read_columns
from advisor.vocabulary import Kind

GRADE, POINTS, GRADING = "亩均评价", "评价分", "评价说明"
UNGRADED = "数据不够，未评"


class IndicatorEntry(FieldEntry):
    """一项指标：取词表事实或台账里的一列；full 是得满分的值，是否类没有。"""

    weight: float = Field(alias="权重", gt=0)
    full: float | None = Field(None, alias="满分值", gt=0)
    sample: YesNo = Field(False, alias="示例参数")
    source: str = Field("", alias="出处")


class BandEntry(Entry):
    """一档：分数不低于多少；factor 是排优先名次时乘的系数。"""

    name: str = Field(alias="档")
    least: float = Field(alias="不低于")
    factor: float = Field(1.0, alias="优先系数", gt=0)


class VetoEntry(Entry):
    """一票否决：条件成立的直接列这一档。"""

    condition: Condition = Field(alias="条件")
    band: str = Field(alias="档")
    text: str = Field(alias="说明")


class SchemeFile(Entry):
    """rules/grading/ 里一份方案的结构。"""

    name: str = Field(alias="名称")
    sample: YesNo = Field(alias="示例")
    text: str = Field(alias="说明")
    indicators: tuple[IndicatorEntry, ...] = Field(alias="指标", min_length=1)
    least: float = Field(alias="最少权重")
    bands: tuple[BandEntry, ...] = Field(alias="分档", min_length=1)
    note: str = Field("", alias="分档说明")
    vetoes: tuple[VetoEntry, ...] = Field((), alias="一票否决")


@dataclass(frozen=True)
class Scheme:
    """读好的方案；headers 认指标自己的列，tests 是各条一票否决的条件。"""

    file: SchemeFile
    path: Path
    headers: Headers
    tests: tuple[Node, ...]

    @property
    def title(self) -> str:
        """写进结果的名称。"""
        return f"{self.file.name}（示例，不是法规）" if self.file.sample else self.file.name

    def matched(self, titles: Sequence[str]) -> Matched:
        """指标对到台账的哪几列；取词表事实的不在内。"""
        own = {entry.name for entry in self.file.indicators if not entry.same}
        found = self.headers.match(titles)
        return Matched(tuple(column for column in found.columns if column.target in own))

    def grades(self, truths: pl.DataFrame, raw: pl.DataFrame, ids: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """一片各行的档、分与说明，连同指标列里的数据问题；truths 是真值表（含事实），raw 是原样的格子。"""
        own, issues = read_columns(self.matched(raw.columns), self.headers, raw, ids)
        table = pl.DataFrame([_score(entry, truths, own).alias(entry.name) for entry in self.file.indicators])
        weights = {entry.name: entry.weight for entry in self.file.indicators}
        known = reduce(pl.Expr.__add__, (pl.col(n).is_not_null() * w for n, w in weights.items()))
        gained = reduce(pl.Expr.__add__, (pl.col(n).fill_null(0.0) * w for n, w in weights.items()))
        missing = pl.concat_str(
            [pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in weights], separator="、", ignore_nulls=True
        )
        enough = (known >= self.file.least) & (known > 0)
        points = pl.when(enough).then((gained / known).round(2))
        vetoes = [
            truths.select(column_truth(node).fill_null(False)).to_series().alias(f"\0{at}")
            for at, node in enumerate(self.tests)
        ]
        graded = table.select(points.alias(POINTS), missing.alias("\0缺"), *vetoes).select(
            self._band(len(vetoes)).alias(GRADE), POINTS, self._text(len(vetoes)).alias(GRADING)
        )
        return graded, issues

    def factors(self, grades: pl.Series) -> pl.Series:
        """各档排优先名次的系数；未评的不乘。"""
        known = {band.name: band.factor for band in self.file.bands}
        return grades.replace_strict(known, default=1.0, return_dtype=pl.Float64)

    def _band(self, vetoes: int) -> pl.Expr:
        found = pl.lit(UNGRADED)
        for band in sorted(self.file.bands, key=lambda band: band.least):
            found = pl.when(pl.col(POINTS) >= band.least).then(pl.lit(band.name)).otherwise(found)
        for at in reversed(range(vetoes)):
            found = pl.when(pl.col(f"\0{at}")).then(pl.lit(self.file.vetoes[at].band)).otherwise(found)
        return found

    def _text(self, vetoes: int) -> pl.Expr:
        said = [pl.when(pl.col(f"\0{at}")).then(pl.lit(self.file.vetoes[at].text)) for at in range(vetoes)]
        said.append(pl.when(pl.col("\0缺") != "").then(pl.format("缺{}", pl.col("\0缺"))))
        return pl.concat_str(said, separator="；", ignore_nulls=True)


def read_scheme(name: str, rules: Path, pack: RulePack, headers: Headers) -> Scheme:
    """读一份评价方案：规则包里的名称，或一个文件。

    Raises:
        InputError: 没有这份方案。
        RulePackError: 写错键，提到的事实不存在，没有出处的数没有标明是示例参数。
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else rules / "grading" / f"{name}.yaml"
    if not path.is_file():
        raise InputError("--grading", f"没有“{name}”这份评价方案", allowed="、".join(grading_schemes(rules)),
                         fix="从中选一个，或写自己方案的 YAML 文件")  # fmt: skip
    problems = Problems()
    read = read_model(path, rules, SchemeFile, problems)
    if read is None:
        raise RulePackError(problems.found)
    file, source = read
    tests = _checked(file, source, pack, problems)
    if problems.found:
        raise RulePackError(problems.found)
    own = fields_vocabulary(file.indicators, pack.vocabulary)
    return Scheme(file, path, fields_headers(file.indicators, own, headers), tests)


def _checked(file: SchemeFile, source: Source, pack: RulePack, problems: Problems) -> tuple[Node, ...]:
    places = [source.place("指标", at) for at in range(len(file.indicators))]
    check_fields(file.indicators, pack.vocabulary, places, problems)
    for entry, place in zip(file.indicators, places, strict=True):
        kind = pack.vocabulary[entry.same].kind if entry.same in pack.vocabulary else Kind(entry.kind or "数值")
        if (kind is Kind.NUMBER) != (entry.full is not None) or kind not in (Kind.NUMBER, Kind.BOOL):
            problems.add(place, f"“{entry.name}”的满分值与类型不配", "数值写满分值，是否类不写，别的类型不能作指标")
        if not entry.sample and not entry.source:
            problems.add(place, f"“{entry.name}”的数没有出处", "写明出处，或写“示例参数: 是”")
    bands, tests = {band.name for band in file.bands}, list[Node]()
    for at, veto in enumerate(file.vetoes):
        if veto.band not in bands:
            problems.add(source.place("一票否决", at), f"没有“{veto.band}”这一档", "改成分档里的名称")
        try:
            tests.append(parse(veto.condition, {fact.name: fact for fact in pack.vocabulary}))
        except ExpressionError as problem:
            problems.add(source.place("一票否决", at), problem.found, problem.fix)
    return tuple(tests)


def _score(entry: IndicatorEntry, truths: pl.DataFrame, own: pl.DataFrame) -> pl.Series:
    """一项指标各行得 0 至 100 分；不知道的、台账里没有这一列的为空。"""
    if not entry.same and entry.name not in own.columns:
        return pl.Series([None] * truths.height, dtype=pl.Float64)
    value = truths[entry.same] if entry.same else own[entry.name]
    if entry.full is None:
        return value.cast(pl.Float64) * 100
    found: pl.Series = (value / SCALE / entry.full).clip(0, 1) * 100
    return found
