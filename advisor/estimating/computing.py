"""一项测算怎么算：逐行求范围；缺的逐项列出，能算的部分先算，绝不拿零顶替。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from advisor.dimension import Unit
from advisor.estimating.inputs import Inputs
from advisor.estimating.interval import DivisorSpansZero, Interval
from advisor.estimating.model import LineView, MissingView, UsedView
from advisor.estimating.term import Extreme, Operation, Range, Term, bounds, term_of, variables
from advisor.estimating.writing import interval_text, value_view, write_line
from advisor.expression import Node, names
from advisor.rulepack.estimates import Estimate, Line
from advisor.rulepack.model import RulePack
from advisor.truth import STATUS, Truth
from advisor.vocabulary import FactValue

NOT_COMPUTABLE = "除数可能为零，不可算；请核对或缩窄所填的区间"


@dataclass
class Known:
    """一宗地知道的数，以基本单位计；算过的测算留下算式，供后面的引用。"""

    pack: RulePack
    facts: Mapping[str, FactValue]
    inputs: Inputs
    values: dict[str, Interval] = field(default_factory=dict)
    assumed: set[str] = field(default_factory=set)
    terms: dict[str, Term] = field(default_factory=dict)
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in {**self.facts, **self.pack.derive(self.facts)}.items():
            measure = self._unit(name)
            if isinstance(value, Fraction) and measure is not None:
                self.values[name] = Interval.of(value * measure.factor)
        self.values.update(self.inputs.numbers)
        for name, entry in self.pack.estimates.inputs.items():
            if entry.band is not None and name not in self.values:
                self.values[name] = Interval.of(*entry.band).scaled(entry.unit.factor)
                self.assumed.add(name)

    def text(self, name: str) -> str:
        """一个名字所代的数。"""
        if name in self.terms:
            estimate = self.pack.estimates.estimates[name]
            line = next(item for item in estimate.lines if item.name == estimate.result)
            try:
                return interval_text(bounds(self.terms[name], self.values).interval, line.unit)
            except DivisorSpansZero:
                return name
        inputs = self.pack.estimates.inputs
        if name in self.inputs.series:
            item = self.inputs.series[name]
            years = [f"第{year}年 {interval_text(value, inputs[name].unit)}" for year, value in item.years.items()]
            return "，".join(
                [*years, *([f"其余年 {interval_text(item.rest, inputs[name].unit)}"] if item.rest else [])]
            )
        measure = inputs[name].unit if name in inputs else self._unit(name)
        assert measure is not None  # 单位认不出的事实没有进 values
        return interval_text(self.values[name], measure)

    def _unit(self, name: str) -> Unit | None:
        return self.pack.estimates.units.find(self.pack.fact(name).unit)

    def used(self, wanted: Iterable[str]) -> tuple[UsedView, ...]:
        """用到的事实与输入，各带出处。"""
        return tuple(
            self._used(name) for name in dict.fromkeys(wanted) if name in self.values or name in self.inputs.series
        )

    def _used(self, name: str) -> UsedView:
        if name in self.pack.estimates.inputs:
            entry = self.pack.estimates.inputs[name]
            assumed = name in self.assumed
            source = (
                f"没有填，按法定幅度算（{'、'.join(c.label for c in entry.citations)}）" if assumed else entry.source
            )
            return UsedView(name=name, kind="测算输入", text=self.text(name), source=source, assumed=assumed)
        if name in self.pack.derived:
            asks = "、".join(names(self.pack.derived[name].base))
            return UsedView(name=name, kind="推导事实", text=self.text(name), source=f"由{asks}算出")
        return UsedView(name=name, kind="事实", text=self.text(name), source=self._fact_source(name))

    def missing(self, name: str, instead: str = "") -> tuple[MissingView, ...]:
        """缺的一个名字；推导事实缺的是它所用的词表事实。"""
        if name in self.pack.estimates.inputs:
            entry = self.pack.estimates.inputs[name]
            source = f"{entry.source}{f'（{entry.department}）' if entry.department else ''}"
            return (MissingView(name=name, kind="测算输入", unit=entry.unit.text, source=source, instead=instead),)
        base = names(self.pack.derived[name].base) if name in self.pack.derived else (name,)
        return tuple(
            MissingView(
                name=item, kind="事实", unit=self.pack.fact(item).unit, source=self._fact_source(item), instead=instead
            )
            for item in base
            if item not in self.facts
        )

    def _fact_source(self, name: str) -> str:
        proof = self.pack.fact(name).proof
        return f"{proof.channel}：{proof.document}（{proof.department}）" if proof else ""


@dataclass
class Working:
    """一项测算算到哪里：各行的算式、缺口、展示，用到与缺的名字。"""

    known: Known
    terms: dict[str, Term] = field(default_factory=dict)
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, Range] = field(default_factory=dict)
    lines: list[LineView] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    done: dict[str, Line] = field(default_factory=dict)

    def run(self, estimate: Estimate) -> None:
        """逐行算完。"""
        self.terms, self.gaps = dict(self.known.terms), dict(self.known.gaps)
        for line in estimate.lines:
            self.done[line.name] = line
            self._one(line)
        if estimate.result in self.terms:
            self.known.terms[estimate.name] = self.terms[estimate.result]
        elif estimate.result:
            self.known.gaps[estimate.name] = self.gaps[estimate.result]

    def gap(self, node: Node) -> tuple[str, ...]:
        """算式里还缺的名字（事实或输入）。"""
        found: list[str] = []
        for name in names(node):
            if name in self.gaps:
                found.extend(self.gaps[name])
            elif name not in self.terms and name not in self.known.values:
                found.append(name)
        return tuple(dict.fromkeys(found))

    def _one(self, line: Line) -> None:
        formula = write_line(line, lambda name: name)
        gaps = [self.gap(part) for part in line.parts]
        if line.form == "任一":
            open_parts = [index for index, gap in enumerate(gaps) if not gap]
            if not open_parts:
                fewest = min(gaps, key=len)
                self._lack(line, formula, fewest, [gap for gap in gaps if not set(fewest) <= set(gap)])
                return
            self._compare_ways(line, open_parts)
            chosen = open_parts[0]
        else:
            chosen = 0
            lacking = tuple(dict.fromkeys(name for gap in gaps for name in gap))
            if lacking:
                self._lack(line, formula, lacking)
                return
        parts = line.parts[chosen : chosen + 1] if line.form == "任一" else line.parts
        terms = tuple(term_of(part, self.terms) for part in parts)
        for term in terms:
            self.used.extend(variables(term))
        if line.form == "核对":
            self._check(line, formula, Operation("-", terms[0], terms[1]))
            return
        term = Extreme(line.form == "取大", terms) if line.form in ("取大", "取小") else terms[0]
        self.terms[line.name] = term
        self._show(line, write_line(line, lambda name: name, chosen), write_line(line, self.text, chosen), term)

    def text(self, name: str) -> str:
        """代入的数：前面的行用其结果。"""
        if name in self.values:
            return interval_text(self.values[name].interval, self.done[name].unit)
        return name if name in self.done else self.known.text(name)

    def _show(self, line: Line, formula: str, substituted: str, term: Term) -> None:
        try:
            found = bounds(term, self.known.values)
        except DivisorSpansZero:
            self.lines.append(
                LineView(
                    name=line.name, formula=formula, substituted=substituted, value=None,
                    problem=NOT_COMPUTABLE, text=line.text,
                )
            )  # fmt: skip
            return
        self.values[line.name] = found
        self.lines.append(
            LineView(
                name=line.name, formula=formula, substituted=substituted, value=value_view(found, line.unit),
                text=line.text,
            )
        )  # fmt: skip
        if not found.tight:
            self.notes.append(f"“{line.name}”的区间是外包区间：同一输入在公式里多次出现，真实范围不超出它")

    def _check(self, line: Line, formula: str, difference: Term) -> None:
        problem, truth = "", None
        try:
            truth = _compare(bounds(difference, self.known.values).interval, line.op)
        except DivisorSpansZero:
            problem = NOT_COMPUTABLE
        self.lines.append(
            LineView(
                name=line.name, formula=formula, substituted=write_line(line, self.text), value=None,
                status=STATUS[truth], problem=problem, text=line.text,
            )
        )  # fmt: skip

    def _lack(
        self, line: Line, formula: str, lacking: tuple[str, ...], instead: Iterable[tuple[str, ...]] = ()
    ) -> None:
        other = "；".join("、".join(names_) for names_ in instead)
        self.gaps[line.name] = lacking
        for name in lacking:
            self.missing.setdefault(name, other)
        self.lines.append(
            LineView(
                name=line.name, formula=formula, substituted="", value=None,
                status="待核实" if line.form == "核对" else None, missing=lacking, text=line.text,
            )
        )  # fmt: skip

    def _compare_ways(self, line: Line, ways: list[int]) -> None:
        """几种写法都填了，而结果对不上，要提醒。"""
        try:
            found = [bounds(term_of(line.parts[index], self.terms), self.known.values).interval for index in ways]
        except DivisorSpansZero:
            return
        if any(item.low > found[0].high or item.high < found[0].low for item in found[1:]):
            shown = "、".join(interval_text(item, line.unit) for item in found)
            self.notes.append(f"“{line.name}”几种算法对不上（{shown}），按第一种算，请核对")


def _compare(difference: Interval, op: str) -> Truth:
    """左减右的范围对比较符：全成立、全不成立、说不定。"""
    low, high = difference.low, difference.high
    if op == "==":
        return True if low == high == 0 else False if low > 0 or high < 0 else None
    if op in (">", ">="):
        low, high = -high, -low
    if op in ("<", ">"):
        return True if high < 0 else False if low >= 0 else None
    return True if high <= 0 else False if low > 0 else None
