"""命令组：用到哪条命令才装载它的模块，别的命令要的库不拖慢这一条。"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """commands_at 是命令名 → “模块:名字”，照帮助里的次序；与直接挂上的命令并在一起。"""

    def __init__(self, *arguments: Any, commands_at: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """帮助里的次序：先直接挂上的。"""
        return [*self.commands, *self.commands_at]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """一条命令；没有则为 None。"""
        if cmd_name not in self.commands_at:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.commands_at[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"advisor.cli.{module}"), name)
        return found
