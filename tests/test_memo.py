"""处置方案草案：出处、版式、敌意文字、待核实标记。"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from advisor.assess import Advisor
from advisor.memo import build_memo, write_memo
from advisor.memo.blank_template import build
from advisor.parcel import Parcel, read_parcel

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"
AS_OF = date(2026, 11, 21)
HOSTILE = "{{7*7}}<w:p>甲\x07乙{% for x in y %}\u202e=SUM(A1)" + "长" * 10_000


def written(advisor: Advisor, parcel: Parcel, folder: Path, *forms: str) -> list[Path]:
    result = advisor.assess([parcel], AS_OF)
    return write_memo(result.parcels[0], result, advisor, folder, forms)


def test_every_number_and_document_number_has_a_source(advisor: Advisor) -> None:
    """每句都有出处；句子里有数的，出处是事实、推导、手册、案例或规则，不是空的。"""
    parcel = read_parcel(SAMPLE, advisor.pack.vocabulary)
    result = advisor.assess([parcel], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor)
    for sentence in memo.sentences():
        assert sentence.sources, sentence.text
        assert all(":" in source for source in sentence.sources)
    for number in re.findall(r"〔\d{4}〕\d+号", " ".join(cell for row in memo.tool_rows for cell in row.cells)):
        registered = [advisor.pack.register[code].number for code in advisor.pack.register.codes]
        assert any(number in text for text in registered)


def test_unknown_is_written_as_to_be_verified_not_as_fact(advisor: Advisor) -> None:
    parcel = read_parcel(SAMPLE, advisor.pack.vocabulary)
    result = advisor.assess([parcel], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor)
    path = "".join(paragraph.heading + paragraph.text for paragraph in memo.path)
    assert "经核实后，建议" in path
    assert "1.带押分割。【待核实】" in path


def test_official_page_format(advisor: Advisor, tmp_path: Path, shared: Path) -> None:
    (path,) = written(advisor, read_parcel(SAMPLE, advisor.pack.vocabulary), tmp_path, "docx")
    done = subprocess.run(
        [sys.executable, str(shared / "checks" / "gbt9704.py"), str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_hostile_text_stays_text(advisor: Advisor, tmp_path: Path) -> None:
    parcel = Parcel(name=HOSTILE, facts={"县区": "{{7*7}}<w:p>"})
    docx, markdown, html = written(advisor, parcel, tmp_path, "docx", "md", "html")
    text = "\n".join(paragraph.text for paragraph in Document(str(docx)).paragraphs)
    assert "{{7*7}}<w:p>甲乙{% for x in y %}=SUM(A1)长长" in text
    assert "49" not in text.split("处置方案")[0]
    assert "{{7*7}}&lt;w:p&gt;" in html.read_text("utf-8")
    assert "<w:p>" not in html.read_text("utf-8")
    assert "\\{\\{7\\*7\\}\\}\\<w:p\\>" in markdown.read_text("utf-8")


def test_file_name_cannot_leave_the_folder(advisor: Advisor, tmp_path: Path) -> None:
    (path,) = written(advisor, Parcel(name="../../etc/passwd", facts={}), tmp_path, "md")
    assert path.parent == tmp_path


def test_shipped_template_is_the_one_the_script_builds(tmp_path: Path) -> None:
    """模板可由脚本重造，逐字节相同。"""
    rebuilt = tmp_path / "模板.docx"
    build(rebuilt)
    assert rebuilt.read_bytes() == (ROOT / "playbooks" / "templates" / "处置方案.docx").read_bytes()


def test_docx_has_no_thumbnail_and_no_theme_fonts(advisor: Advisor, tmp_path: Path) -> None:
    (path,) = written(advisor, read_parcel(SAMPLE, advisor.pack.vocabulary), tmp_path, "docx")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        assert b"asciiTheme" not in archive.read("word/styles.xml")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="没有装 LibreOffice")
def test_docx_opens_and_has_the_sections(advisor: Advisor, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("没有装 poppler-utils")
    (path,) = written(advisor, read_parcel(SAMPLE, advisor.pack.vocabulary), tmp_path, "docx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    pdf = path.with_suffix(".pdf")
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    for heading in (
        "地块概况",
        "症结诊断",
        "推荐路径",
        "工具适用与依据",
        "解锁路径",
        "参考案例",
        "待核实清单",
        "规则轨迹",
    ):
        assert heading in text
