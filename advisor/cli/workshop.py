"""advisor rules 里改规则时用的命令：编辑器帮助、两版比较、求解校对、覆盖与变异。"""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.options import open_pack, pack_options


@click.command(help="由各数据文件的结构生成 JSON Schema：编辑器里名字可补全，打错了标红")
@click.option("--out", "folder", default="schemas", show_default=True, metavar="目录", help="写到哪里")
@pack_options
def schemas(folder: str, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """编辑器帮助。"""
    from advisor.editor_schemas import write_schemas

    written = write_schemas(open_pack(rules_dir), Path(folder))
    click.echo(f"写了 {len(written)} 份到 {folder}。新加了工具、事实、依据之后再运行一次，补全才跟得上。")
