"""advisor memo 与 advisor template。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from advisor.cli.options import as_of_option, open_advisor, pack_options
from advisor.errors import InputError
from advisor.locating import playbooks_folder


@click.command(help="生成处置方案草案；--update 在官员改过的 docx 上更新，人写的一个字不动")
@click.argument("file", metavar="文件")
@click.option("--out", "folder", required=True, metavar="目录", help="草案放在哪里")
@click.option("--format", "form", type=click.Choice(["docx", "md", "html", "all"]), default="all", help="输出格式")
@click.option("--only", default="", metavar="件,件", help="只要哪几件，如 正文,工具比选表")
@click.option("--trace", is_flag=True, help="另出一份句子与事实、规则、条款的对照表")
@click.option("--update", "edited", metavar="草案.docx", help="改过的草案；事实变了，在它上面更新，写成新文件")
@as_of_option
@pack_options
def memo(
    file: str,
    folder: str,
    form: str,
    only: str,
    trace: bool,
    edited: str | None,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """草案。"""
    from advisor.memo import FORMATS, update_memo, write_memo
    from advisor.memo.estimated import plan_estimates
    from advisor.parcel import read_parcel

    advisor = open_advisor(rules_dir, playbooks_dir)
    parcel = read_parcel(Path(file), advisor.pack.vocabulary)
    result = advisor.assess([parcel], as_of)
    estimates = plan_estimates(advisor, parcel, result.parcels[0], as_of)
    chosen = tuple(name for part in only.replace("，", ",").split(",") if (name := part.strip()))
    if edited is not None:
        if form not in ("docx", "all") or trace:
            raise InputError("--update", "只更新 docx，不能与别的格式、--trace 同用", fix="去掉 --format 或 --trace")
        path, said = update_memo(
            result.parcels[0], result, advisor, Path(edited), Path(folder), estimates=estimates, only=chosen
        )
        click.echo(str(path))
        click.echo(said)
        return
    forms = FORMATS if form == "all" else (form,)
    written = write_memo(
        result.parcels[0], result, advisor, Path(folder), forms, estimates=estimates, only=chosen, trace=trace
    )
    for path in written:
        click.echo(str(path))


@click.group(help="草案模板：改过之后先自检")
def template() -> None:
    """模板。"""


@template.command("check", help="查全角花括号、不认识的名字、没闭合的循环，并试填一遍；有毛病退出码 1")
@click.argument("target", required=False, metavar="[文件或目录]")
@click.option("--playbooks", "playbooks_dir", metavar="目录", help="用这套手册的模板")
def template_check(target: str | None, playbooks_dir: str | None) -> int:
    """自检。"""
    from advisor.memo.checking import SUFFIXES, check_template

    templates = playbooks_folder(playbooks_dir) / "templates"
    chosen = Path(target) if target else templates
    if chosen.is_dir():
        paths = sorted(path for path in chosen.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("~"))
        if not paths:
            raise InputError(str(chosen), "里面没有模板", allowed="后缀 .docx 或 .j2 的文件", fix="核对目录")
    else:
        paths = [chosen]
    found = [fault for path in paths for fault in check_template(path, templates)]
    for fault in found:
        click.echo(fault)
    click.echo(f"模板 {len(paths)} 个，毛病 {len(found)} 处")
    return 1 if found else 0
