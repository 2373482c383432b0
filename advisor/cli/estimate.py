"""测算命令：读事实文件的“测算”一节，列出与这宗地有关的测算。"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from advisor.cli.options import as_of_option, open_pack, pack_options
from advisor.cli.showing import console
from advisor.estimating import EstimateView, estimates, read_inputs
from advisor.estimating.inputs import allowed
from advisor.estimating.model import FlowView
from advisor.parcel import read_parcel


@click.command(help="测算价款、税费、面积与现金流：算得出的给值或区间，算不出的说缺哪些数、找谁要")
@click.argument("file", metavar="文件")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式")
@click.option("--all", "everything", is_flag=True, help="与本地块无关的测算也列出")
@as_of_option
@pack_options
def estimate(
    file: str, form: str, everything: bool, as_of: date, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """测算。"""
    pack = open_pack(rules_dir)
    parcel = read_parcel(Path(file), pack.vocabulary)
    views = estimates(pack, parcel.facts, read_inputs(pack, parcel.estimates), as_of)
    listed = [view for view in views if everything or view.relevance != "不适用"]
    if form == "json":
        result = {
            "rule_pack": {"version": pack.version, "sha256": pack.sha256},
            "as_of": as_of.isoformat(),
            "name": parcel.name,
            "estimates": [view.model_dump() for view in listed],
        }
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
        return
    out = console()
    out.print(f"{parcel.name} 规则包 {pack.version}（{pack.sha256[:12]}） 基准日 {as_of.isoformat()}")
    for view in listed:
        if everything or _to_show(view):
            _show(out, view)
    waiting = [view for view in listed if not _to_show(view)]
    if waiting and not everything:
        out.print()
        out.print(Text("另有几项看情形再算（--all 看全部）：", style="bold"))
        for view in waiting:
            out.print(f"  · {view.name}：{view.why}")


@click.command("inputs", help="列出测算输入：名称、单位、说明、从哪份材料来")
@pack_options
def list_inputs(rules_dir: str | None, playbooks_dir: str | None) -> None:
    """查看测算输入。"""
    table = Table(pad_edge=False)
    for heading in ("输入", "可填", "说明", "来自"):
        table.add_column(heading, overflow="fold")
    for entry in open_pack(rules_dir).estimates.inputs.values():
        table.add_row(entry.name, allowed(entry).split("；")[0], entry.text, f"{entry.source}（{entry.department}）")
    console().print(table)


def _to_show(view: EstimateView) -> bool:
    """情形已定的，或已经填了数、算出一些的，细列；其余只列名。"""
    stated = any(used.kind == "测算输入" and not used.assumed for used in view.used)
    return view.relevance == "适用" or view.outcome != "缺输入" or stated


def _show(out: Console, view: EstimateView) -> None:
    out.print()
    state = f"〔{view.outcome}〕" if view.relevance == "适用" else f"〔{view.outcome}，{view.relevance}：{view.why}〕"
    out.print(Text(view.name, style="bold") + Text(state, style="green" if view.outcome == "已算出" else "yellow"))
    out.print(f"  {view.text}")
    for line in view.lines:
        if line.value is not None:
            parts = [line.name, line.formula, line.substituted, line.value.text]
            shown = [part for index, part in enumerate(parts) if part and part not in parts[:index]]
            out.print(f"  {' ＝ '.join(shown)}{'' if line.value.tight else '（外包区间）'}")
        elif line.status is not None and line.substituted:
            out.print(f"  核对“{line.name}”：{line.formula}，即 {line.substituted}，{line.problem or line.status}")
        else:
            lack = "；".join(filter(None, ("缺 " + "、".join(line.missing) if line.missing else "", line.problem)))
            out.print(f"  {line.name} ＝ {line.formula}：{lack or '缺数'}")
    if view.flow is not None:
        _flow(out, view.flow)
    for item in view.missing:
        section = "测算" if item.kind == "测算输入" else "事实"
        unit = f"，单位{item.unit}" if item.unit else ""
        instead = f"；或改给 {item.instead}" if item.instead else ""
        out.print(f"  缺“{item.name}”（写在“{section}:”下面{unit}）：{item.source}{instead}")
    for used in view.used:
        if used.assumed:
            out.print(f"  “{used.name}”{used.source}：{used.text}")
    if view.valuation_date:
        out.print(f"  期日：{view.valuation_date}")
    for note in view.notes:
        out.print(f"  注意：{note}")
    out.print(f"  依据：{'；'.join(item.text for item in view.basis)}")
    for reminder in view.reminders:
        out.print(f"  提示：{reminder}")


def _flow(out: Console, flow: FlowView) -> None:
    table = Table(pad_edge=False)
    table.add_column("行目", overflow="fold")
    for year in flow.years:
        table.add_column(f"第{year}年", justify="right", overflow="fold")
    for row in flow.rows:
        cells = ["缺" if cell is None else cell.text.removesuffix(f" {cell.unit}") for cell in row.cells]
        table.add_row(f"{row.name}{f'（{row.direction}）' if row.direction else ''}", *cells)
    out.print(table)
