"""advisor scenario：替情景补缺。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from advisor.cli.options import as_of_option, open_advisor, pack_options
from advisor.cli.workshop import chosen_tools, open_scenarios
from advisor.errors import InputError


@click.group(help="政策情景：补缺")
def scenario() -> None:
    """情景。"""


@scenario.command(help="找出情景没看住的地方，各举一宗地块写成 Gherkin；判定空着，由懂政策的人填")
@click.argument("tool", metavar="工具")
@click.option("--out", metavar="文件", help="写到哪里（缺省显示出来）；已有的文件不覆盖")
@click.option("--features", "folder", metavar="目录", help="情景在哪里（缺省：规则包旁边的 features）")
@as_of_option
@pack_options
def new(
    tool: str, out: str | None, folder: str | None, as_of: date, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """补缺。"""
    from advisor.rulecheck import need_solver
    from advisor.rulecheck.coverage import coverage
    from advisor.rulecheck.mutation import mutate

    need_solver()
    from advisor.rulecheck.proposing import feature_text, propose

    if out is not None and Path(out).exists():
        raise InputError(out, "这个文件已经有了", fix="换一个文件名，填好再并进去")
    advisor = open_advisor(rules_dir, playbooks_dir)
    chosen = chosen_tools(advisor, (tool,))
    if not chosen:
        raise InputError("advisor scenario new", f"“{tool}”规则未编，没有可看住的条件", fix="先写规则")
    scenarios = open_scenarios(advisor, rules_dir, folder, as_of)
    pack = advisor.pack
    found = propose(
        pack, pack.tools[tool], coverage(pack, scenarios, chosen), mutate(pack, scenarios, chosen).survived, as_of
    )
    text = feature_text(tool, found, pack)
    if out is None:
        click.echo(text, nl=False)
        return
    Path(out).write_text(text, encoding="utf-8")
    click.echo(f"{out}：{len(found)} 个情景待填判定")
