"""docx 这个压缩包：读出各部件、照样写回。条目排序、时间固定、去掉缩略图，同样的内容得到同样的字节。"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from advisor.errors import InputError

DOCUMENT = "word/document.xml"
FIGURE = "时限图"
"""模板里时限图占位图片的名称；官员可以挪动、缩放它。"""
_CONTENT_TYPES = "[Content_Types].xml"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_FIXED_STAMP = "2000-01-01T00:00:00Z"
_LIMIT = 200 * 1024 * 1024


def read_package(path: Path) -> dict[str, bytes]:
    """各部件：名称 → 内容。

    Raises:
        InputError: 没有这个文件、不是 docx、解开后过大。
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LIMIT:
                raise InputError(str(path), "解开后超过 200 MB", fix="核对是不是拿错了文件")
        parts = parts_of(path.read_bytes())
    except FileNotFoundError:
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名") from None
    except (zipfile.BadZipFile, OSError, RuntimeError):
        raise InputError(str(path), "不是 docx 文件，或已损坏", fix="用 Word 或 WPS 打开，另存为 docx 再试") from None
    if DOCUMENT not in parts:
        raise InputError(str(path), "不是 docx 文件（里面没有正文）", fix="用 Word 或 WPS 打开，另存为 docx 再试")
    return parts


def parts_of(data: bytes) -> dict[str, bytes]:
    """一份 docx 字节里的各部件。"""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def package_bytes(parts: Mapping[str, bytes]) -> bytes:
    """合成 docx；同样的部件得到同样的字节。"""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts, key=lambda item: (item != _CONTENT_TYPES, item)):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, parts[name])
    return buffer.getvalue()


def rewrite(path: Path) -> None:
    """把一个 docx 就地重写成可复现的。"""
    parts = {name: data for name, data in read_package(path).items() if "thumbnail" not in name}
    parts["_rels/.rels"] = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", parts["_rels/.rels"])
    core = "docProps/core.xml"
    if core in parts:
        text = parts[core].decode("utf-8")
        text = re.sub(r"(<dcterms:(created|modified)[^>]*>)[^<]*", rf"\g<1>{_FIXED_STAMP}", text)
        parts[core] = text.encode("utf-8")
    path.write_bytes(package_bytes(parts))
