"""政策情景（features/ 里的 Gherkin）读成数据：填了哪些事实、哪天评估、期望什么。要装 advisor[scenarios]。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gherkin.errors import CompositeParserException
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from advisor.errors import InputError
from advisor.parcel import read_facts
from advisor.playbook import Playbook
from advisor.rulepack.model import RulePack
from advisor.vocabulary import FactValue

_FACT = re.compile(r'地块的"(?P<fact>[^"]+)"(?:为"(?P<value>[^"]*)"|不清楚)\Z')
_CASE = re.compile(r'案例"(?P<case>[^"]+)"再开发之前的事实\Z')
_ASSESS = re.compile(r'(?:以"(?P<day>[^"]+)"为基准日)?评估该地块\Z')
_EXPECTED = {
    "判定": re.compile(r'"(?P<tool>[^"]+)"判为"(?P<what>[^"]+)"\Z'),
    "不判": re.compile(r'"(?P<tool>[^"]+)"不判为"(?P<what>[^"]+)"\Z'),
    "性质": re.compile(r'"(?P<tool>[^"]+)"属于"(?P<what>[^"]+)"\Z'),
    "条件": re.compile(r'"(?P<tool>[^"]+)"的条件"(?P<condition>[^"]+)"为"(?P<what>[^"]+)"\Z'),
    "不作数": re.compile(r'"(?P<tool>[^"]+)"的条件"(?P<condition>[^"]+)"在此不作数\Z'),
    "症结": re.compile(r'症结"(?P<condition>[^"]+)"为"(?P<what>[^"]+)"\Z'),
    "没有症结": re.compile(r'没有症结"(?P<condition>[^"]+)"\Z'),
}


@dataclass(frozen=True)
class Expectation:
    """一句期望：kind 是判定、不判、性质、条件、不作数、症结、没有症结之一。"""

    kind: str
    tool: str = ""
    condition: str = ""
    what: str = ""


@dataclass(frozen=True)
class Scenario:
    """评估一次：事实、基准日与其后的期望；读不懂的期望（方案、排序等）不在内。"""

    place: str
    name: str
    facts: dict[str, FactValue]
    as_of: date
    expectations: tuple[Expectation, ...]


def read_scenarios(folder: Path, pack: RulePack, playbook: Playbook, as_of: date) -> list[Scenario]:
    """folder 下全部情景，大纲逐例展开；没有写基准日的按 as_of。

    Raises:
        InputError: 情景语法不通，或事实名、值不合。
    """
    found: list[Scenario] = []
    for path in sorted(folder.rglob("*.feature")):
        place = path.relative_to(folder.parent).as_posix()
        for pickle in _pickles(path, place):
            found.extend(_read(pickle, place, pack, playbook, as_of))
    return found


def _pickles(path: Path, place: str) -> list[Any]:
    try:
        document: Any = Parser().parse(path.read_text("utf-8"))
    except CompositeParserException as problem:
        raise InputError(place, f"情景语法不通（{problem}）", fix="照别的情景改写") from None
    document["uri"] = place
    return list(Compiler().compile(document))


def _read(pickle: Any, place: str, pack: RulePack, playbook: Playbook, as_of: date) -> Iterator[Scenario]:
    base: dict[str, FactValue] = {}
    raw: dict[str, Any] = {}
    day: date | None = None
    expected: list[Expectation] = []

    def finished() -> Iterator[Scenario]:
        if day is not None and expected:
            stated = read_facts(raw, pack.vocabulary, f"{place} 情景“{pickle['name']}”")
            facts = {name: value for name, value in {**base, **stated}.items() if name not in raw or name in stated}
            yield Scenario(place, pickle["name"], facts, day, tuple(expected))

    for step in pickle["steps"]:
        text = step["text"]
        if text == "地块事实如下:":
            rows = step["argument"]["dataTable"]["rows"][1:]
            raw.update({row["cells"][0]["value"]: row["cells"][1]["value"] for row in rows})
        elif fact := _FACT.match(text):
            yield from finished()
            expected.clear()
            raw[fact["fact"]] = fact["value"] if fact["value"] is not None else "不清楚"
        elif case := _CASE.match(text):
            base.update(playbook.case(case["case"]).facts)
        elif assess := _ASSESS.match(text):
            yield from finished()
            expected.clear()
            day = date.fromisoformat(assess["day"]) if assess["day"] else as_of
        else:
            expected.extend(_expectation(text))
    yield from finished()


def _expectation(text: str) -> Iterator[Expectation]:
    for kind, pattern in _EXPECTED.items():
        if found := pattern.match(text):
            yield Expectation(kind, **found.groupdict())
