"""测算的展示模型：冻结，字段即对外 JSON 的字段。"""

from __future__ import annotations

from typing import Literal

from advisor.assessment import BasisView
from advisor.truth import Status
from advisor.vocabulary import Frozen

Relevance = Literal["适用", "待核实", "不适用"]
Outcome = Literal["已算出", "部分算出", "缺输入", "不可算"]


class ValueView(Frozen):
    """一个数或区间（两端相同即一个数）；tight 为否时是外包区间，真实范围不超出它。"""

    low: int | float
    high: int | float
    unit: str
    text: str
    tight: bool = True


class UsedView(Frozen):
    """用到的一个事实或输入：取值、从哪来；assumed 为真的是没有填、按法定幅度算的。"""

    name: str
    kind: Literal["事实", "推导事实", "测算输入"]
    text: str
    source: str
    assumed: bool = False


class MissingView(Frozen):
    """缺的一个事实或输入：单位、哪份材料能给、写到事实文件的哪一节。"""

    name: str
    kind: Literal["事实", "测算输入"]
    unit: str
    source: str
    instead: str = ""


class LineView(Frozen):
    """一行算式：中文公式、代入数、结果。核对行的结果在 status。"""

    name: str
    formula: str
    substituted: str
    value: ValueView | None
    status: Status | None = None
    missing: tuple[str, ...] = ()
    problem: str = ""
    text: str = ""


class FlowRowView(Frozen):
    """现金流的一行；缺的年份为空，不是零。"""

    name: str
    direction: str
    cells: tuple[ValueView | None, ...]


class FlowView(Frozen):
    """逐年现金流表。"""

    years: tuple[int, ...]
    rows: tuple[FlowRowView, ...]


class EstimateView(Frozen):
    """一项测算。result 是结果行的值；缺什么逐项列在 missing；notes 是要让人看见的提醒。"""

    name: str
    text: str
    relevance: Relevance
    why: str
    outcome: Outcome
    result: ValueView | None
    lines: tuple[LineView, ...]
    used: tuple[UsedView, ...]
    missing: tuple[MissingView, ...]
    valuation_date: str
    basis: tuple[BasisView, ...]
    tools: tuple[str, ...]
    notes: tuple[str, ...]
    reminders: tuple[str, ...]
    flow: FlowView | None = None
