"""上传的 docx 先过一道：解开太大、部件太多、带实体定义的不收。"""

from __future__ import annotations

import zipfile
from io import BytesIO

from advisor.errors import InputError

_MOST_BYTES, _MOST_PARTS = 60 * 1024 * 1024, 2_000
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
                if item.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(item):
                    raise InputError(name, "里面有不该有的实体定义", fix=_AGAIN)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise InputError(name, "不是 docx 文件，或已损坏", fix=_AGAIN) from None
