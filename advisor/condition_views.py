"""一条条件、一步推理怎么写给人看；各宗地之间相同的只做一次。"""

from __future__ import annotations

from functools import lru_cache

from advisor.assessment import ConditionView, JsonValue, SilentView, TraceView
from advisor.basis import basis_views
from advisor.inference import Step
from advisor.judging import AUTHORITY, AuthorityFinding, Finding
from advisor.truth import STATUS

_KEPT = 10_000


@lru_cache(maxsize=_KEPT)
def condition_view(finding: Finding, values: tuple[JsonValue, ...]) -> ConditionView:
    """一条条件的视图；values 依次是它问的事实的值，不知道的为 None。"""
    rule = finding.rule
    return ConditionView(
        id=rule.id,
        kind=rule.kind,
        text=rule.text,
        meaning=rule.meaning,
        status=STATUS[finding.status],
        facts=dict(zip(rule.asks, values, strict=True)),
        basis=basis_views(finding.standings),
        notes=finding.notes,
        remedy=rule.remedy,
        denominator=rule.denominator,
    )


@lru_cache(maxsize=_KEPT)
def authority_view(found: AuthorityFinding) -> ConditionView:
    """工具有没有站得住的依据，当作一条要件来显示。"""
    return ConditionView(
        id=AUTHORITY,
        kind="要件",
        text=found.text,
        meaning="有现行、本地域有效、已核实的依据",
        status=STATUS[found.status],
        facts={},
        basis=basis_views(found.standings),
    )


@lru_cache(maxsize=_KEPT)
def trace_view(step: Step) -> TraceView:
    """推理轨迹一步的视图。"""
    return TraceView(
        joint=step.joint,
        inputs={name: STATUS[truth] for name, truth in step.inputs},
        result=STATUS[step.result],
    )


@lru_cache(maxsize=_KEPT)
def silent_view(finding: Finding) -> SilentView:
    """在此时此地不作数的一条条件，与不作数的原因。"""
    rule = finding.rule
    return SilentView(
        id=rule.id, kind=rule.kind, text=rule.text, why=finding.why_silent, basis=basis_views(finding.standings)
    )
