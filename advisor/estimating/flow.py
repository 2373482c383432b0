"""逐年现金流：各行目逐年算，合计、净额；给了折现率再折现，没给不折。"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from advisor.estimating.computing import NOT_COMPUTABLE, Known, Working
from advisor.estimating.inputs import Series
from advisor.estimating.interval import DivisorSpansZero
from advisor.estimating.model import FlowRowView, FlowView, LineView, ValueView
from advisor.estimating.term import Constant, Operation, Term, Variable, bounds, term_of
from advisor.estimating.writing import interval_text, value_view
from advisor.expression import names
from advisor.rulepack.estimates import Estimate, FlowRow

_DIRECTIONS = ("收入", "成本", "税费")
NET = "净现金流"
DISCOUNTED = "折现净现值"


def run_flow(working: Working, estimate: Estimate) -> FlowView | None:
    """算一项现金流，行写进 working；逐年输入一个都没有写明年份时没有表。"""
    known = working.known
    wanted = [name for row in estimate.rows for name in names(row.formula)]
    yearly = {name for name in wanted if name in known.pack.estimates.inputs and _is_yearly(known, name)}
    series = {name: known.inputs.series[name] for name in yearly if name in known.inputs.series}
    for name in dict.fromkeys(wanted):
        if name in yearly and name not in series:
            working.missing.setdefault(name, "")
        elif name not in yearly and name not in known.values:
            working.missing.setdefault(name, "")
    explicit = [year for item in series.values() for year in item.years]
    if not explicit:
        return None
    years = tuple(range(min(1, *explicit), max(explicit) + 1))
    table = {row.name: _row_terms(working, row, series, yearly, years) for row in estimate.rows}
    rows = [FlowRowView(name=r.name, direction=r.direction, cells=_cells(known, table[r.name], estimate)) for r in estimate.rows]  # fmt: skip
    for direction in _DIRECTIONS:
        mine = [table[row.name] for row in estimate.rows if row.direction == direction]
        if mine:
            _total(working, estimate, f"{direction}合计", [cell for cells in mine for cell in cells])
    net = [_net(estimate, table, index) for index in range(len(years))]
    rows.append(FlowRowView(name=NET, direction="", cells=_cells(known, net, estimate)))
    _total(working, estimate, f"{NET}合计", net)
    if estimate.rate:
        _discount(working, estimate, net, years)
    return FlowView(years=years, rows=tuple(rows))


def _is_yearly(known: Known, name: str) -> bool:
    return known.pack.estimates.inputs[name].kind == "逐年"


def _row_terms(
    working: Working, row: FlowRow, series: dict[str, Series], yearly: set[str], years: tuple[int, ...]
) -> list[Term | None]:
    """一个行目各年的算式；缺的为空，并记下缺哪一年。"""
    known = working.known
    cells: list[Term | None] = []
    for year in years:
        bound: dict[str, Term] = dict(known.terms)
        whole = True
        for name in names(row.formula):
            if name in yearly:
                found = series[name].at(year) if name in series else None
                if found is None:
                    whole = False
                    if name in series:
                        working.notes.append(f"“{name}”没有写第{year}年；确实没有的写 0，或写 其余年: 0")
                    continue
                bound[name] = _yearly_variable(known, name, year, series[name])
            elif name not in known.values and name not in known.terms:
                whole = False
        cells.append(term_of(row.formula, bound) if whole else None)
    return cells


def _yearly_variable(known: Known, name: str, year: int, series: Series) -> Term:
    """某年的数；“其余年”的各年共用一个数。"""
    found = series.at(year)
    assert found is not None
    label = f"{name}@{year}" if year in series.years else f"{name}@其余年"
    known.values[label] = found
    return Variable(label)


def _cells(known: Known, terms: Iterable[Term | None], estimate: Estimate) -> tuple[ValueView | None, ...]:
    return tuple(
        None if term is None else value_view(bounds(term, known.values), estimate.unit) for term in terms
    )


def _net(estimate: Estimate, table: dict[str, list[Term | None]], index: int) -> Term | None:
    whole: Term = Constant(Fraction(0))
    for row in estimate.rows:
        cell = table[row.name][index]
        if cell is None:
            return None
        whole = Operation("+" if row.direction == "收入" else "-", whole, cell)
    return whole


def _total(working: Working, estimate: Estimate, name: str, cells: list[Term | None]) -> None:
    """一行合计；有一格缺就不合计。"""
    formula = f"各年{name.removesuffix('合计')}相加"
    if any(cell is None for cell in cells):
        working.lines.append(
            LineView(name=name, formula=formula, substituted="", value=None, missing=tuple(working.missing))
        )
        return
    whole: Term = Constant(Fraction(0))
    for cell in cells:
        assert cell is not None
        whole = Operation("+", whole, cell)
    found = bounds(whole, working.known.values)
    working.values[name] = found
    working.lines.append(
        LineView(name=name, formula=formula, substituted="", value=value_view(found, estimate.unit))
    )


def _discount(working: Working, estimate: Estimate, net: list[Term | None], years: tuple[int, ...]) -> None:
    """净额按年折现：第 t 年除以（1＋折现率）的 t 次方，由后往前逐年折。"""
    formula = f"各年{NET} ÷（1 ＋ {estimate.rate}）的年数次方，相加"
    lacking = tuple(dict.fromkeys((*working.missing, *(() if estimate.rate in working.known.values else (estimate.rate,)))))  # fmt: skip
    if estimate.rate not in working.known.values:
        working.notes.append(f"没有填“{estimate.rate}”，不折现")
        return
    if any(cell is None for cell in net):
        working.lines.append(
            LineView(name=DISCOUNTED, formula=formula, substituted="", value=None, missing=lacking)
        )
        return
    growth: Term = Operation("+", Constant(Fraction(1)), Variable(estimate.rate))
    whole: Term = Constant(Fraction(0))
    for year, cell in zip(reversed(years), reversed(net), strict=True):
        assert cell is not None
        whole = Operation("+", cell, whole)
        if year > 0:
            whole = Operation("/", whole, growth)
    working.used.append(estimate.rate)
    rate = working.known.pack.estimates.inputs[estimate.rate]
    shown = interval_text(working.known.values[estimate.rate], rate.unit)
    try:
        found = bounds(whole, working.known.values)
    except DivisorSpansZero:
        working.lines.append(
            LineView(name=DISCOUNTED, formula=formula, substituted="", value=None, problem=NOT_COMPUTABLE)
        )
        return
    working.values[DISCOUNTED] = found
    working.lines.append(
        LineView(
            name=DISCOUNTED, formula=formula, substituted=f"{estimate.rate} {shown}",
            value=value_view(found, estimate.unit),
        )
    )  # fmt: skip
    if not found.tight:
        working.notes.append(f"“{DISCOUNTED}”的区间是外包区间：折现率逐年用到，真实范围不超出它")
