"""接口收发的内容。事实的写法与事实文件相同：是否写 true、false 或“是”“否”，数可带单位，不清楚写 null。"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from advisor.errors import InputError
from advisor.rulepack.model import RulePack
from advisor.vocabulary import FactValue


def _plain(text: str) -> str:
    """不许控制字符与残缺的字。"""
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise ValueError("含控制字符或残缺的字")
    return text


Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
Raw = StrictBool | Decimal | Text | None
Facts = Annotated[dict[Text, Raw], Field(max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ParcelBody(_Body):
    """一宗地。"""

    name: Annotated[Text, Field(description="地块名")] = "地块"
    facts: Annotated[Facts, Field(description="事实名 → 值；没有写的即未知")]


class AssessBody(_Body):
    """要评估的地块。"""

    parcels: Annotated[list[ParcelBody], Field(min_length=1, max_length=50)]
    as_of: Annotated[date | None, Field(description="基准日，缺省今天")] = None
    taxonomy: Annotated[Text, Field(description="再用一地自己的分类叫法归类")] = ""


class MemoBody(ParcelBody):
    """要写草案的一宗地。"""

    as_of: date | None = None


class OpenBody(ParcelBody):
    """立一卷。"""

    name: Annotated[Text, Field(min_length=1, max_length=200)]


class AnswersBody(_Body):
    """记几项答案；seen 是看到的版本，别人之后动了同一项就不写入。"""

    facts: Annotated[Facts, Field(min_length=1)]
    seen: Annotated[int, Field(ge=1, le=1_000_000_000)]
    source: Text = ""


class Problem(BaseModel):
    """错误：哪里、收到什么、下一步。"""

    error: str


class ScreeningInfo(BaseModel):
    """一件台账：编号、到哪一步（排队、在判、完成、出错）、说了什么、判好的文件。"""

    job: str
    state: str
    said: str
    files: list[str]


class ToolBrief(BaseModel):
    """一个工具。"""

    name: str
    category: str
    definition: str
    coded: bool


class RuleInfo(BaseModel):
    """一条条件。"""

    id: str
    kind: str
    text: str
    meaning: str
    regions: list[str]
    basis: list[str]


class ToolInfo(ToolBrief):
    """一个工具与它的条件。"""

    resolves: list[str]
    rules: list[RuleInfo]
    cautions: list[str]
    cases: list[str]


class CaseBrief(BaseModel):
    """一个案例。"""

    id: str
    title: str
    tools: list[str]


class CaseInfo(CaseBrief):
    """一个案例的内容。"""

    background: str
    facts: dict[str, bool | int | float | str | None]
    steps: list[str]
    outcome: str
    caveats: list[str]


class DossierBrief(BaseModel):
    """目录里的一卷。"""

    number: str
    name: str
    place: str
    state: str
    plan: str
    version: int
    changed_by: str
    changed_at: str


class DossierInfo(BaseModel):
    """一卷：答案照日志的写法。"""

    number: str
    name: str
    version: int
    state: str
    answers: dict[str, str]
    assessments: list[int]
    notices: list[str]


class Written(BaseModel):
    """写好了：编号与新的版本。"""

    number: str
    version: int


def answers_from(facts: dict[str, Raw], pack: RulePack) -> dict[str, FactValue | None]:
    """核对过的答案，None 是不清楚。

    Raises:
        InputError: 事实不在词表、值不可填。
    """
    found: dict[str, FactValue | None] = {}
    for name, raw in facts.items():
        if name not in pack.vocabulary:
            close = pack.vocabulary.nearest(name)
            raise InputError(
                "facts", f"“{name}”不在事实词表里", f"最接近的是“{close}”" if close else "", "改成词表里的名字"
            )
        found[name] = pack.vocabulary[name].parse(raw, f"facts.{name}")
    return found
