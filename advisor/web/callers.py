"""来的是谁、能做什么：会话、表单令牌、角色、案卷归属。"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from advisor.accounts.people import Person
from advisor.dossier.record import Dossier
from advisor.errors import AdvisorError, InputError
from advisor.web.site import Site, site_of

SESSION, VISITOR, LARGE = "advisor_session", "advisor_visitor", "advisor_large"
_BEFORE_CHANGE = ("/password", "/sign-out")
_MOST_FIELDS, _LONGEST_FIELD = 400, 64 * 1024

SiteHere = Annotated[Site, Depends(site_of)]


class SignInError(AdvisorError):
    """没有登录，或会话过期。"""


class MustChangeError(AdvisorError):
    """口令是管理员给的，先换。"""


class ForbiddenError(AdvisorError):
    """登录了，但不是这个角色能做的。"""


class MissingError(AdvisorError):
    """没有这一页，或不归您看。"""


class ForgedError(AdvisorError):
    """表单不是本站发的，或放得太久。"""


@dataclass(frozen=True)
class Caller:
    """一次请求的来人；person 为 None 是没有登录。key 是会话或访客的串，表单令牌由它而来。"""

    person: Person | None
    key: str
    seal: str
    address: str
    large: bool

    @property
    def known(self) -> Person:
        """已登录的人。"""
        if self.person is None:
            raise SignInError
        return self.person


def caller_of(request: Request, site: SiteHere) -> Caller:
    """认人。"""
    ticket = request.cookies.get(SESSION, "")
    person = site.office.sessions.person(ticket) if ticket else None
    key = ticket if person else request.cookies.get(VISITOR, "") or secrets.token_urlsafe(16)
    address = request.client.host if request.client else ""
    large = request.cookies.get(LARGE) == "1"
    return Caller(person, key, site.office.sessions.seal(key), address, large)


CallerHere = Annotated[Caller, Depends(caller_of)]


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """放一个 cookie：脚本读不到，别的网站带不来，有 HTTPS 的只走 HTTPS。"""
    response.set_cookie(name, value, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/")


async def form_of(request: Request, caller: CallerHere) -> FormData:
    """收下表单，先核表单令牌。

    Raises:
        ForgedError: 令牌不对。
    """
    form = await request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    if not hmac.compare_digest(text_of(form, "seal").encode("utf-8", "replace"), caller.seal.encode()):
        raise ForgedError
    return form


FormHere = Annotated[FormData, Depends(form_of)]


def text_of(form: FormData, name: str) -> str:
    """表单里的一项文字；没有的为空。"""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def texts_of(form: FormData, name: str) -> list[str]:
    """表单里同名的几项文字。"""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def number_of(form: FormData, name: str) -> int:
    """表单里的一个整数，由页面带着，不由人填。

    Raises:
        InputError: 不是整数。
    """
    text = text_of(form, name)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InputError("表单", "内容不全，可能打开太久", fix="回到案卷重新打开这一页")
    return int(text)


def file_of(form: FormData, name: str) -> tuple[str, bytes]:
    """上传的文件：名字（去掉路径）与内容。

    Raises:
        InputError: 没有选文件。
    """
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        raise InputError("上传", "没有选文件", fix="先选文件，再点上传")
    return bare_name(value.filename), value.file.read()


def bare_name(name: str) -> str:
    """上传的文件名：去掉路径与文件系统不收的字。

    >>> bare_name("../../甲:乙.xlsx")
    '甲乙.xlsx'
    """
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').lstrip(".")[-80:]
    return kept or "文件"


def signed_in(request: Request, caller: CallerHere) -> Person:
    """已登录的人；口令是管理员给的，只许先换口令或退出。

    Raises:
        SignInError: 没有登录。
        MustChangeError: 还没有换口令。
    """
    if caller.known.must_change and request.url.path not in _BEFORE_CHANGE:
        raise MustChangeError
    return caller.known


PersonHere = Annotated[Person, Depends(signed_in)]


class Needs:
    """要有其中一种角色。"""

    def __init__(self, *roles: str) -> None:
        self.roles = roles

    def __call__(self, person: PersonHere) -> Person:
        """放行，或说要什么角色。"""
        if not person.may(*self.roles):
            raise ForbiddenError("、".join(self.roles))
        return person


def guarded(site: Site, person: Person, number: str, log_only: bool) -> Dossier:
    """本单位的一卷。

    Raises:
        MissingError: 没有这一卷，或不是本单位的；两样说法相同。
    """
    if site.office.custody.unit_of(number) != person.unit:
        raise MissingError(f"没有编号“{number}”的案卷，或不归您的单位")
    return site.store.read(number, log_only)
