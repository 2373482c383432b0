"""事实词表：一条事实一个中文名，同一个词贯穿问答、规则、场景与输出。"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from advisor import measures, quantity
from advisor.errors import InputError

FactValue = bool | Fraction | str | date
UNKNOWN_WORDS = frozenset({"", "不清楚", "待核实", "目前不清楚", "未知", "不知道"})
_YES = {"是": True, "true": True, "否": False, "false": False}


class Kind(StrEnum):
    """事实的类型。"""

    CHOICE = "单选"
    BOOL = "是否"
    NUMBER = "数值"
    DATE = "日期"
    TEXT = "文字"


class Frozen(BaseModel):
    """冻结的领域对象。"""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


CHANNELS = ("查权属", "验合同", "核文件", "察实地")
"""四结合的查证渠道，照办的先后。"""


class Proof(Frozen):
    """到哪里查证：四结合渠道、材料、出证部门。"""

    channel: str
    document: str
    department: str


class Fact(Frozen):
    """词表里的一条事实。"""

    name: str
    kind: Kind
    group: str
    options: tuple[str, ...] = ()
    aliases: Mapping[str, str] = {}
    suffixes: tuple[str, ...] = ()
    kept_suffixes: tuple[str, ...] = ()
    unit: str = ""
    scales: Mapping[str, Fraction] = {}
    foreign_units: frozenset[str] = frozenset()
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    integer: bool = False
    question: str = ""
    help: str = ""
    why: str = ""
    proof: Proof | None = None
    cost: int = 2
    usual: bool | None = None
    actionable: bool = False
    action: str = ""
    actor: str = ""

    @property
    def allowed(self) -> str:
        """可填什么，写给办事员。"""
        if self.kind is Kind.CHOICE:
            return "、".join(self.options) + "；不清楚可写“不清楚”"
        if self.kind is Kind.BOOL:
            return "是、否；不清楚可写“不清楚”"
        if self.kind is Kind.NUMBER:
            low = f"不小于 {quantity.text(self.minimum)} " if self.minimum is not None else ""
            high = f"、不大于 {quantity.text(self.maximum)} " if self.maximum is not None else ""
            kind = "整数" if self.integer else "数"
            return f"{low}{high}的{kind}{f'，单位{self.unit}' if self.unit else ''}；不清楚可写“不清楚”".lstrip("的")
        if self.kind is Kind.DATE:
            return "日期，如 2026-01-31；不清楚可写“不清楚”"
        return "文字；不清楚可写“不清楚”"

    def parse(self, raw: object, where: str = "") -> FactValue | None:
        """把收到的值变成规范的值；不清楚、空 → None（未知）。

        Raises:
            InputError: 类型不对、不在选项内、超出范围。
        """
        if raw is None or (isinstance(raw, str) and _clean(raw) in UNKNOWN_WORDS):
            return None
        value = self._convert(raw)
        if value is None:
            found = f"事实“{self.name}”收到“{_shown(raw)}”{self._misfit(raw)}"
            raise InputError(where, found, allowed=self.allowed, fix="照可填的写法改正，再运行一次")
        return value

    def restated(self, raw: object) -> str:
        """换算过的写法，记成了多少，如“按 34.3 亩记”；照原样记的为空。

        Raises:
            InputError: 同 parse。
        """
        value = self.parse(raw)
        if not isinstance(value, Fraction) or not isinstance(raw, str):
            return ""
        plain = measures.normal(raw).removesuffix(measures.normal(self.unit))
        return "" if quantity.to_fraction(plain) is not None else f"按 {self.show(value)}记"

    def _misfit(self, raw: object) -> str:
        """数字没错、单位不是这一类的，说清是哪个单位。"""
        unit = measures.unit_of(raw, self.foreign_units) if self.kind is Kind.NUMBER and isinstance(raw, str) else ""
        return f"，单位“{unit}”用不到这里" if unit else ""

    def _convert(self, raw: object) -> FactValue | None:
        if self.kind is Kind.BOOL:
            if isinstance(raw, bool):
                return raw
            return _YES.get(_clean(raw).lower()) if isinstance(raw, str) else None
        if self.kind is Kind.NUMBER:
            return self._number(raw)
        if not isinstance(raw, str):
            return None
        word = _clean(raw)
        if self.kind is Kind.DATE:
            return _date(word)
        word = self.aliases.get(word, word)
        if self.kind is Kind.CHOICE:
            return word if word in self.options else None
        if any(unicodedata.category(c) == "Cc" for c in word):
            return None
        return word if word.endswith(self.kept_suffixes or ("\0",)) else _drop_suffix(word, self.suffixes)

    def _number(self, raw: object) -> Fraction | None:
        if isinstance(raw, str):
            number = measures.measure(raw, self.scales or measures.scales_for(self.unit, ()))
        else:
            number = quantity.to_fraction(raw)
        if number is None or (self.integer and number.denominator != 1):
            return None
        if self.minimum is not None and number < self.minimum:
            return None
        if self.maximum is not None and number > self.maximum:
            return None
        return number

    def show(self, value: FactValue | None) -> str:
        """值的中文写法，数带单位。"""
        if value is None:
            return "待核实"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Fraction):
            return f"{quantity.text(value)}{'' if self.unit in ('', '%') else ' '}{self.unit}"
        return value.isoformat() if isinstance(value, date) else value


class Vocabulary:
    """全部事实，按词表次序。"""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = {fact.name: fact for fact in facts}
        self._order = {name: index for index, name in enumerate(self._facts)}

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def names(self) -> tuple[str, ...]:
        """全部事实名，按词表次序。"""
        return tuple(self._facts)

    def position(self, name: str) -> int:
        """事实在词表里的次序；不在词表的排最后。"""
        return self._order.get(name, len(self._order))

    def ordered(self, facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """照词表次序排好的事实。"""
        return dict(sorted(facts.items(), key=lambda item: self.position(item[0])))

    def nearest(self, name: str) -> str:
        """写错的名字最像哪个；没有像的则空。"""
        import difflib

        close = difflib.get_close_matches(name, self._facts, n=1, cutoff=0.5)
        return close[0] if close else ""


def json_value(value: FactValue | None) -> bool | int | float | str | None:
    """写进 JSON 的值。"""
    if isinstance(value, Fraction):
        return quantity.plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _clean(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw).strip()


def _drop_suffix(word: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= 2:
            return word.removesuffix(suffix)
    return word


def _date(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _shown(raw: object) -> str:
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, (dict, list)):
        return "一组内容"
    text = str(raw)
    return text if len(text) <= 40 else text[:40] + "…"
