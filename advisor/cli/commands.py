"""各条命令。"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
from pydantic import TypeAdapter

from advisor.cli.lazily import LazyGroup
from advisor.cli.options import (
    as_of_option,
    check_taxonomy,
    default_store,
    open_advisor,
    open_pack,
    pack_options,
    who_option,
)
from advisor.errors import InputError, RulePackError

_RULES_COMMANDS = {
    "inputs": "estimate:list_inputs",
    "diff": "workshop:diff",
    "coverage": "workshop:coverage",
    "mutate": "workshop:mutate",
    "schemas": "workshop:schemas",
    "site": "workshop:site",
}
_PATHS = click.argument("files", nargs=-1, required=True, metavar="文件...")


@click.command(help="读一份或多份事实文件（YAML/JSON），输出判定")
@_PATHS
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式")
@click.option("--all", "everything", is_flag=True, help="文字输出也列出“无此情形”的工具与每一条条件")
@click.option("--taxonomy", default="", metavar="地方", help="再用一地自己的分类叫法归类（rules/taxonomies/ 里的名称）")
@as_of_option
@pack_options
def assess(
    files: tuple[str, ...],
    form: str,
    everything: bool,
    taxonomy: str,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """评估。"""
    from advisor.parcel import read_parcel

    advisor = open_advisor(rules_dir, playbooks_dir)
    check_taxonomy(advisor, taxonomy)
    parcels = [read_parcel(Path(name), advisor.pack.vocabulary) for name in files]
    result = advisor.assess(parcels, as_of, taxonomy=taxonomy)
    if form == "json":
        click.echo(TypeAdapter(type(result)).dump_json(result, indent=1))  # 直接写字节，几十兆的文字不必来回转码
        return
    from advisor.cli.showing import show_assessment

    show_assessment(result, everything)


@click.command(help="用随包示例地块走完整条主线：判定、方案、案例、处置方案草案")
@click.option("--out", "folder", default="outputs/demo", metavar="目录", help="草案放在哪里")
@as_of_option
@pack_options
def demo(folder: str, as_of: date, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """示例。"""
    from advisor.cli.showing import show_demo
    from advisor.memo import write_memo
    from advisor.memo.estimated import plan_estimates
    from advisor.parcel import read_parcel

    advisor = open_advisor(rules_dir, playbooks_dir)
    sample = advisor.playbook.root / "samples" / "示例地块.yaml"
    parcel = read_parcel(sample, advisor.pack.vocabulary)
    result = advisor.assess([parcel], as_of)
    estimates = plan_estimates(advisor, parcel, result.parcels[0], as_of)
    written = write_memo(result.parcels[0], result, advisor, Path(folder), ("docx", "md"), estimates=estimates)
    show_demo(sample, result, written)


@click.command(help="终端引导问答：一次一问，只问还能改变判定的")
@click.option("--resume", metavar="案卷", help="接着上次保存的案卷文件（YAML）答")
@click.option("--answers", metavar="文件", help="用事实文件自动作答，缺的答“不清楚”")
@click.option("--transcript", metavar="文件", help="把问答过程写成 JSON")
@click.option("--thorough", is_flag=True, help="主推方案定了也接着问，问到没有能改变判定的为止")
@click.option("--save", metavar="文件", help="案卷存到哪里（缺省 案卷.yaml，随答随存）")
@click.option("--store", metavar="库", help="每答一问写进这个案卷库（SQLite 文件或 postgresql:// 地址），不存 YAML")
@click.option("--dossier", "number", metavar="编号", help="接着答案卷库里的这一卷；不写就立新卷")
@who_option
@as_of_option
@pack_options
def interview(
    resume: str | None,
    answers: str | None,
    transcript: str | None,
    thorough: bool,
    save: str | None,
    store: str | None,
    number: str | None,
    who: str,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """问答。"""
    in_store = store is not None or number is not None
    if in_store and (resume or save or answers):
        raise InputError(
            "advisor interview",
            "--store、--dossier 是存进案卷库，--resume、--save、--answers 是用 YAML 文件，不能一起用",
            fix="只用一种；要把 YAML 文件收进库，用 advisor dossier new 地块名 --from 文件",
        )
    if answers is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "advisor interview", "这里不是终端，没法一问一答", fix="用 --answers 事实文件 自动作答，或在终端窗口里运行"
        )
    from advisor.cli.asking import run_interview, run_unattended
    from advisor.interview.keeping import FileKeeping

    advisor = open_advisor(rules_dir, playbooks_dir)
    if answers is not None:
        return run_unattended(advisor, Path(answers), transcript, as_of, thorough)
    if not in_store:
        start = Path(resume) if resume else None
        path = Path(save or resume or "案卷.yaml")
        return run_interview(advisor, FileKeeping(path, advisor.pack.vocabulary, start), transcript, as_of, thorough)
    from advisor.dossier.interviewing import StoreKeeping
    from advisor.dossier.store import Store

    with Store(store or default_store(), create=number is None) as opened:
        keeping = StoreKeeping(opened, number or "", who, advisor)
        return run_interview(advisor, keeping, transcript, as_of, thorough)


@click.command(help="用案例库回测规则：逐案看实际所用工具判成什么、排第几")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式")
@as_of_option
@pack_options
def backtest(form: str, as_of: date, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """回测。"""
    from advisor.backtest import run_backtest
    from advisor.cli.showing import show_backtest

    result = run_backtest(open_advisor(rules_dir, playbooks_dir), as_of)
    if form == "json":
        click.echo(result.model_dump_json(indent=1))
    else:
        show_backtest(result)


@click.group(cls=LazyGroup, commands_at=_RULES_COMMANDS, help="规则包：查看、校验、比较")
def rules() -> None:
    """规则包。"""


@rules.command("show", help="以中文列出一个工具的条件、依据、期限、案例")
@click.argument("tool", metavar="工具")
@as_of_option
@pack_options
def rules_show(tool: str, as_of: date, rules_dir: str | None, playbooks_dir: str | None) -> None:
    """查看工具。"""
    from advisor.cli.showing import show_tool

    advisor = open_advisor(rules_dir, playbooks_dir)
    if tool not in advisor.pack.tools:
        raise InputError(
            "advisor rules show", f"没有“{tool}”这个工具", allowed="、".join(advisor.pack.tools), fix="从中选一个"
        )
    show_tool(advisor, tool, as_of)


@rules.command("facts", help="列出事实词表")
@pack_options
def rules_facts(rules_dir: str | None, playbooks_dir: str | None) -> None:
    """查看词表。"""
    from advisor.cli.showing import show_facts

    show_facts(open_pack(rules_dir))


@rules.command("check", help="校验规则包：引用、类型、依据、期限、成环、场景覆盖；有错退出码 1")
@click.option("--solve", is_flag=True, help="再用求解器校对：永不成立的条件、不能适用的工具、多余的条件……各举一宗例子")
@as_of_option
@pack_options
def rules_check(solve: bool, as_of: date, rules_dir: str | None, playbooks_dir: str | None) -> int:
    """校验。"""
    from advisor.locating import playbooks_folder, rules_folder
    from advisor.rulecheck import check_pack, prove_pack

    try:
        report = check_pack(rules_folder(rules_dir), playbooks_folder(playbooks_dir), as_of)
        report += prove_pack(open_pack(rules_dir), as_of) if solve else []
    except RulePackError as problem:
        click.echo("\n".join(f"错误  {item}" for item in problem.problems))
        click.echo(f"规则包问题 {len(problem.problems)}")
        return 1
    for finding in report:
        click.echo(str(finding))
    errors = sum(finding.severity == "错误" for finding in report)
    click.echo(f"规则包问题 {errors}，提醒 {len(report) - errors}")
    return 1 if errors else 0
