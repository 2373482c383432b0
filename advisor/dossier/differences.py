"""两次评估差在哪：哪些工具的判定变了、因为哪条条件或依据，症结、方案变没变。

比的是评估 JSON，不是对象：多年前留存的结果，字段可能与现在的程序不同。
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NONE = "（没有）"
_EXCLUSION = {"满足": "触发排除", "不满足": "未触发", "待核实": "待排查"}
_STATE, _WORDING = "状态", "文字"


@dataclass(frozen=True)
class ConditionChange:
    """一条条件怎么变：what 是新增、删去、状态、文字、判断式、依据之一。"""

    condition: str
    kind: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.what in ("新增", "删去"):
            return f"{self.what}{self.kind}“{self.condition}”（{self.after if self.what == '新增' else self.before}）"
        return f"{self.kind}“{self.condition}”{self.what}：{self.before} → {self.after}"


@dataclass(frozen=True)
class ToolChange:
    """一个工具：前后判定与变了的条件；before 或 after 为空是新增或删去的工具。"""

    tool: str
    before: str
    after: str
    because: tuple[ConditionChange, ...]

    @property
    def verdict_changed(self) -> bool:
        """判定变了没有。"""
        return self.before != self.after


@dataclass(frozen=True)
class Differences:
    """两次评估的全部差别；before、after 是规则包的版本与散列前 12 位。"""

    before: str
    after: str
    facts: tuple[str, ...]
    tools: tuple[ToolChange, ...]
    obstacles: tuple[str, ...]
    plans_before: tuple[str, ...]
    plans_after: tuple[str, ...]

    @property
    def any(self) -> bool:
        """有没有差别。"""
        return bool(self.facts or self.tools or self.obstacles) or self.plans_before != self.plans_after


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """比较两份评估 JSON 里的第一宗地。"""
    old, new = before["parcels"][0], after["parcels"][0]
    return Differences(
        before=_pack(before),
        after=_pack(after),
        facts=tuple(_facts(old["facts"], new["facts"])),
        tools=tuple(_tools(_keyed(old["tools"]), _keyed(new["tools"]))),
        obstacles=tuple(_obstacles(_keyed(old["obstacles"]), _keyed(new["obstacles"]))),
        plans_before=_plans(old),
        plans_after=_plans(new),
    )


def _pack(assessment: Mapping[str, Any]) -> str:
    pack = assessment["rule_pack"]
    return f"{pack['version']}（{pack['sha256'][:12]}）"


def _keyed(items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(item["id"]): item for item in items}


def _facts(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"“{name}”（{_value(old[name])}）不再参与判定"
        elif name not in old:
            yield f"“{name}”（{_value(new[name])}）新参与判定"
        elif old[name] != new[name]:
            yield f"“{name}”：{_value(old[name])} → {_value(new[name])}"


def _value(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def _tools(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[ToolChange]:
    for name in dict.fromkeys((*old, *new)):
        before, after = (_verdict(side[name]) if name in side else "" for side in (old, new))
        both = name in old and name in new
        because = tuple(_conditions(_rules(old[name]), _rules(new[name]))) if both else ()
        if before != after or because:
            yield ToolChange(name, before, after, because)


def _verdict(tool: Mapping[str, Any]) -> str:
    return f"{tool['verdict']}·{tool['reason']}" if tool.get("reason") else str(tool["verdict"])


def _rules(tool: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """全部条件，不作数的也在内，状态写作“不作数”。"""
    silent = {str(item["id"]): {**item, "status": f"不作数：{item['why']}"} for item in tool.get("silent", ())}
    return {**_keyed(tool["conditions"]), **silent}


def _conditions(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[ConditionChange]:
    changes: list[ConditionChange] = []
    for rule in dict.fromkeys((*old, *new)):
        changes += _condition(old.get(rule), new.get(rule))
    return iter(sorted(changes, key=lambda change: change.what not in ("新增", "删去", _STATE)))


def _condition(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[ConditionChange]:
    if old is None or new is None:
        item = new if new is not None else old
        assert item is not None
        state = _state(item)
        what, before, after = ("新增", "", state) if old is None else ("删去", state, "")
        yield ConditionChange(str(item["text"]), str(item["kind"]), what, before, after)
        return
    pairs = (
        (_STATE, _state(old), _state(new)),
        (_WORDING, str(old["text"]), str(new["text"])),
        ("判断式", str(old.get("meaning", "")), str(new.get("meaning", ""))),
        ("依据", _bases(old), _bases(new)),
    )
    for what, before, after in pairs:
        if before != after and before and after:
            yield ConditionChange(str(new["text"]), str(new["kind"]), what, before, after)


def _state(item: Mapping[str, Any]) -> str:
    status = str(item["status"])
    return _EXCLUSION.get(status, status) if item["kind"] == "排除" else status


def _bases(item: Mapping[str, Any]) -> str:
    """依据的写法：文字里没有带出的时效、地域也写上。"""
    lines = [f"{basis['text']}（{basis['status']}，{basis['in_region']}）" for basis in item.get("basis", ())]
    return "；".join(lines) or _NONE


def _obstacles(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        before, after = (str(side[name]["status"]) if name in side else "不成立" for side in (old, new))
        if before != after:
            yield f"{name}：{before} → {after}"


def _plans(parcel: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(" → ".join(plan["steps"]) for plan in parcel["plans"])
