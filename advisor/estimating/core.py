"""测算的总入口：事实与输入进来，各项测算的展示模型出去。纯函数。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from advisor.basis import basis_views
from advisor.estimating.computing import Known, Working
from advisor.estimating.flow import run_flow
from advisor.estimating.inputs import Inputs
from advisor.estimating.model import EstimateView, MissingView, Outcome, Relevance
from advisor.policy import VERIFIED, Standing
from advisor.rulepack.estimates import Estimate
from advisor.rulepack.model import RulePack
from advisor.truth import Truth, all_of, any_of
from advisor.vocabulary import FactValue

_RELEVANCE: Mapping[Truth, Relevance] = {True: "适用", None: "待核实", False: "不适用"}


def estimates(pack: RulePack, facts: Mapping[str, FactValue], inputs: Inputs, as_of: date) -> tuple[EstimateView, ...]:
    """规则包里的全部测算，按书写次序；与本地块无关的 relevance 为“不适用”，由调用者决定列不列。

    facts 只含词表事实，inputs 由 read_inputs 读来；as_of 是基准日，定依据的效力。
    """
    known = Known(pack, facts, inputs)
    return tuple(_view(known, estimate, as_of) for estimate in pack.estimates.estimates.values())


def _view(known: Known, estimate: Estimate, as_of: date) -> EstimateView:
    working = Working(known)
    flow = None
    if estimate.rows:
        flow = run_flow(working, estimate)
    else:
        working.run(estimate)
    standings = tuple(known.pack.register.standing(c, known.facts, as_of) for c in estimate.citations)
    relevance, why = _relevance(known, estimate, standings)
    valuation = known.inputs.dates.get(estimate.date)
    return EstimateView(
        name=estimate.name,
        text=estimate.text,
        relevance=relevance,
        why=why,
        outcome=_outcome(working, bool(estimate.rows) and flow is None),
        result=next((line.value for line in reversed(working.lines) if line.name == (estimate.result or line.name)), None),
        lines=tuple(working.lines),
        used=known.used(working.used),
        missing=_missing(known, working),
        valuation_date=valuation.isoformat() if valuation else "",
        basis=basis_views(standings),
        tools=estimate.tools,
        notes=tuple(dict.fromkeys((*working.notes, *_notes(known, estimate, standings, as_of)))),
        reminders=estimate.reminders,
        flow=flow,
    )  # fmt: skip


def _relevance(known: Known, estimate: Estimate, standings: tuple[Standing, ...]) -> tuple[Relevance, str]:
    """前提与地域都成立才适用；缺事实的说缺什么。"""
    regions = known.pack.register.regions
    live = [item for item in standings if item.in_force]
    if standings and not live:
        return "不适用", "依据" + "、".join(dict.fromkeys(f"{s.citation.label}{s.status}" for s in standings))
    named = any_of(regions.covers(name, known.facts) for name in estimate.regions) if estimate.regions else True
    place = all_of((named, any_of(item.in_region for item in live) if live else True))
    premise = estimate.premise(known.facts) if estimate.premise else True
    truth = all_of((place, premise))
    if truth is True:
        return "适用", ""
    if place is False:
        where = "、".join(estimate.regions or dict.fromkeys(item.policy.region for item in live))
        return "不适用", f"只适用于{where}，本地块不在其内"
    if premise is False:
        return "不适用", "本地块没有这种情形"
    asked = [*estimate.asks, *(name for region in estimate.regions for name in regions.asks(region))]
    unknown = [name for name in dict.fromkeys(asked) if name not in known.facts]
    return _RELEVANCE[truth], f"要看{'、'.join(unknown)}" if unknown else "地域待核实"


def _outcome(working: Working, untold: bool) -> Outcome:
    lines = [line for line in working.lines if line.status is None] or working.lines
    if any(line.problem for line in working.lines):
        return "不可算"
    done = [line for line in lines if line.value is not None or line.status in ("满足", "不满足")]
    if untold or not done:
        return "缺输入"
    return "已算出" if len(done) == len(lines) else "部分算出"


def _missing(known: Known, working: Working) -> tuple[MissingView, ...]:
    found: dict[str, MissingView] = {}
    for name, instead in working.missing.items():
        for item in known.missing(name, instead):
            found.setdefault(item.name, item)
    return tuple(found.values())


def _notes(known: Known, estimate: Estimate, standings: tuple[Standing, ...], as_of: date) -> list[str]:
    notes: list[str] = []
    if not any(item.status == "现行" and item.confidence in VERIFIED for item in standings):
        notes.append("依据待核：只有尚未核对原文或时效待核的依据，结果只供参考")
    if estimate.date:
        valuation = known.inputs.dates.get(estimate.date)
        if valuation is None:
            notes.append(f"没有填“{estimate.date}”：{known.pack.estimates.inputs[estimate.date].text}")
        elif valuation > as_of:
            notes.append(f"“{estimate.date}”{valuation.isoformat()}晚于基准日{as_of.isoformat()}，请核对")
    return notes


__all__ = ["estimates"]
