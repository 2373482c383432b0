"""依据到期日历：哪些文件快到期、已到期，哪些有效期待核，谁还在引用它们。"""

from __future__ import annotations

from datetime import date

from advisor.expression.evaluate import Facts
from advisor.period import Period
from advisor.policy import Policy
from advisor.rulepack.model import RulePack
from advisor.vocabulary import Frozen


class ExpiringPolicy(Frozen):
    """一份有到期日、或有效期待核的依据。expires 是最后有效日，待核的为空；tools、clocks 是引用它的工具与期限。"""

    code: str
    title: str
    number: str
    region: str
    status: str
    expires: date | None
    days_left: int | None
    superseded_by: tuple[str, ...]
    tools: tuple[str, ...]
    clocks: tuple[str, ...]
    note: str


def expiring_policies(
    pack: RulePack, as_of: date, within: Period, facts: Facts | None = None
) -> tuple[ExpiringPolicy, ...]:
    """到期日在基准日之后 within 之内（含已过）的依据，由早到晚；有效期待核、试行期不明的排在最后。

    给了 facts 的，只列这宗地所在地域（含地域待核实）的。
    """
    until = within.after(as_of)
    dated: list[ExpiringPolicy] = []
    unsure: list[ExpiringPolicy] = []
    for policy in (pack.register[code] for code in pack.register.codes):
        if facts is not None and pack.register.regions.covers(policy.region, facts) is False:
            continue
        if policy.expires is not None:
            if policy.expires <= until:
                dated.append(_expiring(pack, policy, as_of))
        elif policy.trial or policy.standing == "待核":
            unsure.append(_expiring(pack, policy, as_of))
    return (*sorted(dated, key=lambda item: (item.expires or date.max, item.code)), *unsure)


def _expiring(pack: RulePack, policy: Policy, as_of: date) -> ExpiringPolicy:
    return ExpiringPolicy(
        code=policy.code,
        title=policy.title,
        number=policy.number,
        region=policy.region,
        status=policy.status(as_of),
        expires=policy.expires,
        days_left=(policy.expires - as_of).days if policy.expires else None,
        superseded_by=policy.superseded_by,
        tools=tuple(
            tool.name
            for tool in pack.tools.values()
            if any(
                c.code == policy.code for cited in (tool.authority, *(r.citations for r in tool.rules)) for c in cited
            )
        ),
        clocks=tuple(
            clock.id for clock in pack.clocks.clocks if any(item.code == policy.code for item in clock.citations)
        ),
        note=policy.note,
    )
