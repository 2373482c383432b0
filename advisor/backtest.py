"""回测：用案例再开发之前的事实评估，看真正用过的工具判成什么、排第几、方案里有没有。

不许偷看：先例与组合次数都把本案（含子案）去掉。
"""

from __future__ import annotations

from datetime import date

from advisor.assess import Advisor
from advisor.assessment import ParcelView, ToolView
from advisor.evaluation import REJECTED
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
    """一个案例。plan_hit：三个方案里有一个含至少两种（只用一种的则一种）实际所用工具。"""

    case: str
    title: str
    used: tuple[UsedTool, ...]
    plan_hit: bool


class Backtest(Frozen):
    """回测结果；三个比率都在 0 到 1 之间。"""

    as_of: str
    rows: tuple[Row, ...]
    recall: float
    top: float
    plan: float

    @property
    def summary(self) -> str:
        """一行合计。"""
        tools = sum(len(row.used) for row in self.rows)
        return (
            f"案例 {len(self.rows)}，工具 {tools}：未判不适用 {self.recall:.1%}，"
            f"排在前 {TOP} {self.top:.1%}，方案命中 {self.plan:.1%}"
        )


def run_backtest(advisor: Advisor, as_of: date) -> Backtest:
    """逐案回测。"""
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
        rows.append(Row(case=case.id, title=case.file.title, used=used, plan_hit=_hit(view, set(case.tools))))
    flat = [item for row in rows for item in row.used]
    count = max(len(flat), 1)
    return Backtest(
        as_of=as_of.isoformat(),
        rows=tuple(rows),
        recall=sum(item.verdict != REJECTED for item in flat) / count,
        top=sum(item.rank <= TOP for item in flat) / count,
        plan=sum(row.plan_hit for row in rows) / max(len(rows), 1),
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
