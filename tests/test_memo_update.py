"""在改过的草案上更新：人写的一个字不丢，没动过的刷新，事实变了写建议。"""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.table import _Row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from advisor.assess import Advisor
from advisor.errors import InputError
from advisor.memo import build_memo, manifest, update_memo, write_memo
from advisor.memo.manifest import W, blocks_of, text_of
from advisor.memo.rendering import render_docx
from advisor.memo.updating import merged
from advisor.office_package import parts_of
from advisor.parcel import Parcel

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "playbooks" / "templates"
AS_OF = date(2026, 11, 21)
CASE = "H09"


def made(advisor: Advisor, **changed: object) -> bytes:
    """汇隆一案的 docx；changed 是改了的事实，None 为不知道。"""
    facts = {**advisor.playbook.case(CASE).facts, **changed}
    known = {name: value for name, value in facts.items() if value is not None}
    result = advisor.assess([Parcel(name="汇隆", facts=known)], AS_OF)
    return render_docx(build_memo(result.parcels[0], result, advisor), TEMPLATES)


@pytest.fixture(scope="module")
def before(advisor: Advisor) -> bytes:
    return made(advisor)


@pytest.fixture(scope="module")
def after(advisor: Advisor) -> bytes:
    """抵押权人不同意了，多知道两件事：概况、路径、清单都跟着变。"""
    return made(advisor, 抵押权人同意=False, 有信访诉讼或国资流失风险=True, 地块面积=None)


def merge(edited: bytes, fresh: bytes) -> bytes:
    parts = parts_of(edited)
    base = manifest.load(parts)
    assert base is not None
    return merged(parts, base, fresh)[0]


def texts(data: bytes) -> list[str]:
    """每段、每行的文字。"""
    body = etree.fromstring(parts_of(data)["word/document.xml"]).find(f"{W}body")
    return [text_of(block) for block in blocks_of(body)]


def saved(document: Any) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_untouched_draft_becomes_the_fresh_one(before: bytes, after: bytes) -> None:
    """一个字没动过：更新完与新生成的一样；事实没变：更新完与原来一样。"""
    assert texts(before) != texts(after)
    assert texts(merge(before, after)) == texts(after)
    assert texts(merge(before, before)) == texts(before)


def test_edited_paragraph_stays_and_the_change_is_suggested_beside_it(before: bytes, after: bytes) -> None:
    document = Document(BytesIO(before))
    paragraph = next(p for p in document.paragraphs if p.text.startswith("位于"))
    paragraph.runs[-1].text = paragraph.text.replace("位于", "该地块坐落在")
    updated = texts(merge(saved(document), after))
    at = next(index for index, text in enumerate(updated) if text.startswith("该地块坐落在"))
    assert updated[at + 1].startswith("【建议】位于湖南")
    assert "抵押权人不同意" in updated[at + 1] and "抵押权人不同意" not in updated[at]
    assert not any(text.startswith("位于") for text in updated)


def test_edited_row_gets_a_suggested_row(before: bytes, after: bytes) -> None:
    document = Document(BytesIO(before))
    table = next(t for t in document.tables if t.rows[0].cells[0].text == "栏目")
    row = next(r for r in table.rows if r.cells[0].text == "历史背景")
    row.cells[1].paragraphs[0].add_run("；官员补记")
    updated = texts(merge(saved(document), after))
    at = next(index for index, text in enumerate(updated) if text.endswith("；官员补记"))
    assert updated[at + 1].startswith("\x1f\n【建议】历史背景")


