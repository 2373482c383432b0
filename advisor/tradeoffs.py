"""方案之间的取舍：与下一个方案比，各自独有的工具在价款、时间、须批层级、风险上差在哪里。内容取自手册。"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.planning import Plan
from advisor.playbook import Playbook


def tradeoff(plan: Plan, other: Plan | None, playbook: Playbook) -> str:
    """本方案与另一方案的比较；没有另一方案时只说本方案。"""
    if other is None:
        return "本方案：" + _said(plan.steps, playbook)
    ours = [name for name in plan.steps if name not in other.steps]
    theirs = [name for name in other.steps if name not in plan.steps]
    parts = [
        f"本方案独有：{_said(ours, playbook)}" if ours else "",
        f"对方独有：{_said(theirs, playbook)}" if theirs else "",
    ]
    only_ours = [name for name in plan.resolves if name not in other.resolves]
    only_theirs = [name for name in other.resolves if name not in plan.resolves]
    if only_ours:
        parts.append(f"本方案多解决{'、'.join(only_ours)}")
    if only_theirs:
        parts.append(f"对方多解决{'、'.join(only_theirs)}")
    parts.append(f"还开着的条件：本方案{len(plan.open)}条，对方{len(other.open)}条")
    return "；".join(part for part in parts if part)


def _said(names: Sequence[str], playbook: Playbook) -> str:
    return "；".join(_tool(name, playbook) for name in names)


def _tool(name: str, playbook: Playbook) -> str:
    book = playbook.tool(name)
    if book is None:
        return name
    points = [f"时间{book.duration}" if book.duration else "时间视情况", f"批准：{book.approver}"]
    price = next((cost for cost in book.costs if cost.kind == "价款"), None)
    if price:
        points.append(f"价款：{price.text.rstrip('。')}")
    if book.risks:
        points.append(f"风险：{book.risks[0].risk.rstrip('。')}")
    return f"{name}（{'，'.join(points)}）"
