"""库里哪些案卷站在一份依据上：按现在的答案评估，没有判为不适用的工具里引用它的条件。"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from advisor.assess import Advisor
from advisor.assessment import ToolView
from advisor.dossier.replay import assess_dossier
from advisor.dossier.store import Store
from advisor.evaluation import REJECTED


@dataclass(frozen=True)
class RelyingDossier:
    """一卷：依据代码 → 用到它的“工具/条件”。"""

    number: str
    name: str
    uses: Mapping[str, tuple[str, ...]]


def relying_dossiers(store: Store, advisor: Advisor, as_of: date, codes: Collection[str]) -> Iterator[RelyingDossier]:
    """站在 codes 里任何一份上的案卷。"""
    for number in store.numbers():
        dossier = store.read(number)
        result, _, _ = assess_dossier(dossier, advisor, as_of)
        uses: dict[str, list[str]] = {}
        for tool in result.parcels[0].tools:
            if tool.verdict != REJECTED:
                for code, condition in _uses(tool, codes):
                    uses.setdefault(code, []).append(f"{tool.id}/{condition}")
        if uses:
            found = {code: tuple(dict.fromkeys(items)) for code, items in uses.items()}
            yield RelyingDossier(number, dossier.name, found)


def _uses(tool: ToolView, codes: Collection[str]) -> Iterator[tuple[str, str]]:
    for condition in tool.conditions:
        for basis in condition.basis:
            if basis.code in codes:
                yield basis.code, condition.id
