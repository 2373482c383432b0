"""人工改判：记下系统原来怎么判、改成什么、为什么、谁改的。"""

from __future__ import annotations

from datetime import date

from advisor.assess import Advisor
from advisor.dossier.record import overrides
from advisor.dossier.replay import assess_dossier
from advisor.dossier.store import Store
from advisor.errors import InputError
from advisor.evaluation import VERDICT


def override_verdict(
    store: Store, number: str, advisor: Advisor, tool: str, verdict: str | None, reason: str, who: str, as_of: date
) -> str:
    """把 tool 改判为 verdict（None 为撤回），返回一句说明。

    Raises:
        InputError: 没有这个工具、判定写错、没有理由、与现在的判定一样、没有改判可撤。
        ConflictError: 别人先写了。
    """
    present = store.read(number, log_only=True)
    standing = {item.tool: item.verdict for item in overrides(present)}
    if verdict is None:
        if tool not in standing:
            known = "、".join(standing) or "这一卷没有改判"
            raise InputError(f"案卷“{number}”", f"“{tool}”没有改判可撤", allowed=known, fix="核对工具名")
        store.override(number, tool, None, standing[tool], reason, who, present.version)
        return f"已撤回对“{tool}”的改判"
    if tool not in advisor.pack.tools:
        raise InputError("工具", f"没有“{tool}”这个工具", allowed="、".join(advisor.pack.tools), fix="从中选一个")
    if verdict not in VERDICT.values():
        raise InputError("判定", f"收到“{verdict}”", allowed="、".join(VERDICT.values()), fix="从中选一个")
    result, _, _ = assess_dossier(present, advisor, as_of)
    judged = next(view.verdict for view in result.parcels[0].tools if view.id == tool)
    was = standing.get(tool, judged)
    if was == verdict:
        raise InputError(f"案卷“{number}”", f"“{tool}”现在就是“{verdict}”", fix="不用改判")
    store.override(number, tool, verdict, was, reason, who, present.version)
    return f"已改判“{tool}”：{was} → {verdict}（系统判{judged}）"
