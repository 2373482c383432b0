"""把测算的数据装配起来：解析公式、核对单位、引用与名称。"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from advisor.dimension import Dimension, Unit, Units, dimension_of, dimension_text
from advisor.errors import ExpressionError
from advisor.expression import Node, parse
from advisor.expression.nodes import Comparison
from advisor.quantity import to_fraction
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.estimates import (
    Estimate,
    EstimateBook,
    EstimateEntry,
    EstimateInput,
    EstimatesFile,
    FlowRow,
    InputEntry,
    Line,
    LineEntry,
)
from advisor.rulepack.reading import Source
from advisor.vocabulary import Fact, Kind

_FORMS = "公式、任一、取大、取小、核对"


def assemble_estimates(
    files: Iterable[tuple[EstimatesFile, Source]], assembler: Assembler, units: Units
) -> EstimateBook:
    """各文件合成一本；写错的记入 assembler.problems。"""
    read = list(files)
    book = _Book(assembler, units)
    for file, source in read:
        book.standing.update(file.standing)
        for index, entry in enumerate(file.inputs):
            book.add_input(entry, source.place("输入", index))
    for file, source in read:
        for index, item in enumerate(file.estimates):
            book.add_estimate(item, source, index)
    return EstimateBook(book.inputs, book.estimates, units)


class _Book:
    def __init__(self, assembler: Assembler, units: Units) -> None:
        self.assembler, self.problems, self.units = assembler, assembler.problems, units
        self.standing: dict[str, str] = {}
        self.inputs: dict[str, EstimateInput] = {}
        self.estimates: dict[str, Estimate] = {}
        self.dimensions: dict[str, Dimension] = {}
        for fact in assembler.signature.values():
            measure = units.find(fact.unit) if fact.kind is Kind.NUMBER else None
            if measure is not None:
                self.dimensions[fact.name] = measure.dimension

    def add_input(self, entry: InputEntry, place: str) -> None:
        """一个输入。"""
        self._new_name(entry.name, place)
        made = self._unit(entry.unit, place)
        if made is None:
            return
        low, high = (to_fraction(bound) for bound in entry.band) if entry.band else (None, None)
        if low is not None and high is not None and low > high:
            self.problems.add(place, f"“{entry.name}”的法定幅度反了", "写成 [低, 高]")
        if entry.band and not entry.citations:
            self.problems.add(place, f"“{entry.name}”的法定幅度没有依据", "写明依据，如 依据: [A10§3]")
        band = (low, high) if low is not None and high is not None else None
        self.inputs[entry.name] = EstimateInput(
            name=entry.name, kind=entry.kind, unit=made, alike=self.units.same_kind(made),
            negative=entry.negative, band=band,
            citations=self.assembler.citations(entry.citations, place), text=entry.text,
            source=entry.source, department=entry.department,
        )  # fmt: skip
        if entry.kind != "日期":
            self.dimensions[entry.name] = made.dimension

    def add_estimate(self, entry: EstimateEntry, source: Source, index: int) -> None:
        """一项测算。"""
        place = source.place("测算", index)
        self._new_name(entry.name, place)
        if bool(entry.lines) == bool(entry.rows):
            self.problems.add(
                place, f"测算“{entry.name}”的“式”与“行目”只能写其中一样", "逐行算的写 式，逐年现金流写 行目"
            )
        self._check_references(entry, place)
        premise = self.assembler.expression(entry.premise, place) if entry.premise else None
        names = {name: found for name, found in self.dimensions.items() if not self._yearly(name)}
        lines: list[Line] = []
        for number, item in enumerate(entry.lines):
            line = self._line(item, names, source.place("测算", index, "式", number))
            if line is not None:
                lines.append(line)
        whole = self._unit(entry.unit, place)
        if whole is None:
            return
        rows = [
            self._row(row.name, row.direction, row.formula, whole, source.place("测算", index, "行目", number))
            for number, row in enumerate(entry.rows)
        ]
        estimate = Estimate(
            name=entry.name,
            premise=premise.test if premise else None,
            asks=premise.asks if premise else (),
            regions=entry.regions,
            citations=self.assembler.citations(entry.citations, place),
            tools=entry.tools,
            lines=tuple(lines),
            rows=tuple(row for row in rows if row is not None),
            unit=whole,
            rate=entry.rate,
            date=entry.date,
            reminders=(*(self.standing.get(key, "") for key in entry.standing), *entry.reminders),
            text=entry.text,
        )
        self.estimates[entry.name] = estimate
        if estimate.result:
            self.dimensions[entry.name] = names[estimate.result]

    def _check_references(self, entry: EstimateEntry, place: str) -> None:
        for tool in entry.tools:
            if tool not in self.assembler.tools and tool not in self.assembler.tool_files:
                self.problems.add(place, f"测算“{entry.name}”里的“{tool}”没有这个工具", "改成 tools/ 里有的名称")
        for region in entry.regions:
            if region not in self.assembler.register.regions:
                self.problems.add(place, f"地域“{region}”不在地域树里", "先在 regions.yaml 里登记")
        for key in entry.standing:
            if key not in self.standing:
                self.problems.add(place, f"固定提示“{key}”没有写", "先在 固定提示 里写")
        for name, kind in ((entry.date, "日期"), (entry.rate, "数")):
            if name and (name not in self.inputs or self.inputs[name].kind != kind):
                self.problems.add(place, f"“{name}”不是类型为{kind}的输入", "先在 输入 里写")

    def _line(self, entry: LineEntry, names: dict[str, Dimension], place: str) -> Line | None:
        written = [
            (form, texts)
            for form, texts in (
                ("公式", (entry.formula,)), ("任一", entry.either), ("取大", entry.largest),
                ("取小", entry.smallest), ("核对", (entry.check,)),
            )
            if any(texts)
        ]  # fmt: skip
        if len(written) != 1:
            self.problems.add(place, f"“{entry.name}”的{_FORMS}写了 {len(written)} 样", "只写一样")
            return None
        form, texts = written[0]
        if entry.name in names:
            self.problems.add(place, f"“{entry.name}”与已有的名字重复", "换一个名称")
        if form == "核对":
            return self._check(entry, names, place)
        made = self._unit(entry.unit, place)
        if made is None:
            return None
        names.setdefault(entry.name, made.dimension)
        parts = [self._formula(text, names, made, place) for text in texts]
        known = tuple(part for part in parts if part is not None)
        return Line(entry.name, form, made, known, text=entry.text) if len(known) == len(parts) else None  # type: ignore[arg-type]

    def _check(self, entry: LineEntry, names: dict[str, Dimension], place: str) -> Line | None:
        node = self._parse(entry.check, names, Kind.BOOL, place)
        if node is None:
            return None
        if not isinstance(node, Comparison) or node.op == "!=":
            self.problems.add(place, f"核对“{entry.check}”不是一个比较", "写成 左边 <= 右边，或用 >=、==、<、>")
            return None
        try:
            left, right = (dimension_of(side, names) for side in (node.left, node.right))
        except ExpressionError as problem:
            self.problems.add(place, problem.found, problem.fix)
            return None
        if left is not None and right is not None and left != right:
            self.problems.add(
                place, f"核对“{entry.check}”两边单位不同（{dimension_text(left)}、{dimension_text(right)}）", "改成同一种量再比"
            )  # fmt: skip
            return None
        shown = self._unit(entry.unit, place)
        return Line(entry.name, "核对", shown, (node.left, node.right), node.op, entry.text) if shown else None

    def _row(self, name: str, direction: str, formula: str, whole: Unit, place: str) -> FlowRow | None:
        node = self._formula(formula, self.dimensions, whole, place)
        return None if node is None else FlowRow(name, direction, node)  # type: ignore[arg-type]

    def _formula(self, text: str, names: dict[str, Dimension], wanted: Unit, place: str) -> Node | None:
        node = self._parse(text, names, Kind.NUMBER, place)
        if node is None:
            return None
        try:
            found = dimension_of(node, names)
        except ExpressionError as problem:
            self.problems.add(place, f"公式“{text}”{problem.found}", problem.fix)
            return None
        if found is not None and found != wanted.dimension:
            self.problems.add(
                place, f"公式“{text}”得出的是{dimension_text(found)}，单位却写“{wanted.text}”", "改公式或改单位"
            )
            return None
        return node

    def _parse(self, text: str, names: dict[str, Dimension], want: Kind, place: str) -> Node | None:
        signature = {name: fact for name, fact in self.assembler.signature.items() if fact.kind is not Kind.NUMBER}
        signature |= {name: _number(name) for name in names}
        try:
            return parse(text, signature, want)
        except ExpressionError as problem:
            yearly = next((name for name in self.inputs if self._yearly(name) and f"“{name}”" in problem.found), "")
            if yearly:
                self.problems.add(place, f"“{yearly}”是逐年的输入，不能用在式里", "逐年的放到 行目 里")
                return None
            fix = problem.fix.replace("先在 facts.yaml 里加这条事实", "先写成输入，或用词表里的事实")
            self.problems.add(place, problem.found.replace("不在事实词表里", "不是事实、输入或前面的行"), fix)
            return None

    def _yearly(self, name: str) -> bool:
        return name in self.inputs and self.inputs[name].kind == "逐年"

    def _unit(self, text: str, place: str) -> Unit | None:
        made = self.units.find(text)
        if made is None:
            self.problems.add(
                place, f"不认识的单位“{text}”", "用 元、万元、亿元、平方米、亩、公顷、年、%，或 万元/亩 这样的组合"
            )
        return made

    def _new_name(self, name: str, place: str) -> None:
        if name in self.dimensions or name in self.inputs or name in self.estimates or name in self.assembler.signature:
            self.problems.add(place, f"“{name}”与已有的事实、输入或测算重名", "换一个名称")
        if not name.isidentifier():
            self.problems.add(place, f"“{name}”含空格或标点", "只用汉字、字母、数字与下划线")


@lru_cache(maxsize=4_000)
def _number(name: str) -> Fact:
    """式里的一个数：单位另由量纲核对。"""
    return Fact(name=name, kind=Kind.NUMBER, group="测算")
