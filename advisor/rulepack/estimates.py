"""测算的数据：estimates/*.yaml 的结构，与装配好的领域对象。公式、依据、税率都在数据里。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import Field

from advisor.dimension import Unit, Units
from advisor.expression import Node
from advisor.expression.evaluate import Compiled
from advisor.policy import Citation
from advisor.rulepack.schema import Citations, Condition, Entry, Names, RegionNames, ToolNames, YesNo

InputKind = Literal["数", "逐年", "日期"]
Direction = Literal["收入", "成本", "税费"]


class InputEntry(Entry):
    """一个测算输入：词表之外、由评估报告或方案给出的数。"""

    name: str = Field(alias="名称")
    kind: InputKind = Field("数", alias="类型")
    unit: str = Field("", alias="单位")
    negative: YesNo = Field(False, alias="可为负")
    band: tuple[Decimal, Decimal] | None = Field(None, alias="法定幅度")
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")
    source: str = Field(alias="来自")
    department: str = Field("", alias="部门")


class LineEntry(Entry):
    """一行算式：公式、任一、取大、取小、核对 五样写一样。"""

    name: str = Field(alias="名称")
    unit: str = Field("", alias="单位")
    formula: str = Field("", alias="公式")
    either: Names = Field((), alias="任一")
    largest: Names = Field((), alias="取大")
    smallest: Names = Field((), alias="取小")
    check: str = Field("", alias="核对")
    text: str = Field("", alias="说明")


class FlowRowEntry(Entry):
    """现金流的一个行目，逐年算。"""

    name: str = Field(alias="名称")
    direction: Direction = Field(alias="方向")
    formula: str = Field(alias="公式")


class EstimateEntry(Entry):
    """一项测算；写“行目”的是逐年现金流，写“式”的是逐行算式。"""

    name: str = Field(alias="名称")
    premise: Condition = Field("", alias="前提")
    regions: RegionNames = Field((), alias="地域")
    citations: Citations = Field(alias="依据")
    tools: ToolNames = Field((), alias="工具")
    lines: tuple[LineEntry, ...] = Field((), alias="式")
    rows: tuple[FlowRowEntry, ...] = Field((), alias="行目")
    unit: str = Field("万元", alias="单位")
    rate: str = Field("", alias="折现率")
    date: str = Field("", alias="期日")
    standing: Names = Field((), alias="固定提示")
    reminders: Names = Field((), alias="提示")
    text: str = Field(alias="说明")


class EstimatesFile(Entry):
    """estimates/*.yaml；三样都可以不写，各文件合在一起。"""

    standing: dict[str, str] = Field({}, alias="固定提示")
    inputs: tuple[InputEntry, ...] = Field((), alias="输入")
    estimates: tuple[EstimateEntry, ...] = Field((), alias="测算")


@dataclass(frozen=True)
class EstimateInput:
    """一个测算输入。band 是法定幅度（以本单位计），没有填时按它算并写明；alike 是可以换着写的单位。"""

    name: str
    kind: InputKind
    unit: Unit
    alike: tuple[str, ...]
    negative: bool
    band: tuple[Fraction, Fraction] | None
    citations: tuple[Citation, ...]
    text: str
    source: str
    department: str


@dataclass(frozen=True)
class Line:
    """一行算式。form 为“核对”时 parts 是左右两边，op 是比较符；“公式”只有一个 part。"""

    name: str
    form: Literal["公式", "任一", "取大", "取小", "核对"]
    unit: Unit
    parts: tuple[Node, ...]
    op: str = ""
    text: str = ""


@dataclass(frozen=True)
class FlowRow:
    """现金流的一个行目。"""

    name: str
    direction: Direction
    formula: Node


@dataclass(frozen=True)
class Estimate:
    """一项测算。lines 依次算，最后一个不是核对的行是结果；rows 不空的是现金流，unit 是其单位。"""

    name: str
    premise: Compiled | None = field(compare=False, repr=False)
    asks: tuple[str, ...]
    regions: tuple[str, ...]
    citations: tuple[Citation, ...]
    tools: tuple[str, ...]
    lines: tuple[Line, ...]
    rows: tuple[FlowRow, ...]
    unit: Unit
    rate: str
    date: str
    reminders: tuple[str, ...]
    text: str

    @property
    def result(self) -> str:
        """结果行的名称；只有核对的测算没有结果行，为空。"""
        return next((line.name for line in reversed(self.lines) if line.form != "核对"), "")


@dataclass(frozen=True)
class EstimateBook:
    """全部测算与输入，按书写次序；units 是算式、输入里可以写的单位。"""

    inputs: Mapping[str, EstimateInput] = field(default_factory=dict)
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    units: Units = field(default_factory=Units, compare=False, repr=False)
