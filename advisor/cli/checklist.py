"""核查清单的命令：导出去查，填好了读回来。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from advisor.assess import Advisor
from advisor.cli.options import as_of_option, open_advisor, pack_options
from advisor.parcel import read_parcel


@click.command(help="核查清单：导出 Excel 去查；填好后用 --read 读回来，写成新的事实文件")
@click.argument("file", metavar="事实文件")
@click.option("--out", "target", required=True, metavar="文件", help="清单写到哪里；用 --read 时是新的事实文件")
@click.option("--read", "filled", metavar="清单", help="读回填好的清单")
@as_of_option
@pack_options
def checklist(
    file: str, target: str, filled: str | None, as_of: date, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """清单。"""
    advisor = open_advisor(rules_dir, playbooks_dir)
    if filled is None:
        _export(advisor, Path(file), Path(target), as_of)
    else:
        _bring_back(advisor, Path(file), Path(filled), Path(target))


def _export(advisor: Advisor, file: Path, target: Path, as_of: date) -> None:
    from advisor.checklist import checklist as listed
    from advisor.checklist_sheet import write_checklist

    parcel = read_parcel(file, advisor.pack.vocabulary)
    view = advisor.assess_one(parcel, as_of)
    sections = listed(advisor.pack, parcel, view)
    pack = advisor.pack
    note = (
        f"基准日 {as_of.isoformat()}，规则包 {pack.version}（{pack.sha256[:12]}）。"
        "查明一项填一项，没查清的空着；填好后用 advisor checklist --read 读回。"
    )
    write_checklist(target, parcel.name, note, sections, pack.vocabulary)
    counts = "，".join(f"{section.channel} {len(section.items)} 项" for section in sections) or "没有要查的"
    click.echo(f"{target}：{counts}")


def _bring_back(advisor: Advisor, file: Path, filled: Path, target: Path) -> None:
    from advisor.checklist_sheet import read_checklist
    from advisor.consistency import contradictions
    from advisor.interview.dossier_file import load, save

    vocabulary = advisor.pack.vocabulary
    name, answers = load(file, vocabulary)
    found = read_checklist(filled, vocabulary)
    for fact, entry in found.items():
        old, new = answers.get(fact), entry.value
        if new is None and old is not None:
            click.echo(f"没改  {fact}：清单上写不清楚，仍用原来的 {vocabulary[fact].show(old)}")
            continue
        if old is not None and old != new:
            click.echo(f"改了  {fact}：{vocabulary[fact].show(old)} → {vocabulary[fact].show(new)}")
        answers[fact] = new
    save(target, name, answers, read_parcel(file, vocabulary).estimates)
    click.echo(f"{target}：读回 {len(found)} 项")
    for item in contradictions(advisor.pack, {fact: value for fact, value in answers.items() if value is not None}):
        shown = "，".join(f"{fact} = {vocabulary[fact].show(value)}" for fact, value in item.facts.items())
        click.echo(f"{item.severity}  {shown}：{item.text}。怎么定：{item.settle}")
