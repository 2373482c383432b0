"""改规则时各命令的文字输出。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from advisor.cli.showing import console
from advisor.dossier.differences import ToolChange
from advisor.pack_differences import PackChange
from advisor.rulepack.model import RulePack

if TYPE_CHECKING:
    from advisor.dossier.rule_change import Flipped
    from advisor.rulecheck.coverage import Covered
    from advisor.rulecheck.mutation import MutationReport
    from advisor.screening.rule_change import InventoryTurns


def show_pack_changes(packs: tuple[RulePack, RulePack], changes: Sequence[PackChange], files: Sequence[str]) -> None:
    """逐条的差别与改过的文件。"""
    out = console()
    before, after = (f"{pack.version}（{pack.sha256[:12]}）" for pack in packs)
    out.print(f"规则包 {before} → {after}：差别 {len(changes)} 处，改过的文件 {len(files)} 个")
    for change in changes:
        out.print(Text(f"  {change}"))
    if files:
        out.print(Text(f"改过的文件：{'、'.join(files)}"))


def show_flipped(total: int, flipped: Sequence[Flipped]) -> None:
    """库里判定翻了的各卷。"""
    out = console()
    out.print(f"案卷库 {total} 卷，判定会变的 {len(flipped)} 卷")
    for item in flipped:
        out.print(Text(f"案卷 {item.number} {item.name}", style="bold"))
        for tool in item.differences.tools:
            if tool.verdict_changed:
                _tool(tool)


def show_turns(found: InventoryTurns) -> None:
    """台账里的各种翻法，由多到少，各举一宗。"""
    out = console()
    out.print(f"台账 {found.rows} 宗，判定会变的 {found.changed} 宗")
    for turn in found.turns:
        out.print(Text(f"{turn.tool}：{turn.before} → {turn.after}，{turn.count} 宗，如 {turn.example}", style="bold"))
        if turn.why is not None:
            _because(turn.why)


def show_coverage(found: Sequence[Covered]) -> float:
    """还缺情景的各条，与成立、不成立两值都有的百分数；返回这个百分数。"""
    out = console()
    for item in found:
        if item.missing:
            style = "" if item.complete else "bold"
            out.print(Text(f"{item.tool} 的{item.rule.kind}“{item.rule.id}”缺：{'、'.join(item.missing)}", style=style))
    complete, full = sum(item.complete for item in found), sum(not item.missing for item in found)
    share = 100 * complete / len(found) if found else 100.0
    out.print(
        f"条件 {len(found)} 条，成立、不成立都有情景定下判定的 {complete} 条（{share:.1f}%），连同待核实的 {full} 条"
    )
    limited = sum(len(item.attainable) < 3 for item in found)
    if limited:
        out.print(f"其中 {limited} 条只有未核实的依据，不会单独造成不适用，那一值不要求。")
    return share


def show_mutation(report: MutationReport) -> None:
    """没有情景发现的改坏法，与发现的百分数。"""
    out = console()
    for mutant in report.survived:
        out.print(Text(f"{mutant.rule.leaf}：{mutant.how}，没有情景发现"))
    for mutant in report.harmless:
        out.print(Text(f"{mutant.rule.leaf}：{mutant.how}，改了也不改变判定", style="dim"))
    told = (
        f"改坏 {report.made} 处，情景发现 {report.killed} 处（{report.score:.1%}），没有发现 {len(report.survived)} 处"
    )
    out.print(f"{told}，改了也不改变判定 {len(report.harmless)} 处" if report.harmless else told)


def _tool(change: ToolChange) -> None:
    console().print(Text(f"  {change.tool}：{change.before or '没有这个工具'} → {change.after or '没有这个工具'}"))
    _because(change)


def _because(change: ToolChange) -> None:
    for item in change.because:
        console().print(Text(f"    因为 {item}"))
