"""一个工具里各地的数量门槛：谁管哪里，哪里漏了。"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.rulecheck.finding import WARNING, Finding
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.vocabulary import Kind


def regions_of(pack: RulePack, rule: Rule) -> tuple[str, ...]:
    """一条条件在哪些地域作数：写明的，没有写的看依据；都没有的是全国。"""
    nationwide = pack.register.regions.names[0]
    based = dict.fromkeys(pack.register[item.code].region for item in rule.citations)
    return rule.regions or tuple(based) or (nationwide,)


def thresholds(pack: RulePack, tool: Tool) -> dict[tuple[str, frozenset[str]], list[Rule]]:
    """工具自己的要件、排除里管数的，按性质与所读的数归在一起。"""
    found: dict[tuple[str, frozenset[str]], list[Rule]] = {}
    for rule in tool.rules:
        numbers = frozenset(name for name in rule.asks if pack.vocabulary[name].kind is Kind.NUMBER)
        if numbers and rule.kind in ("要件", "排除") and rule.leaf == f"{tool.name}/{rule.id}":
            found.setdefault((rule.kind, numbers), []).append(rule)
    return found


def regional_gaps(pack: RulePack) -> Iterator[Finding]:
    """别处各写了门槛，一地只有设立依据、没有写自己的门槛。"""
    regions = pack.register.regions
    nationwide = regions.names[0]
    for tool in pack.tools.values():
        found = {
            name: rule
            for rules in thresholds(pack, tool).values()
            for rule in rules
            for name in regions_of(pack, rule)
            if name != nationwide
        }
        if not found:
            continue
        local = dict.fromkeys(pack.register[item.code].region for item in tool.authority)
        for name in local:
            if name != nationwide and not any(
                name in regions.chain(item) or item in regions.chain(name) for item in found
            ):
                yield Finding(
                    severity=WARNING,
                    place=tool.place,
                    text=f"工具“{tool.name}”在{name}有设立依据，却没有写{name}的门槛；写了门槛的是{'、'.join(found)}",
                    fix="核当地文件有没有门槛，有的写上；确实没有的可以不改",
                )
