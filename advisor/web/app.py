"""把各页拼成一个网站。"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from advisor import __version__
from advisor.errors import AdvisorError, ConflictError, InputError
from advisor.web.api import docs, routes, screening
from advisor.web.callers import ForbiddenError, ForgedError, MissingError, MustChangeError, SignInError, caller_of
from advisor.web.guarding import SafeHeaders, TooLargeError, UploadLimit
from advisor.web.pages import PAGES
from advisor.web.rendering import STATIC, go, page
from advisor.web.site import Settings, Site

_log = logging.getLogger("advisor.web")


class _Kept(StaticFiles):
    """静态文件：网址里带散列，可以长久缓存。"""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(settings: Settings) -> FastAPI:
    """一个网站；库打不开时报 InputError。"""
    site = Site(settings)

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        site.workshop.warm()
        yield
        site.close()

    app = FastAPI(
        title="盘活顾问", version=__version__, lifespan=opened, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.site = site
    for pages in PAGES:
        app.include_router(pages, include_in_schema=False)
    app.include_router(docs.router)
    app.include_router(routes.router)
    app.include_router(screening.router)
    app.mount("/static", _Kept(directory=STATIC), name="static")
    app.add_middleware(UploadLimit, most=settings.upload)
    app.add_middleware(SafeHeaders)
    for kind in (AdvisorError, RequestValidationError, StarletteHTTPException):
        app.add_exception_handler(kind, _explain)
    app.add_exception_handler(Exception, _apologise)
    return app


def _explain(request: Request, problem: Exception) -> Response:
    """可预见的错：说哪里、下一步。"""
    if isinstance(problem, TooLargeError):
        raise problem
    status, said = _said(problem)
    if request.url.path.startswith("/api/"):
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return JSONResponse({"error": said}, status, headers)
    if isinstance(problem, MustChangeError):
        return go("/password")
    site: Site = request.app.state.site
    caller = caller_of(request, site)
    if isinstance(problem, SignInError):
        back = f"?next={quote(request.url.path)}" if request.method == "GET" and request.url.path != "/" else ""
        return go(f"/sign-in{back}")
    return page(request, site, caller, "problem.html", status=status, said=said, number=status)


def _said(problem: Exception) -> tuple[int, str]:
    if isinstance(problem, SignInError):
        return 401, "没有登录，或会话、令牌已失效。下一步：重新登录，或请管理员发新的令牌。"
    if isinstance(problem, ForbiddenError):
        return 403, f"这一步要由{problem}来做。下一步：请本单位的{problem}处理，或请管理员调整您的角色。"
    if isinstance(problem, ForgedError):
        return 403, "这个页面开得太久，或不是从本站打开的，没有写入。下一步：返回上一页刷新，再做一次。"
    if isinstance(problem, MissingError):
        return 404, f"{problem}。下一步：核对编号，或从案卷列表里打开。"
    if isinstance(problem, ConflictError):
        return 409, _for_pages(problem)
    if isinstance(problem, InputError):
        return 422, _for_pages(problem)
    if isinstance(problem, RequestValidationError):
        places = "、".join(".".join(str(part) for part in item["loc"][1:]) for item in problem.errors()[:5])
        return 422, f"内容不合：{places or '请求体'}。下一步：照接口说明改正。"
    if isinstance(problem, HTTPException | StarletteHTTPException):
        known = {404: "没有这一页。下一步：从首页重新进入。", 405: "这个网址不能这样用。下一步：从首页重新进入。"}
        return problem.status_code, known.get(problem.status_code, "请求不合，没有处理。下一步：返回上一页再试。")
    return 500, str(problem)


def _for_pages(problem: InputError) -> str:
    """网页上不说命令行的事。"""
    said = str(problem)
    if "advisor dossier" in problem.fix or "--" in problem.fix:
        said = str(InputError(problem.where, problem.found, problem.allowed, "返回案卷重新打开，看过之后再定"))
    return said


def _apologise(request: Request, problem: Exception) -> Response:
    """没料到的错：记进日志，页面上不露内情。"""
    _log.error("处理 %s %s 时出错", request.method, request.url.path, exc_info=problem)
    said = "程序内部出错，您的输入没有改动。下一步：返回上一页再试；还不行，把时间和做了什么告诉维护人员。"
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": said}, 500)
    site: Site = request.app.state.site
    return page(request, site, caller_of(request, site), "problem.html", status=500, said=said, number=500)
