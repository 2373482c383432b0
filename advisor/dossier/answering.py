"""把写成“事实=值”的一条核对过，变成可以入库的改动。"""

from __future__ import annotations

from advisor.dossier.reading import read_answers
from advisor.dossier.record import Change, Dossier
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.rulepack.model import RulePack


def changed(pair: str, pack: RulePack, source: str = "", remark: str = "") -> Change:
    """“事实=值”。

    Raises:
        InputError: 没有等号、事实不在词表、值不可填。
    """
    name, equals, raw = pair.replace("＝", "=").partition("=")
    if not equals:
        raise InputError("advisor dossier answer", f"“{pair}”里没有等号", allowed="事实=值", fix="改成 事实=值")
    name = name.strip()
    if name not in pack.vocabulary:
        raise _unknown(name, pack)
    return Change(name, written(pack.vocabulary[name].parse(raw)), source, remark)


def withdrawn(name: str, dossier: Dossier, pack: RulePack, source: str = "", remark: str = "") -> Change:
    """撤回一个事实的答案；不参与判定的旧答案也可以撤。

    Raises:
        InputError: 这个事实没有答过。
    """
    reading = read_answers(dossier.changes, pack)
    answered = {*reading.answers, *reading.unused}
    if name not in answered:
        raise InputError(
            f"案卷“{dossier.number}”",
            f"“{name}”没有答过，没有可撤的",
            allowed="、".join(sorted(answered)),
            fix="核对事实名",
        )
    return Change(name, None, source, remark)


def _unknown(name: str, pack: RulePack) -> InputError:
    if name in pack.renaming.renamed:
        fix = f"“{name}”已改名为“{pack.renaming.current(name)}”，用新名"
    elif name in pack.renaming.retired:
        fix = f"“{name}”已退役（{pack.renaming.retired[name].reason}），不用答"
    else:
        close = pack.vocabulary.nearest(name)
        fix = f"最接近的是“{close}”；advisor rules facts 列出全部" if close else "advisor rules facts 列出全部"
    return InputError("advisor dossier answer", f"“{name}”不在事实词表里", fix=fix)
