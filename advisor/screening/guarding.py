"""读表之前先看安全：压缩炸弹不展开，太大的说怎么分。"""

from __future__ import annotations

import zipfile
from pathlib import Path

from advisor.errors import InputError

_MOST_BYTES = 6 * 2**30
_MOST_RATIO = 400
_SMALL = 64 * 2**20
ZIPPED = (".xlsx", ".xlsm", ".zip")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def check_archive(path: Path) -> None:
    """只看目录、不解压：展开后太大，或压缩比高得不像表格的，一律不读。

    Raises:
        InputError: 不是完好的压缩包，或疑为压缩炸弹。
    """
    if path.suffix.lower() not in ZIPPED:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise InputError(
            str(path), "文件打不开，可能不完整或并不是这种格式", fix="用表格软件打开另存一份再试"
        ) from None
    size = sum(item.file_size for item in items)
    packed = max(sum(item.compress_size for item in items), 1)
    if size > _MOST_BYTES or (size > _SMALL and size / packed > _MOST_RATIO):
        raise InputError(
            str(path), f"展开后有 {size // 2**20} MB、压缩比 {size // packed}，疑为压缩炸弹，没有读",
            fix="确是正常台账的，分成几个文件，或另存为 CSV、Parquet",
        )  # fmt: skip


def plain_text(value: str) -> str:
    """写进 CSV 的文字：开头像公式的加一个单引号，免得表格软件当公式算。

    >>> plain_text("=1+1"), plain_text("甲地")
    ("'=1+1", '甲地')
    """
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
