"""命令 advisor serve：起网页。"""

from __future__ import annotations

import click

from advisor.cli.options import pack_options, store_option
from advisor.errors import InputError


@click.command(help="起网页：浏览器打开显示的地址，登录后办案卷；首次运行先设管理员")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="地址", help="在哪个地址上服务")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), metavar="端口", help="端口")
@click.option("--workers", type=click.IntRange(0, 32), metavar="个数", help="用几个进程做评估（缺省：有几个核用几个）")
@store_option
@pack_options
def serve(
    host: str, port: int, workers: int | None, store: str, rules_dir: str | None, playbooks_dir: str | None
) -> None:
    """起网页。"""
    try:
        from advisor.web.serving import serve as run
        from advisor.web.site import Settings
        from advisor.web.workshop import default_workers
    except ModuleNotFoundError as missing:
        raise InputError(
            "advisor serve", f"没有装网页部件（缺 {missing.name}）", fix="pip install 'advisor[web]'"
        ) from None
    count = default_workers() if workers is None else workers
    run(Settings(store=store, rules=rules_dir, playbooks=playbooks_dir, workers=count), host, port)
