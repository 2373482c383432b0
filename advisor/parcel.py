"""一宗地：名称与已知事实；由事实文件读来。"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advisor import yamlsource
from advisor.errors import InputError
from advisor.vocabulary import FactValue, Frozen, Vocabulary
from advisor.yamlsource import Lines

_TOP_KEYS = ("名称", "事实", "测算")


class Stated(Frozen):
    """照原样收下的一个测算输入与它在文件里的位置；读法归测算。"""

    raw: Any
    where: str


class Parcel(Frozen):
    """名称与事实；没有的事实即未知。facts 按词表次序；estimates 是测算输入，不影响判定。"""

    name: str
    facts: Mapping[str, FactValue]
    estimates: Mapping[str, Stated] = {}


def read_parcel(path: Path, vocabulary: Vocabulary) -> Parcel:
    """读一份事实文件（YAML 或 JSON）。

    Raises:
        InputError: 说明哪个文件、哪一行、哪个事实、收到什么、可填什么。
    """
    data = yamlsource.read(path)
    where = str(path)
    if not isinstance(data, Lines):
        raise InputError(where, "内容不是“名称、事实”两项" if data is not None else "文件是空的",
                         allowed="名称: 地块名；事实: 下面逐行写 事实名: 值", fix="照 README 的事实文件样例改写")  # fmt: skip
    for key in data:
        if key not in _TOP_KEYS:
            hint = "事实写在“事实:”下面并缩进两格" if key in vocabulary else "删去这一行"
            raise InputError(f"{where} 第 {data.line_of(key)} 行", f"不认识的项“{key}”",
                             allowed="、".join(_TOP_KEYS), fix=hint)  # fmt: skip
    facts = _section(data, "事实", "事实名", where)
    estimates = _section(data, "测算", "输入名", where)
    name = data.get("名称")
    if name is not None and not isinstance(name, (str, int, float)) and type(name).__name__ != "Decimal":
        raise InputError(f"{where} 第 {data.line_of('名称')} 行", "“名称”不是一行文字", fix="写成 名称: 某某地块")
    return Parcel(
        name=str(name) if name is not None else path.stem,
        facts=read_facts(facts, vocabulary, where, facts.line_of),
        estimates={
            key: Stated(raw=value, where=f"{where} 第 {estimates.line_of(key)} 行") for key, value in estimates.items()
        },
    )


def _section(data: Lines, key: str, word: str, where: str) -> Lines:
    """文件里的一节；没有写的为空。"""
    found = data.get(key)
    if found is None:
        return Lines(data.line)
    if not isinstance(found, Lines):
        raise InputError(f"{where} 第 {data.line_of(key)} 行", f"“{key}”下面不是“{word}: 值”",
                         allowed=f"每行一个 {word}: 值", fix="去掉行首的短横，冒号后留一个空格")  # fmt: skip
    return found


def read_facts(raw: Mapping[str, Any], vocabulary: Vocabulary, where: str, line_of: Any = None) -> dict[str, FactValue]:
    """逐条核对事实，未知的略去，按词表次序排好。

    Raises:
        InputError: 事实名不在词表、值不合。
    """
    known: dict[str, FactValue] = {}
    for name, value in raw.items():
        place = f"{where} 第 {line_of(name)} 行" if line_of is not None else where
        if name not in vocabulary:
            close = vocabulary.nearest(name)
            raise InputError(place, f"“{name}”不在事实词表里",
                             allowed=f"最接近的是“{close}”" if close else "见 advisor rules facts 列出的事实名",
                             fix="改成词表里的名字；确需新增的按 CONTRIBUTING 在 rules/facts.yaml 里加")  # fmt: skip
        parsed = vocabulary[name].parse(value, place)
        if parsed is not None:
            known[name] = parsed
    return vocabulary.ordered(known)
