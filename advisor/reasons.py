"""一个工具为什么这样判、怎么解，写给人看；终端与网页同一个说法。"""

from __future__ import annotations

from advisor.assessment import ConditionView, ParcelView, ToolView
from advisor.evaluation import APPLIES, NO_OCCASION, OPEN


def why(tool: ToolView, everything: bool = False) -> str:
    """一个工具的判定理由与解锁办法，几行文字。"""
    if (
        not everything
        and tool.verdict == OPEN
        and any(i.kind == "情形" and i.status == "待核实" for i in tool.conditions)
    ):
        return _undecided(tool)
    lines: list[str] = []
    if tool.note:
        lines.append(tool.note)
    for condition in tool.conditions:
        if everything or blocking(condition):
            basis = condition.basis[0].text if condition.basis else ""
            notes = f"（{'；'.join(condition.notes)}）" if condition.notes else ""
            lines.append(f"{status_text(condition)}：{condition.text}{notes}{basis}")
    if everything:
        lines += [f"不作数 {item.text}：{item.why}" for item in tool.silent]
    if tool.verdict == APPLIES and not lines:
        lines.append("条件齐备" + (f"；可解决：{'、'.join(tool.resolves)}" if tool.resolves else ""))
    lines += [f"→{item.how}" for item in tool.unlock[:2]]
    return "\n".join(lines)


def _undecided(tool: ToolView) -> str:
    """是不是这种局面还没定：只说缺什么，不逐条铺开。"""
    missing: dict[str, None] = {}
    for condition in tool.conditions:
        if condition.kind == "情形" and condition.status == "待核实":
            missing.update((name, None) for name, value in condition.facts.items() if value is None)
    return f"是不是这种局面还没定，先弄清：{'、'.join(missing)}"


def blocking(condition: ConditionView) -> bool:
    """挡着“适用”的条件。"""
    if condition.kind == "倾向":
        return False
    return condition.status != ("不满足" if condition.kind == "排除" else "满足")


def status_text(condition: ConditionView) -> str:
    """排除类说“触发/未触发”，免得把“满足”误会成好事。"""
    if condition.kind == "排除":
        return {"满足": "触发排除", "不满足": "未触发", "待核实": "待排查"}[condition.status]
    return condition.status


def planless(parcel: ParcelView) -> str:
    """拼不出方案的，下一步做什么：有工具待核实的先补事实；一个工具的情形都没有的，补事实也没有用。"""
    if all(tool.reason == NO_OCCASION for tool in parcel.tools):
        return (
            "没有一个工具有它的情形：照已填的事实，没有人要动这块地。先核对填得对不对；"
            "谈出权利人的意愿，办了低效、闲置的认定，或列入收储、征收以后，再评估一次。"
        )
    return "还拼不出方案：先补要先核实的事实。"
