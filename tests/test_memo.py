"""处置方案草案：件、版式、敌意文字、可复现。"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document
from lxml import etree

from advisor.assess import Advisor
from advisor.errors import InputError
from advisor.memo import build_memo, schedule, write_memo
from advisor.memo.outline import read_outline
from advisor.parcel import Parcel, read_parcel
from advisor.playbook import Playbook
from advisor.vocabulary import Kind

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"
AS_OF = date(2026, 11, 21)
ONE_LINE = 20  # 版心 156 毫米，二号字 22 磅
SIX = ("H09", "H02", "N03", "H06", "N02", "N23")
"""汇隆、七彩盒子、天士力、衡器园、龙河中心、上境村。"""
HOSTILE = {
    "花括号": "{{7*7}}",
    "语句": "{% for x in y %}",
    "整行标签": "{%tr for x in y %}",
    "整段标签": "{%p if x %}",
    "标记": "<w:p><w:r><w:t>甲</w:t></w:r></w:p>",
    "实体": "&lt;&amp;]]><!-- --><?memo 假?>",
    "公式": "=cmd|'/C calc'!A0",
    "网址与脚本": "<script>alert(1)</script>[链](javascript:alert(1))",
    "表格线": "甲|乙\\|丙`代码`**粗**",
    "一万字": "长" * 10_000,
}
STRIPPED = {
    "控制字符": ("甲\x07\x1b乙", "甲乙"),
    "从右向左": ("甲\u202e\u2066乙\u200f", "甲乙"),
    "换行": ("甲\n乙", "甲 乙"),
    "半个字": ("甲\ud800乙\ufffe", "甲乙"),
}


def written(advisor: Advisor, parcel: Parcel, folder: Path, *forms: str, **more: object) -> list[Path]:
    result = advisor.assess([parcel], AS_OF)
    return write_memo(result.parcels[0], result, advisor, folder, forms, **more)  # type: ignore[arg-type]


def case_parcel(advisor: Advisor, case_id: str) -> Parcel:
    return Parcel(name=advisor.playbook.case(case_id).file.title, facts=advisor.playbook.case(case_id).facts)


def words(path: Path) -> Iterator[str]:
    """docx 里的每段、每格。"""
    document = Document(str(path))
    yield from (paragraph.text for paragraph in document.paragraphs)
    yield from (cell.text for table in document.tables for row in table.rows for cell in row.cells)


def test_all_parts_by_default_and_only_picks(advisor: Advisor, tmp_path: Path) -> None:
    """不选是正文加全部附件；选了只出那几件，附件重新编号。"""
    parcel = read_parcel(SAMPLE, advisor.pack.vocabulary)
    outline = read_outline(ROOT / "playbooks" / "templates")
    (whole,) = written(advisor, parcel, tmp_path / "全", "docx")
    said = list(words(whole))
    for number, name in enumerate(outline.parts[1:], 1):
        assert name in said
        assert f"附件{number}" in said
    (some,) = written(advisor, parcel, tmp_path / "选", "docx", only=("工具比选表", "正文"))
    said = list(words(some))
    assert "附件1" in said and "工具比选表" in said and "一、基本情况" in said
    assert "附件2" not in said and "材料清单" not in said
    for form in ("md", "html"):
        (path,) = written(advisor, parcel, tmp_path / form, form, only=("材料清单",))
        text = path.read_text("utf-8")
        assert "材料清单" in text and "一、基本情况" not in text
    with pytest.raises(InputError, match=r"没有“材料”这一件。可填：正文、地块情况表"):
        written(advisor, parcel, tmp_path, "md", only=("材料",))


def test_trace_lists_every_sentence(advisor: Advisor, tmp_path: Path) -> None:
    """对照表：每句每行一行，带事实、规则、条款。"""
    parcel = read_parcel(SAMPLE, advisor.pack.vocabulary)
    paths = written(advisor, parcel, tmp_path, "md", trace=True)
    assert [path.name.partition("）")[2] for path in paths[1:]] == ["出处对照.html", "出处对照.md"]
    result = advisor.assess([parcel], AS_OF)
    memo = build_memo(result.parcels[0], result, advisor)
    count = sum(len(p.sentences) for p in memo.paragraphs()) + sum(1 for _ in memo.rows())
    html = paths[1].read_text("utf-8")
    assert html.count("<tr>") == count + 1
    assert "《中华人民共和国土地管理法》第五十八条" in html


@pytest.mark.parametrize("case_id", SIX)
def test_official_page_format(advisor: Advisor, tmp_path: Path, shared: Path, case_id: str) -> None:
    (path,) = written(advisor, case_parcel(advisor, case_id), tmp_path, "docx")
    command = [sys.executable, str(shared / "checks" / "gbt9704.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("letters", "lines"), [(12, ["甲" * 12 + "处置方案（草案）"]), (13, ["甲" * 13, "处置方案（草案）"])]
)
def test_a_long_title_breaks_before_the_kind_of_document(
    advisor: Advisor, tmp_path: Path, letters: int, lines: list[str]
) -> None:
    """二号字一行排二十个；排不下的，“处置方案（草案）”整个另起一行。"""
    (docx,) = written(advisor, Parcel(name="甲" * letters, facts={}), tmp_path, "docx")
    assert next(words(docx)).split("\n") == lines


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_stays_text(advisor: Advisor, tmp_path: Path, kind: str) -> None:
    """名称与文字事实里的敌意文字，在三种格式里都原样是文字。"""
    hostile = HOSTILE[kind]
    facts = {fact.name: hostile for fact in advisor.pack.vocabulary if fact.kind is Kind.TEXT}
    docx, markdown, html = written(advisor, Parcel(name=hostile, facts=facts), tmp_path, "docx", "md", "html")
    said = list(words(docx))
    gap = "" if len(f"{hostile}处置方案（草案）") <= ONE_LINE else "\n"
    assert f"{hostile}{gap}处置方案（草案）" in said
    assert hostile in said
    page = etree.fromstring(html.read_bytes(), etree.HTMLParser(encoding="utf-8"))
    assert f"{hostile}处置方案（草案）" in [title.text for title in page.iter("h1")]
    assert not list(page.iter("script"))
    heading = markdown.read_text("utf-8").splitlines()
    assert f"# {escaped(hostile)}处置方案（草案）" in heading


def escaped(text: str) -> str:
    """Markdown 里按文字写的样子。"""
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", text)


@pytest.mark.parametrize("kind", STRIPPED)
def test_control_characters_are_dropped(advisor: Advisor, tmp_path: Path, kind: str) -> None:
    """控制字符、排版控制符去掉，换行变空格；其余原样。"""
    raw, kept = STRIPPED[kind]
    (docx,) = written(advisor, Parcel(name=raw, facts={}), tmp_path, "docx")
    assert f"{kept}处置方案（草案）" in list(words(docx))


def test_file_name_cannot_leave_the_folder(advisor: Advisor, tmp_path: Path) -> None:
    (path,) = written(advisor, Parcel(name="../../etc/passwd", facts={}), tmp_path, "md")
    assert path.parent == tmp_path


def test_same_bytes_twice(advisor: Advisor, tmp_path: Path) -> None:
    """同样的事实、规则包、模板、基准日，三种格式都逐字节相同；事实写的次序无关。"""
    parcel = case_parcel(advisor, "H09")
    shuffled = Parcel(name=parcel.name, facts=dict(reversed(parcel.facts.items())))
    first = written(advisor, parcel, tmp_path / "甲", "docx", "md", "html")
    again = Playbook(ROOT / "playbooks", advisor.pack.vocabulary, tuple(advisor.pack.tools))
    second = written(Advisor(advisor.pack, again), parcel, tmp_path / "乙", "docx", "md", "html")
    for left, right in zip(first, second, strict=True):
        assert left.read_bytes() == right.read_bytes()
    assert shuffled.facts == parcel.facts


def test_docx_package_is_clean(advisor: Advisor, tmp_path: Path) -> None:
    """没有缩略图、主题字体、渲染用的标识；表有列宽、格宽，表头跨页重复；字体有回退。"""
    (path,) = written(advisor, read_parcel(SAMPLE, advisor.pack.vocabulary), tmp_path, "docx")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        assert b"asciiTheme" not in archive.read("word/styles.xml")
        assert b"<?memo" not in archive.read("word/document.xml")
        assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,' in archive.read("word/fontTable.xml").decode()
    for table in Document(str(path)).tables:
        grid = [int(column.w.twips) for column in table._tbl.tblGrid.gridCol_lst]
        assert abs(sum(grid) - 156 / 25.4 * 1440) < 20
        for row in table.rows:
            assert [cell.width.twips for cell in row.cells] == grid
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")


def test_fonts_come_from_the_outline(advisor: Advisor, tmp_path: Path) -> None:
    """编排里换了字体，docx 就用换了的。"""
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    outline = tmp_path / "playbooks" / "templates" / "草案.yaml"
    text = outline.read_text("utf-8").replace("用: 方正小标宋简体", "用: 华文中宋")
    outline.write_text(text, encoding="utf-8")
    other = Advisor(advisor.pack, Playbook(tmp_path / "playbooks", advisor.pack.vocabulary, tuple(advisor.pack.tools)))
    (path,) = written(other, Parcel(name="甲", facts={}), tmp_path / "出", "docx")
    styles = zipfile.ZipFile(path).read("word/styles.xml").decode()
    assert "华文中宋" in styles and "方正小标宋简体" not in styles


def test_chart_is_svg_in_html_and_png_in_docx(
    advisor: Advisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """html 里是 SVG；装了转换件的 docx 里是 PNG，没有就只有表。"""
    parcel = read_parcel(SAMPLE, advisor.pack.vocabulary)
    (html,) = written(advisor, parcel, tmp_path, "html")
    assert "<title>实施步骤与时限</title>" in html.read_text("utf-8")
    monkeypatch.setattr("advisor.memo.rendering.picture", lambda _svg: None)
    (plain,) = written(advisor, parcel, tmp_path / "无图", "docx")
    assert not [name for name in zipfile.ZipFile(plain).namelist() if name.startswith("word/media")]
    assert "带押分割—查清负担" in list(words(plain))
    monkeypatch.undo()
    if schedule.png("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>") is None:
        pytest.skip("没有装 vl-convert-python，docx 里以表代图")
    (pictured,) = written(advisor, parcel, tmp_path / "有图", "docx")
    media = [name for name in zipfile.ZipFile(pictured).namelist() if name.startswith("word/media")]
    assert zipfile.ZipFile(pictured).read(media[0])[:8] == b"\x89PNG\r\n\x1a\n"


def test_bars_follow_each_other(advisor: Advisor) -> None:
    """时限图：后一步从前一步的上限起；2–4 周是 14 到 28 天，视情况的不占时间。"""
    result = advisor.assess([case_parcel(advisor, "H02")], AS_OF)
    bars = build_memo(result.parcels[0], result, advisor).bars
    assert (bars[0].start, bars[0].low, bars[0].high) == (0, 14, 28)
    for earlier, later in pairwise(bars):
        assert later.start == earlier.start + earlier.high
