"""谁能进哪一页：每个网址 × 五种人，照下表；表里没写的网址、网址里没有的行，都算错。"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, routing
from starlette.testclient import TestClient

from advisor.web.callers import SESSION, VISITOR
from tests.web.driving import Visitor, member

ACTORS = ("没有登录", "外单位", "经办", "复核", "管理员")
# 进：办得到（页面打得开，或因表单空着被指出）；登：请去登录；禁：不是这个角色；无：看不见
EVERYONE, SIGNED = "进进进进进", "登进进进进"
READ, WRITE, SIGN = "登无进进禁", "登无进禁禁", "登无禁进禁"
OWN_READ, OWN_WRITE, ADMIN = "登进进进禁", "登进进禁禁", "登禁禁禁进"
TOKEN, TOKEN_READ, TOKEN_WRITE = "登进进进进", "登进进进禁", "登进进禁禁"
TABLE = {
    "GET /": EVERYONE,
    "GET /setup": EVERYONE,
    "POST /setup": EVERYONE,
    "GET /sign-in": EVERYONE,
    "POST /sign-in": EVERYONE,
    "POST /text-size": EVERYONE,
    "POST /sign-out": SIGNED,
    "GET /password": SIGNED,
    "POST /password": SIGNED,
    "GET /dossiers": OWN_READ,
    "GET /dossiers/new": OWN_WRITE,
    "POST /dossiers/new": OWN_WRITE,
    "GET /dossiers/{number}": READ,
    "GET /dossiers/{number}/check": READ,
    "POST /dossiers/{number}/assess": WRITE,
    "GET /dossiers/{number}/ask": WRITE,
    "GET /dossiers/{number}/ask/{fact}": WRITE,
    "GET /dossiers/{number}/ask/{fact}/effects": WRITE,
    "POST /dossiers/{number}/ask/{fact}": WRITE,
    "GET /dossiers/{number}/result": READ,
    "GET /dossiers/{number}/tools/{tool}": READ,
    "GET /dossiers/{number}/to-verify": READ,
    "GET /dossiers/{number}/what-if": READ,
    "POST /dossiers/{number}/what-if": WRITE,
    "GET /dossiers/{number}/memo": READ,
    "GET /dossiers/{number}/memo/preview": READ,
    "GET /dossiers/{number}/memo/draft.{form}": READ,
    "POST /dossiers/{number}/memo/merge": READ,
    "GET /dossiers/{number}/memo/merged/{slip}": "登无无无禁",
    "GET /dossiers/{number}/memo/merged/{slip}/draft.docx": "登无无无禁",
    "GET /dossiers/{number}/review": READ,
    "POST /dossiers/{number}/sign": SIGN,
    "POST /dossiers/{number}/override": SIGN,
    "GET /dossiers/{number}/history": READ,
    "GET /dossiers/{number}/export.json": READ,
    "GET /inventories": OWN_WRITE,
    "POST /inventories": OWN_WRITE,
    "GET /inventories/blank.xlsx": OWN_WRITE,
    "GET /inventories/{job}": "登无无禁禁",
    "GET /inventories/{job}/files/{name}": "登无无禁禁",
    "GET /library": SIGNED,
    "GET /library/map": SIGNED,
    "GET /library/tools/{name}": SIGNED,
    "GET /library/policies/{code}": SIGNED,
    "GET /library/cases/{case_id}": SIGNED,
    "GET /calendar": SIGNED,
    "GET /admin/people": ADMIN,
    "POST /admin/people": ADMIN,
    "POST /admin/units": ADMIN,
    "GET /admin/people/{login}": ADMIN,
    "POST /admin/people/{login}": ADMIN,
    "POST /admin/people/{login}/password": ADMIN,
    "GET /admin/tokens": ADMIN,
    "POST /admin/tokens": ADMIN,
    "POST /admin/tokens/revoke": ADMIN,
    "GET /admin/custody": ADMIN,
    "POST /admin/custody": ADMIN,
    "GET /admin/audit": ADMIN,
    "GET /api/openapi.json": SIGNED,
    "GET /api/docs": SIGNED,
    "POST /api/assess": TOKEN,
    "POST /api/memo": TOKEN,
    "GET /api/tools": TOKEN,
    "GET /api/tools/{name}": TOKEN,
    "GET /api/cases": TOKEN,
    "GET /api/cases/{case_id}": TOKEN,
    "GET /api/dossiers": TOKEN_READ,
    "POST /api/dossiers": TOKEN_WRITE,
    "GET /api/dossiers/{number}": READ,
    "POST /api/dossiers/{number}/answers": WRITE,
    "POST /api/dossiers/{number}/assess": WRITE,
    "GET /api/dossiers/{number}/memo": READ,
    "POST /api/screenings": TOKEN_WRITE,
    "GET /api/screenings/{job}": "登无无禁禁",
    "GET /api/screenings/{job}/files/{name}": "登无无禁禁",
}
LOGINS = {"外单位": "wai", "经办": "jing", "复核": "fu", "管理员": "guan"}
BODIES = {
    "POST /api/assess": {"parcels": [{"facts": {}}]},
    "POST /api/memo": {"facts": {}},
    "POST /api/dossiers": {"name": "权限表立的", "facts": {}},
    "POST /api/dossiers/{number}/answers": {"facts": {"司法查封": "否"}, "seen": 1},
}


def routes(app: FastAPI) -> Iterator[str]:
    """网站上的全部网址。较新的 FastAPI 把并入的路由收在一起，要展开。"""
    expand = getattr(routing, "iter_route_contexts", iter)
    for route in expand(app.routes):
        if route.path != "/static":
            yield from (f"{method} {route.path}" for method in route.methods)


def test_table_has_every_address_and_nothing_else(app: FastAPI) -> None:
    assert set(routes(app)) == set(TABLE)


@pytest.fixture(scope="module")
def tokens(app: FastAPI, outsider: Visitor, handler: Visitor, reviewer: Visitor) -> dict[str, str]:
    return {actor: app.state.site.office.tokens.issue(f"权限表{actor}", login) for actor, login in LOGINS.items()}


@pytest.mark.parametrize("address", TABLE)
def test_only_what_the_table_allows(app: FastAPI, tokens: dict[str, str], dossier: str, address: str) -> None:
    method, template = address.split(" ")
    path = template.format(
        number=dossier.rsplit("/", 1)[-1], fact="已抵押", tool="带押分割", name="带押分割", code="A1", case_id="H09",
        login="fu", form="md", slip="没有这张条", job="没有这一件",
    )  # fmt: skip
    for actor, expected in zip(ACTORS, TABLE[address], strict=True):
        assert outcome(app, actor, address, method, path, tokens) == expected, (actor, address)


def outcome(app: FastAPI, actor: str, address: str, method: str, path: str, tokens: dict[str, str]) -> str:
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    sessions = app.state.site.office.sessions
    ticket = "访客" if actor == "没有登录" else sessions.open(LOGINS[actor])
    client.cookies.set(VISITOR if actor == "没有登录" else SESSION, ticket if actor != "没有登录" else "visitor")
    if path.startswith("/api/") and "docs" not in path and "openapi" not in path:
        headers = {"Authorization": f"Bearer {tokens[actor]}"} if actor in tokens else {}
        body = BODIES.get(address) if method == "POST" else None
        response = client.request(method, path, headers=headers, json=body)
    elif method == "POST":
        seal = sessions.seal(ticket if actor != "没有登录" else "visitor")
        response = client.post(path, data={"seal": seal})
    else:
        response = client.get(path)
    assert response.status_code < 500, (actor, address, response.text)
    to = response.headers.get("location", "")
    if response.status_code == 401 or (to.startswith("/sign-in") and path not in ("/", "/setup", "/sign-out")):
        return "登"
    if path == "/sign-out" and actor == "没有登录":
        return "登" if to.startswith("/sign-in") else "进"
    return {403: "禁", 404: "无"}.get(response.status_code, "进")


def test_every_form_needs_its_own_seal(
    app: FastAPI, handler: Visitor, colleague: Visitor, reviewer: Visitor, dossier: str
) -> None:
    """没有令牌、别人的令牌、别的会话的令牌，一概不收；什么都没写。"""
    sessions = app.state.site.office.sessions
    other = sessions.seal(sessions.open("jing2"))
    for address in TABLE:
        method, template = address.split(" ")
        if method != "POST" or template.startswith("/api/"):
            continue
        path = template.format(number=dossier.rsplit("/", 1)[-1], fact="已抵押", login="fu")
        for seal in (None, "", other):
            client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
            client.cookies.set(SESSION, sessions.open("jing"))
            response = client.post(path, data={} if seal is None else {"seal": seal})
            assert response.status_code == 403, (path, seal)
    assert app.state.site.office.people.found("fu").active


def test_session_cookie_opens_nothing_in_the_api(app: FastAPI, handler: Visitor) -> None:
    """接口只认令牌：别的网页骗不出写入。"""
    assert handler.client.post("/api/dossiers", json={"name": "某地", "facts": {}}).status_code == 401


def test_disabled_account_is_out_at_once(app: FastAPI, admin: Visitor) -> None:
    leaving = member(app, "zou", "走一", "甲区局", "经办")
    token = app.state.site.office.tokens.issue("走一的", "zou")
    assert leaving.open("/dossiers").status == 200
    admin.open("/admin/people/zou").submit("/admin/people/zou", roles=["经办"], active="")
    assert leaving.open("/dossiers").path == "/sign-in"
    assert leaving.client.get("/api/tools", headers={"Authorization": f"Bearer {token}"}).status_code == 401
