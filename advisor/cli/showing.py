"""在终端里显示：表格与颜色只在终端上有，重定向到文件时是纯文字。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from advisor.assess import Advisor
from advisor.assessment import Assessment, ParcelView
from advisor.backtest import Backtest
from advisor.consistency import CONTRADICTION
from advisor.evaluation import APPLIES, NO_OCCASION, OPEN, REJECTED
from advisor.expression import describe
from advisor.policy import CONFIDENCE_TEXT
from advisor.reasons import planless, why
from advisor.rulepack.model import KINDS, RulePack, Tool

_COLOUR = {APPLIES: "bold green", OPEN: "yellow", REJECTED: "red"}
_MARK = {APPLIES: "●", OPEN: "◐", REJECTED: "○"}


def console() -> Console:
    """不是终端时按 120 格排，不带颜色。"""
    made = Console(highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(highlight=False, width=120, no_color=True)


def show_assessment(result: Assessment, everything: bool = False) -> None:
    """全部地块的判定。"""
    out = console()
    out.print(f"规则包 {result.rule_pack.version}（{result.rule_pack.sha256[:12]}） 基准日 {result.as_of}")
    for parcel in result.parcels:
        show_parcel(out, parcel, everything)


def show_parcel(out: Console, parcel: ParcelView, everything: bool = False) -> None:
    """一宗地：说不通的地方、方案、症结、工具、待核实、案例。"""
    out.print()
    out.rule(Text(parcel.name, style="bold"))
    _conflicts(out, parcel)
    _plans(out, parcel)
    standing = [o for o in parcel.obstacles if o.status == "成立"]
    if standing:
        out.print(Text("症结：", style="bold") + Text("、".join(o.id for o in standing)))
    _taxonomy(out, parcel)
    _tools(out, parcel, everything)
    _questions(out, parcel)
    _inferred(out, parcel)
    _precedents(out, parcel)


def _conflicts(out: Console, parcel: ParcelView) -> None:
    for item in parcel.conflicts:
        style = "bold red" if item.severity == CONTRADICTION else "bold yellow"
        out.print(Text(f"{item.severity}：{'，'.join(item.shown)}", style=style))
        out.print(f"  {item.text}{''.join(item.basis)}")
        out.print(f"  怎么定：{item.settle}")
    if any(item.severity == CONTRADICTION for item in parcel.conflicts):
        out.print(Text("标“矛盾”的必有一项填错，改正之前下面的判定不能作数。", style="bold red"))


def _inferred(out: Console, parcel: ParcelView) -> None:
    if parcel.inferred:
        out.print(Text("由已填的推得，不必再查：", style="bold"))
    for item in parcel.inferred:
        out.print(f"  {item.fact} = {item.shown}，由{'、'.join(item.because)}推得")


def _plans(out: Console, parcel: ParcelView) -> None:
    if not parcel.plans:
        out.print(planless(parcel))
        return
    for plan in parcel.plans:
        name = "主推方案" if plan.rank == 1 else f"备选方案{plan.rank - 1}"
        out.print(Text(f"{name}：", style="bold") + Text(" → ".join(plan.steps), style="bold cyan"))
        if plan.resolves:
            out.print(f"  解决：{'、'.join(plan.resolves)}")
        for item in plan.open[:6]:
            out.print(f"  还开着：{item}")
        if len(plan.open) > 6:
            out.print(f"  还有 {len(plan.open) - 6} 条待核实或不满足的条件，见下表")


def _taxonomy(out: Console, parcel: ParcelView) -> None:
    if parcel.taxonomy is None:
        return
    out.print(Text(f"{parcel.taxonomy.title}：", style="bold"))
    for item in parcel.taxonomy.classes:
        group = f"{item.group}·" if item.group else ""
        out.print(f"  {group}{item.name}（{item.status}）：{'、'.join((*item.tools, *item.obstacles)) or '按前提归入'}")
    if not parcel.taxonomy.classes:
        out.print("  没有对得上的类。")


def _tools(out: Console, parcel: ParcelView, everything: bool) -> None:
    table = Table(show_lines=False, pad_edge=False, expand=False)
    table.add_column("次", justify="right")
    table.add_column("处置工具", no_wrap=True)
    table.add_column("判定", no_wrap=True)
    table.add_column("为什么，怎么解", overflow="fold")
    hidden = 0
    for tool in parcel.tools:
        if tool.reason == NO_OCCASION and not everything:
            hidden += 1
            continue
        verdict = Text(f"{_MARK[tool.verdict]} {tool.verdict}", style=_COLOUR[tool.verdict])
        table.add_row(str(tool.rank), tool.id, verdict, why(tool, everything))
    out.print(table)
    if hidden:
        out.print(f"另有 {hidden} 个工具无此情形（加 --all 列出）。")


def _questions(out: Console, parcel: ParcelView) -> None:
    if not parcel.questions:
        return
    out.print(Text("先核实：", style="bold"))
    for index, question in enumerate(parcel.questions[:8], 1):
        where = f"{question.channel}·{question.document}·{question.department}"
        out.print(f"  {index}. {question.question}（{where}）")
    if len(parcel.questions) > 8:
        out.print(f"  另有 {len(parcel.questions) - 8} 项，JSON 输出里有全部。")


def _precedents(out: Console, parcel: ParcelView) -> None:
    if not parcel.precedents:
        return
    out.print(Text("相近案例：", style="bold"))
    for case in parcel.precedents[:3]:
        out.print(f"  {case.id} {case.title}（{'、'.join(case.tools)}）")
        out.print(f"     同：{'；'.join(case.same[:5]) or '无'}")
        out.print(f"     异：{'；'.join(case.different[:4]) or '无'}")


def show_demo(sample: Path, result: Assessment, written: list[Path]) -> None:
    """示例的摘要与文件位置。"""
    out = console()
    out.print(f"示例地块：{sample}")
    show_assessment(result)
    out.print()
    out.print(Text("处置方案草案已写好：", style="bold"))
    for path in written:
        print(path.resolve())


def show_tool(advisor: Advisor, name: str, as_of: date) -> None:
    """一个工具的条件、依据、期限、案例。"""
    out = console()
    tool = advisor.pack.tools[name]
    out.rule(Text(f"{tool.name}（{tool.category}）", style="bold"))
    out.print(tool.definition)
    if not tool.coded:
        out.print("规则未编：判定一律为待核实。")
        return
    out.print(Text("设立依据：", style="bold") + Text("；".join(_cited(advisor.pack, tool.authority, as_of))))
    for kind in KINDS:
        _show_rules(out, advisor.pack, tool, kind, as_of)
    for item in tool.alternatives:
        out.print(f"替代：{item.how}{f'（改走{item.tool}）' if item.tool else ''}")
    for caution in tool.cautions:
        out.print(f"提示：{caution}")
    book = advisor.playbook.tool(name)
    if book is not None:
        out.print(
            Text("怎么办：", style="bold")
            + Text(f"{book.approver}；{book.lead}牵头；总时长 {book.duration or '视情况'}")
        )
        for index, step in enumerate(book.steps, 1):
            out.print(f"  {index}. {step.name}（{step.department}，{step.duration or '视情况'}）：{step.action}")
    cases = [f"{case.id} {case.file.title}" for case in advisor.playbook.cases if name in case.tools]
    out.print(Text("案例：", style="bold") + Text("；".join(cases) or "无"))


def _show_rules(out: Console, pack: RulePack, tool: Tool, kind: str, as_of: date) -> None:
    rules = tool.of_kind(kind)
    if not rules:
        return
    out.print(Text(f"{kind}：", style="bold"))
    for rule in rules:
        where = f"〔仅{'、'.join(rule.regions)}〕" if rule.regions else ""
        out.print(f"  · {where}{rule.text}")
        out.print(f"    判断：{describe(rule.node)}")
        if rule.denominator:
            out.print(f"    分母：{rule.denominator}")
        if rule.citations:
            out.print(f"    依据：{'；'.join(_cited(pack, rule.citations, as_of))}")


def _cited(pack: RulePack, citations: tuple[object, ...], as_of: date) -> list[str]:
    lines: list[str] = []
    for citation in citations:
        policy = pack.register[citation.code]  # type: ignore[attr-defined]
        standing = pack.register.standing(citation, {}, as_of)  # type: ignore[arg-type]
        number = f"（{policy.number}）" if policy.number else ""
        article = f"§{citation.article}" if citation.article else ""  # type: ignore[attr-defined]
        until = f"，有效至 {policy.expires}" if policy.expires else ""
        marks = f"{CONFIDENCE_TEXT[standing.confidence]}，{standing.status}{until}，{policy.region}"
        lines.append(f"{citation.code}《{policy.title}》{number}{article}〔{marks}〕")  # type: ignore[attr-defined]
    return lines


def show_facts(pack: RulePack) -> None:
    """事实词表。"""
    out = console()
    table = Table(pad_edge=False)
    for heading in ("组", "事实", "类型", "可填", "怎么问"):
        table.add_column(heading, overflow="fold")
    for fact in pack.vocabulary:
        options = "、".join(fact.options[:8]) + ("…" if len(fact.options) > 8 else "")
        table.add_row(fact.group, fact.name, fact.kind.value, options or fact.unit, fact.question)
    out.print(table)


def show_backtest(result: Backtest) -> None:
    """逐案、逐工具与合计。"""
    out = console()
    table = Table(pad_edge=False)
    for heading in ("案例", "实际所用工具：判定（名次）", "方案命中"):
        table.add_column(heading, overflow="fold")
    for row in result.rows:
        used = "；".join(f"{item.tool} {item.verdict}（{item.rank}）" for item in row.used)
        mark = "（多宗合集）" if row.several else ""
        table.add_row(f"{row.case} {row.title}{mark}", used, "是" if row.plan_hit else "否")
    out.print(table)
    totals = Table(pad_edge=False)
    for heading in ("工具", "用过", "适用", "待核实", "不适用", "前八"):
        totals.add_column(heading)
    for tool in result.tools:
        numbers = (tool.used, tool.applies, tool.open, tool.rejected, tool.top)
        totals.add_row(tool.tool, *(str(number) for number in numbers))
    out.print(totals)
    for case, item in result.misses:
        kind = "未召回" if item.verdict == REJECTED else "靠后"
        out.print(f"{kind} {case} {item.tool}（在 {item.parcel} 上看）：{item.why}")
    out.print(result.summary)
