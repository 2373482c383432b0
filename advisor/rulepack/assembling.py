"""把读好的结构装配成规则：解析表达式、接上闸门与症结、核对引用。"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from advisor.errors import ExpressionError, InputError
from advisor.expression import Node, compile_expression, inline, names, parse
from advisor.expression.evaluate import Compiled
from advisor.policy import Citation, Regions, Register
from advisor.rulepack.model import KINDS, Alternative, Derived, LocalClass, Relation, Rule, Taxonomy, Tool
from advisor.rulepack.reading import Problems, Source
from advisor.rulepack.schema import (
    CitationEntry,
    ConditionEntry,
    DerivedFile,
    GatesFile,
    ObstaclesFile,
    RelationsFile,
    TaxonomyFile,
    ToolEntry,
)
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary


@dataclass(frozen=True)
class _Expression:
    node: Node
    base: Node
    test: Compiled
    facts: tuple[str, ...]
    asks: tuple[str, ...]


class Assembler:
    """一路装配，一路记下问题。"""

    def __init__(self, vocabulary: Vocabulary, problems: Problems) -> None:
        self.problems = problems
        self.signature: dict[str, Fact] = {fact.name: fact for fact in vocabulary}
        self.vocabulary = vocabulary
        self.register = Register((), Regions(()))
        self.derived: dict[str, Derived] = {}
        self.gates: dict[str, Rule] = {}
        self.obstacles: dict[str, Rule] = {}
        self.tools: dict[str, Tool] = {}
        self.tool_files: set[str] = set()
        self.relations: list[Relation] = []
        self.taxonomies: dict[str, Taxonomy] = {}
        self._alternatives: list[tuple[str, str, str]] = []

    def expression(self, text: str, place: str, want: Kind = Kind.BOOL) -> _Expression | None:
        """解析一条表达式；写错则记下问题，返回 None。"""
        try:
            node = parse(text, self.signature, want)
        except ExpressionError as problem:
            self.problems.add(place, problem.found, problem.fix)
            return None
        base = inline(node, {name: item.base for name, item in self.derived.items()})
        asks = tuple(sorted(names(base), key=self.vocabulary.position))
        return _Expression(node, base, compile_expression(base), names(node), asks)

    def citations(self, entries: tuple[CitationEntry, ...], place: str) -> tuple[Citation, ...]:
        """核对引用：写法对、代码在登记册里。"""
        found: list[Citation] = []
        for entry in entries:
            try:
                citation = Citation.read(entry.label, entry.confidence)
            except ValueError as problem:
                self.problems.add(place, str(problem), "照 代码§条号 写")
                continue
            if citation.code not in self.register:
                self.problems.add(place, f"依据“{entry.label}”的代码没有登记", "先在 policies/ 里登记这份文件")
                continue
            found.append(citation)
        return tuple(found)

    def add_derived(self, file: DerivedFile, source: Source) -> None:
        """推导事实须按先后书写：后面的可以用前面的，因此不会成环。"""
        later = {entry.name for entry in file.derived}
        for index, entry in enumerate(file.derived):
            place = source.place("推导", index, "公式")
            later.discard(entry.name)
            if entry.name in self.signature:
                self.problems.add(place, f"推导事实“{entry.name}”与已有的名字重复", "换一个名字")
                continue
            kind = Kind(entry.kind)
            used_later = [name for name in later if name in entry.expression and name not in self.signature]
            compiled = self.expression(entry.expression, place, kind)
            if compiled is None:
                if used_later:
                    self.problems.add(place, f"用到了后面才写的“{used_later[0]}”", "把它移到前面；互相引用的要拆开")
                continue
            fact = Fact(name=entry.name, kind=kind, group="推导", unit=entry.unit, help=entry.text)
            self.signature[entry.name] = fact
            labels = tuple(Citation.read(c.label, c.confidence) for c in entry.citations)
            self.derived[entry.name] = Derived(
                fact, compiled.node, compiled.base, compiled.test, compiled.facts, labels, entry.text
            )

    def add_gates(self, file: GatesFile, source: Source) -> None:
        """通用闸门。"""
        for index, entry in enumerate(file.gates):
            place = source.place("闸门", index)
            condition = ConditionEntry.model_validate({
                "编号": entry.id, "条件": entry.expression, "地域": list(entry.regions),
                "说明": entry.text, "解锁": entry.remedy,
            })  # fmt: skip
            if entry.id in self.gates:
                self.problems.add(place, f"闸门“{entry.id}”重复", "换一个名称")
            rule = self._rule(f"闸门/{entry.id}", condition, entry.kind, entry.citations, place)
            if rule is not None:
                self.gates[entry.id] = rule

    def add_obstacles(self, file: ObstaclesFile, source: Source) -> None:
        """症结。"""
        for index, entry in enumerate(file.obstacles):
            place = source.place("症结", index)
            condition = ConditionEntry.model_validate(
                {"编号": entry.name, "条件": entry.expression, "说明": entry.text}
            )
            if entry.name in self.obstacles:
                self.problems.add(place, f"症结“{entry.name}”重复", "换一个名称")
            rule = self._rule(f"症结/{entry.name}", condition, "情形", entry.citations, place)
            if rule is not None:
                self.obstacles[entry.name] = rule

    def add_tool(self, entry: ToolEntry, source: Source) -> None:
        """一个工具；文件名须与工具名相同。"""
        place = source.place("名称")
        if source.path.stem != entry.name:
            self.problems.add(place, f"工具名“{entry.name}”与文件名“{source.path.stem}”不同", "改成一致")
        rules: list[Rule] = []
        for gate in entry.gates:
            if gate in self.gates:
                rules.append(self.gates[gate])
            else:
                self.problems.add(source.place("闸门"), f"闸门“{gate}”没有写", "先在 gates.yaml 里写，或改用已有的名称")
        groups = (entry.circumstances, entry.requirements, entry.exclusions, entry.preferences)
        for kind, conditions in zip(KINDS, groups, strict=True):
            for index, condition in enumerate(conditions):
                rule = self._tool_rule(entry, condition, kind, source.place(kind, index))
                if rule is not None:
                    rules.append(rule)
        seen: set[str] = set()
        for rule in rules:
            if rule.id in seen:
                self.problems.add(rule.place, f"工具“{entry.name}”里编号“{rule.id}”写了两次", "一条条件一个编号")
            seen.add(rule.id)
        if not entry.uncoded:
            self._check_tool(entry, place)
        for name in entry.resolves:
            if name not in self.obstacles:
                self.problems.add(source.place("解决"), f"症结“{name}”没有写", "先在 obstacles.yaml 里写")
        self.tools[entry.name] = Tool(
            name=entry.name,
            category=entry.category,
            definition=entry.definition,
            coded=not entry.uncoded,
            resolves=entry.resolves,
            extent=entry.extent,
            role=entry.role,
            authority=self.citations(entry.authority, source.place("依据")),
            rules=tuple(sorted(rules, key=lambda rule: KINDS.index(rule.kind))),
            alternatives=self._alternatives_of(entry, source),
            cautions=entry.cautions,
            place=place,
        )

    def _check_tool(self, entry: ToolEntry, place: str) -> None:
        if not entry.circumstances:
            self.problems.add(place, f"工具“{entry.name}”没有情形", "写明它为何种局面而设；还没编规则的写 规则未编: 是")
        if not entry.authority:
            self.problems.add(place, f"工具“{entry.name}”没有依据", "写明凭哪份文件可以这样办")

    def _alternatives_of(self, entry: ToolEntry, source: Source) -> tuple[Alternative, ...]:
        result: list[Alternative] = []
        for index, item in enumerate(entry.alternatives):
            place = source.place("替代", index)
            change: dict[str, FactValue] = {}
            for name, raw in item.change.items():
                if name not in self.vocabulary:
                    self.problems.add(place, f"替代里的“{name}”不在事实词表里", "改用词表里的名字")
                    continue
                try:
                    value = self.vocabulary[name].parse(raw, place)
                except InputError as problem:
                    self.problems.add(place, problem.found, problem.allowed)
                    continue
                if value is not None:
                    change[name] = value
            if item.tool:
                self._alternatives.append((entry.name, item.tool, place))
            result.append(Alternative(item.how, item.tool, change))
        return tuple(result)

    def check_alternatives(self) -> None:
        """替代所指的工具都在。"""
        for name, target, place in self._alternatives:
            if target not in self.tools:
                self.problems.add(place, f"工具“{name}”的替代“{target}”没有这个工具", "改成 tools/ 里有的名称")

    def _tool_rule(self, tool: ToolEntry, entry: ConditionEntry, kind: str, place: str) -> Rule | None:
        if entry.gate:
            gate = self.gates.get(entry.gate)
            if gate is None:
                self.problems.add(place, f"闸门“{entry.gate}”没有写", "先在 gates.yaml 里写")
            elif gate.kind != kind:
                self.problems.add(place, f"闸门“{entry.gate}”是{gate.kind}，不能放在{kind}里", f"移到{gate.kind}")
            return gate
        if entry.obstacle:
            obstacle = self.obstacles.get(entry.obstacle)
            if obstacle is None:
                self.problems.add(place, f"症结“{entry.obstacle}”没有写", "先在 obstacles.yaml 里写")
            elif kind != "情形":
                self.problems.add(place, f"症结“{entry.obstacle}”只能作情形", "移到情形，或改写成条件")
            return obstacle
        if not entry.id or not entry.expression or not entry.text:
            self.problems.add(place, "条件缺编号、条件或说明", "三项都要写")
            return None
        return self._rule(f"{tool.name}/{entry.id}", entry, kind, entry.citations, place)

    def _rule(
        self, leaf: str, entry: ConditionEntry, kind: str, cited: tuple[CitationEntry, ...], place: str
    ) -> Rule | None:
        compiled = self.expression(entry.expression, place)
        citations = self.citations(cited, place)
        if not cited and kind != "倾向":
            self.problems.add(
                place, f"条件“{entry.id}”没有依据", "写明依据，如 依据: [A2§39(二)]；只影响排序的放到倾向"
            )
        for region in entry.regions:
            if region not in self.register.regions:
                self.problems.add(place, f"地域“{region}”不在地域树里", "先在 regions.yaml 里登记")
        if compiled is None:
            return None
        return Rule(
            leaf=leaf,
            id=entry.id,
            kind=kind,
            node=compiled.node,
            base=compiled.base,
            test=compiled.test,
            facts=compiled.facts,
            asks=compiled.asks,
            regions=entry.regions,
            citations=citations,
            text=entry.text,
            remedy=entry.remedy,
            denominator=entry.denominator,
            place=place,
        )

    def add_relations(self, file: RelationsFile, source: Source) -> None:
        """工具关系：所指工具都在，编号不重。"""
        seen: set[str] = set()
        for index, entry in enumerate(file.relations):
            place = source.place("关系", index)
            if entry.id in seen:
                self.problems.add(place, f"关系编号“{entry.id}”重复", "换一个编号")
            seen.add(entry.id)
            for name in (*entry.tools, *entry.first, *entry.then, *entry.unless):
                if name not in self.tools and name not in self.tool_files:
                    self.problems.add(place, f"关系“{entry.id}”里的“{name}”没有这个工具", "改成 tools/ 里有的名称")
            compiled = self.expression(entry.expression, place) if entry.expression else None
            self.relations.append(
                Relation(
                    id=entry.id,
                    kind=entry.kind,
                    tools=entry.tools,
                    first=entry.first,
                    then=entry.then,
                    base=compiled.base if compiled else None,
                    test=compiled.test if compiled else None,
                    asks=compiled.asks if compiled else (),
                    unless=entry.unless,
                    citations=self.citations(entry.citations, place),
                    text=entry.text,
                    place=place,
                )
            )
        self._check_order()

    def add_taxonomy(self, file: TaxonomyFile, source: Source) -> None:
        """一地的分类叫法：所指的工具、症结、地域都在。"""
        if file.name != source.path.stem:
            self.problems.add(source.place("名称"), f"“{file.name}”与文件名“{source.path.stem}”不同", "改成一致")
        if file.region not in self.register.regions:
            self.problems.add(source.place("地域"), f"地域“{file.region}”不在地域树里", "先在 regions.yaml 里写")
        self.citations(file.citations, source.place("依据"))
        classes: list[LocalClass] = []
        for index, entry in enumerate(file.classes):
            place = source.place("类", index)
            for name in entry.tools:
                if name not in self.tools and name not in self.tool_files:
                    self.problems.add(place, f"“{entry.name}”里的“{name}”没有这个工具", "改成 tools/ 里有的名称")
            for name in entry.obstacles:
                if name not in self.obstacles:
                    self.problems.add(place, f"“{entry.name}”里的症结“{name}”没有写", "改成 obstacles.yaml 里有的")
            compiled = self.expression(entry.expression, place) if entry.expression else None
            test = compiled.test if compiled else None
            classes.append(LocalClass(entry.name, entry.group, entry.tools, entry.obstacles, test, entry.text))
        self.taxonomies[file.name] = Taxonomy(file.name, file.title, file.region, tuple(classes))

    def _check_order(self) -> None:
        """前置与先后排得出次序：成环就排不出先办哪个。"""
        sorter: TopologicalSorter[str] = TopologicalSorter()
        places: dict[tuple[str, str], str] = {}
        for relation in self.relations:
            if relation.kind in ("前置", "先后"):
                for tool in relation.tools:
                    sorter.add(tool, *relation.first)
                    places.update({(first, tool): relation.place for first in relation.first})
        try:
            sorter.prepare()
        except CycleError as problem:
            ring = problem.args[1]
            place = places.get((ring[0], ring[1]), "relations.yaml")
            self.problems.add(place, f"前置与先后成环：{' → '.join(ring)}", "去掉环上的一条")