def test_deleted_stays_deleted_and_dismissed_suggestion_stays_away(before: bytes, after: bytes) -> None:
    """删了的段不再冒出来；内容变了只写一条建议，建议也删了就不再提。"""
    document = Document(BytesIO(before))
    heading = next(p for p in document.paragraphs if p.text.startswith("1.带抵押。"))
    overview = next(p for p in document.paragraphs if p.text.startswith("位于"))
    for paragraph in (heading, overview):
        paragraph._p.getparent().remove(paragraph._p)
    once = merge(saved(document), after)
    assert not any(text.startswith(("1.带抵押。", "位于")) for text in texts(once))
    assert sum(text.startswith("【建议】位于") for text in texts(once)) == 1
    assert texts(merge(once, after)) == texts(once)
    document = Document(BytesIO(once))
    suggestion = next(p for p in document.paragraphs if p.text.startswith("【建议】位于"))
    suggestion._p.getparent().remove(suggestion._p)
    assert not any("【建议】位于" in text for text in texts(merge(saved(document), after)))


def test_back_to_the_old_facts_withdraws_the_suggestion(before: bytes, after: bytes) -> None:
    document = Document(BytesIO(before))
    paragraph = next(p for p in document.paragraphs if p.text.startswith("位于"))
    paragraph.runs[-1].text = f"{paragraph.text}现场已复核。"
    edited = saved(document)
    once = merge(edited, after)
    assert any(text.startswith("【建议】") for text in texts(once))
    assert texts(merge(once, before)) == texts(edited)


@dataclass(frozen=True)
class Edit:
    """一处改动：在第几个位置，怎么改，写什么。"""

    kind: str
    place: int
    text: str


written = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf")), min_size=1, max_size=40
).map(lambda text: f"人写{text}完")
edits = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["改段", "加段", "加图注", "删段", "改格", "加行", "删行", "挪段", "拆段", "改表头"]),
        st.integers(0, 10_000),
        written,
    ),
    min_size=1,
    max_size=8,
)


def apply(document: Any, edit: Edit) -> None:
    """像人在 Word 里那样改一处。"""
    paragraphs = [p for p in document.paragraphs if p._p.getparent() is not None]
    paragraph = paragraphs[edit.place % len(paragraphs)]
    table = document.tables[edit.place % len(document.tables)]
    row = table.rows[edit.place % len(table.rows)]
    if edit.kind == "改段":
        paragraph.add_run(edit.text)
    elif edit.kind in ("加段", "加图注"):
        paragraph.insert_paragraph_before(edit.text)
    elif edit.kind == "删段":
        paragraph._p.getparent().remove(paragraph._p)
    elif edit.kind == "改格":
        row.cells[edit.place % len(row.cells)].paragraphs[0].add_run(edit.text)
    elif edit.kind == "加行":
        added = copy.deepcopy(row._tr)
        row._tr.addnext(added)
        for cell in _Row(added, table).cells:
            cell.paragraphs[0].text = edit.text
    elif edit.kind == "删行" and len(table.rows) > 1:
        row._tr.getparent().remove(row._tr)
    elif edit.kind == "挪段":
        paragraphs[-1 - edit.place % len(paragraphs)]._p.addnext(paragraph._p)
    elif edit.kind == "拆段":
        half = copy.deepcopy(paragraph._p)
        paragraph._p.addnext(half)
        paragraph.add_run(edit.text)
    elif edit.kind == "改表头":
        table.rows[0].cells[0].paragraphs[0].add_run(edit.text)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=edits)
def test_nothing_a_person_wrote_is_ever_lost(before: bytes, after: bytes, changes: list[Edit]) -> None:
    """随便怎么改，更新后：人动过的每一段、每一行原样都在；再更新一次不再变；没动过的与新生成的一致。"""
    document = Document(BytesIO(before))
    for edit in changes:
        apply(document, edit)
    edited = saved(document)
    generated = set(texts(before))
    human = [text for text in texts(edited) if text not in generated]
    updated = merge(edited, after)
    found = texts(updated)
    for text in human:
        assert found.count(text) >= human.count(text), text
    assert texts(merge(updated, after)) == found
    fresh = set(texts(after))
    for text in found:
        known = text in fresh or text in human or text in texts(edited) or "【建议】" in text
        assert known, text


