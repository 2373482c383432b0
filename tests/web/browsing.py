"""用真浏览器（系统的 Chromium）走：鼠标、纯键盘、无脚本、窄屏四种走法；站外请求、控制台报错都记下。"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from advisor.vocabulary import Fact, FactValue, Kind

pytest.importorskip("playwright", reason="没有装 playwright（pip install playwright）")

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """系统的 Chromium；没有装就跳过。"""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("没有装 Chromium（apt-get install chromium）")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Walk:
    """一次走法：mode 是四种之一。"""

    context: BrowserContext
    page: Page
    base: str
    mode: str
    faults: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, browser: Browser, base: str, mode: str = "鼠标") -> Walk:
        """开一个干净的窗口。"""
        width = 320 if mode == "窄屏" else 1180
        context = browser.new_context(
            java_script_enabled=mode != "无脚本", viewport={"width": width, "height": 800}, locale="zh-CN"
        )
        context.set_default_timeout(60_000)
        walk = cls(context, context.new_page(), base, mode)
        walk.page.on("console", walk._heard)
        walk.page.on("pageerror", lambda error: walk.faults.append(f"脚本出错 {error}"))
        walk.page.on("request", walk._asked)
        return walk

    def open(self, path: str) -> None:
        """打开一页。"""
        self.page.goto(self.base + path)
        self.fits()

    def sign_in(self, login: str, password: str) -> None:
        """登录。"""
        self.open("/sign-in")
        self.fill("登录名", login)
        self.fill("口令", password)
        self.press("登录")

    def fits(self) -> None:
        """窄屏上不许横着出界。"""
        if self.mode == "窄屏" and self.page.evaluate("document.documentElement.scrollWidth") > 320:
            self.faults.append(f"{self.page.url} 宽出 320 像素")

    def press(self, name: str) -> None:
        """按一个按钮或点一个链接：键盘走法就一路 Tab 过去再回车。"""
        target = self.page.locator("main").locator(f"button:has-text('{name}'), a:has-text('{name}')").first
        with self.page.expect_navigation():
            if self.mode == "键盘":
                self.tab_to(target)
                self.page.keyboard.press("Enter")
            else:
                target.click()
        self.fits()

    def fill(self, label: str, value: str) -> None:
        """填一格。"""
        target = self.page.get_by_label(label, exact=True)
        if self.mode == "键盘":
            self.tab_to(target)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(value)
        else:
            target.fill(value)

    def choose(self, value: str) -> None:
        """选一项：键盘走法进了这组，用方向键走到它。"""
        target = self.page.locator(f"input[type=radio][name=value][value='{value}']")
        if self.mode != "键盘":
            target.check()
            return
        self.tab_to(self.page.locator("input[type=radio][name=value]"))
        self.page.keyboard.press("Space")
        for _ in range(60):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"方向键走不到“{value}”")

    def tab_to(self, target: Any) -> None:
        """一路 Tab 到 target（几个里的任一个）；走不到就是键盘用不了。"""
        wanted = target.evaluate_all("(found) => { window.wanted = found; return found.length; }")
        assert wanted, f"没有 {target}"
        for _ in range(120):
            if self.page.evaluate("window.wanted.includes(document.activeElement)"):
                assert self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"键盘走不到 {target}")

    def answer(self, fact: Fact, value: FactValue | None) -> None:
        """答一问。"""
        if value is None:
            if fact.kind in (Kind.BOOL, Kind.CHOICE):
                self.choose("不清楚")
                self.press("记下，下一问")
            else:
                self.press("目前不清楚")
            return
        if fact.kind in (Kind.BOOL, Kind.CHOICE):
            self.choose(fact.show(value))
        else:
            self.fill(fact.question or fact.name, str(value))
        self.press("记下，下一问")

    @property
    def heading(self) -> str:
        """大标题。"""
        return self.page.locator("h1").first.inner_text()

    @property
    def asked(self) -> str:
        """正问着哪个事实；没有在问的为空。"""
        form = self.page.locator("form[action*='/ask/']").first
        return unquote(str(form.get_attribute("action")).rsplit("/", 1)[-1]) if form.count() else ""

    def download(self, name: str, folder: Path) -> Path:
        """点一个下载的链接。"""
        with self.page.expect_download() as waiting:
            target = self.page.locator(f"main a:has-text('{name}')").first
            if self.mode == "键盘":
                self.tab_to(target)
                self.page.keyboard.press("Enter")
            else:
                target.click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"控制台 {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"站外请求 {request.url}")


def axe_source() -> str:
    """axe-core 的脚本；装在系统临时目录里，只装一次，装不上就跳过。"""
    folder = Path(tempfile.gettempdir()) / "advisor-axe-core-4"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("没有 npm，装不了 axe-core")
        command = [npm, "install", "--no-save", "--silent", "--prefix", str(folder), "axe-core@4"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if not script.is_file():
            pytest.skip(f"axe-core 装不上：{done.stderr.strip()[-200:]}")
    return script.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """这一页的无障碍毛病：哪条规则、哪几处。"""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    return [
        f"{item['id']}（{item['help']}）：{'；'.join(node['html'][:120] for node in item['nodes'][:3])}"
        for item in found["violations"]
    ]
