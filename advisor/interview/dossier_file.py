"""案卷文件：就是一份事实文件，随答随存，先写临时文件再换名，断电也不会只剩半份。"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import yaml

from advisor import quantity, yamlsource
from advisor.errors import InputError
from advisor.parcel import read_parcel
from advisor.vocabulary import UNKNOWN_WORDS, FactValue, Vocabulary


def save(path: Path, name: str, answers: Mapping[str, FactValue | None]) -> None:
    """存下名称与全部答案（含“不清楚”）。

    Raises:
        InputError: 目录不可写、磁盘已满；原来的文件原样留着。
    """
    content = {"名称": name, "事实": {fact: _plain(value) for fact, value in answers.items()}}
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as stream:
            yaml.safe_dump(content, stream, allow_unicode=True, sort_keys=False)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as problem:
        raise InputError(
            str(path),
            f"存不了案卷（{problem.strerror}），上次存的原样还在",
            fix="用 --save 换一个能写的位置，或腾出磁盘空间",
        ) from None


def load(path: Path, vocabulary: Vocabulary) -> tuple[str, dict[str, FactValue | None]]:
    """读回名称与答案；次序照文件，“不清楚”也读回来。"""
    parcel = read_parcel(path, vocabulary)
    data = yamlsource.read(path)
    answers: dict[str, FactValue | None] = {}
    for name, raw in (data.get("事实") or {}).items():
        unknown = raw is None or (isinstance(raw, str) and raw.strip() in UNKNOWN_WORDS)
        answers[name] = None if unknown else parcel.facts[name]
    return parcel.name, answers


def _plain(value: FactValue | None) -> object:
    if value is None:
        return "不清楚"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        number = quantity.plain(value, 12)
        return number
    return value.isoformat() if isinstance(value, date) else value
