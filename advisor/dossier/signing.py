"""复核签署：对最近一次评估同意或退回；签的须是最新的答案，也不能签自己评的。"""

from __future__ import annotations

from advisor.dossier.chain import SIGNED
from advisor.dossier.record import Dossier
from advisor.dossier.store import Store
from advisor.errors import InputError

AGREED, RETURNED = "同意", "退回"


def signable(dossier: Dossier, who: str) -> str:
    """who 现在为什么签不了；签得了则空。"""
    if not dossier.assessments:
        return "还没有出结果，请经办核对后出结果"
    last = dossier.assessments[-1]
    entry = dossier.assessed(last)
    if entry.seq != dossier.version:
        signed = dossier.entries[entry.seq :]
        if any(item.kind != SIGNED for item in signed):
            return "出结果以后答案又改过，请经办重新出结果"
        return f"已由{signed[-1].who}签署"
    if entry.who == who:
        return "自己出的结果自己不能签，请另一位复核"
    return ""


def sign(store: Store, number: str, opinion: str, remark: str, who: str, seen: int) -> int:
    """签署，返回新的版本。

    Raises:
        InputError: 意见写错、退回没有写理由、现在签不了。
        ConflictError: 别人先写了。
    """
    where = f"案卷“{number}”"
    if opinion not in (AGREED, RETURNED):
        raise InputError(where, f"意见收到“{opinion}”", allowed=f"{AGREED}、{RETURNED}", fix="从中选一个")
    if opinion == RETURNED and not remark.strip():
        raise InputError(where, "退回没有写理由", fix="写明要改什么")
    present = store.read(number)
    problem = signable(present, who)
    if problem:
        raise InputError(where, problem)
    return store.sign(number, present.assessments[-1].no, opinion, remark, who, seen)
