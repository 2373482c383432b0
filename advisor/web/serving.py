"""起一个网站。"""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

import uvicorn

from advisor.errors import InputError
from advisor.web.app import create_app
from advisor.web.site import Settings


def serve(settings: Settings, host: str, port: int) -> None:
    """在 host:port 上服务，直到被叫停。

    Raises:
        InputError: 库打不开，或端口被占。
    """
    listening = _listening(host, port)
    app = create_app(settings)
    site = app.state.site
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{shown}:{listening.getsockname()[1]}"
    if site.office.people.any():
        print(f"盘活顾问：{base}（按 Ctrl-C 停）", flush=True)
    else:
        print(f"盘活顾问：还没有账号，先设管理员 {base}/setup?code={site.setup_code}（按 Ctrl-C 停）", flush=True)
    config = uvicorn.Config(app, log_level="warning", proxy_headers=True, server_header=False, timeout_keep_alive=30)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # uvicorn 收拾好以后再发一次信号：这时干净地退出
    uvicorn.Server(config).run(sockets=[listening])


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listening(host: str, port: int) -> socket.socket:
    """先占住端口：占不到当场说，不等到一切都读好。"""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, port), family=family, backlog=256)
    except OSError as problem:
        said = f"{host}:{port} 用不了（{problem.strerror}）"
        raise InputError("advisor serve", said, fix="换一个端口 --port，或停掉占着它的程序") from None
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 接进来的连接随它：页头、正文分两次发，不等对方确认
    if sys.platform != "win32":
        made.set_inheritable(False)
    return made
