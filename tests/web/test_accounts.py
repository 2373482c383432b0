"""进门：没有缺省口令、错多了锁、过期就出去、令牌只给一次；每个回应都带安全头。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from advisor.accounts import people as people_module
from advisor.accounts import sessions as sessions_module
from advisor.accounts.passwords import hashed
from advisor.errors import InputError
from advisor.web.app import create_app
from advisor.web.callers import LARGE, SESSION
from advisor.web.site import Settings
from advisor.web.throttle import Throttle
from tests.web.driving import PASSWORD, Visitor, member, set_up


class Clock:
    """拨得动的钟。"""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(people_module, "now", made)
    monkeypatch.setattr(sessions_module, "now", made)
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[FastAPI]:
    app = create_app(Settings(store=str(tmp_path / "库.db")))
    yield app
    app.state.site.close()


def test_first_run_needs_the_code_from_the_terminal(fresh: FastAPI) -> None:
    """先看到网页的外人没有设置码，抢不到管理员；设好以后这一页就没有了。"""
    visitor = Visitor(fresh).open("/")
    assert visitor.path == "/setup"
    filled = {"unit": "甲局", "login": "a", "name": "甲", "password": PASSWORD, "again": PASSWORD}
    visitor.submit("/setup", code="12345678", **filled)
    assert "设置码：不对" in visitor.problem
    assert not fresh.state.site.office.people.any()
    assert set_up(fresh).path == "/admin/people"
    visitor.open("/setup")
    assert visitor.path == "/sign-in"
    visitor.submit("/sign-in", login="admin", password="admin")
    assert "登录名或口令不对" in visitor.problem


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("短1!", "有 3 个字符"),
        ("a" * 201, "有 201 个字符"),
        ("1234567890123", "太单调"),
        ("aaaaaaaaaa1", "太单调"),
        ("zhangsan-2026", "里面有登录名"),
    ],
)
def test_weak_password_is_refused(password: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        hashed(password, "ZhangSan")


def test_only_hashes_are_stored(fresh: FastAPI, tmp_path: Path) -> None:
    visitor = set_up(fresh)
    ticket = visitor.client.cookies[SESSION]
    token = fresh.state.site.office.tokens.issue("甲系统", "guan")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("库.db*"))
    assert b"$argon2id$" in stored
    for secret in (PASSWORD, ticket, token):
        assert secret.encode() not in stored


def test_five_wrong_passwords_lock_for_a_quarter_hour(fresh: FastAPI, clock: Clock) -> None:
    set_up(fresh)
    visitor = Visitor(fresh)
    for _ in range(5):
        assert "登录名或口令不对" in visitor.sign_in("guan", "错的-口令-1").problem
    assert "已锁住" in visitor.sign_in("guan").problem
    clock.pass_by(minutes=14)
    assert "已锁住" in visitor.sign_in("guan").problem
    clock.pass_by(minutes=2)
    assert visitor.sign_in("guan").path == "/admin/people"


def test_unknown_name_and_wrong_password_say_the_same(fresh: FastAPI) -> None:
    set_up(fresh)
    assert Visitor(fresh).sign_in("没有").problem == Visitor(fresh).sign_in("guan", "错的-口令-1").problem


def test_idle_and_old_sessions_end(fresh: FastAPI, clock: Clock) -> None:
    """闲两小时退出；一直在用，满十二小时也要重新登录。"""
    visitor = set_up(fresh)
    clock.pass_by(hours=2, minutes=1)
    assert visitor.open("/admin/people").path == "/sign-in"
    visitor.sign_in("guan")
    for _ in range(12):
        clock.pass_by(minutes=59)
        assert visitor.open("/admin/people").path == "/admin/people"
    clock.pass_by(minutes=59)
    assert visitor.open("/admin/people").path == "/sign-in"


def test_signing_out_ends_the_session_on_the_server(fresh: FastAPI) -> None:
    visitor = set_up(fresh)
    ticket = visitor.client.cookies[SESSION]
    visitor.submit("/sign-out")
    visitor.client.cookies.set(SESSION, ticket)
    assert visitor.open("/admin/people").path == "/sign-in"


def test_given_password_must_be_changed_first(fresh: FastAPI) -> None:
    """管理员给的口令登录以后，只有换口令这一页；换好才进得去。"""
    admin = set_up(fresh)
    admin.submit("/admin/people", login="jing", name="经一", roles=["经办"], password=PASSWORD)
    visitor = Visitor(fresh).sign_in("jing")
    assert visitor.path == "/password"
    assert visitor.open("/dossiers").path == "/password"
    visitor.submit("/password", old=PASSWORD, password=PASSWORD, again=PASSWORD)
    assert "与原来的一样" in visitor.problem
    visitor.submit("/password", old="不对", password="新的-口令-2026", again="新的-口令-2026")
    assert "原口令不对" in visitor.problem
    visitor.submit("/password", old=PASSWORD, password="新的-口令-2026", again="新的-口令-2026")
    assert visitor.path == "/dossiers"
    assert Visitor(fresh).sign_in("jing").status == 422


def test_last_administrator_stays(fresh: FastAPI) -> None:
    admin = set_up(fresh)
    admin.open("/admin/people/guan").submit("/admin/people/guan", roles=["经办"], active="1")
    assert "一个管理员都没有" in admin.problem
    admin.submit("/admin/people/guan", roles=["管理员"], active="")
    assert "一个管理员都没有" in admin.problem


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_sign_in_goes_nowhere_else(fresh: FastAPI, to: str) -> None:
    set_up(fresh)
    visitor = Visitor(fresh)
    visitor.client.follow_redirects = False
    visitor.open(f"/sign-in?next={to}").submit("/sign-in", login="guan", password=PASSWORD)
    assert visitor.response.headers["location"] == "/"


def test_sign_in_is_throttled_by_address() -> None:
    moment = [0.0]
    throttle = Throttle(most=3, seconds=60, clock=lambda: moment[0])
    assert [throttle.allow("甲") for _ in range(4)] == [True, True, True, False]
    assert throttle.allow("乙")
    moment[0] = 60.0
    assert throttle.allow("甲")


def test_throttled_sign_in_does_not_even_check(fresh: FastAPI) -> None:
    set_up(fresh)
    fresh.state.site.throttle.most = 1
    visitor = Visitor(fresh)
    visitor.sign_in("guan", "错的-口令-1")
    assert "试得太密" in visitor.sign_in("guan").problem


@pytest.mark.parametrize("path", ["/sign-in", "/static/style.css", "/没有", "/api/tools", "/dossiers"])
def test_every_answer_carries_safe_headers(app: FastAPI, admin: Visitor, path: str) -> None:
    headers = Visitor(app).open(path).response.headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_cookies_are_closed_and_secure_under_https(fresh: FastAPI) -> None:
    set_up(fresh)
    for base, secure in (("http://testserver", False), ("https://testserver", True)):
        visitor = Visitor(fresh)
        visitor.client.base_url = base  # type: ignore[assignment]
        visitor.client.follow_redirects = False
        cookie = visitor.sign_in("guan").response.headers["set-cookie"]
        assert SESSION in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert ("Secure" in cookie) is secure
        assert ("strict-transport-security" in visitor.response.headers) is secure


def test_large_text_stays_and_returns_to_the_same_page(fresh: FastAPI) -> None:
    visitor = set_up(fresh)
    visitor.open("/library").submit("/text-size")
    assert visitor.path == "/library"
    assert visitor.page.get("class") == "large"
    assert visitor.client.cookies[LARGE] == "1"
    visitor.submit("/text-size")
    assert visitor.page.get("class") is None


def test_audit_tells_who_did_what(fresh: FastAPI) -> None:
    admin = set_up(fresh)
    Visitor(fresh).sign_in("guan", "错的-口令-1")
    handler = member(fresh, "jing", "经一", "乙局", "经办")
    handler.open("/dossiers/new").submit("/dossiers/new", way="blank", name="某地")
    rows = [" ".join(" ".join(row.itertext()).split()) for row in admin.open("/admin/audit").page.xpath("//tbody/tr")]
    assert any("经一 乙局 立卷" in row for row in rows)
    assert any("guan 登录未成" in row for row in rows)


def test_dossier_made_on_the_command_line_is_seen_after_it_is_given_a_unit(fresh: FastAPI) -> None:
    admin = set_up(fresh)
    number = fresh.state.site.store.create("命令行立的", "某人")
    handler = member(fresh, "jing", "经一", "甲区局", "经办")
    assert handler.open(f"/dossiers/{number}").status == 404
    admin.open("/admin/custody").submit("/admin/custody", unit="甲区局")
    assert "命令行立的" in handler.open(f"/dossiers/{number}").text
