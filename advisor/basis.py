"""依据怎么写给人看：文件名、文号、条款，和它有多可靠、还有没有效。"""

from __future__ import annotations

from functools import lru_cache

from advisor.assessment import BasisView
from advisor.citation_text import article_text
from advisor.judging import citation_sort_key
from advisor.policy import CONFIDENCE_TEXT, Standing

IN_REGION = {True: "在本地域有效", False: "不在本地域", None: "地域待核实"}


@lru_cache(maxsize=20_000)
def basis_views(standings: tuple[Standing, ...]) -> tuple[BasisView, ...]:
    """几处依据，由可靠到不可靠。"""
    return tuple(_basis(item) for item in sorted(standings, key=citation_sort_key))


@lru_cache(maxsize=5_000)
def _basis(item: Standing) -> BasisView:
    policy, article = item.policy, item.citation.article
    number = f"（{policy.number}）" if policy.number else ""
    marks = [CONFIDENCE_TEXT[item.confidence]] if item.confidence != "retrieved" else []
    if item.status != "现行":
        marks.append(item.status)
    mark = f"〔{'，'.join(marks)}〕" if marks else ""
    return BasisView(
        code=policy.code,
        title=policy.title,
        number=policy.number,
        article=article,
        level=policy.level,
        confidence=item.confidence,
        status=item.status,
        region=policy.region,
        in_region=IN_REGION[item.in_region],
        text=f"《{policy.title}》{number}{article_text(article)}{mark}",
    )
