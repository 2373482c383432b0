"""在终端里显示案卷。"""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from advisor.assessment import Assessment
from advisor.cli.showing import console, show_assessment
from advisor.dossier.chain import ANSWER
from advisor.dossier.differences import Differences
from advisor.dossier.reading import Reading, read_answers
from advisor.dossier.record import Dossier, Kept, Override, overrides, told
from advisor.dossier.replay import Replay
from advisor.dossier.store import Summary
from advisor.rulepack.model import RulePack


def show_list(found: Sequence[Summary]) -> None:
    """目录。"""
    out = console()
    if not found:
        out.print("库里还没有案卷。")
        return
    table = Table(pad_edge=False)
    for heading in ("编号", "地块", "条数", "立卷", "最近改动"):
        table.add_column(heading, overflow="fold")
    for item in found:
        opened, changed = f"{item.opened_by} {item.opened_at}", f"{item.changed_by} {item.changed_at}"
        table.add_row(item.number, item.name, str(item.version), opened, changed)
    out.print(table)


def show_dossier(dossier: Dossier, pack: RulePack, whole: bool) -> None:
    """当前答案、改判、历次评估；whole 时连日志。"""
    out = console()
    reading = read_answers(dossier.changes, pack)
    out.rule(Text(f"{dossier.number} {dossier.name}", style="bold"))
    out.print(f"到第 {dossier.version} 条；{told(dossier.entries[0])}")
    _notes(overrides(dossier), reading)
    sources = {pack.renaming.current(e.subject): e for e in dossier.entries if e.kind == ANSWER}
    table = Table(pad_edge=False)
    for heading in ("事实", "答案", "来源", "谁、何时"):
        table.add_column(heading, overflow="fold")
    for name, value in reading.answers.items():
        entry = sources[name]
        shown = "不清楚，列入待核实" if value is None else pack.vocabulary[name].show(value)
        table.add_row(name, shown, entry.source, f"{entry.who} {entry.at}")
    for name, text in reading.unused.items():
        table.add_row(name, f"{text}（不参与判定）", "", "")
    out.print(table)
    for kept in dossier.assessments:
        entry = dossier.assessed(kept)
        out.print(
            f"第 {kept.no} 次评估：{entry.who} {entry.at}，基准日 {kept.as_of}，"
            f"规则包 {kept.rules_version}（{kept.rules_sha256[:12]}）"
        )
    if whole:
        out.print(Text("日志：", style="bold"))
        for entry in dossier.entries:
            more = "".join(
                f"；{label}：{text}" for label, text in (("来源", entry.source), ("备注", entry.remark)) if text
            )
            out.print(f"  {entry.seq}. {told(entry)}{more}")


def show_assessed(number: str, no: int, result: Assessment, made: Sequence[Override], reading: Reading) -> None:
    """刚做的评估，改判与旧答案的说明在前。"""
    _notes(made, reading)
    show_assessment(result)
    console().print(f"\n已留存为案卷 {number} 的第 {no} 次评估")


def show_replay(number: str, done: Replay) -> None:
    """重放的结论。"""
    out, kept = console(), done.kept
    size = len(kept.result.encode("utf-8"))
    if done.same:
        out.print(
            f"案卷 {number} 第 {kept.no} 次评估：重算与留存逐字节相同（{size} 字节，规则包 {kept.rules_version}）"
        )
        return
    out.print(
        f"案卷 {number} 第 {kept.no} 次评估：规则包、手册都是当时那一版，重算却与留存不同。"
        f"当时的程序是 {kept.program}，用当时的程序再重放；看差在哪用 advisor dossier diff {number} --assessment {kept.no}"
    )


def show_differences(number: str, kept: Kept, found: Differences, reading: Reading, made: Sequence[Override]) -> None:
    """两次评估的差别。"""
    out = console()
    out.print(f"案卷 {number} 第 {kept.no} 次评估，基准日 {kept.as_of}：规则包 {found.before} → {found.after}")
    _notes(made, reading)
    if not found.any:
        out.print("事实、症结、工具判定与条件、方案都没有变。")
        return
    for line in found.facts:
        out.print(f"事实 {line}")
    for line in found.obstacles:
        out.print(f"症结 {line}")
    for tool in sorted(found.tools, key=lambda item: not item.verdict_changed):
        if not tool.before or not tool.after:
            out.print(f"{'新增' if tool.after else '删去'}工具 {tool.tool}：{tool.after or tool.before}")
            continue
        head = f"{tool.before} → {tool.after}" if tool.verdict_changed else f"{tool.after}，判定没变，条件有变"
        out.print(Text(f"{tool.tool}：{head}", style="bold" if tool.verdict_changed else ""))
        for change in tool.because:
            out.print(f"  因为 {change}" if tool.verdict_changed else f"  {change}")
    if found.plans_before == found.plans_after:
        out.print("方案没有变")
        return
    for label, plans in (("原来的方案", found.plans_before), ("现在的方案", found.plans_after)):
        out.print(f"{label}：{'；'.join(plans) or '拼不出'}")


def _notes(made: Sequence[Override], reading: Reading) -> None:
    """改判与旧答案的说明，每份输出都带。"""
    out = console()
    for item in made:
        out.print(Text(str(item), style="bold red"))
    for notice in reading.notices:
        out.print(f"提示 {notice}")
