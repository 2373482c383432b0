"""把测算结果写成草案里的一节：只取方案用得上的，缺价的写明缺什么。"""

from __future__ import annotations

from datetime import date

from advisor.assess import Advisor
from advisor.assessment import ParcelView
from advisor.citation_text import article_text
from advisor.estimating import EstimateView, estimates, read_inputs
from advisor.estimating.model import UsedView
from advisor.memo.model import TO_CHECK, Estimate
from advisor.parcel import Parcel

_MOST_BASES, _MOST_NOTES = 2, 2


def plan_estimates(advisor: Advisor, parcel: Parcel, view: ParcelView, as_of: date) -> tuple[Estimate, ...]:
    """几个方案里的工具所要的测算；与地块无关的不列，情形未定又一个数都没有的也不列。

    Raises:
        InputError: 事实文件“测算”一节写错。
    """
    inputs = read_inputs(advisor.pack, parcel.estimates)
    steps = {name for plan in view.plans for name in plan.steps}
    found = estimates(advisor.pack, parcel.facts, inputs, as_of)
    return tuple(_written(item) for item in found if steps.intersection(item.tools) and _wanted(item))


def _wanted(item: EstimateView) -> bool:
    return item.relevance == "适用" or (item.relevance == "待核实" and item.outcome in ("已算出", "部分算出"))


def _outcome(item: EstimateView) -> str:
    """结果，写明是哪一行的；没有总数而算出了几行的逐行写；核对的写满足不满足。"""
    known = [line for line in item.lines if line.value is not None]
    if item.result is not None:
        known = [line for line in known if line.value == item.result][-1:]
    said = [f"{line.name} {line.value.text}" for line in known if line.value is not None]
    said += [f"{line.name}：{line.status}" for line in item.lines if line.status in ("满足", "不满足")]
    return "\n".join(said) or TO_CHECK


def _bases(item: EstimateView) -> tuple[str, ...]:
    """头几处依据；同一份文件、同样可靠的并在一起，文件名只写一次。"""
    articles: dict[tuple[str, str], list[str]] = {}
    for basis in item.basis[:_MOST_BASES]:
        article = article_text(basis.article)
        head, _, mark = basis.text.partition(article) if article else (basis.text, "", "")
        articles.setdefault((head, mark), []).append(article)
    return tuple(f"{head}{'、'.join(found)}{mark}" for (head, mark), found in articles.items())


def _origin(used: UsedView) -> str:
    """从哪来；地块的事实凭什么材料，地块情况表里已经写了。"""
    return "" if used.kind == "事实" else f"（{used.source}）"


def _written(item: EstimateView) -> Estimate:
    facts = [f"事实:{used.name}" for used in item.used if used.kind == "事实"]
    return Estimate(
        name=item.name,
        result=_outcome(item),
        formula="；".join(f"{line.name}＝{line.formula}" for line in item.lines if line.formula),
        inputs=tuple(f"{used.name} {used.text}{_origin(used)}" for used in item.used),
        missing=tuple(missing.name for missing in item.missing),
        bases=_bases(item),
        valuation_date=item.valuation_date,
        note="；".join((*item.notes, *item.reminders)[:_MOST_NOTES]),
        sources=tuple(facts),
    )
