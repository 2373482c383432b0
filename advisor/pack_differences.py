"""两版规则包差在哪，用话说：事实、依据、地域、推导、闸门、症结、工具、关系、期限，各加了、删了、改了什么。"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from advisor.expression import describe
from advisor.policy import CONFIDENCE_TEXT, Citation, Policy, Region
from advisor.quantity import text
from advisor.rulepack.model import Clock, Derived, Relation, Rule, RulePack, Tool
from advisor.vocabulary import Fact

ADDED, REMOVED = "新增", "删去"
_NONE = "没有写"
Item = TypeVar("Item")
Told = Mapping[str, str]


@dataclass(frozen=True)
class PackChange:
    """一处差别：subject 是哪一样；what 是新增、删去或改了的一项，before、after 是那一项前后的写法。"""

    subject: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.what == ADDED:
            return f"{ADDED}{self.subject}：{self.after}"
        if self.what == REMOVED:
            return f"{REMOVED}{self.subject}（原为 {self.before}）"
        return f"{self.subject}的{self.what}：{self.before or _NONE} → {self.after or _NONE}"


def pack_differences(before: RulePack, after: RulePack) -> tuple[PackChange, ...]:
    """后一版比前一版改了什么，由依据、事实到工具、关系。"""
    return (
        *_compared("依据", _policies(before), _policies(after), _policy),
        *_compared("地域", _regions(before), _regions(after), _region),
        *_compared("事实", _facts(before), _facts(after), _fact),
        *_compared("推导事实", before.derived, after.derived, _derived),
        *_compared("闸门", before.gates, after.gates, _rule),
        *_compared("症结", before.obstacles, after.obstacles, _rule),
        *_tools(before, after),
        *_compared("关系", _relations(before), _relations(after), _relation),
        *_compared("期限", _clocks(before), _clocks(after), _clock),
    )


def changed_files(before: Path, after: Path) -> tuple[str, ...]:
    """内容不同的文件，连同只在一边有的；用来核对逐条的差别有没有说全。"""
    old, new = _digests(before), _digests(after)
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in root.rglob("*.yaml")
    }


def _compared(
    label: str, before: Mapping[str, Item], after: Mapping[str, Item], tell: Callable[[Item], Told]
) -> Iterator[PackChange]:
    """逐样比：tell 把一样东西拆成“项 → 写法”。"""
    for name in dict.fromkeys((*before, *after)):
        subject = f"{label}“{name}”"
        if name not in before:
            yield PackChange(subject, ADDED, "", _summary(tell(after[name])))
        elif name not in after:
            yield PackChange(subject, REMOVED, _summary(tell(before[name])), "")
        else:
            old, new = tell(before[name]), tell(after[name])
            for key in dict.fromkeys((*old, *new)):
                if old.get(key, "") != new.get(key, ""):
                    yield PackChange(subject, key, old.get(key, ""), new.get(key, ""))


def _summary(told: Told) -> str:
    return "；".join(f"{key} {value}" for key, value in told.items() if value) or _NONE


def _tools(before: RulePack, after: RulePack) -> Iterator[PackChange]:
    yield from _compared("工具", before.tools, after.tools, _tool)
    for name in after.tools:
        if name in before.tools:
            yield from _compared(f"工具“{name}”的条件", _own(before.tools[name]), _own(after.tools[name]), _rule)


def _own(tool: Tool) -> dict[str, Rule]:
    """自有的条件；闸门、症结另比。"""
    return {rule.id: rule for rule in tool.rules if rule.leaf == f"{tool.name}/{rule.id}"}


def _tool(tool: Tool) -> Told:
    shared = [rule.id for rule in tool.rules if rule.leaf != f"{tool.name}/{rule.id}"]
    return {
        "类别": tool.category,
        "定义": tool.definition,
        "规则": "已编" if tool.coded else "未编",
        "解决的症结": "、".join(tool.resolves),
        "范围": tool.extent,
        "角色": tool.role,
        "依据": _citations(tool.authority),
        "闸门与症结": "、".join(shared),
        "替代": "；".join(item.how for item in tool.alternatives),
        "提示": "；".join(tool.cautions),
    }


def _rule(rule: Rule) -> Told:
    return {
        "性质": rule.kind,
        "判断式": rule.meaning,
        "地域": "、".join(rule.regions),
        "依据": _citations(rule.citations),
        "说明": rule.text,
        "解锁": rule.remedy,
        "分母": rule.denominator,
    }


def _policies(pack: RulePack) -> dict[str, Policy]:
    return {code: pack.register[code] for code in pack.register.codes}


def _policy(policy: Policy) -> Told:
    return {
        "名称": policy.title,
        "文号": policy.number,
        "层级": policy.level,
        "地域": policy.region,
        "生效": _day(policy.effective),
        "失效": _day(policy.expires),
        "试行": "是" if policy.trial else "",
        "时效": policy.standing,
        "被替代": "、".join(policy.superseded_by),
        "置信": CONFIDENCE_TEXT[policy.confidence],
        "要点": policy.gist,
        **{f"第 {item.number} 条": f"{item.gist}（{CONFIDENCE_TEXT[item.confidence]}）" for item in policy.articles},
    }


def _regions(pack: RulePack) -> dict[str, Region]:
    return {name: pack.register.regions[name] for name in pack.register.regions.names}


def _region(region: Region) -> Told:
    return {
        "上级": region.parent,
        "条件": describe(region.base) if region.base is not None else "",
        "说明": region.text,
    }


def _facts(pack: RulePack) -> dict[str, Fact]:
    return {fact.name: fact for fact in pack.vocabulary}


def _fact(fact: Fact) -> Told:
    low, high = (text(value) if value is not None else "" for value in (fact.minimum, fact.maximum))
    return {
        "类型": fact.kind.value,
        "选项": "、".join(fact.options),
        "单位": fact.unit,
        "最小": low,
        "最大": high,
        "问法": fact.question,
        "可变": "办理" if fact.actionable else "固定",
    }


def _derived(derived: Derived) -> Told:
    return {
        "公式": describe(derived.node),
        "单位": derived.fact.unit,
        "依据": _citations(derived.citations),
        "说明": derived.text,
    }


def _relations(pack: RulePack) -> dict[str, Relation]:
    return {relation.id: relation for relation in pack.relations}


def _relation(relation: Relation) -> Told:
    return {
        "类型": relation.kind,
        "工具": "、".join(relation.tools),
        "须先": "、".join(relation.first),
        "引出": "、".join(relation.then),
        "前提": describe(relation.base) if relation.base is not None else "",
        "除非同用": "、".join(relation.unless),
        "依据": _citations(relation.citations),
        "说明": relation.text,
    }


def _clocks(pack: RulePack) -> dict[str, Clock]:
    return {clock.id: clock for clock in pack.clocks.clocks}


def _clock(clock: Clock) -> Told:
    period = clock.period.text if clock.period else "当天"
    return {
        "类别": clock.kind,
        "起算": clock.start,
        "期间": f"往前 {period}" if clock.backwards else period,
        "前提": describe(clock.node) if clock.node is not None else "",
        "地域": "、".join(clock.regions),
        "依据": _citations(clock.citations),
        "说明": clock.text,
        "该办": clock.duty,
        "谁办": clock.actor,
    }


def _citations(citations: tuple[Citation, ...]) -> str:
    return "、".join(
        f"{item.label}（{CONFIDENCE_TEXT[item.confidence]}）" if item.confidence else item.label for item in citations
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
