"""逐年现金流：各行目逐年算，合计、净额；给了折现率再折现，没给不折。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce

from advisor.estimating.computing import NOT_COMPUTABLE, Known, Working
from advisor.estimating.inputs import Series
from advisor.estimating.interval import DivisorSpansZero
from advisor.estimating.model import FlowRowView, FlowView, LineView, ValueView
from advisor.estimating.term import Constant, Operation, Term, Variable, bounds, term_of
from advisor.estimating.writing import value_view
from advisor.expression import names
from advisor.rulepack.estimates import Estimate, FlowRow

NET = "净现金流"
DISCOUNTED = "折现净现值"
_NOTHING: Term = Constant(Fraction(0))
_Cells = list[Term | None]


def run_flow(working: Working, estimate: Estimate) -> FlowView | None:
    """算一项现金流，合计行写进 working；逐年输入一个都没有写明年份时没有表。"""
    known = working.known
    wanted = tuple(dict.fromkeys(name for row in estimate.rows for name in names(row.formula)))
    series = {name: known.inputs.series[name] for name in wanted if name in known.inputs.series}
    working.used.extend(name for name in wanted if name in series or name in known.values)
    for name in wanted:
        if name not in series and name not in known.values and name not in known.terms:
            working.missing.setdefault(name, "")
    explicit = [year for item in series.values() for year in item.years]
    if not explicit:
        return None
    years = tuple(range(min(1, *explicit), max(explicit) + 1))
    table = {row.name: _row(working, row, series, years) for row in estimate.rows}
    for direction in dict.fromkeys(row.direction for row in estimate.rows):
        cells = [cell for row in estimate.rows if row.direction == direction for cell in table[row.name]]
        _sum_up(working, estimate, f"{direction}合计", f"各年{direction}相加", cells, _total)
    net = [_net(estimate, table, index) for index in range(len(years))]
    _sum_up(working, estimate, f"{NET}合计", f"各年{NET}相加", net, _total)
    _discount(working, estimate, net, years)
    rows = [FlowRowView(name=r.name, direction=r.direction, cells=_show(known, table[r.name], estimate)) for r in estimate.rows]  # fmt: skip
    rows.append(FlowRowView(name=NET, direction="", cells=_show(known, net, estimate)))
    return FlowView(years=years, rows=tuple(rows))


def _row(working: Working, row: FlowRow, series: Mapping[str, Series], years: tuple[int, ...]) -> _Cells:
    """一个行目各年的算式；缺的为空，并提醒缺哪几年。"""
    known = working.known
    cells: _Cells = []
    for year in years:
        bound = dict(known.terms)
        for name, item in series.items():
            found = item.at(year)
            if found is not None:  # “其余年”的各年共用一个数
                label = f"{name}@{year if year in item.years else '其余年'}"
                known.values[label] = found
                bound[name] = Variable(label)
        whole = all(name in bound or name in known.values for name in names(row.formula))
        cells.append(term_of(row.formula, bound) if whole else None)
    for name in names(row.formula):
        untold = [str(year) for year in years if name in series and series[name].at(year) is None]
        if untold:
            working.notes.append(f"“{name}”没有写第{'、'.join(untold)}年；确实没有的写 0，或写 其余年: 0")
    return cells


def _net(estimate: Estimate, table: Mapping[str, _Cells], index: int) -> Term | None:
    whole = _NOTHING
    for row in estimate.rows:
        cell = table[row.name][index]
        if cell is None:
            return None
        whole = Operation("+" if row.direction == "收入" else "-", whole, cell)
    return whole


def _total(cells: Sequence[Term]) -> Term:
    return reduce(lambda whole, cell: Operation("+", whole, cell), cells, _NOTHING)


def _discount(working: Working, estimate: Estimate, net: _Cells, years: tuple[int, ...]) -> None:
    """净额按年折现：第 t 年除以（1＋折现率）的 t 次方，由后往前逐年折。"""
    rate = estimate.rate
    if not rate:
        return
    if rate not in working.known.values:
        working.notes.append(f"没有填“{rate}”，不折现")
        return
    growth = Operation("+", Constant(Fraction(1)), Variable(rate))

    def present(cells: Sequence[Term]) -> Term:
        whole = _NOTHING
        for year, cell in zip(reversed(years), reversed(cells), strict=True):
            whole = Operation("+", cell, whole)
            whole = Operation("/", whole, growth) if year > 0 else whole
        return whole

    working.used.append(rate)
    formula = f"各年{NET} ÷（1 ＋ {rate}）的年数次方，再相加"
    _sum_up(working, estimate, DISCOUNTED, formula, net, present, f"{rate}取 {working.known.text(rate)}")


def _sum_up(
    working: Working,
    estimate: Estimate,
    name: str,
    formula: str,
    cells: _Cells,
    join: Callable[[Sequence[Term]], Term],
    substituted: str = "",
) -> None:
    """一行合计；有一格缺就不合计。"""
    whole = [cell for cell in cells if cell is not None]
    if len(whole) < len(cells):
        missing = tuple(working.missing)
        working.lines.append(LineView(name=name, formula=formula, substituted="", value=None, missing=missing))
        return
    try:
        found = bounds(join(whole), working.known.values)
    except DivisorSpansZero:
        working.lines.append(
            LineView(name=name, formula=formula, substituted=substituted, value=None, problem=NOT_COMPUTABLE)
        )
        return
    value = value_view(found, estimate.unit)
    working.lines.append(LineView(name=name, formula=formula, substituted=substituted, value=value))
    if not found.tight:
        working.notes.append(f"“{name}”的区间是外包区间：同一输入逐年用到，真实范围不超出它")


def _show(known: Known, cells: Iterable[Term | None], estimate: Estimate) -> tuple[ValueView | None, ...]:
    shown: list[ValueView | None] = []
    for cell in cells:
        try:
            shown.append(None if cell is None else value_view(bounds(cell, known.values), estimate.unit))
        except DivisorSpansZero:
            shown.append(None)
    return tuple(shown)
