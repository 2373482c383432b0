"""advisor screen：一张台账进来，一地一策出去。"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import Day, as_of_option, open_advisor, open_pack, pack_options
from advisor.cli.screen_demand import matched_tables, suggest_demand_mapping, write_demand_template
from advisor.errors import InputError
from advisor.locating import playbooks_folder, rules_folder

if TYPE_CHECKING:
    import polars as pl

    from advisor.assess import Advisor
    from advisor.rulepack.model import RulePack
    from advisor.screening.headers import Headers
    from advisor.screening.running import Job, Progress
    from advisor.screening.tables import Table

VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".zip")
_FOR_SHAPES = ("shapely", "pyogrio", "pyproj", "pyarrow", "scipy")


@dataclass(frozen=True)
class Request:
    """这一次要做什么：各选项照命令行。"""

    inventory: str | None
    folder: str | None
    sheet: str
    mapping: str | None
    suggest: str | None
    template: str | None
    formats: tuple[str, ...]
    layers: tuple[str, ...]
    encoding: str
    taxonomy: str
    demand: str | None
    demand_mapping: str | None
    demand_template: str | None
    grading: str | None
    without_plans: bool
    workers: int
    engine: str
    master: str
    previous: str | None
    against_rules: str | None
    against_as_of: date | None
    strict: bool
    as_of: date
    rules_dir: str | None
    playbooks_dir: str | None

    @property
    def source(self) -> Path:
        """台账文件。

        Raises:
            InputError: 没有写。
        """
        if self.inventory is None:
            raise InputError("advisor screen", "没有写台账文件", fix="写成 advisor screen 台账.xlsx --out 结果")
        return Path(self.inventory)

    @property
    def out(self) -> Path:
        """结果目录。

        Raises:
            InputError: 没有写，或与上次结果是同一个目录。
        """
        if self.folder is None:
            if self.suggest is None:
                raise InputError("advisor screen", "没有写结果放在哪里", fix="加上 --out 目录")
            return Path(self.suggest).parent
        out = Path(self.folder)
        if self.previous is not None and out.resolve() == Path(self.previous).resolve():
            raise InputError("--diff", "上次结果与这次的 --out 是同一个目录", fix="这次的结果另放一个目录")
        return out

    @property
    def drawn(self) -> bool:
        """台账带不带图形。"""
        return self.source.suffix.lower() in VECTORS


@click.command(help="整张台账一次判完：一地一策、汇总、核查任务、数据问题（表格或带图形的都行）")
@click.argument("inventory", metavar="台账", required=False)
@click.option("--out", "folder", metavar="目录", help="结果放在哪里")
@click.option("--sheet", default="", metavar="表名", help="工作簿里的哪张表（缺省第一张）")
@click.option("--mapping", "mapping", metavar="文件", help="人核定的表头对照表（YAML）")
@click.option("--suggest-mapping", "suggest", metavar="文件", help="只生成表头对照表，不判定")
@click.option("--template", "template", metavar="文件", help="只生成带下拉的空白台账（xlsx）")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(["xlsx", "html", "csv", "parquet", "gpkg"]),
    help="写哪几种格式，可写多次（缺省 xlsx、html；宗数很多时逐宗的改写 parquet）",
)  # fmt: skip
@click.option("--layer", "layers", multiple=True, metavar="事实=图层", help="带图形时由这个图层得出事实，可写多次")
@click.option("--encoding", default="", metavar="编码", help="Shapefile 属性表的编码（缺省自动认 UTF-8、GB18030）")
@click.option("--taxonomy", default="", metavar="地方", help="再用一地自己的分类叫法归类")
@click.option("--demand", metavar="需求表", help="地企匹配：企业要什么地的表，配到来得及交付的地块")
@click.option("--demand-mapping", metavar="文件", help="人核定的需求表表头对照（YAML）")
@click.option("--demand-template", metavar="文件", help="只生成空白需求表（xlsx）")
@click.option("--grading", metavar="方案", help="亩均评价：规则包里的方案名，或自己的方案文件")
@click.option("--no-plans", "without_plans", is_flag=True, help="只判工具与症结，不算主推方案（快得多）")
@click.option("--workers", default=0, metavar="个数", help="几个进程一起判（缺省看处理器有几个、要不要算方案）")
@click.option("--engine", type=click.Choice(["polars", "spark"]), default="polars", help="谁来调度各片（缺省本机）")
@click.option("--spark-master", "master", default="local[*]", metavar="地址", help="Spark 主节点，如 spark://主机:7077")
@click.option("--diff", "previous", metavar="上次结果", help="另出一份变化簿：比上次哪几宗变了、为何")
@click.option("--against-rules", metavar="目录", help="另用这个规则包再判一遍，看换了规则哪几宗会变")
@click.option("--against-as-of", type=Day(), metavar="日期", help="另按这个基准日再判一遍，看哪几宗会变")
@click.option("--strict", is_flag=True, help="有认不出的格子、说不通的地方就不出结果，退出码 1（只是存疑的不算）")
@as_of_option
@pack_options
def screen(**given: Any) -> int:
    """台账批量。"""
    need_tables()
    request = Request(**given)
    if request.template is not None:
        from advisor.screening.template import write_template

        write_template(Path(request.template), open_pack(request.rules_dir).vocabulary)
        click.echo(request.template)
        return 0
    if request.demand_template is not None:
        write_demand_template(
            Path(request.demand_template), rules_folder(request.rules_dir), open_pack(request.rules_dir)
        )
        click.echo(request.demand_template)
        return 0
    if request.demand is not None and request.without_plans:
        raise InputError("--demand", "地企匹配要看主推方案来不来得及", fix="去掉 --no-plans")
    advisor = open_advisor(request.rules_dir, request.playbooks_dir)
    if request.taxonomy and request.taxonomy not in advisor.pack.taxonomies:
        known = "、".join(advisor.pack.taxonomies)
        raise InputError("--taxonomy", f"没有“{request.taxonomy}”的分类", allowed=known, fix="从中选一个")
    return _screen(request, advisor)


def _screen(request: Request, advisor: Advisor) -> int:
    from advisor.screening.delivering import PARTS, default_formats, deliver
    from advisor.screening.grading import read_scheme
    from advisor.screening.headers import read_headers, read_mapping, suggested_mapping
    from advisor.screening.running import Job, all_issues, wrong

    headers = read_headers(rules_folder(request.rules_dir), advisor.pack.vocabulary)
    chosen = read_mapping(Path(request.mapping), headers) if request.mapping else {}
    rules, out = rules_folder(request.rules_dir), request.out
    if request.suggest is not None and request.demand is not None:
        suggest_demand_mapping(
            Path(request.suggest), Path(request.demand), out / PARTS / "需求", rules, headers, advisor.pack
        )
        click.echo(f"{request.suggest}：核对后用 --demand-mapping 指到它")
        return 0
    scheme = read_scheme(request.grading, rules, advisor.pack, headers) if request.grading else None
    table = _open(request, out / PARTS, headers, chosen)
    if request.suggest is not None:
        Path(request.suggest).write_text(suggested_mapping(headers, table.titles), "utf-8")
        click.echo(f"{request.suggest}：核对后用 --mapping 指到它")
        return 0
    matched = headers.match(table.titles, chosen)
    if not any(column.target in advisor.pack.vocabulary for column in matched.columns):
        raise InputError(str(request.source), "没有一列对得上事实词表",
                         fix="用 --suggest-mapping 生成表头对照表，改好后用 --mapping 指到它")  # fmt: skip
    job = Job(advisor, table, matched, headers, request.as_of, out / PARTS, not request.without_plans,
              taxonomy=request.taxonomy, drawn=request.drawn, scheme=scheme)  # fmt: skip
    _run(request, job)
    if request.strict and (bad := wrong(all_issues(job))).height:
        return _refuse(bad)
    formats = request.formats or default_formats(table.rows)
    matches = matched_tables(job, Path(request.demand), request.demand_mapping, rules) if request.demand else ()
    written, issues = deliver(job, out, formats, request.source.name, "xlsx" in request.formats, matches)
    for path in (*written, *_comparisons(request, job, out)):
        click.echo(str(path))
    unused = f"；没有用的列：{'、'.join(job.unused)}" if job.unused else ""
    click.echo(f"{table.rows} 宗，用了 {len(job.used)} 列，数据问题 {issues} 条{unused}")
    return 0


def _open(request: Request, folder: Path, headers: Headers, chosen: Mapping[str, str]) -> Table:
    from advisor.screening.tables import open_table

    if not request.drawn:
        if request.layers:
            raise InputError("--layer", "台账没有图形，比不了图层", fix="台账用 GeoPackage、GeoJSON 或 Shapefile")
        return open_table(request.source, folder, headers, chosen, request.sheet)
    _require(_FOR_SHAPES, "读图形", "geo")
    from advisor.screening.layers import open_layer
    from advisor.screening.spatial import read_spatial

    named: dict[str, Path] = {}
    for item in request.layers:
        fact, mark, file = item.partition("=")
        if not mark:
            raise InputError("--layer", f"收到“{item}”", allowed="事实名=图层文件", fix="照这个写法改")
        named[fact.strip()] = Path(file.strip())
    spatial = read_spatial(rules_folder(request.rules_dir), headers.vocabulary)
    return open_layer(request.source, folder, headers, chosen, spatial, named, request.encoding)


def _run(request: Request, job: Job, rules_dir: str | None = None) -> None:
    from advisor.screening.distributing import Recipe, default_workers, run_on_processes, run_on_spark
    from advisor.screening.running import run

    rules, playbooks = rules_folder(rules_dir or request.rules_dir), playbooks_folder(request.playbooks_dir)
    recipe = Recipe.of(job, rules, playbooks)
    workers = request.workers or default_workers(job)
    if request.engine == "spark":
        _require_spark()
    try:
        with progress_bar(job.table.rows) as progress:
            if request.engine == "spark":
                run_on_spark(job, recipe, request.master, progress)
            elif min(workers, len(job.starts)) > 1:
                run_on_processes(job, recipe, workers, progress)
            else:
                run(job, progress)
    except KeyboardInterrupt:
        click.echo(f"判完的留在 {job.folder}，同样的命令再运行一次就接着判。", err=True)
        raise


def _require_spark() -> None:
    _require(("pyspark",), "用 Spark ", "spark")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputError(
            "--engine spark", "这台机器没有 Java，起不了 Spark", fix="装 Java 17，或去掉 --engine spark 用本机判"
        )


def _refuse(bad: pl.DataFrame) -> int:
    for row in bad.head(20).iter_rows(named=True):
        click.echo(f"第 {row['行']} 行“{row['列']}”：“{row['值']}”{row['问题']}。可填：{row['可填']}")
    click.echo(f"数据问题 {bad.height} 条，照 --strict 没有出结果。改好后再运行")
    return 1


def _comparisons(request: Request, job: Job, out: Path) -> Iterator[Path]:
    """与上次比、换规则或基准日比，各出一份变化簿。"""
    from advisor.screening.comparing import finished
    from advisor.screening.delivering import PARTS
    from advisor.screening.running import Job, all_results

    if request.previous is not None:
        yield _compared(out / "变化.xlsx", finished(Path(request.previous)), all_results(job), job.advisor.pack)
    if request.against_rules is not None or request.against_as_of is not None:
        other = open_advisor(request.against_rules or request.rules_dir, request.playbooks_dir)
        day = request.against_as_of or request.as_of
        second = Job(other, job.table, job.matched, job.headers, day, out / f"{PARTS}·另一种", False)
        _run(request, second, request.against_rules)
        yield _compared(out / "换规则的变化.xlsx", all_results(job), all_results(second), other.pack)


def _compared(path: Path, before: pl.LazyFrame, after: pl.LazyFrame, pack: RulePack) -> Path:
    from advisor.screening.comparing import changes, write_changes

    changed = changes(before, after, pack)
    write_changes(path, changed)
    click.echo(f"判定有变的 {changed['编号'].n_unique()} 宗、{changed.height} 处")
    return path


def need_tables() -> None:
    """读写台账要的库都在。

    Raises:
        InputError: 缺哪几个、怎么装。
    """
    _require(("polars", "fastexcel", "xlsxwriter", "numpy", "scipy"), "台账批量", "screen")


def _require(modules: tuple[str, ...], purpose: str, extra: str) -> None:
    """要用的库都在。

    Raises:
        InputError: 缺哪几个、怎么装。
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError("advisor screen", f"这台机器没有装{purpose}要的 {'、'.join(missing)}",
                         fix=f"运行 pip install 'advisor[{extra}]' 再试")  # fmt: skip


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
