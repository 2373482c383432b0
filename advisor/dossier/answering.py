"""把写成“名称=值”的一条核对过，变成可以入库的改动；名称是事实，或是测算输入。"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.dossier.chain import ESTIMATE
from advisor.dossier.reading import read_answers
from advisor.dossier.record import Change, Dossier
from advisor.dossier.values import read_estimate, written, written_estimate
from advisor.errors import InputError
from advisor.estimating.inputs import read_inputs
from advisor.parcel import Stated
from advisor.rulepack.model import RulePack


def changed(pair: str, pack: RulePack, source: str = "", remark: str = "") -> Change:
    """“事实=值”或“测算输入=值”。

    Raises:
        InputError: 没有等号、名称不认识、值不可填。
    """
    name, equals, raw = pair.replace("＝", "=").partition("=")
    if not equals:
        raise InputError(
            "advisor dossier answer", f"“{pair}”里没有等号", allowed="事实=值，或测算输入=值", fix="改成 事实=值"
        )
    name = name.strip()
    if name in pack.estimates.inputs:
        given = read_estimate("advisor dossier answer ", name, raw.strip())
        return estimated({name: given}, pack, source, remark)[0]
    if name not in pack.vocabulary:
        raise _unknown(name, pack)
    return Change(name, written(pack.vocabulary[name].parse(raw)), source, remark)


def estimated(stated: Mapping[str, Stated], pack: RulePack, source: str = "", remark: str = "") -> list[Change]:
    """测算输入，核对过才记。

    Raises:
        InputError: 不认识的名称、值不可填。
    """
    read_inputs(pack, stated)
    return [Change(name, written_estimate(item.raw), source, remark, ESTIMATE) for name, item in stated.items()]


def withdrawn(name: str, dossier: Dossier, pack: RulePack, source: str = "", remark: str = "") -> Change:
    """撤回一个事实的答案或一个测算输入；不参与判定的旧答案也可以撤。

    Raises:
        InputError: 没有答过。
    """
    if name in dossier.estimates:
        return Change(name, None, source, remark, ESTIMATE)
    reading = read_answers(dossier.changes, pack)
    answered = {*reading.answers, *reading.unused, *dossier.estimates}
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
        fix = f"最接近的是“{close}”；" if close else ""
        fix += "事实用 advisor rules facts 列出，测算输入用 advisor rules inputs"
    return InputError("advisor dossier answer", f"“{name}”不在事实词表里，也不是测算输入", fix=fix)
