"""读好的规则包：冻结的领域对象，表达式已编好。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from advisor.expression import Node, describe
from advisor.expression.evaluate import Compiled, Facts
from advisor.period import Period
from advisor.policy import Citation, Register
from advisor.rulepack.estimates import EstimateBook
from advisor.rulepack.renaming import Renaming
from advisor.vocabulary import Fact, FactValue, Vocabulary

SEED_ROLES = ("主", "后续")
"""能作方案主要办法的角色。"""
KINDS = ("情形", "要件", "排除", "倾向")
Severity = Literal["矛盾", "存疑"]


@dataclass(frozen=True, eq=False)
class Rule:
    """一条可判断的条件：来自工具、闸门或症结；一个规则包里同一条只有一个对象。leaf 是它在推理网里的名字。

    node 是照原文的树（可含推导事实）；base 把推导事实展开成词表事实，test 由它编成；
    facts 是原文里的名字，asks 是展开后要去问的词表事实。
    """

    leaf: str
    id: str
    kind: str
    node: Node
    base: Node
    test: Compiled = field(compare=False, repr=False)
    facts: tuple[str, ...]
    asks: tuple[str, ...]
    regions: tuple[str, ...]
    citations: tuple[Citation, ...]
    text: str
    remedy: str
    denominator: str
    place: str

    @cached_property
    def meaning(self) -> str:
        """条件的中文读法。"""
        return describe(self.node)


@dataclass(frozen=True)
class Derived:
    """推导事实。"""

    fact: Fact
    node: Node
    base: Node
    compute: Compiled = field(compare=False, repr=False)
    facts: tuple[str, ...]
    citations: tuple[Citation, ...]
    text: str


@dataclass(frozen=True)
class Alternative:
    """替代办法。"""

    how: str
    tool: str
    change: Mapping[str, FactValue]


@dataclass(frozen=True)
class Tool:
    """处置工具。rules 含自有条件与所引的闸门、症结，按 情形、要件、排除、倾向 排列。"""

    name: str
    category: str
    definition: str
    coded: bool
    resolves: tuple[str, ...]
    extent: str
    role: str
    authority: tuple[Citation, ...]
    rules: tuple[Rule, ...]
    alternatives: tuple[Alternative, ...]
    cautions: tuple[str, ...]
    place: str

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """某一类条件。"""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Rule, ...]]:
        return {kind: tuple(rule for rule in self.rules if rule.kind == kind) for kind in KINDS}

    @cached_property
    def authority_leaf(self) -> str:
        """“有现行依据”在推理网里的名字。"""
        return f"{self.name}/有现行依据"


@dataclass(frozen=True)
class Relation:
    """工具之间的关系。"""

    id: str
    kind: str
    tools: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]
    base: Node | None
    test: Compiled | None = field(compare=False, repr=False)
    asks: tuple[str, ...]
    unless: tuple[str, ...]
    citations: tuple[Citation, ...]
    text: str
    place: str

    @property
    def leaf(self) -> str:
        """前提条件在推理网里的名字。"""
        return f"关系/{self.id}"


@dataclass(frozen=True)
class LocalClass:
    """地方口径的一类。"""

    name: str
    group: str
    tools: tuple[str, ...]
    obstacles: tuple[str, ...]
    test: Compiled | None = field(compare=False, repr=False)
    text: str


@dataclass(frozen=True)
class Taxonomy:
    """一地自己的分类叫法：只换说法，不改判定。"""

    name: str
    title: str
    region: str
    classes: tuple[LocalClass, ...]


@dataclass(frozen=True)
class Clock:
    """一个期限：自起算事实那天起加一段期间，或从那天往前提一段；都没有就是那天本身。

    node 是前提（没有前提为 None），asks 是判断前提要知道的词表事实；wanted 表示缺起算日时提醒去补。
    """

    id: str
    kind: str
    start: str
    period: Period | None
    backwards: bool
    node: Node | None
    test: Compiled | None = field(compare=False, repr=False)
    asks: tuple[str, ...]
    regions: tuple[str, ...]
    wanted: bool
    citations: tuple[Citation, ...]
    text: str
    consequence: str
    duty: str
    actor: str
    place: str


@dataclass(frozen=True)
class ClockBook:
    """全部期限，与期间怎么算的说明和依据。"""

    method: str = ""
    citations: tuple[Citation, ...] = ()
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True)
class Incompatibility:
    """一条矛盾：test 成立即说不通。asks 是展开后的词表事实。"""

    id: str
    base: Node
    test: Compiled = field(compare=False, repr=False)
    asks: tuple[str, ...]
    severity: Severity
    citations: tuple[Citation, ...]
    text: str
    settle: str
    place: str


@dataclass(frozen=True)
class Consequence:
    """一条推得：test 成立则 values 里的事实必为所写的值。"""

    id: str
    base: Node
    test: Compiled = field(compare=False, repr=False)
    asks: tuple[str, ...]
    values: Mapping[str, FactValue]
    citations: tuple[Citation, ...]
    text: str
    settle: str
    place: str


@dataclass(frozen=True)
class Exemption:
    """一条不问：test 成立则 facts 填什么都不改变判定。"""

    id: str
    base: Node
    test: Compiled = field(compare=False, repr=False)
    asks: tuple[str, ...]
    facts: tuple[str, ...]
    text: str
    place: str


@dataclass(frozen=True)
class Consistency:
    """事实之间的道理。

    conclusions 是推得的事实（先推的在前）与能推出它的各条；sensitive 是动了就可能要重推的事实，
    reading 是读到某个事实的推得与矛盾。
    """

    incompatibilities: tuple[Incompatibility, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    conclusions: Mapping[str, tuple[Consequence, ...]] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    reading: Mapping[str, tuple[Consequence | Incompatibility, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RulePack:
    """一个规则包。version 与 sha256 随结果输出，用来重现。"""

    version: str
    sha256: str
    vocabulary: Vocabulary
    derived: Mapping[str, Derived]
    register: Register
    gates: Mapping[str, Rule]
    obstacles: Mapping[str, Rule]
    tools: Mapping[str, Tool]
    relations: tuple[Relation, ...]
    taxonomies: Mapping[str, Taxonomy]
    renaming: Renaming = field(default_factory=Renaming)
    clocks: ClockBook = ClockBook()
    estimates: EstimateBook = field(default_factory=EstimateBook)
    consistency: Consistency = Consistency()

    def derive(self, facts: Facts) -> dict[str, FactValue]:
        """由词表事实算出推导事实；算不出的不写。"""
        values = {name: item.compute(facts) for name, item in self.derived.items()}
        return {name: value for name, value in values.items() if value is not None}

    def fact(self, name: str) -> Fact:
        """词表事实或推导事实。"""
        return self.derived[name].fact if name in self.derived else self.vocabulary[name]

    def all_rules(self) -> tuple[Rule, ...]:
        """全部条件，闸门与症结只出一次。"""
        return self._all_rules

    def relations_of(self, kind: str) -> tuple[Relation, ...]:
        """某一类关系。"""
        return self._relations_by_kind.get(kind, ())

    def relations_about(self, kind: str, tool: str) -> tuple[Relation, ...]:
        """某一类关系里，写在“工具”里有它的。"""
        return self._relations_by_tool.get((kind, tool), ())

    @cached_property
    def chosen(self) -> frozenset[str]:
        """能作方案的主要办法或添进方案的工具；其余的只能被前置、引出带进来。"""
        joined = {name for relation in self.relations_of("常组合") for name in relation.tools}
        found = {tool.name for tool in self.tools.values() if tool.role in SEED_ROLES}
        return frozenset(found | {name for name in joined if self.tools[name].role != "配套"})

    @cached_property
    def earlier(self) -> Mapping[str, frozenset[str]]:
        """同在一个方案里时，须排在某个工具之前的工具。"""
        ordered = [(item.first, item.tools) for kind in ("前置", "先后") for item in self.relations_of(kind)]
        ordered += [(item.tools, item.then) for item in self.relations_of("触发")]
        found: dict[str, set[str]] = {}
        for first, then in ordered:
            for name in then:
                found.setdefault(name, set()).update(other for other in first if other != name)
        return {name: frozenset(others) for name, others in found.items()}

    @cached_property
    def _relations_by_tool(self) -> Mapping[tuple[str, str], tuple[Relation, ...]]:
        found: dict[tuple[str, str], list[Relation]] = {}
        for relation in self.relations:
            for name in relation.tools:
                found.setdefault((relation.kind, name), []).append(relation)
        return {key: tuple(several) for key, several in found.items()}

    @cached_property
    def _relations_by_kind(self) -> Mapping[str, tuple[Relation, ...]]:
        kinds = dict.fromkeys(relation.kind for relation in self.relations)
        return {kind: tuple(item for item in self.relations if item.kind == kind) for kind in kinds}

    @cached_property
    def _all_rules(self) -> tuple[Rule, ...]:
        table: dict[str, Rule] = {}
        shared = (*self.gates.values(), *self.obstacles.values())
        for rule in (*shared, *(rule for tool in self.tools.values() for rule in tool.rules)):
            table.setdefault(rule.leaf, rule)
        return tuple(table.values())
