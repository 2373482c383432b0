"""政策日历：近期到期的依据，哪些工具引用它，本单位哪些案卷依它。"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from advisor.accounts.custody import SEPARATOR, Listed
from advisor.accounts.people import HANDLER, REVIEWER
from advisor.expiring import expiring_policies
from advisor.period import Period
from advisor.web.callers import CallerHere, PersonHere, SiteHere
from advisor.web.pages.listing import listed
from advisor.web.rendering import page

router = APIRouter()
_WITHIN = Period(days=180)


@router.get("/calendar")
def calendar(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere) -> Response:
    """180 天内到期的、已到期的在前；有效期待核的在后。"""
    found = expiring_policies(site.advisor.pack, site.today, _WITHIN)
    standing: dict[str, list[Listed]] = {}
    for item in listed(site, person.unit) if person.may(HANDLER, REVIEWER) else []:
        for code in item.card.policies.split(SEPARATOR):
            standing.setdefault(code, []).append(item)
    return page(
        request,
        site,
        caller,
        "calendar.html",
        dated=[item for item in found if item.expires is not None],
        unsure=[item for item in found if item.expires is None],
        standing=standing,
        until=_WITHIN.after(site.today),
    )
