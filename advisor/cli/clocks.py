"""advisor clocks：到期的日子。有要办的退出码 1，供定时任务监测预警。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from advisor.assessment import BasisView
from advisor.citation_text import article_text
from advisor.cli.options import as_of_option, open_pack, pack_options
from advisor.cli.showing import console
from advisor.clocks import ClockReport, DueDate, ParcelClocks, clock_report
from advisor.errors import InputError
from advisor.expiring import ExpiringPolicy
from advisor.expression.evaluate import Facts
from advisor.period import Period
from advisor.rulepack.model import RulePack

_LATER = 8


class Within(click.ParamType[Period]):
    """往后看多久。"""

    name = "期间"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """写成 90d、90天、3个月、1年。"""
        if isinstance(value, Period):
            return value
        try:
            return Period.read(str(value))
        except ValueError as problem:
            raise InputError(
                "--within", str(problem), allowed="90d、90天、3个月、1年这样的期间，至多 100 年", fix="改成其中一种写法"
            ) from None


def clock_options(command: Any) -> Any:
    """--within、--ics、--format。"""
    for option in (
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式"),
        click.option("--ics", "calendar", metavar="文件", help="把全部期限写成 iCalendar，可导入日历"),
        click.option(
            "--within", type=Within(), default="90d", show_default=True, metavar="期间",
            help="往后看多久：90d、90天、3个月、1年",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(help="由事实文件里的日期算出期限：哪天到期、该办什么、由谁办；有已过未了或期内到期的，退出码 1")
@click.argument("files", nargs=-1, required=True, metavar="文件...")
@clock_options
@as_of_option
@pack_options
def clocks(
    files: tuple[str, ...],
    within: Period,
    calendar: str | None,
    form: str,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """期限。"""
    from advisor.parcel import read_parcel

    pack = open_pack(rules_dir)
    parcels = [read_parcel(Path(name), pack.vocabulary) for name in files]
    return run_clocks(pack, ((item.name, item.facts) for item in parcels), as_of, within, calendar, form)


def run_clocks(
    pack: RulePack,
    parcels: Iterable[tuple[str, Facts]],
    as_of: date,
    within: Period,
    calendar: str | None,
    form: str,
) -> int:
    """算、写日历、显示；返回退出码：有要办的 1，没有 0。"""
    report = clock_report(pack, parcels, as_of, within)
    if calendar is not None:
        from advisor.due_calendar import icalendar_text

        Path(calendar).write_bytes(icalendar_text(report))
    if form == "json":
        click.echo(report.model_dump_json(indent=1))
    else:
        show_clocks(report)
    return 1 if report.pressing else 0


def show_clocks(report: ClockReport) -> None:
    """全部地块的期限。"""
    out = console()
    out.print(
        f"规则包 {report.rule_pack.version}（{report.rule_pack.sha256[:12]}） "
        f"基准日 {report.as_of}，看到 {report.until}，要办 {report.pressing} 项"
    )
    for parcel in report.parcels:
        _parcel(out, parcel, report.until)
    if report.policies:
        out.print()
        out.print(Text("期内到期的依据：", style="bold"))
        for policy in report.policies:
            out.print(f"  {_policy(policy)}")
    if report.method:
        out.print()
        out.print(f"日子怎么算：{report.method}（{_articles(report.method_basis)}）。")


def _parcel(out: Console, parcel: ParcelClocks, until: date) -> None:
    out.print()
    out.rule(Text(parcel.name, style="bold"))
    pressing = [item for item in parcel.due if item.pressing(until)]
    later = [item for item in parcel.due if not item.pressing(until)]
    for item in pressing:
        _due(out, item)
    if not pressing:
        out.print("期内没有到期的。")
    if later:
        out.print(Text("以后：", style="bold") + Text("；".join(_short(item) for item in later[:_LATER])))
    if len(later) > _LATER:
        out.print(f"  另有 {len(later) - _LATER} 项，JSON 输出里有全部。")
    if parcel.undated:
        out.print(Text("缺日期，算不出：", style="bold"))
        for missing in parcel.undated:
            where = f"{missing.channel}·{missing.document}·{missing.department}"
            out.print(f"  {'、'.join(missing.clocks)}：填“{missing.start_fact}”（{where}）")


def _due(out: Console, item: DueDate) -> None:
    sure = item.status == "成立"
    style = "bold red" if sure and item.days_left < 0 else "bold yellow"
    out.print(Text(f"{'●' if sure else '◐'} {item.due} {item.clock}（{item.kind}，{days_text(item)}）", style=style))
    lines = [f"{item.text}。算法：{item.how}"]
    if not sure:
        lines.append(f"待核实：{pending_text(item)}")
    if item.consequence:
        lines.append(f"到期：{item.consequence}")
    lines.append(f"该办：{item.duty}（{item.actor}）")
    lines.append(f"依据：{'；'.join(basis.text for basis in item.basis)}")
    lines += [f"注意：{note}" for note in item.notes]
    out.print(Padding("\n".join(lines), (0, 0, 0, 4)))


def days_text(item: DueDate) -> str:
    """还剩几天的说法。"""
    if item.days_left < 0:
        return f"已过 {-item.days_left} 天"
    return f"还剩 {item.days_left} 天" if item.days_left else "今天到期"


def pending_text(item: DueDate) -> str:
    """待核实的期限怎么说：若……则……。"""
    if not item.unknown:
        return "先核依据是否有效"
    premise = f"若{item.meaning}，则 {item.due} 到期；" if item.meaning else ""
    return f"{premise}先核实 {'、'.join(item.unknown)}"


def _short(item: DueDate) -> str:
    mark = "" if item.status == "成立" else "，待核实"
    return f"{item.due} {item.clock}（{days_text(item)}{mark}）"


def _policy(policy: ExpiringPolicy) -> str:
    number = f"（{policy.number}）" if policy.number else ""
    used = f"；引用它的工具：{'、'.join(policy.tools)}" if policy.tools else ""
    return f"{policy.expires} 《{policy.title}》{number}（还剩 {policy.days_left} 天，{policy.region}）{used}"


def _articles(bases: tuple[BasisView, ...]) -> str:
    """同一文件的几条并在一起说。"""
    grouped: dict[str, list[str]] = {}
    for item in bases:
        grouped.setdefault(item.title, []).append(article_text(item.article))
    return "；".join(f"《{title}》{'、'.join(articles)}" for title, articles in grouped.items())
