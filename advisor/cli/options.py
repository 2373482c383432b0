"""各命令共用的选项，与打开规则包、手册的办法。"""

from __future__ import annotations

import gc
import getpass
import os
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from advisor.assess import Advisor
from advisor.errors import InputError
from advisor.loading import load_advisor
from advisor.locating import rules_folder
from advisor.rulepack import load_rule_pack
from advisor.rulepack.model import RulePack

STORE_VARIABLE, DEFAULT_STORE = "ADVISOR_STORE", "案卷库.db"
_COLLECT_AFTER = 50_000
"""新对象多出这么多才回收一次。"""


class Day(click.ParamType[date]):
    """日期选项。"""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """写成 2026-11-21。"""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise InputError("--as-of", f"收到“{value}”", allowed="日期，如 2026-11-21", fix="改成年-月-日") from None


def pack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--rules 与 --playbooks。"""
    command = click.option(
        "--rules", "rules_dir", metavar="目录", help="用这个规则包（缺省：随包附带的；也可设 ADVISOR_RULES）"
    )(command)
    return click.option(
        "--playbooks", "playbooks_dir", metavar="目录", help="用这套手册与案例（也可设 ADVISOR_PLAYBOOKS）"
    )(command)


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--as-of。"""
    return click.option("--as-of", type=Day(), default=date.today, metavar="日期", help="基准日，缺省今天")(command)


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--store。"""
    return click.option(
        "--store",
        "store",
        default=default_store,
        metavar="库",
        help="案卷库：SQLite 文件或 postgresql:// 地址（缺省 案卷库.db；也可设 ADVISOR_STORE）",
    )(command)


def who_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--who。"""
    return click.option("--who", default=_user, metavar="名字", help="经手人，记进案卷日志（缺省系统用户名）")(command)


def default_store() -> str:
    """没有指明时的案卷库。"""
    return os.environ.get(STORE_VARIABLE) or DEFAULT_STORE


def _user() -> str:
    """系统用户名；查不到为空，由案卷库要求写 --who。"""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def check_taxonomy(advisor: Advisor, name: str) -> None:
    """地方口径的名称要有。

    Raises:
        InputError: 没有这份分类。
    """
    known = advisor.pack.taxonomies
    if name and name not in known:
        raise InputError("--taxonomy", f"没有“{name}”的分类", allowed="、".join(known), fix="从中选一个")


def open_pack(rules_dir: str | None) -> RulePack:
    """读规则包。"""
    return load_rule_pack(rules_folder(rules_dir))


def open_advisor(rules_dir: str | None, playbooks_dir: str | None) -> Advisor:
    """读规则包与手册；没有推理引擎时在错误流里说明。

    规则包要用到底，读的时候不回收，读好就不再让回收器一遍遍地查（冷启动与逐宗都快一成多）。
    """
    gc.disable()
    try:
        advisor = load_advisor(rules_dir, playbooks_dir)
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
    finally:
        gc.enable()
    if advisor.engine.notice:
        print(advisor.engine.notice, file=sys.stderr)
    return advisor
