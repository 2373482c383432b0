"""上传的 docx 先过一道：解开太大、部件太多、带实体定义的不收。"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from io import BytesIO

from lxml import etree

from advisor.errors import InputError

_MOST_BYTES, _MOST_PARTS = 60 * 1024 * 1024, 2_000
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    NotImplementedError, RuntimeError, EOFError, OSError, ValueError, OverflowError,
)  # fmt: skip
"""压缩包坏了，解的时候会抛的。"""
_AGAIN = "用 Word 或 WPS 打开，另存为 docx 再传"


def check_package(name: str, data: bytes) -> None:
    """一份 docx 能不能收。

    Raises:
        InputError: 不是 docx、解开过大、部件过多、里面有实体定义。
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(item.file_size for item in parts) > _MOST_BYTES:
                raise InputError(
                    name, "解开后太大", allowed=f"不超过 {_MOST_BYTES // 1024 // 1024} MB", fix="核对是不是拿错了文件"
                )
            for item in parts:
                with archive.open(item) as opened:
                    content = opened.read(item.file_size)  # 只读登记的那么多；登记造假的，校验对不上
                if item.filename.endswith((".xml", ".rels")):
                    _check_part(name, item.filename, content)
    except InputError:
        raise
    except _BROKEN:
        raise InputError(name, "不是 docx 文件，或已损坏", fix=_AGAIN) from None


def _check_part(name: str, part: str, data: bytes) -> None:
    try:
        tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True)).getroottree()
    except etree.XMLSyntaxError:
        raise InputError(name, f"里面的 {part} 已损坏", fix=_AGAIN) from None
    if tree.docinfo.doctype:
        raise InputError(name, "里面有不该有的实体定义", fix=_AGAIN)
