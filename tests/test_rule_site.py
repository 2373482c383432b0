"""规则手册：离线可看，链接个个通，每个工具、依据、案例、条件都在；浏览器里没有报错。"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from advisor.assess import Advisor
from advisor.cli import run
from advisor.rulepack import RulePack

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("手册")
    assert run(["rules", "site", "--out", str(out), "--as-of", "2026-11-21"]) == 0
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, html.HtmlElement]:
    return {path: html.fromstring(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_resolves_and_nothing_is_fetched(site: Path, pages: dict[Path, html.HtmlElement]) -> None:
    for path, page in pages.items():
        for link in page.xpath("//a/@href"):
            assert (path.parent / unquote(link)).resolve() in pages, f"{path.name} → {link}"
        fetched = page.xpath("//script/@src | //img/@src | //link/@href")
        assert all(item.startswith("data:") for item in fetched), path.name


def test_everything_has_its_page(
    site: Path, pages: dict[Path, html.HtmlElement], pack: RulePack, advisor: Advisor
) -> None:
    names = {path.relative_to(site).with_suffix("").as_posix() for path in pages}
    assert names == {
        "index",
        *(f"tools/{name}" for name in pack.tools),
        *(f"policies/{code}" for code in pack.register.codes),
        *(f"cases/{case.id}" for case in advisor.playbook.cases),
    }


def test_a_tool_page_says_every_condition_with_its_basis(
    site: Path, pages: dict[Path, html.HtmlElement], pack: RulePack
) -> None:
    for name, tool in pack.tools.items():
        if not tool.coded:
            continue
        page = pages[site / "tools" / f"{name}.html"]
        text, links = page.text_content(), page.xpath("//a/@href")
        for rule in tool.rules:
            assert rule.text in text, (name, rule.id)
            if rule.kind != "倾向":
                assert rule.meaning in text, (name, rule.id)
                assert all(f"../policies/{item.code}.html" in links for item in rule.citations), (name, rule.id)


def test_the_search_finds_tools_policies_and_cases(site: Path, pack: RulePack, advisor: Advisor) -> None:
    found = re.search(r"const entries = (\[.*?\]);\n", (site / "index.html").read_text("utf-8"))
    assert found
    entries = json.loads(found[1])
    assert len(entries) == len(pack.tools) + len(pack.register.codes) + len(advisor.playbook.cases)
    hits = [title for title, _, text in entries if "独立分宗" in f"{title} {text}"]
    assert "分割收储" in hits


@pytest.mark.skipif(BROWSER is None, reason="没有 Chromium")
@pytest.mark.parametrize("name", ["index", "tools/分割收储", "policies/A2", "cases/H01a"])
def test_opens_from_a_file_without_console_error(site: Path, name: str, tmp_path: Path) -> None:
    assert BROWSER is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        [BROWSER, *options, "--dump-dom", (site / f"{name}.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "规则手册" in done.stdout
    assert "CONSOLE" not in done.stderr, done.stderr
