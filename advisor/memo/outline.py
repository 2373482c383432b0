"""草案的编排：分几件、什么字体、概况怎么写，都在 playbooks/templates/草案.yaml 里。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from advisor.errors import InputError, RulePackError
from advisor.rulepack.reading import Problems, read_model
from advisor.rulepack.schema import Citations, Entry, FactName, FactNames, Names

FILE = "草案.yaml"
_SLOT = re.compile(r"\{([^{}]+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class Font(Entry):
    """模板里的一种字体换成哪一种；没有装的依次用回退。"""

    template: str = Field(alias="模板")
    use: str = Field(alias="用")
    fallback: Names = Field((), alias="回退")


class Clause(Entry):
    """概况里的一个分句：填空的一句，或者是否类事实的两种说法。"""

    text: str = Field("", alias="句")
    fact: FactName = Field("", alias="事实")
    yes: str = Field("", alias="是")
    no: str = Field("", alias="否")
    unknown: str = Field("", alias="缺")

    @property
    def names(self) -> tuple[str, ...]:
        """写到的事实。"""
        return (self.fact,) if self.fact else tuple(_SLOT.findall(self.text))

    def said(self, known: Mapping[str, str]) -> str:
        """照已知的事实写出来；缺了事实的写“缺”，没有写“缺”的为空。

        >>> Clause.model_validate({"句": "在{省}[{县}]"}).said({"省": "东"})
        '在东'
        >>> Clause.model_validate({"事实": "围墙", "是": "有围墙", "缺": "待查"}).said({})
        '待查'
        """
        if self.fact:
            return {"是": self.yes, "否": self.no}.get(known.get(self.fact, ""), self.unknown)
        kept = _OPTIONAL.sub(lambda m: m[1] if all(n in known for n in _SLOT.findall(m[1])) else "", self.text)
        if any(name not in known for name in _SLOT.findall(kept)):
            return self.unknown
        return _SLOT.sub(lambda m: known[m[1]], kept)


class RecordEntry(Entry):
    """备案表的一栏：列哪些事实，再从方案各步取什么。"""

    item: str = Field(alias="栏")
    facts: FactNames = Field((), alias="事实")
    materials: Names = Field((), alias="材料含")
    take: Literal["", "批准主体", "风险", "防范"] = Field("", alias="取")
    citations: Citations = Field((), alias="依据")


class TargetEntry(Entry):
    """监管协议的一项指标。"""

    item: str = Field(alias="指标")
    facts: FactNames = Field((), alias="事实")
    agreed: str = Field(alias="约定")
    citations: Citations = Field((), alias="依据")


class NoteEntry(Entry):
    """一张表前面的说明；use 是哪一张。"""

    use: Literal["备案", "指标"] = Field(alias="用在")
    text: str = Field(alias="句")
    citations: Citations = Field((), alias="依据")


class Outline(Entry):
    """整份编排。"""

    parts: tuple[str, ...] = Field(alias="件", min_length=1)
    fonts: tuple[Font, ...] = Field((), alias="字体")
    overview: tuple[tuple[Clause, ...], ...] = Field((), alias="概况")
    notes: tuple[NoteEntry, ...] = Field((), alias="说明")
    record: tuple[RecordEntry, ...] = Field((), alias="备案")
    targets: tuple[TargetEntry, ...] = Field((), alias="指标表")

    @property
    def main(self) -> str:
        """正文的名称；其余是附件。"""
        return self.parts[0]

    def choose(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """照编排的次序选件；空即全部。

        Raises:
            InputError: 没有这一件。
        """
        for name in wanted:
            if name not in self.parts:
                raise InputError(
                    "--only", f"没有“{name}”这一件", allowed="、".join(self.parts), fix="从中选，用逗号隔开"
                )
        return tuple(name for name in self.parts if name in wanted) if wanted else self.parts


def read_outline(templates: Path) -> Outline:
    """读编排；同一个文件只读一次。

    Raises:
        RulePackError: 没有这个文件，或写错了。
    """
    path = templates / FILE
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Outline:
    problems = Problems()
    read = read_model(path, path.parent.parent, Outline, problems)
    if read is None:
        raise RulePackError(problems.found)
    return read[0]
