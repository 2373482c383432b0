"""回测：用案例再开发之前的事实评估，看真正用过的工具判成什么、排第几、方案里有没有。

不许偷看：先例与组合次数都把本案（含子案）去掉。
多宗地的合集（另有子案的主案）不是一宗地：逐宗评估，工具取它在各宗里最好的判定与名次；
硬当作一宗地来评的数另列，一并给出。
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
    """一个实际所用工具的判定、名次；在哪一宗上看的；没进前几名或不适用的说原因。"""

    tool: str
    verdict: str
    rank: int
    parcel: str
    why: str


class Row(Frozen):
    """一个案例。

    several：主案下另有子案，是多宗地的合集，used 取各宗（含主案自身的共同事实）里最好的。
    lumped：把合集硬当一宗地评时的 used；单宗地的与 used 相同。
    plan_hit：三个方案里有一个含至少两种（只用一种的则一种）实际所用工具；合集看各宗。
    """

    case: str
    title: str
    several: bool
    used: tuple[UsedTool, ...]
    lumped: tuple[UsedTool, ...]
    plan_hit: bool
    lumped_hit: bool


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
    """回测结果：全部案例；其中的单宗地；把合集硬当一宗地时的全部案例。"""

    as_of: str
    rows: tuple[Row, ...]
    total: Totals
    single: Totals
    lumped: Totals
    tools: tuple[ToolTotals, ...]

    @property
    def summary(self) -> str:
        """三行合计。"""
        return f"全部（合集逐宗看）：{self.total}\n其中单宗：{self.single}\n合集当作一宗：{self.lumped}"

    @property
    def misses(self) -> tuple[tuple[str, UsedTool], ...]:
        """没召回或没进前几名的：案例与工具（说明在 why）。"""
        return tuple((row.case, item) for row in self.rows for item in row.used if item.why)


def run_backtest(advisor: Advisor, as_of: date) -> Backtest:
    """逐案回测。"""
    cases = advisor.playbook.cases
    views = {
        case.id: advisor.assess_one(
            Parcel(name=case.file.title, facts=case.facts), as_of, without=frozenset({case.family})
        )
        for case in cases
    }
    rows: list[Row] = []
    for case in cases:
        parts = [part.id for part in cases if part.file.parent == case.id]
        places = [case.id, *parts]
        lumped = tuple(_used(name, case.id, views[case.id]) for name in case.tools)
        hits = [_hit(views[place], set(case.tools)) for place in places]
        rows.append(
            Row(
                case=case.id,
                title=case.file.title,
                several=bool(parts),
                used=tuple(_best([_used(name, place, views[place]) for place in places]) for name in case.tools),
                lumped=lumped,
                plan_hit=any(hits),
                lumped_hit=hits[0],
            )
        )
    single = [row for row in rows if not row.several]
    return Backtest(
        as_of=as_of.isoformat(),
        rows=tuple(rows),
        total=_totals([row.used for row in rows], [row.plan_hit for row in rows]),
        single=_totals([row.used for row in single], [row.plan_hit for row in single]),
        lumped=_totals([row.lumped for row in rows], [row.lumped_hit for row in rows]),
        tools=_by_tool(rows),
    )


def _best(choices: list[UsedTool]) -> UsedTool:
    return min(choices, key=lambda item: (item.verdict == REJECTED, item.rank))


def _totals(tools: list[tuple[UsedTool, ...]], hits: list[bool]) -> Totals:
    used = [item for row in tools for item in row]
    count = max(len(used), 1)
    return Totals(
        cases=len(tools),
        tools=len(used),
        recall=sum(item.verdict != REJECTED for item in used) / count,
        top=sum(item.rank <= TOP for item in used) / count,
        plan=sum(hits) / max(len(hits), 1),
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


def _used(name: str, parcel: str, view: ParcelView) -> UsedTool:
    tool = next(item for item in view.tools if item.id == name)
    return UsedTool(tool=name, verdict=tool.verdict, rank=tool.rank, parcel=parcel, why=_why(tool, view))


def _why(tool: ToolView, view: ParcelView) -> str:
    """没召回：哪条不满足；没进前几名：情形缺哪些事实，或排在谁后面。"""
    if tool.verdict == REJECTED:
        failing = [
            f"{item.kind}“{item.text}”"
            for item in tool.conditions
            if item.kind != "倾向" and item.status == ("满足" if item.kind == "排除" else "不满足")
        ]
        return f"{tool.reason}：" + "；".join(failing)
    if tool.rank <= TOP:
        return ""
    missing = [
        fact
        for item in tool.conditions
        if item.kind == "情形" and item.status == "待核实"
        for fact, value in item.facts.items()
        if value is None
    ]
    if missing:
        return f"第 {tool.rank} 名：案例没写明它的情形（{'、'.join(dict.fromkeys(missing))}）"
    ahead = "、".join(item.id for item in view.tools[:3])
    return f"第 {tool.rank} 名：情形成立，但相近案例里更常用 {ahead} 等"
