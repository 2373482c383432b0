"""政策依据：文号、层级、地域、期限、置信；地域是一棵树，一条规则在其结点及以下有效。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from advisor.expression.evaluate import Compiled, Facts
from advisor.expression.nodes import Node
from advisor.truth import Truth, all_of
from advisor.vocabulary import Frozen

Confidence = Literal["retrieved", "seed", "recalled", "recalled·待核", "分析"]
CONFIDENCE_ORDER: tuple[Confidence, ...] = ("retrieved", "seed", "recalled", "recalled·待核", "分析")
VERIFIED = frozenset({"retrieved", "seed"})
CONFIDENCE_TEXT: Mapping[str, str] = {
    "retrieved": "已核对文本",
    "seed": "典型案例转述",
    "recalled": "依据待核",
    "recalled·待核": "依据待核",
    "分析": "编者分析",
}

_CITATION = re.compile(r"(?P<code>[A-Z]\d{1,2}[a-z]?)(?:§(?P<article>.+))?\Z")


class Article(Frozen):
    """依据里的一条：条号、置信、要点。"""

    number: str
    confidence: Confidence
    gist: str = ""


class Policy(Frozen):
    """登记册里的一份依据；散列只看代码与失效日，免得每次算全文。"""

    code: str
    title: str
    number: str
    level: str
    region: str
    effective: date | None
    expires: date | None
    trial: bool
    standing: str
    superseded_by: tuple[str, ...]
    confidence: Confidence
    gist: str
    articles: tuple[Article, ...]
    note: str

    def __hash__(self) -> int:
        return hash((self.code, self.expires))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Policy) and self.model_dump() == other.model_dump())

    def status(self, as_of: date) -> str:
        """在基准日的状态：现行、时效待核、已过期、尚未施行。"""
        if self.expires is not None and as_of > self.expires:
            return "已过期"
        if self.effective is not None and as_of < self.effective:
            return "尚未施行"
        return {"待核": "时效待核", "未生效": "尚未施行"}.get(self.standing, "现行")

    def confidence_of(self, article: str) -> Confidence:
        """某条的置信；登记册没有单列该条时用整份文件的。"""
        found = next((item for item in self.articles if article and item.number == article), None)
        return found.confidence if found else self.confidence

    def gist_of(self, article: str) -> str:
        """某条的要点；没有单列的用整份文件的。"""
        found = next((item for item in self.articles if article and item.number == article), None)
        return (found.gist if found else "") or self.gist


@dataclass(frozen=True, slots=True)
class Citation:
    """规则里的一处引用，写作 代码§条。

    >>> Citation.read("A2§39(二)").article
    '39(二)'
    """

    code: str
    article: str = ""
    confidence: Confidence | None = None

    @classmethod
    def read(cls, text: str, confidence: Confidence | None = None) -> Citation:
        """读一处引用；写法不合时抛 ValueError。"""
        found = _CITATION.match(text.strip())
        if not found:
            raise ValueError(f"依据“{text}”写法不对，应为 代码§条，如 A2§39(二)、E1")
        return cls(code=found["code"], article=found["article"] or "", confidence=confidence)

    @property
    def label(self) -> str:
        """原样写回。"""
        return f"{self.code}§{self.article}" if self.article else self.code


class Region(Frozen):
    """地域树的一个结点；条件为空表示与上级同。base 是条件展开后的树，test 由它编成。"""

    name: str
    parent: str
    text: str
    test: Compiled | None
    asks: tuple[str, ...] = ()
    base: Node | None = None


class Regions:
    """地域树。"""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions = {region.name: region for region in regions}
        self.asked = frozenset(name for region in self._regions.values() for name in region.asks)

    def __contains__(self, name: object) -> bool:
        return name in self._regions

    @property
    def names(self) -> tuple[str, ...]:
        """全部结点名。"""
        return tuple(self._regions)

    def __getitem__(self, name: str) -> Region:
        return self._regions[name]

    def chain(self, name: str) -> tuple[str, ...]:
        """从最上一级到该结点。"""
        found: list[str] = []
        while name:
            found.insert(0, name)
            name = self._regions[name].parent
        return tuple(found)

    def asks(self, name: str) -> tuple[str, ...]:
        """判断地块在不在该结点之内要知道的事实，由上级到下级。"""
        found: list[str] = []
        while name:
            region = self._regions[name]
            found[:0] = region.asks
            name = region.parent
        return tuple(dict.fromkeys(found))

    def covers(self, name: str, facts: Facts) -> Truth:
        """地块是否在该结点之内：逐级求与，缺事实为待核实。"""
        truths: list[Truth] = []
        while name:
            region = self._regions[name]
            if region.test is not None:
                truths.append(region.test(facts))
            name = region.parent
        return all_of(truths)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """一处引用对某地块、某基准日的效力；由登记册发出，同样的效力是同一个对象。"""

    citation: Citation
    policy: Policy
    status: str
    in_region: bool | None
    confidence: Confidence

    @property
    def in_force(self) -> bool:
        """期限内（时效待核的仍算在内，但不算已核实）。"""
        return self.status in ("现行", "时效待核")

    @property
    def verified(self) -> bool:
        """可以独立作准：期限内、确在本地域、文本已核实。"""
        return self.status == "现行" and self.in_region is True and self.confidence in VERIFIED


class Register:
    """依据登记册。"""

    def __init__(self, policies: Iterable[Policy], regions: Regions) -> None:
        self._policies = {policy.code: policy for policy in policies}
        self._standings: dict[tuple[Citation, date, Truth], Standing] = {}
        self.regions = regions

    def __contains__(self, code: object) -> bool:
        return code in self._policies

    def __getitem__(self, code: str) -> Policy:
        return self._policies[code]

    @property
    def codes(self) -> tuple[str, ...]:
        """全部代码。"""
        return tuple(self._policies)

    def verifiable(self, citation: Citation) -> bool:
        """一处引用在它的期限与地域之内，能不能独立作准：文本核实过，时效写的是现行（待核、未生效的不算）。"""
        policy = self._policies[citation.code]
        confidence = citation.confidence or policy.confidence_of(citation.article)
        return confidence in VERIFIED and policy.standing == "现行"

    def standing(self, citation: Citation, facts: Facts, as_of: date) -> Standing:
        """一处引用现在、在这里算不算数。"""
        return self.standing_where(citation, self.regions.covers(self._policies[citation.code].region, facts), as_of)

    def standing_where(self, citation: Citation, in_region: Truth, as_of: date) -> Standing:
        """已知在不在依据的地域之内时，一处引用算不算数。"""
        key = (citation, as_of, in_region)
        if key not in self._standings:
            policy = self._policies[citation.code]
            confidence = citation.confidence or policy.confidence_of(citation.article)
            if policy.standing == "待核" and confidence in VERIFIED:
                confidence = "recalled·待核"
            self._standings[key] = Standing(citation, policy, policy.status(as_of), in_region, confidence)
        return self._standings[key]
