"""一条条件在公文里怎么说，所凭依据怎么写。"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.assessment import ConditionView, ToolView
from advisor.citation_text import article_text
from advisor.judging import AUTHORITY
from advisor.memo.model import TO_CHECK, spoken
from advisor.policy import VERIFIED

IN_FORCE = ("现行", "时效待核")
_CASE_LEVEL = "典型案例"


def best_bases(conditions: Iterable[ConditionView]) -> str:
    """每条条件取最可靠的一处依据，同一份文件的条款并在一起；有文件的不列典型案例，不在期、不在地的不列。"""
    articles: dict[tuple[str, str], dict[str, None]] = {}
    for item in conditions:
        live = [b for b in item.basis if b.status in IN_FORCE and b.in_region != "不在本地域"]
        lawful = [b for b in live if b.level != _CASE_LEVEL]
        if live:
            best = (lawful or live)[0]
            mark = "" if best.confidence in VERIFIED and best.status == "现行" else f"〔依据{TO_CHECK}〕"
            number = f"（{best.number}）" if best.number else ""
            articles.setdefault((f"《{best.title}》{number}", mark), {})[article_text(best.article)] = None
    return "；".join(title + "、".join(a for a in found if a) + mark for (title, mark), found in articles.items())


def occasion_met(tool: ToolView) -> bool:
    """情形条条满足。"""
    return all(item.status == "满足" for item in tool.conditions if item.kind == "情形")


def authority_of(tool: ToolView) -> list[ConditionView]:
    """设立依据，一份一条，好逐份列出。"""
    found = [item for item in tool.conditions if item.id == AUTHORITY]
    return [item.model_copy(update={"basis": (basis,)}) for item in found for basis in item.basis]


def failed(item: ConditionView) -> bool:
    """确实不满足，或触发了排除。"""
    return item.kind != "倾向" and item.status == ("满足" if item.kind == "排除" else "不满足")


def blocking(item: ConditionView) -> bool:
    """挡着“适用”的。"""
    return item.kind != "倾向" and item.status != ("不满足" if item.kind == "排除" else "满足")


def to_settle(item: ConditionView) -> str:
    """还开着的一条怎么说：要件待确认，排除项待排查。"""
    return f"{'待排查' if item.kind == '排除' else '待确认'}“{with_notes(item)}”"


def gathered(said: Iterable[str]) -> str:
    """同是待确认、同是待排查的并在一起，前头的字只写一次。

    >>> gathered(["待确认“甲”", "待排查“乙”", "待确认“丙”"])
    '待确认“甲”“丙”；待排查“乙”'
    """
    groups: dict[str, list[str]] = {}
    for text in said:
        head, quote, rest = text.rstrip("。").partition("“")
        groups.setdefault(head, []).append(f"{quote}{rest}")
    return "；".join(head + "".join(dict.fromkeys(items)) for head, items in groups.items())


def unmet(item: ConditionView) -> str:
    """不成立的一条怎么说：要件不满足，排除项触发。"""
    return f"{'触发' if item.kind == '排除' else '不满足'}“{with_notes(item)}”"


def with_notes(item: ConditionView) -> str:
    """条件连同提醒；依据代码不出现在公文里。"""
    return spoken(f"{item.text}{'（' + '；'.join(item.notes) + '）' if item.notes else ''}")
