"""advisor policy：依据的一生——登记新文件、看谁快到期、列出要跟着改的。"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import click
from rich.text import Text

from advisor.assess import Advisor
from advisor.cli.clocks import Within
from advisor.cli.options import as_of_option, open_advisor, pack_options
from advisor.cli.showing import console
from advisor.errors import InputError
from advisor.expiring import ExpiringPolicy, expiring_policies
from advisor.locating import rules_folder
from advisor.period import Period
from advisor.policy import CONFIDENCE_TEXT
from advisor.policy_entering import NewPolicy, checked, enter, read_new_policy, suggested_code, suggested_file
from advisor.reliance import Reliance, reliance_on

_STORE = click.option("--store", metavar="库", help="案卷库：另列站在它上面的案卷")
_INVENTORY = click.option("--inventory", metavar="台账", help="台账：另列有几宗站在它上面")


@click.group(help="依据：登记新文件、到期日历")
def policy() -> None:
    """依据。"""


@policy.command(help="快到期、已过期的依据，各撑着哪些条件、工具、案卷；有要办的退出码 1，供定时任务用")
@click.option(
    "--within", type=Within(), default="180d", show_default=True, metavar="期间", help="往后看多久：180d、6个月、1年"
)
@_STORE
@_INVENTORY
@as_of_option
@pack_options
def expiring(
    within: Period,
    store: str | None,
    inventory: str | None,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> int:
    """到期日历。"""
    advisor = open_advisor(rules_dir, playbooks_dir)
    found = [
        (item, reliance_on(item.code, advisor.pack, advisor.playbook, as_of))
        for item in expiring_policies(advisor.pack, as_of, within)
    ]
    codes = [item.code for item, _ in found]
    standing = _standing(store, inventory, advisor, rules_folder(rules_dir), as_of, codes)
    pressing = sum(_pressing(item, reliance) for item, reliance in found)
    out = console()
    out.print(f"基准日 {as_of}，看到 {within.after(as_of)}：要办 {pressing} 件，另列 {len(found) - pressing} 件")
    for item, reliance in found:
        style = "bold" if _pressing(item, reliance) else ""
        out.print(Text(_told(item), style=style))
        show_reliance(reliance, standing.get(item.code, ()))
    return 1 if pressing else 0


@policy.command(help="登记一份新文件：一项项问（或用 --answers），写进登记册，再列出要跟着改的")
@click.option("--answers", metavar="文件", help="写好的答案（YAML），不问")
@_STORE
@_INVENTORY
@as_of_option
@pack_options
def add(
    answers: str | None,
    store: str | None,
    inventory: str | None,
    as_of: date,
    rules_dir: str | None,
    playbooks_dir: str | None,
) -> None:
    """登记新文件。"""
    rules = rules_folder(rules_dir)
    advisor = open_advisor(rules_dir, playbooks_dir)
    if answers is not None:
        new = read_new_policy(Path(answers), advisor.pack, rules)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        new = _asked(advisor, rules)
    else:
        raise InputError(
            "advisor policy add", "这里不是终端，没法一问一答", fix="用 --answers 文件，或在终端窗口里运行"
        )
    replaced = [reliance_on(code, advisor.pack, advisor.playbook, as_of) for code in new.supersedes]
    standing = _standing(store, inventory, advisor, rules, as_of, new.supersedes)
    for path in enter(new, rules):
        click.echo(f"写进 {path}")
    _worklist(new, replaced, standing)


def show_reliance(reliance: Reliance, standing: Sequence[tuple[str, str]] = ()) -> None:
    """谁站在一份依据上；standing 是案卷、台账里的。"""
    lines = [*reliance.lines, *standing]
    for name, items in lines or [("没有", "规则、手册、模板都没有引用它")]:
        console().print(Text(f"  {name}：{items}"))


def _pressing(item: ExpiringPolicy, reliance: Reliance) -> bool:
    """要办的：期内到期而有人用的；已过期的，只算还有条件、工具单靠它的。"""
    if item.days_left is None:
        return False
    used = reliance.conditions or reliance.tools or reliance.others
    return bool(reliance.alone if item.days_left < 0 else used)


def _told(item: ExpiringPolicy) -> str:
    name = f"{item.code}《{item.title}》{f'（{item.number}）' if item.number else ''}"
    if item.expires is None or item.days_left is None:
        return f"{name}：有效期待核"
    when = f"已过期 {-item.days_left} 天" if item.days_left < 0 else f"还有 {item.days_left} 天"
    successor = f"，被 {'、'.join(item.superseded_by)} 替代" if item.superseded_by else ""
    return f"{name}：{item.expires} 失效，{when}{successor}"


def _standing(
    store: str | None, inventory: str | None, advisor: Advisor, rules: Path, as_of: date, codes: Sequence[str]
) -> Mapping[str, list[tuple[str, str]]]:
    """依据代码 → 站在它上面的案卷、台账。"""
    found: dict[str, list[tuple[str, str]]] = {}
    if not codes:
        return found
    for code, items in _dossiers(store, advisor, as_of, codes).items():
        found.setdefault(code, []).append(("案卷", "、".join(items)))
    for code, told in _rows(inventory, advisor, rules, as_of, codes).items():
        found.setdefault(code, []).append(("台账", told))
    return found


def _dossiers(store: str | None, advisor: Advisor, as_of: date, codes: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    if store is None:
        return found
    from advisor.dossier.relying import relying_dossiers
    from advisor.dossier.store import Store

    with Store(store) as opened:
        for item in relying_dossiers(opened, advisor, as_of, codes):
            for code, uses in item.uses.items():
                found.setdefault(code, []).append(f"{item.number} {item.name}（{'、'.join(uses)}）")
    return found


def _rows(inventory: str | None, advisor: Advisor, rules: Path, as_of: date, codes: Sequence[str]) -> Mapping[str, str]:
    if inventory is None:
        return {}
    from advisor.cli.screen import need_tables

    need_tables()
    from advisor.screening.relying import relying_rows

    with TemporaryDirectory() as work:
        found = relying_rows(Path(inventory), rules, advisor, as_of, codes, Path(work))
    return {
        code: f"{item.rows} 宗里有 {item.relying} 宗（"
        + "、".join(f"{name} {count} 宗" for name, count in item.uses.items())
        + "）"
        for code, item in found.items()
        if item.relying
    }


def _worklist(new: NewPolicy, replaced: Sequence[Reliance], standing: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """登记之后要办的事，照做的先后。"""
    out = console()
    out.print(Text(f"登记了 {new.code}《{new.title}》。工作单：", style="bold"))
    for reliance in replaced:
        out.print(Text(f"被取代的 {reliance.code} 还有这些引用，逐条对新文件改："))
        show_reliance(reliance, standing.get(reliance.code, ()))
    if not replaced:
        out.print("  没有取代谁：要用它的条件，把它写进条件的“依据”。")
    out.print(
        "下一步：改条件与情景，advisor rules check；advisor rules diff 原来的 现在的 看哪些判定会翻；advisor rules schemas。"
    )


def _asked(advisor: Advisor, rules: Path) -> NewPolicy:
    """一项项问；中途退出什么都不写。"""
    import questionary

    register = advisor.pack.register
    fields = NewPolicy.model_fields

    def text(message: str, check: Any = None, default: str = "") -> Any:
        return questionary.text(message, default=default, validate=check).unsafe_ask().strip()

    def choose(message: str, options: Sequence[Any]) -> Any:
        return questionary.select(message, choices=list(options)).unsafe_ask()

    title = text("文件名称：", lambda given: bool(given.strip()) or "名称要写")
    number = text("文号（没有就回车）：")
    level = choose("层级：", get_args(fields["level"].annotation))
    regions = list(register.regions.names)
    region = questionary.autocomplete(
        "地域（打字选）：", choices=regions, validate=lambda given: given in regions or "从地域树里选"
    ).unsafe_ask()
    effective, expires = (text(f"{name}日期（如 2026-01-31，不知道就回车）：", _is_day) for name in ("生效", "失效"))
    standing = choose("时效：", get_args(fields["standing"].annotation))
    confidence = choose(
        "原文核对过没有：",
        [questionary.Choice(f"{said}（{key}）", value=key) for key, said in CONFIDENCE_TEXT.items()],
    )
    codes = [questionary.Choice(f"{code}《{register[code].title}》", value=code) for code in register.codes]
    supersedes = questionary.checkbox("取代哪几份（空格选，没有就回车）：", choices=codes).unsafe_ask()
    code = text("代码：", default=suggested_code(advisor.pack, rules, level, region))
    files = sorted(path.name for path in (rules / "policies").glob("*.yaml"))
    best = suggested_file(advisor.pack, rules, level, region)
    file = choose("写进哪个登记册：", [best, *(name for name in files if name != best)])
    answers = {
        "名称": title, "文号": number, "层级": level, "地域": region, "生效": effective or None,
        "失效": expires or None, "时效": standing, "置信": confidence, "取代": supersedes, "代码": code,
        "登记册": file, "要点": text("要点（一句话）："), "备注": text("备注（没有就回车）："),
    }  # fmt: skip
    return checked(NewPolicy.model_validate(answers), advisor.pack, rules)


def _is_day(given: str) -> bool | str:
    try:
        return not given.strip() or bool(date.fromisoformat(given.strip()))
    except ValueError:
        return "写成 2026-01-31"
