"""像没有脚本的浏览器那样用网站：打开页面，照页面里的表单填、交。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from fastapi import FastAPI
from lxml import html
from starlette.testclient import TestClient

PASSWORD = "盘活-2026-abc"


class Visitor:
    """一个浏览器里的一个人。"""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.client = TestClient(app, raise_server_exceptions=False)
        self.response: httpx.Response = httpx.Response(204)

    def open(self, path: str) -> Visitor:
        """打开一页。"""
        self.response = self.client.get(path)
        return self

    def submit(self, action: str, files: Mapping[str, Any] | None = None, **fields: Any) -> Visitor:
        """交页面上 action 结尾的那张表单；没写的照页面上已有的值。"""
        form = next(item for item in self.page.forms if unquote(item.action or "").split("?")[0].endswith(action))
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        for name, value in fields.items():
            data[name] = value
        target = form.action
        if form.method == "GET":
            self.response = self.client.get(target, params=data)
        else:
            self.response = self.client.post(target, data=data, files=files)
        return self

    @property
    def page(self) -> Any:
        """解析好的页面。"""
        return html.fromstring(self.response.text)

    @property
    def status(self) -> int:
        """状态码。"""
        return self.response.status_code

    @property
    def path(self) -> str:
        """转页以后停在哪里。"""
        return unquote(urlsplit(str(self.response.url)).path)

    @property
    def heading(self) -> str:
        """大标题。"""
        return " ".join(self.page.xpath("string(//h1)").split())

    @property
    def text(self) -> str:
        """正文文字，空白合并。"""
        return " ".join(self.page.xpath("string(//main)").split())

    @property
    def problem(self) -> str:
        """错误框里的话。"""
        return " ".join(self.page.xpath("string(//*[@role='alert']/p)").split())

    def sign_in(self, login: str, password: str = PASSWORD) -> Visitor:
        """登录。"""
        return self.open("/sign-in").submit("/sign-in", login=login, password=password)


def set_up(app: FastAPI, *, unit: str = "甲区局", login: str = "guan", name: str = "管一") -> Visitor:
    """首次设置，得到管理员。"""
    visitor = Visitor(app).open(f"/setup?code={app.state.site.setup_code}")
    visitor.submit("/setup", unit=unit, login=login, name=name, password=PASSWORD, again=PASSWORD)
    assert visitor.path == "/admin/people", visitor.text
    return visitor


def member(app: FastAPI, login: str, name: str, unit: str, *roles: str) -> Visitor:
    """开一个已经换过口令的账号并登录。"""
    people = app.state.site.office.people
    if unit not in people.units():
        people.add_unit(unit)
    people.add(login, name, unit, roles, PASSWORD)
    people.reset(login, PASSWORD, must_change=False)
    return Visitor(app).sign_in(login)
