"""地企匹配：谁配哪宗地。逐项比、逐项给分、说得出理由；一家一宗、一宗一家，由 scipy 的指派求总分最高的配法。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from advisor.playbook import Playbook
from advisor.screening.demand import CompareEntry, DemandBook, Demands
from advisor.screening.headers import ID, NAME
from advisor.screening.running import PLAN, SURE, WORTH, Job, all_results
from advisor.screening.situations import ARROW
from advisor.screening.summing import place_columns
from advisor.screening.tables import ROW

SHOWN = 5
"""每家列出名次在前的几宗候选。"""
_FAST, _SLOW, _VAGUE, _SCORE = "\0最快", "\0最慢", "\0不定", "\0分"
_EACH = 10**6
"""多配上一家，比分数再高都要紧。"""
_SIGNS: Mapping[str, str] = {"相同": "要", "不小于": "不少于", "不大于": "不多于"}


@dataclass(frozen=True)
class Delivery:
    """方案办到把地交出去，至少几天、至多几天；vague 是时长不定的工具（不占时间）。"""

    fast: int
    slow: int
    vague: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """一宗配得上的地：台账里的行号、得分、为何。"""

    row: int
    parcel: Mapping[str, Any]
    score: float
    why: str


@dataclass(frozen=True)
class Match:
    """一家企业的结果：candidates 由好到次；chosen 是配给它的，没有配上的 reason 说为什么。"""

    demand: Mapping[str, Any]
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    reason: str


def delivery(steps: Sequence[str], playbook: Playbook, delivering: Sequence[str]) -> Delivery | None:
    """各步首尾相接，办到最后一个交付的工具为止；没有交付的工具为 None。"""
    last = max((at for at, name in enumerate(steps) if name in delivering), default=None)
    if last is None:
        return None
    fast, slow, vague = 0, 0, list[str]()
    for name in steps[: last + 1]:
        book = playbook.tool(name)
        span = book.duration.days if book and book.duration else None
        if span is None:
            vague.append(name)
        else:
            fast, slow = fast + span[0], slow + span[1]
    return Delivery(fast, slow, tuple(vague))


def match(job: Job, book: DemandBook, demands: Demands) -> list[Match]:
    """逐家找候选，再一对一指派；次序同需求表。"""
    pool = _pool(job, book)
    most = demands.rows.height
    asked = list(demands.rows.iter_rows(named=True))
    found: list[tuple[Candidate, ...]] = []
    reasons: list[str] = []
    for demand in asked:
        fitting, reason = _fitting(pool, demand, book, job.as_of)
        best = fitting.sort([_SCORE, WORTH, ROW], descending=[True, True, False]).head(most)
        found.append(tuple(_candidate(row, demand, book, job.as_of) for row in best.iter_rows(named=True)))
        reasons.append(reason)
    least = book.file.least
    chosen = assigned([{item.row: item.score for item in own if item.score >= least} for own in found])
    taken = {row: str(asked[at][book.file.enterprise]) for at, row in enumerate(chosen) if row is not None}
    matches: list[Match] = []
    for demand, candidates, row, reason in zip(asked, found, chosen, reasons, strict=True):
        own = next((item for item in candidates if item.row == row), None)
        matches.append(Match(demand, candidates, own, "" if own else reason or _lost(candidates, taken, least)))
    return matches


def assigned(scores: Sequence[Mapping[int, float]]) -> list[int | None]:
    """各家配到的地块（行号）：先求配上的家数最多，再求总分最高，总分相同的取各家名次在前的。

    scores 是各家的候选与得分，由好到次。

    >>> assigned([{1: 90.0, 2: 80.0}, {1: 85.0}, {}])
    [2, 1, None]
    """
    rows = sorted({row for own in scores for row in own})
    found: list[int | None] = [None] * len(scores)
    if not rows:
        return found
    fine = 0.2 / (len(scores) * max(map(len, scores)))  # 名次加起来也不到半分，不动总分
    ranked = [{row: _EACH + own[row] - fine * rank for rank, row in enumerate(own)} for own in scores]
    place = {row: at for at, row in enumerate(rows)}
    pairs = [(at, place[row]) for at, own in enumerate(scores) for row in own]
    count = len(scores) + len(rows)
    left, right = np.array([at for at, _ in pairs]), np.array([len(scores) + to for _, to in pairs])
    groups, label = connected_components(coo_matrix((np.ones(len(pairs)), (left, right)), shape=(count, count)), False)
    members: list[list[int]] = [[] for _ in range(groups)]
    for at, group in enumerate(label.tolist()):
        members[group].append(at)
    for group in members:  # 互不相干的分开求，矩阵小得多
        wanting = [at for at in group if at < len(scores)]
        offered = [rows[at - len(scores)] for at in group if at >= len(scores)]
        if not wanting or not offered:
            continue
        values = [[ranked[at].get(row, 0.0) for row in offered] for at in wanting]
        for one, other in zip(*linear_sum_assignment(np.array(values), maximize=True), strict=True):
            if values[one][other]:
                found[wanting[one]] = offered[other]
    return found


def tables(matches: Sequence[Match], book: DemandBook, job: Job) -> Iterator[tuple[str, pl.DataFrame]]:
    """“地企匹配”（一家一行，没配上的写为什么）与“候选”（每家名次在前的几宗）。"""
    columns = [ID, NAME, *place_columns(job), PLAN, SURE]
    fields = book.vocabulary.names
    rows = [
        (
            *(_text(item.demand[name], book, name) for name in fields), "配上" if item.chosen else "没配上",
            *_cells(item.chosen, columns), item.reason,
            "、".join(str(other.parcel[ID]) for other in item.candidates[:SHOWN] if other is not item.chosen),
        )
        for item in matches
    ]  # fmt: skip
    yield "地企匹配", _frame(rows, [*fields, "结果", *columns, "得分", "为何", "没配上的原因", "备选"])
    listed = [
        (str(item.demand[book.file.enterprise]), str(rank), *_cells(candidate, columns))
        for item in matches
        for rank, candidate in enumerate(item.candidates[:SHOWN], 1)
    ]
    yield "候选", _frame(listed, [book.file.enterprise, "名次", *columns, "得分", "为何"])


def _pool(job: Job, book: DemandBook) -> pl.DataFrame:
    """主推方案会把地交出去的地块，带上各项要比的事实与交付的时长。"""
    lazy = all_results(job)
    known = set(lazy.collect_schema().names())
    facts = [name for name in dict.fromkeys(n for item in book.file.compare for n in item.facts) if name in known]
    columns = dict.fromkeys([ROW, ID, NAME, PLAN, SURE, WORTH, *place_columns(job), *facts])
    titles = lazy.select(pl.col(PLAN).unique()).collect()[PLAN].to_list()
    spans = {title: delivery(title.split(ARROW), job.advisor.playbook, book.file.delivering) for title in titles}
    timed = [(title, span.fast, span.slow, "、".join(span.vague)) for title, span in spans.items() if span]
    schema = {PLAN: pl.String, _FAST: pl.Int64, _SLOW: pl.Int64, _VAGUE: pl.String}
    times = pl.DataFrame(timed, schema=schema, orient="row")
    return lazy.select(list(columns)).join(times.lazy(), on=PLAN, how="inner").collect(engine="streaming")


def _fitting(pool: pl.DataFrame, demand: Mapping[str, Any], book: DemandBook, as_of: date) -> tuple[pl.DataFrame, str]:
    """逐项筛；筛到一宗不剩的，说是哪一项筛掉的。"""
    left = pool.with_columns(pl.lit(0.0).alias(_SCORE))
    told = [f"会交出来的地 {left.height} 宗"]
    for item in book.file.compare:
        wanted, value = demand[item.field], _value(item, pool.columns)
        if wanted is None or value is None:
            gained = pl.lit(item.points / 2 if wanted is not None else float(item.points))
        else:
            left = left.filter(_fits(item, value, wanted).fill_null(True))
            gained = pl.when(value.is_null()).then(item.points / 2).otherwise(float(item.points))
            told.append(f"{item.field}合的 {left.height} 宗")
        left = left.with_columns(pl.col(_SCORE) + gained)
        if not left.height:
            return left, "，".join(told)
    left, told_time = _in_time(left, demand[book.file.deadline], book, as_of)
    sure = pl.when(pl.col(SURE) == "适用").then(1.0).otherwise(0.5) * book.file.sure_points
    return left.with_columns(pl.col(_SCORE) + sure), "" if left.height else "，".join([*told, told_time])


def _in_time(left: pl.DataFrame, deadline: date | None, book: DemandBook, as_of: date) -> tuple[pl.DataFrame, str]:
    points = book.file.deadline_points
    if deadline is None:
        return left.with_columns(pl.col(_SCORE) + points), ""
    days = (deadline - as_of).days
    quickest = as_of + timedelta(days=int(left[_FAST].min()))  # type: ignore[arg-type]
    safe = (pl.col(_SLOW) <= days) & (pl.col(_VAGUE) == "")
    left = left.filter(pl.col(_FAST) <= days)
    gained = pl.when(safe).then(float(points)).otherwise(points / 2)
    return left.with_columns(pl.col(_SCORE) + gained), f"{deadline} 前交得出的 0 宗（最快的要到 {quickest}）"


def _value(item: CompareEntry, columns: Sequence[str]) -> pl.Expr | None:
    """地块那边第一个知道的；台账里一列都没有的为 None。"""
    here = [pl.col(name) for name in item.facts if name in columns]
    return pl.coalesce(here) if here else None


def _fits(item: CompareEntry, value: pl.Expr, wanted: Any) -> pl.Expr:
    if item.how == "相同":
        return value.cast(pl.String) == str(wanted)
    found: pl.Expr = (value >= wanted) if item.how == "不小于" else (value <= wanted)
    return found


def _candidate(parcel: Mapping[str, Any], demand: Mapping[str, Any], book: DemandBook, as_of: date) -> Candidate:
    said = [_said(item, parcel, demand[item.field], book) for item in book.file.compare]
    early, late = (as_of + timedelta(days=parcel[name]) for name in (_FAST, _SLOW))
    span = f"预计 {early} 至 {late} 交得出" if parcel[_SLOW] else "交付时长不定"
    deadline = demand[book.file.deadline]
    if deadline is not None:
        span += f"，最迟要 {deadline}" + ("" if late <= deadline else "，要抓紧")
    if parcel[_VAGUE] and parcel[_SLOW]:
        span += f"（{parcel[_VAGUE]}时长不定，没有算进去）"
    sure = "方案每一步都适用" if parcel[SURE] == "适用" else "方案还有待核实的"
    return Candidate(parcel[ROW], parcel, parcel[_SCORE], "；".join([*filter(None, said), span, sure]))


def _said(item: CompareEntry, parcel: Mapping[str, Any], wanted: Any, book: DemandBook) -> str:
    """一项比对的说法；需求没有提的不说。"""
    if wanted is None:
        return ""
    want = f"{_SIGNS[item.how]}{_text(wanted, book, item.field)}"
    for name in item.facts:
        if parcel.get(name) is not None:
            return f"{name}{_text(parcel[name], book, item.field)}（{want}）"
    return f"{item.facts[0]}待核实（{want}）"


def _lost(candidates: Sequence[Candidate], taken: Mapping[int, str], least: float) -> str:
    if candidates[0].score < least:
        best = candidates[0]
        return f"最合的 {best.parcel[ID]} 也只有 {best.score:g} 分，不到 {least:g} 分：{best.why}"
    others = [f"{item.parcel[ID]}（{taken[item.row]}）" for item in candidates[:SHOWN] if item.row in taken]
    return f"合适的 {len(candidates)} 宗都配给了别家：{'、'.join(others)}"


def _text(value: Any, book: DemandBook, field: str) -> str:
    if value is None:
        return ""
    return f"{value:g}{book.vocabulary[field].unit}" if isinstance(value, float) else str(value)


def _cells(candidate: Candidate | None, columns: Sequence[str]) -> tuple[str, ...]:
    if candidate is None:
        return ("",) * (len(columns) + 2)
    shown = ("" if candidate.parcel[name] is None else str(candidate.parcel[name]) for name in columns)
    return (*shown, f"{candidate.score:g}", candidate.why)


def _frame(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
