"""advisor rules 里改规则时用的命令：编辑器帮助、两版比较、情景的覆盖与变异。"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from advisor.assess import Advisor
from advisor.cli.options import as_of_option, open_advisor, open_pack, pack_options
from advisor.errors import InputError
from advisor.locating import rules_folder

if TYPE_CHECKING:
    from advisor.scenarios import Scenario


@click.command(help="由各数据文件的结构生成 JSON Schema：编辑器里名字可补全，打错了标红")
@click.option("--out", "folder", default="schemas", show_default=True, metavar="目录", help="写到哪里")
@pack_options
def schemas(folder: str, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """编辑器帮助。"""
    from advisor.editor_schemas import write_schemas

    written = write_schemas(open_pack(rules_dir), Path(folder))
    click.echo(f"写了 {len(written)} 份到 {folder}。新加了工具、事实、依据之后再运行一次，补全才跟得上。")


@click.command(help="两版规则包差在哪，用话说；带上案卷库或台账，另说哪些判定会翻、因为哪条")
@click.argument("before", metavar="原来的")
@click.argument("after", metavar="现在的")
@click.option("--store", metavar="库", help="案卷库：按各卷现在的答案，两版各评一次")
@click.option("--inventory", metavar="台账", help="台账：两版各判一遍（只判工具，不算方案）")
@click.option("--playbooks", "playbooks_dir", metavar="目录", help="用这套手册与案例（也可设 ADVISOR_PLAYBOOKS）")
@as_of_option
def diff(
    before: str, after: str, store: str | None, inventory: str | None, playbooks_dir: str | None, as_of: date
) -> None:
    """两版比较。"""
    from advisor.cli.workshop_showing import show_flipped, show_pack_changes, show_turns
    from advisor.pack_differences import changed_files, pack_differences

    folders = rules_folder(before), rules_folder(after)
    packs = open_pack(before), open_pack(after)
    show_pack_changes(packs, pack_differences(*packs), changed_files(*folders))
    if store is None and inventory is None:
        return
    old, new = open_advisor(before, playbooks_dir), open_advisor(after, playbooks_dir)
    if store is not None:
        from advisor.dossier.rule_change import flipped_dossiers
        from advisor.dossier.store import Store

        with Store(store) as opened:
            show_flipped(len(opened.numbers()), list(flipped_dossiers(opened, old, new, as_of)))
    if inventory is not None:
        from advisor.cli.screen import need_tables
        from advisor.screening.rule_change import inventory_turns

        need_tables()
        with TemporaryDirectory() as work:
            show_turns(inventory_turns(Path(inventory), folders[0], old, new, as_of, Path(work)))


@click.command(help="规则手册：工具、依据、案例写成一套静态网页，离线可看、可搜、可打印")
@click.option("--out", required=True, metavar="目录", help="写到哪里；打开其中的 index.html")
@as_of_option
@pack_options
def site(out: str, as_of: date, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """规则手册。"""
    from advisor.rule_site import write_site

    advisor = open_advisor(rules_dir, playbooks_dir)
    pages = write_site(advisor, rules_folder(rules_dir).parent / "features", Path(out), as_of)
    click.echo(f"写了 {pages} 页，打开 {Path(out) / 'index.html'}")


def _scenario_options(command: Any) -> Any:
    """--tool、--features、--least。"""
    for option in (
        click.option("--least", type=click.FloatRange(0, 100), metavar="百分数", help="不到这个百分数的，退出码 1"),
        click.option("--features", "folder", metavar="目录", help="情景在哪里（缺省：规则包旁边的 features）"),
        click.option("--tool", "tools", multiple=True, metavar="工具", help="只看这个工具，可写多次（缺省全部）"),
    ):
        command = option(command)
    return command


@click.command(help="每条条件有没有情景让它单独定下判定：成立、不成立、待核实各一次（三值 MC/DC）")
@_scenario_options
@as_of_option
@pack_options
def coverage(
    tools: tuple[str, ...],
    folder: str | None,
    least: float | None,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """情景覆盖。"""
    from advisor.cli.workshop_showing import show_coverage
    from advisor.rulecheck.coverage import coverage as cover

    advisor = open_advisor(rules_dir, playbooks_dir)
    chosen = chosen_tools(advisor, tools)
    found = cover(advisor.pack, open_scenarios(advisor, rules_dir, folder, as_of), chosen)
    share = show_coverage(found)
    return 1 if least is not None and share < least else 0


@click.command(help="把条件逐一改坏（翻、移门槛、删、换与或、放宽地域、去排除），列出没有情景发现的")
@_scenario_options
@click.option("--solve", is_flag=True, help="再用求解器剔出改了也不改变判定的，不算没有发现")
@as_of_option
@pack_options
def mutate(
    tools: tuple[str, ...],
    folder: str | None,
    least: float | None,
    solve: bool,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """情景变异。"""
    from advisor.cli.workshop_showing import show_mutation
    from advisor.rulecheck import need_solver
    from advisor.rulecheck.mutation import mutate as alter
    from advisor.rulecheck.mutation import without_harmless

    advisor = open_advisor(rules_dir, playbooks_dir)
    chosen = chosen_tools(advisor, tools)
    report = alter(advisor.pack, open_scenarios(advisor, rules_dir, folder, as_of), chosen)
    if solve:
        need_solver()
        report = without_harmless(report, advisor.pack, as_of)
    show_mutation(report)
    return 1 if least is not None and report.score * 100 < least else 0


def chosen_tools(advisor: Advisor, tools: tuple[str, ...]) -> list[str]:
    """要看的工具；规则未编的没有可看的。

    Raises:
        InputError: 没有这个工具。
    """
    for name in tools:
        if name not in advisor.pack.tools:
            raise InputError("--tool", f"没有“{name}”这个工具", allowed="、".join(advisor.pack.tools), fix="从中选一个")
    return [name for name in tools or advisor.pack.tools if advisor.pack.tools[name].coded]


def open_scenarios(advisor: Advisor, rules_dir: str | None, folder: str | None, as_of: date) -> list[Scenario]:
    """读情景。

    Raises:
        InputError: 没有情景，或没有装读情景的库。
    """
    features = Path(folder) if folder else rules_folder(rules_dir).parent / "features"
    if not features.is_dir():
        raise InputError(str(features), "这里没有情景", fix="用 --features 指到情景文件夹")
    try:
        from advisor.scenarios import read_scenarios
    except ImportError:
        raise InputError(
            "advisor rules", "这台机器没有装读情景的 gherkin-official", fix="运行 pip install 'advisor[scenarios]' 再试"
        ) from None
    return read_scenarios(features, advisor.pack, advisor.playbook, as_of)
