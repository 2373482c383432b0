"""由案卷库直接出东西：期限、草案。人工改判写在里面。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from advisor.cli.clocks import clock_options, run_clocks
from advisor.cli.options import as_of_option, open_advisor, open_pack, pack_options, store_option
from advisor.period import Period


@click.command("clocks", help="库里各卷的期限：哪天到期、该办什么；有已过未了或期内到期的，退出码 1，供定时任务")
@click.argument("numbers", nargs=-1, metavar="[编号...]")
@clock_options
@as_of_option
@store_option
@pack_options
def dossier_clocks(
    numbers: tuple[str, ...],
    within: Period,
    calendar: str | None,
    form: str,
    as_of: date,
    store: str,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """期限。"""
    from advisor.dossier.reading import read_answers
    from advisor.dossier.store import Store

    pack = open_pack(rules_dir)
    with Store(store) as opened:
        chosen = numbers or tuple(item.number for item in opened.listing())
        kept = [opened.read(number, log_only=True) for number in chosen]
    parcels = [(f"{item.number} {item.name}", read_answers(item.changes, pack).facts) for item in kept]
    return run_clocks(pack, parcels, as_of, within, calendar, form)


@click.command("memo", help="由一卷的当前答案生成处置方案草案；有人工改判的写在处置建议最前面")
@click.argument("number", metavar="编号")
@click.option("--out", "folder", required=True, metavar="目录", help="草案放在哪里")
@click.option("--format", "form", type=click.Choice(["docx", "md", "html", "all"]), default="all", help="输出格式")
@as_of_option
@store_option
@pack_options
def dossier_memo(
    number: str, folder: str, form: str, as_of: date, store: str, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """草案。"""
    from advisor.dossier.reading import read_answers
    from advisor.dossier.record import overrides
    from advisor.dossier.store import Store
    from advisor.memo import FORMATS, write_memo
    from advisor.memo.estimated import plan_estimates
    from advisor.parcel import Parcel

    advisor = open_advisor(rules_dir, playbooks_dir)
    with Store(store) as opened:
        present = opened.read(number)
    reading = read_answers(present.changes, advisor.pack)
    for notice in reading.notices:
        click.echo(notice, err=True)
    parcel = Parcel(name=present.name, facts=advisor.pack.vocabulary.ordered(reading.facts))
    result = advisor.assess([parcel], as_of)
    written = write_memo(
        result.parcels[0],
        result,
        advisor,
        Path(folder),
        FORMATS if form == "all" else (form,),
        estimates=plan_estimates(advisor, parcel, result.parcels[0], as_of),
        remarks=tuple(str(item) for item in overrides(present)),
    )
    for path in written:
        click.echo(str(path))
