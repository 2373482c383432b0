"""逐项体检。读入就报的（引用、类型、成环、推理引擎限制）算错误；其余按轻重分错误与提醒。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from advisor.errors import RulePackError
from advisor.inference import checked_network
from advisor.playbook import Playbook, ToolPlaybook
from advisor.rulecheck.finding import ERROR, WARNING, Finding
from advisor.rulecheck.reach import reachable
from advisor.rulecheck.regional import regional_gaps
from advisor.rulecheck.tabular import tabular_findings
from advisor.rulecheck.wording import wording_findings
from advisor.rulepack import load_rule_pack
from advisor.rulepack.model import RulePack, Tool

_SCENARIOS = 6


def check_pack(rules: Path, playbooks: Path, as_of: date) -> list[Finding]:
    """体检一个规则包与手册。

    Raises:
        RulePackError: 读都读不进来。
    """
    pack = load_rule_pack(rules)
    playbook = Playbook(playbooks, pack.vocabulary, tuple(pack.tools))
    found = [
        *_network(pack),
        *_bases(pack, as_of),
        *_reach(pack),
        *wording_findings(pack),
        *_tools(pack),
        *_relations(pack),
        *_playbooks(pack, playbook),
        *_scenarios(pack, rules.parent / "features"),
        *_clocks(pack, as_of, rules.parent / "features" / "clocks"),
        *regional_gaps(pack),
        *_unused(pack, rules, playbooks),
        *_never_asked(pack),
        *tabular_findings(pack, rules),
    ]
    return sorted(found, key=lambda item: (item.severity != ERROR, item.place, item.text))


def _network(pack: RulePack) -> Iterator[Finding]:
    try:
        checked_network(pack)
    except RulePackError as problems:
        for problem in problems.problems:
            yield Finding.unread("推理网", problem)


def _bases(pack: RulePack, as_of: date) -> Iterator[Finding]:
    for rule in pack.all_rules():
        if not rule.citations:
            continue
        statuses = {c.label: pack.register[c.code].status(as_of) for c in rule.citations}
        if all(status == "已过期" for status in statuses.values()):
            yield Finding(
                severity=WARNING,
                place=rule.place,
                text=f"条件“{rule.id}”的依据都已过期（{'、'.join(statuses)}），基准日起不作数",
                fix="核续期或替代文件，更新依据",
            )
        if rule.kind in ("要件", "排除") and not any(map(pack.register.verifiable, rule.citations)):
            yield Finding(
                severity=WARNING,
                place=rule.place,
                text=f"{rule.kind}“{rule.id}”只有未核实的依据，不会单独造成不适用",
                fix="核对原文后在登记册里改置信",
            )
        for citation in rule.citations:
            region = pack.register[citation.code].region
            if len(rule.citations) == 1 and not rule.regions and region not in ("", pack.register.regions.names[0]):
                yield Finding(
                    severity=WARNING,
                    place=rule.place,
                    text=f"条件“{rule.id}”只有{region}的依据却没有写地域，按依据的地域作数",
                    fix=f"写上 地域: {region}",
                )
    for tool in pack.tools.values():
        if tool.coded and all(pack.register[c.code].status(as_of) == "已过期" for c in tool.authority):
            yield Finding(
                severity=ERROR, place=tool.place, text=f"工具“{tool.name}”的设立依据都已过期", fix="补上现行依据"
            )


def _reach(pack: RulePack) -> Iterator[Finding]:
    for rule in pack.all_rules():
        found = reachable(rule, pack.vocabulary)
        if True not in found:
            yield Finding(severity=ERROR, place=rule.place, text=f"条件“{rule.id}”怎么填都不成立", fix="核对表达式")
        if False not in found:
            yield Finding(severity=ERROR, place=rule.place, text=f"条件“{rule.id}”怎么填都成立", fix="核对表达式")


def _scenarios(pack: RulePack, features: Path) -> Iterator[Finding]:
    """有情景文件夹的（随源码的规则包）才查：每个工具一份，至少六个情景，三种判定都写到。"""
    if not (features / "tools").is_dir():
        return
    for tool in pack.tools.values():
        path = features / "tools" / f"{tool.name}.feature"
        place = f"features/tools/{tool.name}.feature"
        if not tool.coded:
            continue
        if not path.is_file():
            yield Finding(severity=ERROR, place=place, text=f"工具“{tool.name}”没有情景", fix="先写情景")
            continue
        text = path.read_text(encoding="utf-8")
        count = sum(line.strip().startswith(("场景:", "场景大纲:")) for line in text.splitlines())
        if '判为""' in text:
            yield Finding(
                severity=ERROR, place=place, text="有情景的判定还空着", fix="对着依据填上适用、待核实或不适用"
            )
        if count < _SCENARIOS:
            yield Finding(severity=WARNING, place=place, text=f"只有 {count} 个情景，至少 {_SCENARIOS} 个")
        for verdict in ("适用", "待核实", "不适用"):
            if verdict not in text:
                yield Finding(severity=WARNING, place=place, text=f"没有写到判为“{verdict}”的情景")


def _clocks(pack: RulePack, as_of: date, features: Path) -> Iterator[Finding]:
    """期限的依据不能全过期；有情景文件夹的，每个期限都要有情景。"""
    written = "".join(path.read_text(encoding="utf-8") for path in sorted(features.glob("*.feature")))
    for clock in pack.clocks.clocks:
        if all(pack.register[c.code].status(as_of) == "已过期" for c in clock.citations):
            labels = "、".join(c.label for c in clock.citations)
            yield Finding(
                severity=WARNING,
                place=clock.place,
                text=f"期限“{clock.id}”的依据都已过期（{labels}）",
                fix="核续期或替代文件，更新依据",
            )
        if features.is_dir() and f'期限"{clock.id}"' not in written:
            yield Finding(severity=ERROR, place=clock.place, text=f"期限“{clock.id}”没有情景", fix="先写情景")


def _tools(pack: RulePack) -> Iterator[Finding]:
    for tool in pack.tools.values():
        if not tool.coded:
            yield Finding(severity=WARNING, place=tool.place, text=f"工具“{tool.name}”规则未编，一律判待核实")
            continue
        for rule in tool.rules:
            used = set(rule.facts)
            if rule.kind == "倾向" and not used:
                yield Finding(severity=WARNING, place=rule.place, text=f"条件“{rule.id}”没有用到任何事实")
        yield from _opposed(tool)
        yield from _local_only(pack, tool)


def _local_only(pack: RulePack, tool: Tool) -> Iterator[Finding]:
    """条件凭全国的规定写，设立依据却都只在部分地域有效；条件也只凭地方规定的，本来就是地方做法。"""
    own = (rule for rule in tool.rules if rule.kind != "倾向" and rule.leaf == f"{tool.name}/{rule.id}")
    nationwide = pack.register.regions.names[0]
    regions = tuple(dict.fromkeys(pack.register[item.code].region for item in tool.authority))
    if nationwide in regions or all(pack.register[c.code].region != nationwide for r in own for c in r.citations):
        return
    yield Finding(
        severity=WARNING,
        place=tool.place,
        text=f"工具“{tool.name}”的条件凭全国的规定，设立依据却只在{'、'.join(regions)}有效，别处一律待核实",
        fix="有全国依据的补上",
    )


def _unused(pack: RulePack, rules: Path, playbooks: Path) -> Iterator[Finding]:
    """问了却没有一处用到的事实：除词表以外的规则、手册里都没有写到它。"""
    paths = (path for folder in (rules, playbooks) for path in sorted(folder.rglob("*.yaml")))
    written = "\n".join(path.read_text("utf-8") for path in paths if path != rules / "facts.yaml")
    for fact in pack.vocabulary:
        if fact.name not in written:
            yield Finding(
                severity=WARNING,
                place=f"{rules.name}/facts.yaml",
                text=f"事实“{fact.name}”问了却没有一处用到",
                fix="删去，或在条件里用上",
            )


def _never_asked(pack: RulePack) -> Iterator[Finding]:
    """只在倾向里用到的事实：定不了判定，问答从来不问，倾向也就难得成立。"""
    deciding = {name for rule in pack.all_rules() if rule.kind != "倾向" for name in rule.asks}
    deciding |= pack.register.regions.asked | pack.consistency.conclusions.keys()
    deciding |= {name for relation in pack.relations for name in relation.asks}
    first = {name: rule for rule in reversed(list(pack.all_rules())) if rule.kind == "倾向" for name in rule.asks}
    for name, rule in first.items():
        if name not in deciding:
            yield Finding(
                severity=WARNING,
                place=rule.place,
                text=f"事实“{name}”只在倾向里用到，问答从来不问它",
                fix="要紧的写进情形、要件或排除；只作参考的可以不改",
            )


def _opposed(tool: Tool) -> Iterator[Finding]:
    needed = {rule.base: rule for rule in tool.rules if rule.kind in ("情形", "要件")}
    for rule in tool.rules:
        if rule.kind == "排除" and rule.base in needed:
            yield Finding(
                severity=ERROR,
                place=rule.place,
                text=f"工具“{tool.name}”的排除“{rule.id}”与“{needed[rule.base].id}”是同一个条件，永远不能适用",
                fix="删去一条，或改写条件",
            )


def _relations(pack: RulePack) -> Iterator[Finding]:
    excluded = {frozenset(r.tools) for r in pack.relations if r.kind == "互斥" and not r.unless and r.test is None}
    for relation in pack.relations:
        if relation.kind in ("前置", "先后") and not (relation.tools and relation.first):
            yield Finding(
                severity=ERROR,
                place=relation.place,
                text=f"{relation.kind}关系“{relation.id}”缺 工具 或 须先",
                fix="两项都写",
            )
        if relation.kind == "触发" and not (relation.tools and relation.then):
            yield Finding(
                severity=ERROR, place=relation.place, text=f"触发关系“{relation.id}”缺 工具 或 引出", fix="两项都写"
            )
        if relation.kind in ("互斥", "择一", "常组合") and len(relation.tools) < 2:
            yield Finding(
                severity=ERROR,
                place=relation.place,
                text=f"{relation.kind}关系“{relation.id}”至少要两个工具",
                fix="补上另一个工具",
            )
        if relation.kind == "前置":
            for tool in relation.tools:
                if all(frozenset((tool, first)) in excluded for first in relation.first):
                    yield Finding(
                        severity=ERROR,
                        place=relation.place,
                        text=f"“{tool}”须先办的工具又与它互斥，前提永远不能满足",
                        fix="改互斥关系或换前置工具",
                    )


def _playbooks(pack: RulePack, playbook: Playbook) -> Iterator[Finding]:
    try:
        cases = playbook.cases
        books = {name: playbook.tool(name) for name in pack.tools}
    except RulePackError as problem:
        for text in problem.problems:
            place, _, rest = text.partition("：")
            yield Finding(severity=ERROR, place=place, text=rest.rstrip("。"))
        return
    used = {name for case in cases for name in case.tools}
    for name, tool in pack.tools.items():
        book = books[name]
        if tool.coded and book is None:
            yield Finding(
                severity=ERROR,
                place=f"playbooks/tools/{name}.yaml",
                text=f"工具“{name}”有规则没有办法",
                fix="补上步骤、部门、材料",
            )
        if book is not None:
            if book.name != name:
                yield Finding(
                    severity=ERROR,
                    place=f"playbooks/tools/{name}.yaml",
                    text=f"名称“{book.name}”与文件名不同",
                    fix="改成一致",
                )
            cited = [c.label for step in book.steps for c in step.citations]
            cited += [c.label for cost in book.costs for c in (*cost.citations, *cost.payer_citations)]
            cited += [c.label for risk in book.risks for c in risk.citations]
            cited += [c.label for todo in book.todos for c in todo.citations]
            yield from _codes(pack, book.name, cited)
            yield from _payers(book)
        if tool.coded and name not in used:
            yield Finding(severity=WARNING, place=tool.place, text=f"工具“{name}”没有一个案例用过")


def _payers(book: ToolPlaybook) -> Iterator[Finding]:
    """谁出要么有依据，要么照实写待核：会印进草案。"""
    for cost in book.costs:
        if not cost.payer or not (cost.payer_unsettled or cost.payer_bases):
            text = f"“{cost.item}”写了谁出是“{cost.payer}”却没有依据" if cost.payer else f"“{cost.item}”没有写谁出"
            fix = "写上依据；摘不到出处的写 谁出: 待核，多半是谁写在后面的括号里"
            yield Finding(severity=ERROR, place=f"playbooks/tools/{book.name}.yaml", text=text, fix=fix)


def _codes(pack: RulePack, name: str, labels: list[str]) -> Iterator[Finding]:
    for label in dict.fromkeys(labels):
        if label.split("§")[0] not in pack.register:
            yield Finding(
                severity=ERROR,
                place=f"playbooks/tools/{name}.yaml",
                text=f"依据“{label}”的代码没有登记",
                fix="先在 rules/policies/ 里登记",
            )
