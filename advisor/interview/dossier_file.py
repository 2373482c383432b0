"""案卷文件：就是一份事实文件，随答随存，先写临时文件再换名，断电也不会只剩半份。"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from advisor import quantity, yamlsource
from advisor.errors import InputError
from advisor.parcel import Stated, read_parcel
from advisor.vocabulary import UNKNOWN_WORDS, FactValue, Vocabulary


def save(
    path: Path, name: str, answers: Mapping[str, FactValue | None], estimates: Mapping[str, Stated] | None = None
) -> None:
    """存下名称、全部答案（含“不清楚”）与照原样的测算输入。

    Raises:
        InputError: 目录不可写、磁盘已满；原来的文件原样留着。
    """
    content: dict[str, Any] = {"名称": name, "事实": {fact: _plain(value) for fact, value in answers.items()}}
    if estimates:
        content["测算"] = {entry: item.raw for entry, item in estimates.items()}
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream, _Dumper, allow_unicode=True, sort_keys=False)
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
        return Decimal(quantity.text(value, 12))
    return value.isoformat() if isinstance(value, date) else value


class _Dumper(yaml.SafeDumper):
    """写出来的，yamlsource 读回还是原来的数、原来的文字；不用 YAML 的引用（*）。"""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def number(self, data: Decimal) -> yaml.ScalarNode:
        """十进制数照原样写，不带类型标记。"""
        tag = self.resolve(yaml.ScalarNode, str(data), (True, False))  # type: ignore[no-untyped-call]
        return yaml.ScalarNode(tag, str(data))

    def words(self, data: str) -> yaml.ScalarNode:
        """像数、像真假、空着的文字加引号，读回还是文字。"""
        style = None if yamlsource.reads_as_text(data) else "'"
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(Decimal, _Dumper.number)
_Dumper.add_representer(str, _Dumper.words)
_Dumper.add_representer(yamlsource.Lines, _Dumper.represent_dict)
