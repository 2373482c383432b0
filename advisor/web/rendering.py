"""填模板：页面一律自动转义，用户的文字只当文字。"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from advisor import __version__
from advisor.accounts.people import ADMIN, HANDLER, REVIEWER
from advisor.interview.core import told
from advisor.reasons import blocking, planless, status_text, why
from advisor.web.callers import VISITOR, Caller, set_cookie
from advisor.web.site import Site

_PACKAGE = Path(__file__).resolve().parent
STATIC = _PACKAGE / "static"
_ZONE = timezone(timedelta(hours=8))
MARKS = {"适用": "●", "待核实": "◐", "不适用": "○"}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(str(_PACKAGE / "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # 运行中不改模板，不必每页都看文件动没动
    )
    made.filters.update(local=local_time, path=lambda text: quote(str(text), safe=""))
    made.globals.update(
        told=told, static=static_url, version=__version__, why=why, planless=planless, blocking=blocking, status_text=status_text, MARKS=MARKS,
        HANDLER=HANDLER, REVIEWER=REVIEWER, ADMIN=ADMIN,
    )  # fmt: skip
    return made


@lru_cache(maxsize=32)
def static_url(name: str) -> str:
    """静态文件的网址，带内容的散列：换了版本，浏览器就重取。"""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


def local_time(text: str) -> str:
    """库里的时刻（UTC）写成东八区的，到分。

    >>> local_time("2026-11-22T02:05:09Z")
    '2026-11-22 10:05'
    """
    if not text:
        return ""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M")


def page(
    request: Request, site: Site, caller: Caller, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """一页。"""
    html = _environment().get_template(template).render(visitor=caller, site=site, path=request.url.path, **context)
    response = HTMLResponse(html, status)
    if caller.person is None:
        set_cookie(response, request, VISITOR, caller.key)
    return response


def go(path: str) -> RedirectResponse:
    """做完转到另一页（POST—重定向—GET）。"""
    return RedirectResponse(path, 303)


def address(*parts: str) -> str:
    """拼网址，每段都转义。

    >>> address("dossiers", "2026-0001", "ask", "甲/乙")
    '/dossiers/2026-0001/ask/%E7%94%B2%2F%E4%B9%99'
    """
    return "/" + "/".join(quote(part, safe="") for part in parts)


def download(name: str, data: bytes, kind: str) -> Response:
    """下载一个文件，中文名照 RFC 5987。"""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=kind, headers=headers)
