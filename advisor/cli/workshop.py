"""advisor rules 里改规则时用的命令：编辑器帮助、两版比较。"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from advisor.cli.options import as_of_option, open_advisor, open_pack, pack_options
from advisor.locating import rules_folder


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
