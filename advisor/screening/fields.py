"""词表以外的表列（需求表的列、评价方案的指标）：写在数据里，表头、单位、坏格子的认法与台账同一套。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from advisor.rulepack.reading import Problems
from advisor.rulepack.schema import Entry, FactName, Names
from advisor.screening.headers import Headers, assembled
from advisor.vocabulary import Fact, Kind, Vocabulary


class FieldEntry(Entry):
    """一列。same 是与词表里的哪个事实完全一样；measured 是单位与取值范围照词表里的哪个事实。"""

    name: str = Field(alias="名称")
    kind: Literal["文字", "数值", "日期", ""] = Field("", alias="类型")
    same: FactName = Field("", alias="同")
    measured: FactName = Field("", alias="同量")
    help: str = Field("", alias="说明")
    headers: Names = Field((), alias="表头")


def check_fields(
    fields: Sequence[FieldEntry], vocabulary: Vocabulary, places: Iterable[str], problems: Problems
) -> None:
    """提到的事实都在词表里，类型只有一处定。"""
    for entry, place in zip(fields, places, strict=True):
        for name in filter(None, (entry.same, entry.measured)):
            if name not in vocabulary:
                problems.add(place, f"“{name}”不在事实词表里", "改成词表里的名字")
        if bool(entry.same) == bool(entry.kind):
            problems.add(place, f"“{entry.name}”的类型没有定准", "“类型”与“同”写一样")


def fields_vocabulary(fields: Sequence[FieldEntry], vocabulary: Vocabulary) -> Vocabulary:
    """各列照事实的样子读。"""
    return Vocabulary(_fact(entry, vocabulary) for entry in fields)


def fields_headers(fields: Sequence[FieldEntry], own: Vocabulary, headers: Headers) -> Headers:
    """各列的表头叫法；单位、是否、空白的写法照台账。"""
    aliases = {entry.name: entry.headers for entry in fields}
    return assembled(own, headers.file.model_copy(update={"ids": (), "names": (), "aliases": aliases, "size": ""}))


def _fact(entry: FieldEntry, vocabulary: Vocabulary) -> Fact:
    if entry.same or entry.measured:
        base = vocabulary[entry.same or entry.measured]
    else:
        base = Fact(name=entry.name, kind=Kind(entry.kind), group="")
    return base.model_copy(update={"name": entry.name, "question": entry.help, "help": "", "proof": None})
