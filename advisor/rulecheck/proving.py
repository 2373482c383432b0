"""求解校对：逐条证明或举出例子。要装 advisor[solver]。"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import z3

from advisor.rulecheck.finding import ERROR, WARNING, Finding
from advisor.rulecheck.regional import regions_of, thresholds
from advisor.rulecheck.solving import SolvedPack, Undecided
from advisor.rulepack.model import Relation, Rule, RulePack, Tool


def prove(pack: RulePack, as_of: date) -> list[Finding]:
    """求解得出的毛病；重的在前。求解器答不出的不报。"""
    solved = SolvedPack(pack, as_of)
    found = [*_reach(solved), *_tools(solved), *_relations(solved), *_obstacles(solved), *_overlaps(solved)]
    return sorted(found, key=lambda item: (item.severity != ERROR, item.place, item.text))


def _reach(solved: SolvedPack) -> Iterator[Finding]:
    """单看填法说得过去，合上事实之间的道理就永不（恒）成立的条件。"""
    for rule in solved.pack.all_rules():
        truth = solved.symbols.truth(rule.base)
        for claim, word in ((truth.true, "都不成立"), (truth.false, "都成立")):
            if solved.impossible(claim):
                other = truth.false if claim is truth.true else truth.true
                yield Finding(
                    severity=ERROR,
                    place=rule.place,
                    text=f"条件“{rule.id}”只要事实说得通，怎么填{word}",
                    fix="核对表达式，再核对它用到的推导与 consistency.yaml",
                    example=solved.example(other, names=rule.asks),
                )


def _tools(solved: SolvedPack) -> Iterator[Finding]:
    for tool in solved.pack.tools.values():
        if not tool.coded:
            continue
        if solved.impossible(solved.applies(tool)):
            yield _never(solved, tool)
            continue
        for rule in tool.rules:
            if rule.kind in ("要件", "排除"):
                yield from _redundant(solved, tool, rule)


def _never(solved: SolvedPack, tool: Tool) -> Finding:
    """永远不能适用：差在依据的只提醒，差在条件的是错误。"""
    conditions = solved.applies(tool, authority=False)
    if not solved.impossible(conditions):
        return Finding(
            severity=WARNING,
            place=tool.place,
            text=f"工具“{tool.name}”没有一处依据是现行且核实过的，再怎么填至多待核实",
            fix="核对原文后在登记册里改时效、置信",
            example=solved.example(conditions, names=solved.asks(tool)),
        )
    against = [rule.id for rule in tool.rules if not solved.impossible(solved.applies(tool, rule, authority=False))]
    hint = (
        f"去掉{'、'.join(f'“{name}”' for name in against)}中的一条就可以，从这几条核对起" if against else "逐条核对条件"
    )
    without = next((rule for rule in tool.rules if rule.id in against), None)
    return Finding(
        severity=ERROR,
        place=tool.place,
        text=f"工具“{tool.name}”的条件合在一起永远不能成立，怎么填都判不成适用",
        fix=hint,
        example=solved.example(solved.applies(tool, without, authority=False), names=solved.asks(tool))
        if without
        else "",
    )


def _redundant(solved: SolvedPack, tool: Tool, rule: Rule) -> Iterator[Finding]:
    """其余条件都合时，这一条从来不起作用；怎么填都过得去的另报。"""
    status = solved.status(rule)
    passed = status.false if rule.kind == "排除" else status.true
    failing = z3.Not(passed)
    if not solved.impossible(failing) and solved.impossible(solved.applies(tool, rule), failing):
        yield Finding(
            severity=WARNING,
            place=rule.place,
            text=f"工具“{tool.name}”的{rule.kind}“{rule.id}”是多余的：它过不去的地块，别的条件已经过不去了",
            fix="有意留着说明理由的可以不改；否则删去，或核对是不是写宽了",
            example=solved.example(failing, names=rule.asks),
        )


def _overlaps(solved: SolvedPack) -> Iterator[Finding]:
    """一个工具里，上级地域与下级地域各写了同一项数的门槛：在下级两条都作数，一处合、一处不合。"""
    regions = solved.pack.register.regions
    for tool in solved.pack.tools.values():
        for (kind, _), rules in thresholds(solved.pack, tool).items():
            for one, other in itertools.permutations(rules, 2):
                upper, lower = regions_of(solved.pack, one), regions_of(solved.pack, other)
                shared = [name for name in lower if set(regions.chain(name)[:-1]) & set(upper)]
                if not shared:
                    continue
                here = z3.Or([solved.covers(name).true for name in shared])
                differ = solved.symbols.truth(one.base).true != solved.symbols.truth(other.base).true
                if example := solved.example(here, differ, names=(*one.asks, *other.asks)):
                    both = f"“{one.id}”（{'、'.join(upper)}）与“{other.id}”（{'、'.join(lower)}）"
                    yield Finding(
                        severity=WARNING,
                        place=other.place,
                        text=f"工具“{tool.name}”的{kind}{both}管同一项数，在{'、'.join(shared)}两条都作数，门槛却不同",
                        fix="下级另有规定的，上级那条的地域写清不含它；两条都要合的可以不改",
                        example=example,
                    )


def _relations(solved: SolvedPack) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    for relation in solved.pack.relations:
        premise = solved.symbols.truth(relation.base).true if relation.base is not None else z3.BoolVal(True)
        if solved.impossible(premise):
            yield Finding(
                severity=ERROR,
                place=relation.place,
                text=f"{relation.kind}关系“{relation.id}”的前提怎么填都不成立，永远用不上",
                fix="核对前提的写法",
            )
        elif relation.kind == "阻断":
            yield from _unblocked(solved, relation, premise)
        elif relation.kind == "互斥":
            yield from _unchosen(solved, relation, premise, seen)


def _unblocked(solved: SolvedPack, relation: Relation, premise: z3.BoolRef) -> Iterator[Finding]:
    """阻断只是说明，真正挡住的是条件：前提成立时工具还能适用，就是漏了条件。"""
    for name in relation.tools:
        tool = solved.pack.tools[name]
        claims = (premise, solved.applies(tool))
        if tool.coded and (example := solved.example(*claims, names=(*relation.asks, *solved.asks(tool)))):
            yield Finding(
                severity=WARNING,
                place=relation.place,
                text=f"阻断关系“{relation.id}”的前提成立时，“{name}”仍可判为适用",
                fix="在工具里写上对应的闸门、要件或排除",
                example=example,
            )


def _unchosen(
    solved: SolvedPack, relation: Relation, premise: z3.BoolRef, seen: set[frozenset[str]]
) -> Iterator[Finding]:
    """互斥的两个工具可以同时适用，又没有写怎么取舍。"""
    for one, other in itertools.combinations(relation.tools, 2):
        first, second = solved.pack.tools[one], solved.pack.tools[other]
        pair = frozenset((one, other))
        if pair in seen or _choice_stated(solved.pack, first, second):
            continue
        seen.add(pair)
        names = tuple(dict.fromkeys((*relation.asks, *solved.asks(first, second))))
        claims = (premise, solved.applies(first), solved.applies(second))
        if example := solved.example(*claims, names=names):
            yield Finding(
                severity=WARNING,
                place=relation.place,
                text=f"互斥的“{one}”与“{other}”可以同时适用，没有写怎么取舍",
                fix="写一条择一关系，或在工具的倾向、替代、提示里说清先用哪个",
                example=example,
            )


def _choice_stated(pack: RulePack, first: Tool, second: Tool) -> bool:
    """写了择一，或者一方的替代、提示、倾向提到另一方。"""
    pair = {first.name, second.name}
    if any(pair <= set(relation.tools) for relation in pack.relations_of("择一")):
        return True
    return any(_mentions(tool, other.name) for tool, other in ((first, second), (second, first)))


def _mentions(tool: Tool, name: str) -> bool:
    said = (*tool.cautions, *(rule.text for rule in tool.of_kind("倾向")), *(item.how for item in tool.alternatives))
    return any(item.tool == name for item in tool.alternatives) or any(name in text for text in said)


def _obstacles(solved: SolvedPack) -> Iterator[Finding]:
    silent = _silent(solved)
    yield from _unanswered(solved, silent)
    for name, rule in solved.pack.obstacles.items():
        standing = solved.status(rule).true
        able = [tool for tool in solved.pack.tools.values() if tool.coded and name in tool.resolves]
        if not able:
            yield Finding(
                severity=WARNING,
                place=rule.place,
                text=f"症结“{name}”没有一个工具写着解决它",
                fix="在能解它的工具的“解决”里写上；本来就只作提示的可以不改",
                example=solved.example(standing, names=rule.asks),
            )
        elif all(solved.impossible(solved.applies(tool)) for tool in able):
            continue  # 这些工具怎么填都不适用，已各自报过
        elif all(solved.impossible(standing, solved.applies(tool)) for tool in able):
            yield Finding(
                severity=ERROR,
                place=rule.place,
                text=f"症结“{name}”成立时，写着能解它的工具（{'、'.join(tool.name for tool in able)}）都不能适用",
                fix="核对这些工具的条件，或补一个能解它的工具",
                example=solved.example(standing, names=rule.asks),
            )
        elif name not in silent:
            yield from _missed(solved, name, rule, able)


def _missed(solved: SolvedPack, name: str, rule: Rule, able: list[Tool]) -> Iterator[Finding]:
    """症结成立，能解它的工具却没有一个是为这种局面设的。"""
    missed, names = _nowhere(solved, able)
    if example := solved.example(solved.status(rule).true, missed, names=(*rule.asks, *names)):
        yield Finding(
            severity=WARNING,
            place=rule.place,
            text=f"有的地块症结“{name}”成立，写着能解它的工具却都没有这种情形",
            fix="放宽其中一个工具的情形，或补一个工具；本该另办的可以不改",
            example=example,
        )


def _silent(solved: SolvedPack) -> tuple[str, ...]:
    """成立时可以一个工具的情形都没有的症结。"""
    nowhere, _ = _nowhere(solved, _coded(solved))
    found = []
    for name, rule in solved.pack.obstacles.items():
        try:
            if solved.find(solved.status(rule).true, nowhere) is not None:
                found.append(name)
        except Undecided:
            continue
    return tuple(found)


def _unanswered(solved: SolvedPack, silent: tuple[str, ...]) -> Iterator[Finding]:
    """有症结，却一个工具的情形都没有：既没有办法，也说不出差什么。"""
    if silent:
        nowhere, names = _nowhere(solved, _coded(solved))
        rule = solved.pack.obstacles[silent[0]]
        yield Finding(
            severity=WARNING,
            place=rule.place,
            text=f"症结（{'、'.join(silent)}）成立的地块里，有的一个工具的情形都没有：既没有办法，也说不出差什么",
            fix="放宽能解它的工具的情形，或补一个工具；要先认定、先问意愿的，写进案卷的核查清单",
            example=solved.example(solved.status(rule).true, nowhere, names=(*rule.asks, *names)),
        )


def _coded(solved: SolvedPack) -> list[Tool]:
    return [tool for tool in solved.pack.tools.values() if tool.coded]


def _nowhere(solved: SolvedPack, tools: list[Tool]) -> tuple[Any, tuple[str, ...]]:
    """这些工具的情形都不成立；连同判断它要看的事实。"""
    names = dict.fromkeys(ask for tool in tools for item in tool.of_kind("情形") for ask in item.asks)
    return z3.Not(z3.Or([solved.occasion(tool) for tool in tools])), tuple(names)
