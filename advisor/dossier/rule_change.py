"""换一版规则包，库里哪些案卷的判定会翻、因为哪条。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from advisor.assess import Advisor
from advisor.dossier.differences import Differences, differences
from advisor.dossier.reading import read_answers
from advisor.dossier.replay import assess_facts
from advisor.dossier.store import Store


@dataclass(frozen=True)
class Flipped:
    """一卷在两版之间的差别；只有判定翻了的才给出。"""

    number: str
    name: str
    differences: Differences


def flipped_dossiers(store: Store, before: Advisor, after: Advisor, as_of: date) -> Iterator[Flipped]:
    """按各卷现在的答案，用两版规则包各评一次，给出判定有变的。"""
    for number in store.numbers():
        dossier = store.read(number)
        old, new = (
            json.loads(
                assess_facts(dossier.name, read_answers(dossier.changes, side.pack).facts, side, as_of)[1].result
            )
            for side in (before, after)
        )
        found = differences(old, new)
        if any(tool.verdict_changed for tool in found.tools):
            yield Flipped(number, dossier.name, found)
