"""命令 advisor dossier：案卷库。"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from advisor.cli.options import (
    as_of_option,
    check_taxonomy,
    open_advisor,
    open_pack,
    pack_options,
    store_option,
    who_option,
)
from advisor.errors import InputError

_NUMBER = click.argument("number", metavar="编号")
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式")
_ASSESSMENT = click.option("--assessment", "no", type=int, metavar="次", help="第几次评估，缺省最近一次")


@click.group(help="案卷库：立卷、记答案、评估留存、改判、核对、重放、比对、导出导入")
def dossier() -> None:
    """案卷库。"""


@dossier.command("new", help="立一卷，输出编号；可从事实文件带入答案")
@click.argument("name", metavar="地块名")
@click.option("--number", default="", metavar="编号", help="案卷编号，缺省按年顺编")
@click.option("--from", "facts", metavar="事实文件", help="把这份事实文件（或 YAML 案卷）里的答案带进来")
@click.option("--source", default="", metavar="材料", help="答案出自哪份材料")
@click.option("--remark", default="", metavar="备注", help="备注")
@who_option
@store_option
@pack_options
def new(
    name: str,
    number: str,
    facts: str | None,
    source: str,
    remark: str,
    who: str,
    store: str,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """立卷。"""
    from advisor.dossier.record import Change
    from advisor.dossier.store import Store
    from advisor.dossier.values import written
    from advisor.interview.dossier_file import load

    answers = load(Path(facts), open_pack(rules_dir).vocabulary)[1] if facts else {}
    with Store(store, create=True) as opened:
        number = opened.create(name, who, number, remark)
        opened.answer(number, [Change(fact, written(value), source) for fact, value in answers.items()], who, 1)
    click.echo(number)


@dossier.command("answer", help="记下答案：事实=值，可写几个；不清楚也是一种答案")
@_NUMBER
@click.argument("pairs", nargs=-1, metavar="[事实=值]...")
@click.option("--withdraw", multiple=True, metavar="事实", help="撤回这个事实的答案，可写几次")
@click.option("--source", default="", metavar="材料", help="出自哪份材料")
@click.option("--remark", default="", metavar="备注", help="备注")
@click.option("--seen", type=int, metavar="版本", help="您看到的版本（show 里的“第几条”）；别人之后又写了就不写入")
@who_option
@store_option
@pack_options
def answer(
    number: str,
    pairs: tuple[str, ...],
    withdraw: tuple[str, ...],
    source: str,
    remark: str,
    seen: int | None,
    who: str,
    store: str,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """记答案。"""
    from advisor.dossier.answering import changed, withdrawn
    from advisor.dossier.store import Store

    if not pairs and not withdraw:
        raise InputError("advisor dossier answer", "没有写要记什么", allowed="事实=值，或 --withdraw 事实", fix="补上")
    pack = open_pack(rules_dir)
    with Store(store) as opened:
        present = opened.read(number, log_only=True)
        changes = [changed(pair, pack, source, remark) for pair in pairs]
        changes += [withdrawn(fact, present, pack, source, remark) for fact in withdraw]
        version = opened.answer(number, changes, who, present.version if seen is None else seen)
    click.echo(f"已记 {len(changes)} 条，案卷到第 {version} 条")


@dossier.command("assess", help="按当前答案评估，结果连同规则包版本留存")
@_NUMBER
@_FORMAT
@click.option("--taxonomy", default="", metavar="地方", help="再用一地自己的分类叫法归类")
@who_option
@as_of_option
@store_option
@pack_options
def assess(
    number: str,
    form: str,
    taxonomy: str,
    who: str,
    as_of: date,
    store: str,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """评估并留存。"""
    from advisor.cli.dossier_showing import show_assessed
    from advisor.dossier.record import overrides
    from advisor.dossier.replay import assess_dossier
    from advisor.dossier.store import Store

    advisor = open_advisor(rules_dir, playbooks_dir)
    check_taxonomy(advisor, taxonomy)
    with Store(store) as opened:
        present = opened.read(number)
        result, draft, reading = assess_dossier(present, advisor, as_of, taxonomy)
        kept = opened.keep(number, draft, who, present.version)
    made = overrides(present)
    if form == "json":
        content = {
            "number": number,
            "assessment": kept.no,
            "overrides": [vars(item) for item in made],
            "notices": reading.notices,
            "result": json.loads(kept.result),
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        show_assessed(number, kept.no, result, made, reading)


@dossier.command("list", help="列出全部案卷")
@_FORMAT
@store_option
def list_all(form: str, store: str) -> None:
    """列目。"""
    from advisor.cli.dossier_showing import show_list
    from advisor.dossier.store import Store

    with Store(store) as opened:
        found = opened.listing()
    if form == "json":
        click.echo(json.dumps([vars(item) for item in found], ensure_ascii=False, indent=1))
    else:
        show_list(found)


@dossier.command("show", help="看一卷：当前答案、人工改判、历次评估；--log 连日志")
@_NUMBER
@click.option("--log", "whole", is_flag=True, help="列出全部日志")
@store_option
@pack_options
def show(number: str, whole: bool, store: str, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """看案卷。"""
    from advisor.cli.dossier_showing import show_dossier
    from advisor.dossier.store import Store

    pack = open_pack(rules_dir)
    with Store(store) as opened:
        show_dossier(opened.read(number), pack, whole)


@dossier.command("override", help="人工改判一个工具的判定，须写理由；--withdraw 撤回改判")
@_NUMBER
@click.argument("tool", metavar="工具")
@click.argument("verdict", required=False, default="", metavar="判定")
@click.option("--withdraw", is_flag=True, help="撤回对这个工具的改判")
@click.option("--reason", default="", metavar="理由", help="为什么改、凭什么改（必填）")
@who_option
@as_of_option
@store_option
@pack_options
def override(
    number: str,
    tool: str,
    verdict: str,
    withdraw: bool,
    reason: str,
    who: str,
    as_of: date,
    store: str,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """改判。"""
    from advisor.dossier.overriding import override_verdict
    from advisor.dossier.store import Store

    advisor = open_advisor(rules_dir, playbooks_dir)
    with Store(store) as opened:
        said = override_verdict(opened, number, advisor, tool, None if withdraw else verdict, reason, who, as_of)
    click.echo(said)


@dossier.command("export", help="导出一卷为 JSON（日志、评估、散列链都在），或导出成事实文件")
@_NUMBER
@click.option("--out", metavar="文件", help="写到哪里，缺省输出到屏幕")
@click.option("--facts", is_flag=True, help="只导出当前答案，写成事实文件（YAML），供 assess、memo 用；须写 --out")
@store_option
@pack_options
def export(
    number: str, out: str | None, facts: bool, store: str, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """导出。"""
    from advisor.dossier.exchange import exported
    from advisor.dossier.reading import read_answers
    from advisor.dossier.store import Store
    from advisor.interview.dossier_file import save

    with Store(store) as opened:
        present = opened.read(number)
    if facts:
        if out is None:
            raise InputError("advisor dossier export", "--facts 要写到文件", fix="加 --out 地块.yaml")
        reading = read_answers(present.changes, open_pack(rules_dir))
        save(Path(out), present.name, reading.answers)
        for notice in reading.notices:
            click.echo(notice, err=True)
    elif out is None:
        click.echo(exported(present), nl=False)
    else:
        Path(out).write_bytes(exported(present).encode("utf-8"))


@dossier.command("import", help="导入 export 写出的 JSON；同编号已有的不导")
@click.argument("file", metavar="文件")
@store_option
def import_file(file: str, store: str) -> None:
    """导入。"""
    from advisor.dossier.exchange import read_export
    from advisor.dossier.store import Store

    present = read_export(Path(file))
    with Store(store, create=True) as opened:
        opened.insert(present)
    click.echo(f"已导入案卷 {present.number}：{present.version} 条日志，{len(present.assessments)} 次评估")


@dossier.command("verify", help="核对散列链与留存，缺省全库；有坏处退出码 1")
@click.argument("numbers", nargs=-1, metavar="[编号]...")
@store_option
def verify(numbers: tuple[str, ...], store: str) -> int:
    """核对。"""
    from advisor.dossier.store import Store

    bad = 0
    with Store(store) as opened:
        for number in numbers or opened.numbers():
            found = opened.verify(number)
            bad += bool(found)
            for fault in found:
                click.echo(f"案卷“{number}”{fault}")
            if not found:
                header = opened.read(number)
                click.echo(f"案卷“{number}”{header.version} 条全对，末条散列 {header.entries[-1].digest}")
    return 1 if bad else 0


@dossier.command("replay", help="用评估时那一版规则包重算，逐字节核对留存的结果；不同则退出码 1")
@_NUMBER
@_ASSESSMENT
@store_option
@pack_options
def replay(number: str, no: int | None, store: str, rules_dir: str | None, playbooks_dir: str | None) -> int:
    """重放。"""
    from advisor.cli.dossier_showing import show_replay
    from advisor.dossier.replay import chosen
    from advisor.dossier.replay import replay as run
    from advisor.dossier.store import Store

    with Store(store) as opened:
        kept = chosen(opened.read(number), no)
    done = run(kept, open_advisor(rules_dir, playbooks_dir))
    show_replay(number, done)
    return 0 if done.same else 1


@dossier.command("diff", help="留存的评估与用现在（或 --rules 指定）的规则包重算差在哪、因为哪条")
@_NUMBER
@_ASSESSMENT
@_FORMAT
@store_option
@pack_options
def diff(number: str, no: int | None, form: str, store: str, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """比对。"""
    from dataclasses import asdict

    from advisor.cli.dossier_showing import show_differences
    from advisor.dossier.differences import differences
    from advisor.dossier.record import overrides
    from advisor.dossier.replay import chosen, recomputed
    from advisor.dossier.store import Store

    with Store(store) as opened:
        present = opened.read(number)
    kept = chosen(present, no)
    result, reading = recomputed(kept, open_advisor(rules_dir, playbooks_dir))
    found = differences(json.loads(kept.result), json.loads(result.model_dump_json()))
    if form == "json":
        click.echo(json.dumps({**asdict(found), "notices": reading.notices}, ensure_ascii=False, indent=1))
    else:
        show_differences(number, kept, found, reading, overrides(present))
