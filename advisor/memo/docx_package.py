"""读一个 docx：不是 docx、过大的拦下来。"""

from __future__ import annotations

import zipfile
from pathlib import Path

from advisor.errors import InputError
from advisor.office_package import parts_of

DOCUMENT = "word/document.xml"
FIGURE = "时限图"
"""模板里时限图占位图片的名称；官员可以挪动、缩放它。"""
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