def test_picture_the_person_replaced_is_kept(before: bytes, after: bytes) -> None:
    """时限图：没换过的换成新的，换过的照留。"""
    parts = parts_of(before)
    media = [name for name in parts if name.startswith("word/media")]
    if not media:
        pytest.skip("没有装 vl-convert-python，docx 里没有时限图")
    assert parts_of(merge(before, after))[media[0]] == parts_of(after)[media[0]]
    mine = parts[media[0]] + b"mine"
    base = manifest.load(parts)
    assert base is not None
    kept = merged({**parts, media[0]: mine}, base, after)[0]
    assert parts_of(kept)[media[0]] == mine


def test_writes_a_new_file_and_keeps_the_chosen_parts(advisor: Advisor, tmp_path: Path) -> None:
    """不覆盖原件，也不盖住上次更新的；当初只要正文，更新后还是只有正文。"""
    facts = advisor.playbook.case(CASE).facts
    result = advisor.assess([Parcel(name="汇隆", facts=facts)], AS_OF)
    (path,) = write_memo(result.parcels[0], result, advisor, tmp_path, ("docx",), only=("正文",))
    original = path.read_bytes()
    names = [update_memo(result.parcels[0], result, advisor, path, tmp_path)[0].name for _ in range(2)]
    assert names == ["汇隆处置方案（草案）（更新）.docx", "汇隆处置方案（草案）（更新2）.docx"]
    assert path.read_bytes() == original
    assert texts((tmp_path / names[0]).read_bytes()) == texts(original)


def test_a_docx_of_unknown_origin_is_refused(advisor: Advisor, tmp_path: Path) -> None:
    result = advisor.assess([Parcel(name="甲", facts={})], AS_OF)
    Document().save(str(tmp_path / "别的.docx"))
    with pytest.raises(InputError, match="里面没有生成记录"):
        update_memo(result.parcels[0], result, advisor, tmp_path / "别的.docx", tmp_path)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="没有装 LibreOffice")
def test_saved_by_another_program_still_updates(before: bytes, after: bytes, tmp_path: Path) -> None:
    """别的软件另存过（部件改名、样式换号），没改的内容照样认得。"""
    (tmp_path / "甲.docx").write_bytes(before)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "另存"),
    ]
    subprocess.run([*command, str(tmp_path / "甲.docx")], check=True, capture_output=True, timeout=180)
    resaved = (tmp_path / "另存" / "甲.docx").read_bytes()
    if manifest.load(parts_of(resaved)) is None:
        pytest.skip("这个版本的 LibreOffice 另存时不留自定义部件")
    assert [t for t in texts(merge(resaved, after)) if t.strip()] == [t for t in texts(after) if t.strip()]


def test_command_updates_and_says_what_it_did(tmp_path: Path) -> None:
    """advisor memo --update：写出新文件，说清刷新、照留、建议各几处；与别的格式同用退出码 2。"""
    sample = ROOT / "playbooks" / "samples" / "示例地块.yaml"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "advisor", "memo", *arguments, "--out", str(tmp_path), "--as-of", "2026-11-21"]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT)

    first = run(str(sample), "--format", "docx", "--only", "正文，待核实清单")
    assert first.returncode == 0, first.stderr
    draft = first.stdout.strip()
    document = Document(draft)
    paragraph = next(p for p in document.paragraphs if p.text.startswith("位于"))
    paragraph.add_run("现场已复核。")
    document.save(draft)
    changed = tmp_path / "新.yaml"
    text = sample.read_text("utf-8").replace("抵押权人同意: 不清楚", "抵押权人同意: 否")
    changed.write_text(text, encoding="utf-8")
    done = run(str(changed), "--update", draft)
    assert done.returncode == 0, done.stderr
    path, said = done.stdout.splitlines()
    assert path.endswith("（草案）（更新）.docx")
    assert "照留您改过的 1 处，加建议 1 处" in said
    assert any(p.text.endswith("现场已复核。") for p in Document(path).paragraphs)
    assert run(str(changed), "--update", draft, "--format", "md").returncode == 2
