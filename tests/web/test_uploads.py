"""乱传文件：说清为什么不收，程序照常，内存有界，路径名跑不出去。"""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from advisor.errors import InputError
from advisor.web.package_gate import check_package
from tests.web.driving import Visitor

MEGABYTE = 1024 * 1024


def archive(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return buffer.getvalue()


def bomb() -> bytes:
    """解开后 300 MB。"""
    return archive({"word/document.xml": b"\0" * (300 * MEGABYTE)})


def lying_bomb() -> bytes:
    """登记的大小是假的：写着 10 字节，实际 100 MB。"""
    data = bytearray(archive({"word/document.xml": b"\0" * (100 * MEGABYTE)}))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(mark) + offset
        data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


def entities() -> bytes:
    lines = ['<!ENTITY a0 "哈">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    text = f'<?xml version="1.0"?><!DOCTYPE w [{"".join(lines)}]><w>&a11;</w>'
    return archive({"word/document.xml": text.encode()})


def outside_entity() -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
    return archive({"word/document.xml": text.encode("utf-16")})


def many_parts() -> bytes:
    return archive({f"word/{number}.xml": b"<w/>" for number in range(3_000)})


def traversal() -> bytes:
    return archive({"../../../tmp/跑出去.xml": b"<w/>", "word/document.xml": b"<w/>"})


DOCX: dict[str, tuple[Callable[[], bytes], str]] = {
    "压缩炸弹": (bomb, "解开后太大"),
    "大小造假": (lying_bomb, "不是 docx 文件，或已损坏"),
    "实体膨胀": (entities, "word/document.xml 已损坏"),
    "外部实体": (outside_entity, "实体定义"),
    "部件太多": (many_parts, "解开后太大"),
    "路径穿越": (traversal, "没有生成记录"),
    "空文件": (lambda: b"", "不是 docx 文件"),
    "图片": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "不是 docx 文件"),
    "半截": (lambda: archive({"word/document.xml": b"<w/>"})[:60], "不是 docx 文件"),
    "正文不是XML": (lambda: archive({"word/document.xml": b"<<<"}), "word/document.xml 已损坏"),
}


@pytest.mark.parametrize("name", DOCX)
def test_bad_draft_is_refused_plainly(handler: Visitor, dossier: str, name: str) -> None:
    make, said = DOCX[name]
    handler.open(f"{dossier}/memo").submit("/memo/merge", files={"file": ("草案.docx", make())})
    assert handler.status == 422, handler.text
    assert said in handler.problem
    assert handler.open(dossier).status == 200
    assert not Path("/tmp/跑出去.xml").exists()


@pytest.mark.parametrize("make", [bomb, lying_bomb, entities])
def test_bombs_are_refused_in_little_memory(make: Callable[[], bytes]) -> None:
    """解开几百兆的，拒收时至多用到几十兆。"""
    data = make()
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            check_package("草案.docx", data)
        assert tracemalloc.get_traced_memory()[1] < 60 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_scrambled_drafts_never_break_the_site(handler: Visitor, dossier: str) -> None:
    """真草案里随机改、删、插字节：不是更新成了，就是说清不收。"""
    docx = handler.client.get(f"{dossier}/memo/draft.docx").content
    rng = random.Random(20261121)
    for _ in range(25):
        data = bytearray(docx)
        for _ in range(rng.choice((1, 5, 200))):
            at = rng.randrange(len(data))
            data[at : at + rng.choice((0, 1, 40))] = rng.randbytes(rng.choice((0, 1, 40)))
        handler.open(f"{dossier}/memo").submit("/memo/merge", files={"file": ("草案.docx", bytes(data))})
        assert handler.status in (200, 422), handler.text
        assert handler.heading == "更新好了" or handler.problem


def test_scrambled_xml_in_a_good_package_never_breaks_the_site(handler: Visitor, dossier: str) -> None:
    """包是好的，里面的 XML 被改坏。"""
    docx = handler.client.get(f"{dossier}/memo/draft.docx").content
    with zipfile.ZipFile(io.BytesIO(docx)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    rng = random.Random(7)
    for name in sorted(parts):
        data = bytearray(parts[name])
        for _ in range(3):
            at = rng.randrange(len(data) + 1)
            data[at : at + rng.choice((0, 30))] = rng.choice((b"", b"<w:p>", b"&#0;", b"\xff\xfe", b"</w:body>"))
        handler.open(f"{dossier}/memo").submit(
            "/memo/merge", files={"file": ("草案.docx", archive({**parts, name: bytes(data)}))}
        )
        assert handler.status in (200, 422), (name, handler.text)


FACTS: dict[str, tuple[bytes, str]] = {
    "引用炸弹": (b"a: &a [x]\nb: *a\n", "引用"),
    "嵌套过深": (b"[" * 100_000, "不是合法的 YAML"),
    "不是文字": (b"\xff\xfe\x00\x01", "不是 UTF-8"),
    "空文件": (b"", "文件是空的"),
    "标记": ("事实: !!python/object/apply:os.system ['id']\n".encode(), "不是"),
    "两份": (b"a: 1\n---\nb: 2\n", "两份"),
    "多出的项": ("别的: 1\n".encode(), "不认识的项"),
}


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize(
    "file", ["地块.yaml", "地块.json", "../../../etc/cron.d/坏", "..\\..\\坏.yaml", "\x00.yaml", "地块.exe"]
)
def test_bad_fact_file_is_refused_plainly(handler: Visitor, name: str, file: str) -> None:
    data, said = FACTS[name]
    before = handler.open("/dossiers").text
    handler.open("/dossiers/new").submit("/dossiers/new", way="file", files={"file": (file, data)})
    assert handler.status == 422, handler.text
    assert said in handler.problem or file.endswith(".json")
    assert "etc/cron" not in handler.problem
    assert handler.open("/dossiers").text == before


def test_too_large_is_refused_before_it_is_read(app: FastAPI, handler: Visitor, dossier: str) -> None:
    """写明长度的，看长度就不收；不写长度的，边收边数，收够就停。"""
    handler.open(f"{dossier}/memo")
    path, limit = f"{dossier}/memo/merge", app.state.site.settings.upload
    declared = handler.client.post(path, content=b"x", headers={"Content-Length": str(limit + 1)})
    assert declared.status_code == 413
    assert "不超过 20 MB" in declared.text
    sent = 0

    def pieces() -> object:
        nonlocal sent
        while sent < limit * 3:
            sent += MEGABYTE
            yield b"x" * MEGABYTE

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    streamed = handler.client.post(path, content=pieces(), headers=kind)  # type: ignore[arg-type]
    assert streamed.status_code in (400, 413)
    assert handler.open(dossier).status == 200


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=seal\r\n\r\n"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\n" * 10_000),
        ("application/json", b'{"seal": 1}'),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5_000))),
        ("application/x-www-form-urlencoded", b"seal=%ff%fe%00"),
    ],
)
def test_malformed_forms_are_refused(handler: Visitor, dossier: str, kind: str, content: bytes) -> None:
    answer = handler.client.post(f"{dossier}/memo/merge", content=content, headers={"Content-Type": kind})
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("number", ["%00", "..%2f..%2fetc%2fpasswd", "%ff", "a" * 3_000, "'; DROP TABLE dossier;--"])
def test_strange_addresses_are_just_missing(handler: Visitor, number: str) -> None:
    for path in (f"/dossiers/{number}", f"/library/tools/{number}", f"/library/cases/{number}", f"/static/{number}"):
        assert 400 <= handler.client.get(path).status_code < 500
