"""真浏览器：从登录走到下载 docx；每一页无障碍检查零违例；控制台零错误，站外请求零次。"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from advisor.assess import Advisor
from tests.web.browsing import Browser, Walk, axe_source, chromium, violations
from tests.web.driving import PASSWORD

pytestmark = pytest.mark.xdist_group("browser")
ROOT = Path(__file__).resolve().parents[2]
CASES = {"汇隆": "H09", "七彩盒子": "H02a"}
LEADING = {"汇隆": "带押分割 → 分割收储 → 收储再供应 → 自主改造", "七彩盒子": "作价出资"}


@contextmanager
def served(store: Path) -> Iterator[tuple[str, str]]:
    """起一个真的网站，还没有账号：网址与首次设置的码。"""
    command = [sys.executable, "-m", "advisor", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}) as server:
        assert server.stdout is not None
        found = re.search(r"(http://\S+)/setup\?code=(\w+)", server.stdout.readline())
        assert found
        yield found[1], found[2]
        server.terminate()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """设好管理员（兼经办、复核）的网站。"""
    with served(tmp_path_factory.mktemp("browser") / "库.db") as (address, code):
        with chromium() as browser:
            walk = Walk.start(browser, address)
            walk.open(f"/setup?code={code}")
            filled = {
                "单位": "示例区自然资源局",
                "登录名": "zhang",
                "姓名": "张三",
                "口令": PASSWORD,
                "再输一遍口令": PASSWORD,
            }
            for label, value in filled.items():
                walk.fill(label, value)
            walk.page.get_by_label("经办").check()
            walk.page.get_by_label("复核").check()
            walk.press("建好并登录")
            assert walk.heading == "案卷"
            walk.context.close()
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "mode"), [("汇隆", "鼠标"), ("汇隆", "无脚本"), ("七彩盒子", "键盘"), ("七彩盒子", "窄屏")]
)
def test_from_sign_in_to_docx(
    base: str, browser: Browser, advisor: Advisor, name: str, mode: str, tmp_path: Path
) -> None:
    case = advisor.playbook.case(CASES[name])
    walk = Walk.start(browser, base, mode)
    walk.sign_in("zhang", PASSWORD)
    walk.press("立新卷")
    walk.fill("地块名", f"{name}（{mode}）")
    walk.press("立卷，开始问答")
    for _ in range(40):
        if not walk.asked:
            break
        fact = advisor.pack.vocabulary[walk.asked]
        walk.answer(fact, case.facts.get(fact.name))
    assert LEADING[name] in walk.page.locator("main").inner_text()
    walk.press("核对并看结果")
    walk.press("核对无误，出结果")
    assert LEADING[name] in walk.page.locator(".steps").inner_text()
    walk.press("写处置方案草案")
    path = walk.download("下载 docx", tmp_path)
    assert name in zipfile.ZipFile(path).read("word/document.xml").decode("utf-8")
    assert walk.faults == []
    walk.context.close()


@pytest.fixture(scope="module")
def signed(base: str, browser: Browser) -> Iterator[Walk]:
    """登录好的窗口，里面有一卷示例地块，已出结果。"""
    walk = Walk.start(browser, base)
    walk.sign_in("zhang", PASSWORD)
    walk.open("/dossiers/new")
    walk.page.set_input_files("#file", str(ROOT / "playbooks" / "samples" / "示例地块.yaml"))
    walk.press("立卷，先核对")
    walk.press("核对无误，出结果")
    yield walk
    walk.context.close()


PAGES = (
    "/dossiers", "/dossiers?q=没有这样的", "/dossiers/new", "{}/ask?all=1", "{}/ask/省份", "{}/ask/地块面积", "{}/ask/拟改造用途/effects", "{}/check",
    "{}/result", "{}/tools/带押分割", "{}/to-verify", "{}/what-if", "{}/what-if?pick=已抵押", "{}/what-if?set=已抵押=否",
    "{}/memo", "{}/review", "{}/history?replayed=1", "/library", "/library?q=抵押", "/library/map",
    "/library/tools/分割收储", "/library/policies/A1", "/library/cases/H09", "/calendar", "/inventories", "/admin/people",
    "/admin/people/zhang", "/admin/tokens", "/admin/custody", "/admin/audit", "/api/docs", "/password", "/没有这一页",
)  # fmt: skip


def test_every_page_is_accessible_and_fits_a_narrow_screen(signed: Walk) -> None:
    """axe-core 零违例；大字加 320 像素宽也不横着出界；控制台零错误。"""
    axe = axe_source()
    dossier = signed.page.url.removeprefix(signed.base).removesuffix("/result")
    found: list[str] = []
    for path in PAGES:
        signed.page.set_viewport_size({"width": 1180, "height": 900})
        signed.page.goto(signed.base + path.format(dossier))
        found += [f"{path}：{fault}" for fault in violations(signed.page, axe)]
        signed.page.set_viewport_size({"width": 320, "height": 800})
        signed.page.evaluate("document.documentElement.classList.add('large')")
        width = signed.page.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}：大字窄屏宽 {width}"] if width > 320 else []
    signed.page.set_viewport_size({"width": 1180, "height": 900})
    assert found == []
    assert [fault for fault in signed.faults if "404" not in fault] == []


@pytest.mark.parametrize("mode", ["窄屏", "无脚本"])
def test_an_inventory_from_upload_to_download(base: str, browser: Browser, mode: str, tmp_path: Path) -> None:
    """交一份台账：有脚本的等页面自己变，没有脚本的点链接再看；判好取得下，零违例。"""
    pytest.importorskip("polars", reason="没有装台账部件")
    walk = Walk.start(browser, base, mode)
    walk.sign_in("zhang", PASSWORD)
    walk.open("/inventories")
    path = tmp_path / "某县台账.csv"
    path.write_text("编号,省份,权利性质,是否抵押\n1,湖南,出让,是\n2,湖南,划拨,否\n", encoding="utf-8")
    walk.page.set_input_files("#file", str(path))
    walk.press("交去判")
    if mode == "无脚本":
        while walk.page.get_by_text("看看判到哪了").count():
            walk.page.wait_for_timeout(500)
            walk.press("看看判到哪了")
    walk.page.get_by_role("link", name="结果.xlsx").wait_for(timeout=120_000)
    if mode != "无脚本":
        assert violations(walk.page, axe_source()) == []
    walk.fits()
    assert zipfile.is_zipfile(walk.download("结果.xlsx", tmp_path))
    assert walk.faults == []
    walk.context.close()


def test_sign_in_is_accessible_even_when_refused(base: str, browser: Browser) -> None:
    walk = Walk.start(browser, base)
    walk.open("/sign-in")
    assert violations(walk.page, axe_source()) == []
    walk.fill("登录名", "没有这个人")
    walk.fill("口令", PASSWORD)
    walk.press("登录")
    assert "登录名或口令不对" in walk.page.get_by_role("alert").inner_text()
    assert violations(walk.page, axe_source()) == []
    walk.context.close()


def test_first_set_up_is_accessible(browser: Browser, tmp_path: Path) -> None:
    """还没有账号的网站，头一页零违例，窄屏不出界。"""
    with served(tmp_path / "库.db") as (address, _):
        walk = Walk.start(browser, address, "窄屏")
        walk.open("/")
        assert walk.page.url.endswith("/setup")
        assert violations(walk.page, axe_source()) == []
        assert walk.faults == []
        walk.context.close()


def test_back_keeps_the_answer_and_another_browser_goes_on(base: str, browser: Browser, signed: Walk) -> None:
    """退回上一问，原来的答案还在；换一个浏览器，接着同一问答。"""
    signed.open("/dossiers/new")
    signed.fill("地块名", "换机接着答")
    signed.press("立卷，开始问答")
    signed.choose("湖南")
    signed.press("记下，下一问")
    following, place = signed.asked, signed.page.url.removeprefix(base)
    signed.press("返回上一问")
    assert signed.page.locator("input[name=value]:checked").get_attribute("value") == "湖南"
    other = Walk.start(browser, base)
    other.sign_in("zhang", PASSWORD)
    other.open(place)
    assert other.asked == following
    assert other.faults == []
    other.context.close()


def test_change_shows_what_it_affects_and_can_be_dropped(signed: Walk) -> None:
    signed.open("/dossiers?q=示例")
    signed.page.locator("#list th a").first.click()
    signed.page.get_by_role("link", name="核对", exact=True).click()
    signed.page.locator("a[href*='/ask/']", has_text="已抵押").first.click()
    signed.choose("否")
    signed.press("记下，下一问")
    assert signed.heading == "改“已抵押”会影响这些"
    assert "带押分割" in signed.page.locator("main").inner_text()
    signed.press("不改了")
    assert signed.heading == "核对"
    row = signed.page.locator(".row", has=signed.page.locator("dt", has_text=re.compile("^已抵押$")))
    assert row.locator("dd").first.inner_text().startswith("是")


def test_search_narrows_the_list_as_one_types(signed: Walk) -> None:
    """有脚本时边打边筛，不用按按钮；没有脚本时按按钮也能筛。"""
    signed.open("/library")
    everything = signed.page.locator("#list h2").first.inner_text()
    signed.page.locator("#q").press_sequentially("带押分割")
    signed.page.wait_for_function("text => document.querySelector('#list h2').innerText !== text", arg=everything)
    assert "带押分割" in signed.page.locator("#list").inner_text()
    assert signed.page.url.startswith(f"{signed.base}/library?q=")
