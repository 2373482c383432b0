"""advisor screen：一张台账进来，一地一策出去。"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.options import Day, as_of_option, open_advisor, open_pack, pack_options
from advisor.errors import InputError
from advisor.locating import rules_folder

if TYPE_CHECKING:
    import polars as pl

    from advisor.rulepack.model import RulePack
    from advisor.screening.running import Progress

_NEEDED = {"polars": "polars", "fastexcel": "fastexcel", "xlsxwriter": "xlsxwriter"}


@click.command(help="整张台账一次判完：一地一策、汇总、核查任务、数据问题（xlsx、xls、csv、parquet）")
@click.argument("inventory", metavar="台账", required=False)
@click.option("--out", "folder", metavar="目录", help="结果放在哪里")
@click.option("--sheet", default="", metavar="表名", help="工作簿里的哪张表（缺省第一张）")
@click.option("--mapping", "mapping", metavar="文件", help="人核定的表头对照表（YAML）")
@click.option("--suggest-mapping", "suggest", metavar="文件", help="只生成表头对照表，不判定")
@click.option("--template", "template", metavar="文件", help="只生成带下拉的空白台账（xlsx）")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(["xlsx", "html", "csv", "parquet"]),
    help="写哪几种格式，可写多次（缺省 xlsx、html；宗数很多时逐宗的改写 parquet）",
)  # fmt: skip
@click.option("--taxonomy", default="", metavar="地方", help="再用一地自己的分类叫法归类")
@click.option("--no-plans", "without_plans", is_flag=True, help="只判工具与症结，不算主推方案（快得多）")
@click.option("--diff", "previous", metavar="上次结果", help="另出一份变化簿：比上次哪几宗变了、为何")
@click.option("--against-rules", metavar="目录", help="另用这个规则包再判一遍，看换了规则哪几宗会变")
@click.option("--against-as-of", type=Day(), metavar="日期", help="另按这个基准日再判一遍，看哪几宗会变")
@click.option("--strict", is_flag=True, help="有认不出的格子就不出结果，退出码 1")
@as_of_option
@pack_options
def screen(
    inventory: str | None,
    folder: str | None,
    sheet: str,
    mapping: str | None,
    suggest: str | None,
    template: str | None,
    formats: tuple[str, ...],
    taxonomy: str,
    without_plans: bool,
    previous: str | None,
    against_rules: str | None,
    against_as_of: date | None,
    strict: bool,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """台账批量。"""
    require_extra()
    if template is not None:
        from advisor.screening.template import write_template

        write_template(Path(template), open_pack(rules_dir).vocabulary)
        click.echo(template)
        return 0
    if inventory is None:
        raise InputError("advisor screen", "没有写台账文件", fix="写成 advisor screen 台账.xlsx --out 结果")
    from advisor.screening.delivering import PARTS, default_formats, deliver
    from advisor.screening.headers import read_headers, read_mapping, suggested_mapping
    from advisor.screening.running import Job, all_issues, all_results, run
    from advisor.screening.tables import open_table

    advisor = open_advisor(rules_dir, playbooks_dir)
    headers = read_headers(rules_folder(rules_dir), advisor.pack.vocabulary)
    chosen = read_mapping(Path(mapping), headers) if mapping else {}
    if taxonomy and taxonomy not in advisor.pack.taxonomies:
        known = "、".join(advisor.pack.taxonomies)
        raise InputError("--taxonomy", f"没有“{taxonomy}”的分类", allowed=known, fix="从中选一个")
    if folder is not None and previous is not None and Path(folder).resolve() == Path(previous).resolve():
        raise InputError("--diff", "上次结果与这次的 --out 是同一个目录", fix="这次的结果另放一个目录")
    if folder is None and suggest is None:
        raise InputError("advisor screen", "没有写结果放在哪里", fix="加上 --out 目录")
    out = Path(folder) if folder else Path(suggest or ".").parent
    table = open_table(Path(inventory), out / PARTS, headers, chosen, sheet)
    if suggest is not None:
        Path(suggest).write_text(suggested_mapping(headers, table.titles), "utf-8")
        click.echo(f"{suggest}：核对后用 --mapping 指到它")
        return 0
    matched = headers.match(table.titles, chosen)
    if not any(column.target in advisor.pack.vocabulary for column in matched.columns):
        raise InputError(
            inventory, "没有一列对得上事实词表", fix="用 --suggest-mapping 生成表头对照表，改好后用 --mapping 指到它"
        )
    job = Job(advisor, table, matched, headers, as_of, out / PARTS, not without_plans, taxonomy=taxonomy)
    with progress_bar(table.rows) as progress:
        run(job, progress)
    if strict and (bad := all_issues(job)).height:
        for row in bad.head(20).iter_rows(named=True):
            click.echo(f"第 {row['行']} 行“{row['列']}”：“{row['值']}”{row['问题']}。可填：{row['可填']}")
        click.echo(f"数据问题 {bad.height} 条，照 --strict 没有出结果。改好后再运行，判过的行不用重来")
        return 1
    written, issues = deliver(job, out, formats or default_formats(table.rows), Path(inventory).name, "xlsx" in formats)
    if previous is not None:
        from advisor.screening.comparing import finished

        written.append(_compared(out / "变化.xlsx", finished(Path(previous)), all_results(job), advisor.pack))
    if against_rules is not None or against_as_of is not None:
        other = open_advisor(against_rules or rules_dir, playbooks_dir)
        day = against_as_of or as_of
        second = Job(other, table, matched, headers, day, out / f"{PARTS}·另一种", False)
        with progress_bar(table.rows) as progress:
            run(second, progress)
        written.append(_compared(out / "换规则的变化.xlsx", all_results(job), all_results(second), other.pack))
    for path in written:
        click.echo(str(path))
    unused = f"；没有用的列：{'、'.join(matched.ignored)}" if matched.ignored else ""
    click.echo(f"{table.rows} 宗，用了 {len(matched.columns)} 列，数据问题 {issues} 条{unused}")
    return 0


def _compared(path: Path, before: pl.LazyFrame, after: pl.LazyFrame, pack: RulePack) -> Path:
    from advisor.screening.comparing import changes, write_changes

    changed = changes(before, after, pack)
    write_changes(path, changed)
    click.echo(f"判定有变的 {changed['编号'].n_unique()} 宗、{changed.height} 处")
    return path


def require_extra() -> None:
    """台账批量要的库都在。

    Raises:
        InputError: 缺哪几个、怎么装。
    """
    missing = [name for name, module in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise InputError("advisor screen", f"这台机器没有装台账批量要的 {'、'.join(missing)}",
                         fix="运行 pip install 'advisor[screen]' 再试")  # fmt: skip


@contextmanager
def progress_bar(total: int) -> Iterator[Progress]:
    """错误流里的进度条与剩余时间；不是终端时不显示。"""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("判定"), BarColumn(), MofNCompleteColumn(), TextColumn("剩余"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, _: bar.update(task, completed=done)
