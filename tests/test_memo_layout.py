"""版面实测（GB/T 9704—2012）：docx 转成 PDF，量每页几行、每行几字、页边距、页码位置、一字线离版心多远。"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from advisor.assess import Advisor
from advisor.memo import write_memo
from advisor.memo.content import build_memo
from advisor.memo.model import Paragraph, Sentence
from advisor.memo.rendering import render_docx
from advisor.parcel import Parcel, read_parcel

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)
MM = 72 / 25.4
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"
BODY = 16.0
TOP, BOTTOM, LEFT, RIGHT, WIDE, HIGH = 37, 35, 28, 26, 210, 297


@dataclass(frozen=True)
class Line:
    """一行：从上到下的位置、左右端、字。毫米。"""

    top: float
    bottom: float
    left: float
    right: float
    text: str
    size: float


@pytest.fixture(scope="module")
def pages(advisor: Advisor, tmp_path_factory: pytest.TempPathFactory) -> list[list[Line]]:
    """正文换成满行的长段，转成 PDF，逐页逐行。"""
    pdfplumber = pytest.importorskip("pdfplumber", reason="没有装 pdfplumber")
    if shutil.which("soffice") is None:
        pytest.skip("没有装 LibreOffice")
    folder = tmp_path_factory.mktemp("版面")
    result = advisor.assess([read_parcel(SAMPLE, advisor.pack.vocabulary)], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor, only=("正文",))
    filler = Paragraph(key="量", sentences=(Sentence(text="存量土地处置" * 400, sources=("编排:量",)),))
    path = folder / "量.docx"
    path.write_bytes(render_docx(memo.model_copy(update={"overview": (filler,)}), ROOT / "playbooks" / "templates"))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    with pdfplumber.open(path.with_suffix(".pdf")) as document:
        first = document.pages[0]
        assert (round(first.width / MM), round(first.height / MM)) == (WIDE, HIGH)
        return [list(lines(page)) for page in document.pages]


def lines(page: Any) -> Iterator[Line]:
    """一页里各行。"""
    for words in page.extract_text_lines(return_chars=True):
        chars = [char for char in words["chars"] if char["text"].strip()]
        if chars:
            yield Line(
                top=min(c["top"] for c in chars) / MM,
                bottom=max(c["bottom"] for c in chars) / MM,
                left=min(c["x0"] for c in chars) / MM,
                right=max(c["x1"] for c in chars) / MM,
                text="".join(c["text"] for c in chars),
                size=max(c["size"] for c in chars),
            )


def body(page: list[Line]) -> list[Line]:
    """版心里的行，不含页码。"""
    return [line for line in page if line.top < HIGH - BOTTOM]


def test_twenty_two_lines_a_page(pages: list[list[Line]]) -> None:
    """第二、三页是满页的长段：每页 22 行，行距 28.95 磅。"""
    for page in pages[1:3]:
        full = body(page)
        assert len(full) == 22
        gaps = [later.top - earlier.top for earlier, later in pairwise(full)]
        assert all(abs(gap * MM - 28.95) < 0.3 for gap in gaps)


def test_twenty_eight_characters_a_line(pages: list[list[Line]]) -> None:
    """满行 28 字，三号字，左右正到版心边。"""
    for page in pages[1:3]:
        for line in body(page):
            assert len(line.text) == 28
            assert abs(line.size - BODY) < 0.1
            assert abs(line.left - LEFT) < 1
            assert abs(WIDE - line.right - RIGHT) < 1


def test_margins(pages: list[list[Line]]) -> None:
    """第一行在版心上边，末行不出版心下边。"""
    for page in pages[1:3]:
        full = body(page)
        pitch = 28.95 / MM
        assert TOP <= full[0].top < TOP + pitch - BODY / MM + 1
        assert HIGH - BOTTOM - pitch < full[-1].bottom <= HIGH - BOTTOM + 0.5


def test_page_number_and_its_dash(pages: list[list[Line]]) -> None:
    """页码四号，一字线上距版心下边 7±1 mm；单页居右空一字，双页居左空一字。"""
    for number, page in enumerate(pages, 1):
        foot = next(line for line in page if line.top > HIGH - BOTTOM)
        assert foot.text == f"—{number}—"
        assert abs(foot.size - 14) < 0.1
        middle = (foot.top + foot.bottom) / 2
        assert abs(middle - (HIGH - BOTTOM) - 7) <= 1, middle - (HIGH - BOTTOM)
        indent = 14 / MM
        if number % 2:
            assert abs(WIDE - RIGHT - foot.right - indent) < 1.5
        else:
            assert abs(foot.left - LEFT - indent) < 1.5


@pytest.mark.parametrize("case_id", ["H09", "H02", "N03", "H06", "N02", "N23"])
def test_main_part_is_short_enough_to_sign(advisor: Advisor, tmp_path: Path, case_id: str) -> None:
    """六个案例的正文都不超过 8 页，表不出版心。"""
    pdfplumber = pytest.importorskip("pdfplumber", reason="没有装 pdfplumber")
    if shutil.which("soffice") is None:
        pytest.skip("没有装 LibreOffice")
    case = advisor.playbook.case(case_id)
    result = advisor.assess([Parcel(name=case.file.title, facts=case.facts)], AS_OF)
    (path,) = write_memo(result.parcels[0], result, advisor, tmp_path, ("docx",))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    with pdfplumber.open(path.with_suffix(".pdf")) as document:
        first = next(i for i, page in enumerate(document.pages) if (page.extract_text() or "").startswith("附件"))
        assert first <= 8
        shown = "".join("".join(page.extract_text().split()) for page in document.pages)
        for paragraph in Document(str(path)).paragraphs:
            for sentence in paragraph.text.split("。")[:-1]:
                tail = "".join(sentence.split())[-6:] + "。"
                assert tail in re.sub(r"—\d+—", "", shown), "句末的字在 PDF 里丢了"
        for page in document.pages:
            edges = [edge for edge in page.edges if edge["orientation"] == "v"]
            assert all(LEFT - 1 < edge["x0"] / MM < WIDE - RIGHT + 1 for edge in edges)
