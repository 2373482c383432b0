"""假设：在副本上改几个事实，看哪些判定翻转；保留就写进案卷，放弃就当没发生。"""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from advisor.dossier.differences import Differences, differences
from advisor.dossier.record import Change
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.vocabulary import FactValue
from advisor.web.callers import FormHere, number_of, texts_of
from advisor.web.folders import Folder, ToGlance, ToWrite
from advisor.web.rendering import go

router = APIRouter(prefix="/dossiers/{number}/what-if")
_SOURCE = "假设页改定"
_MOST = 20
Supposed = dict[str, FactValue | None]


@router.get("")
def what_if(
    folder: ToGlance,
    pairs: Annotated[list[str] | None, Query(alias="set")] = None,
    pick: str = "",
    value: str = "",
) -> Response:
    """假设页：pairs 是已经设的“事实=值”，pick 是正要设的事实，value 是给它填的值。"""
    vocabulary = folder.site.advisor.pack.vocabulary
    picked = folder.fact(pick) if pick in vocabulary else None
    supposed: Supposed = {}
    problem = ""
    try:
        supposed = _read(folder, pairs or [])
        if picked is not None and value:
            return go(f"{folder.place('what-if')}?{_query({**supposed, pick: picked.parse(value)})}")
    except InputError as wrong:
        problem = str(wrong).replace("，再运行一次", "")
    groups: dict[str, list[str]] = {}
    for fact in vocabulary:
        groups.setdefault(fact.group, []).append(fact.name)
    without = {name: _query({key: item for key, item in supposed.items() if key != name}) for name in supposed}
    return folder.page(
        "what_if.html",
        status=422 if problem else 200,
        supposed={name: written(item) for name, item in supposed.items()},
        without=without,
        found=_flips(folder, supposed) if supposed else None,
        groups=groups,
        picked=picked,
        problem=problem,
    )


@router.post("")
def keep(folder: ToWrite, form: FormHere) -> Response:
    """保留：把假设写进案卷。"""
    supposed = _read(folder, texts_of(form, "set"))
    changes = [Change(name, written(value), _SOURCE) for name, value in supposed.items()]
    folder.write(changes, number_of(form, "seen"))
    folder.audit("保留假设")
    return go(folder.place("check"))


def _flips(folder: Folder, supposed: Supposed) -> Differences:
    """假设之后与现在差在哪。"""
    before = folder.reading.facts
    merged = {**before, **supposed}
    after = {name: item for name, item in merged.items() if item is not None}
    now, then = (json.loads(folder.site.assess_json(folder.dossier.name, facts)) for facts in (before, after))
    return differences(now, then)


def _read(folder: Folder, pairs: list[str]) -> Supposed:
    """“事实=值”读成值。

    Raises:
        InputError: 事实不在词表、值不可填、一次设得太多。
    """
    vocabulary = folder.site.advisor.pack.vocabulary
    if len(pairs) > _MOST:
        raise InputError("假设", f"一次设了 {len(pairs)} 项", allowed=f"至多 {_MOST} 项", fix="分几次看")
    found: Supposed = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in vocabulary:
            raise InputError("假设", f"没有“{name}”这个事实", fix="从名单里选")
        found[name] = vocabulary[name].parse(text)
    return found


def _query(supposed: Supposed) -> str:
    return urlencode([("set", f"{name}={written(value)}") for name, value in supposed.items()])
