"""命令行入口 advisor。薄壳：取输入、调下层、展示。"""

from __future__ import annotations

import os
import sys

import click

from advisor import __version__
from advisor.cli.lazily import LazyGroup
from advisor.errors import AdvisorError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERNAL = 0, 1, 2, 70

_COMMANDS = {
    "demo": "commands:demo",
    "interview": "commands:interview",
    "assess": "commands:assess",
    "screen": "screen:screen",
    "checklist": "checklist:checklist",
    "estimate": "estimate:estimate",
    "memo": "memo:memo",
    "template": "memo:template",
    "dossier": "dossier:dossier",
    "clocks": "clocks:clocks",
    "serve": "serve:serve",
    "backtest": "commands:backtest",
    "rules": "commands:rules",
    "policy": "policy:policy",
    "scenario": "scenario:scenario",
}


@click.group(
    cls=LazyGroup,
    commands_at=_COMMANDS,
    help="盘活顾问：低效、闲置土地用什么办法处置，依据是什么，还缺什么，照谁的样子做。",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="盘活顾问 %(version)s")
def cli() -> None:
    """命令组。"""


def main(arguments: list[str] | None = None) -> None:
    """进程入口：把一切错误变成写给办事员的话与约定的退出码。"""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """执行一条命令，返回退出码。"""
    try:
        result = cli.main(args=arguments, prog_name="advisor", standalone_mode=False)
        return result if isinstance(result, int) else EXIT_OK
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as problem:
        _complain(_usage(problem))
        return EXIT_USAGE
    except AdvisorError as problem:
        _complain(str(problem))
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        _complain("已中断。")
        return 130
    except BrokenPipeError:
        sys.stdout = None
        return EXIT_OK
    except OSError as problem:
        place = f"{problem.filename}：" if problem.filename else ""
        _complain(f"{place}读写失败（{problem.strerror or problem}）。下一步：核对路径、权限与磁盘空间，再运行一次。")
        return EXIT_USAGE
    except Exception as problem:
        if os.environ.get("ADVISOR_DEBUG"):
            raise
        _complain(
            f"程序内部出错（{type(problem).__name__}：{problem}）。您的输入没有改动。"
            "下一步：把这句话和所用的事实文件发给维护人员；设 ADVISOR_DEBUG=1 可看详情。"
        )
        return EXIT_INTERNAL


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


def _usage(problem: click.UsageError) -> str:
    command = problem.ctx.command_path if problem.ctx else "advisor"
    if isinstance(problem, click.NoSuchOption):
        near = f"，是不是 {problem.possibilities[0]}" if problem.possibilities else ""
        found = f"没有 {problem.option_name} 这个选项{near}"
    elif isinstance(problem, click.MissingParameter):
        name = problem.param.human_readable_name if problem.param else "参数"
        found = f"缺 {name}"
    elif isinstance(problem, click.BadParameter):
        name = problem.param.human_readable_name if problem.param else "参数"
        found = f"{name} 的值不对（{problem.message}）"
    elif problem.message.startswith("No such command"):
        found = f"没有这个命令（{problem.message.removeprefix('No such command').strip(' .')}）"
    else:
        found = f"用法不对（{problem.message}）"
    return f"{command}：{found}。下一步：运行 {command} --help 看用法。"
