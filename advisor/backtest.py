"""回测：用案例再开发之前的事实评估，看真正用过的工具判成什么、排第几、方案里有没有。

不许偷看：先例与组合次数都把本案（含子案）去掉。
"""

from __future__ import annotations

from datetime import date

from advisor.assess import Advisor
from advisor.assessment import ParcelView, ToolView
from advisor.evaluation import APPLIES, OPEN, REJECTED
from advisor.parcel import Parcel
from advisor.vocabulary import Frozen

TOP = 8


class UsedTool(Frozen):
    """一个实际所用工具的判定、名次与（不适用时的）原因。"""

    tool: str
    verdict: str
    rank: int
    why: str


class Row(Frozen):
    """一个案例。

    several：主案下另有子案，是多宗地的合集，不是一宗地。
    plan_hit：三个方案里有一个含至少两种（只用一种的则一种）实际所用工具。
    """

    case: str
    title: str
    several: bool
    used: tuple[UsedTool, ...]
    plan_hit: bool


class Totals(Frozen):
    """一组案例的合计；比率都在 0 到 1 之间。"""

    cases: int
    tools: int
    recall: float
    top: float
    plan: float

    def __str__(self) -> str:
        return (
            f"案例 {self.cases}，工具 {self.tools}：未判不适用 {self.recall:.1%}，"
            f"排在前 {TOP} {self.top:.1%}，方案命中 {self.plan:.1%}"
        )


class ToolTotals(Frozen):
    """一个工具的合计。"""

    tool: str
    used: int
    applies: int
    open: int
    rejected: int
    top: int


class Backtest(Frozen):
    """回测结果：全部案例，与其中的单宗地（多宗合集的主案另由子案逐宗检验）。"""

    as_of: str
    rows: tuple[Row, ...]
    total: Totals
    single: Totals
    tools: tuple[ToolTotals, ...]

    @property
    def summary(self) -> str:
        """两行合计。"""
        return f"全部：{self.total}\n单宗：{self.single}"


def run_backtest(advisor: Advisor, as_of: date) -> Backtest:
    """逐案回测。"""
    parents = {case.file.parent for case in advisor.playbook.cases}
    rows: list[Row] = []
    for case in advisor.playbook.cases:
        view = advisor.assess_one(
            Parcel(name=case.file.title, facts=case.facts), as_of, without=frozenset({case.family})
        )
        table = {tool.id: tool for tool in view.tools}
        used = tuple(
            UsedTool(tool=name, verdict=table[name].verdict, rank=table[name].rank, why=_why(table[name]))
            for name in case.tools
        )
        hit = _hit(view, set(case.tools))
        rows.append(Row(case=case.id, title=case.file.title, several=case.id in parents, used=used, plan_hit=hit))
    return Backtest(
        as_of=as_of.isoformat(),
        rows=tuple(rows),
        total=_totals(rows),
        single=_totals([row for row in rows if not row.several]),
        tools=_by_tool(rows),
    )


def _totals(rows: list[Row]) -> Totals:
    used = [item for row in rows for item in row.used]
    count = max(len(used), 1)
    return Totals(
        cases=len(rows),
        tools=len(used),
        recall=sum(item.verdict != REJECTED for item in used) / count,
        top=sum(item.rank <= TOP for item in used) / count,
        plan=sum(row.plan_hit for row in rows) / max(len(rows), 1),
    )


def _by_tool(rows: list[Row]) -> tuple[ToolTotals, ...]:
    table: dict[str, list[UsedTool]] = {}
    for row in rows:
        for item in row.used:
            table.setdefault(item.tool, []).append(item)
    return tuple(
        ToolTotals(
            tool=name,
            used=len(items),
            applies=sum(item.verdict == APPLIES for item in items),
            open=sum(item.verdict == OPEN for item in items),
            rejected=sum(item.verdict == REJECTED for item in items),
            top=sum(item.rank <= TOP for item in items),
        )
        for name, items in sorted(table.items())
    )


def _hit(view: ParcelView, used: set[str]) -> bool:
    enough = min(2, len(used))
    return any(len(set(plan.steps) & used) >= enough for plan in view.plans)


def _why(tool: ToolView) -> str:
    if tool.verdict != REJECTED:
        return ""
    failing = [
        f"{item.kind}“{item.text}”"
        for item in tool.conditions
        if item.kind != "倾向" and item.status == ("满足" if item.kind == "排除" else "不满足")
    ]
    return f"{tool.reason}：" + "；".join(failing)
