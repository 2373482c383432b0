"""办公文档这类压缩包：读出各部件、照样写回。条目排序、时间固定、去掉缩略图，同样的内容得到同样的字节。"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

_CONTENT_TYPES = "[Content_Types].xml"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_FIXED_STAMP = "2000-01-01T00:00:00Z"


def parts_of(data: bytes) -> dict[str, bytes]:
    """一份文件字节里的各部件。"""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def package_bytes(parts: Mapping[str, bytes]) -> bytes:
    """合成一份；同样的部件得到同样的字节。"""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts, key=lambda item: (item != _CONTENT_TYPES, item)):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, parts[name])
    return buffer.getvalue()


def rewrite(path: Path) -> None:
    """把一个 docx、xlsx 就地重写成可复现的。"""
    parts = {name: data for name, data in parts_of(path.read_bytes()).items() if "thumbnail" not in name}
    parts["_rels/.rels"] = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", parts["_rels/.rels"])
    core = "docProps/core.xml"
    if core in parts:
        text = parts[core].decode("utf-8")
        text = re.sub(r"(<dcterms:(created|modified)[^>]*>)[^<]*", rf"\g<1>{_FIXED_STAMP}", text)
        parts[core] = text.encode("utf-8")
    path.write_bytes(package_bytes(parts))
