"""期限情景的步骤：事实照写，说哪天到期、要不要核实、有没有这个期限。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from pytest_bdd import parsers, then, when

from advisor.clocks import DueDate, Undated, due_dates, undated
from advisor.parcel import read_facts
from advisor.rulepack import RulePack
from tests.steps.parcel_steps import Scene


@dataclass
class Timetable:
    """一个情景算出的期限。"""

    known: frozenset[str] = frozenset()
    due: tuple[DueDate, ...] = ()
    missing: tuple[Undated, ...] = ()

    def item(self, name: str) -> DueDate:
        found = next((item for item in self.due if item.clock == name), None)
        assert found is not None, f"没有期限“{name}”，有：{[item.clock for item in self.due]}"
        return found


@pytest.fixture
def timetable() -> Timetable:
    return Timetable()


@when(parsers.re(r'以"(?P<day>[^"]+)"为基准日算期限'))
def compute(scene: Scene, timetable: Timetable, pack: RulePack, day: str) -> None:
    facts = read_facts(scene.raw, pack.vocabulary, "情景")
    as_of = date.fromisoformat(day)
    timetable.known = frozenset(clock.id for clock in pack.clocks.clocks)
    timetable.due = due_dates(pack, facts, as_of)
    timetable.missing = undated(pack, facts, as_of)


@then(parsers.re(r'期限"(?P<name>[^"]+)"在"(?P<day>[^"]+)"到期'))
def due_on(timetable: Timetable, name: str, day: str) -> None:
    assert timetable.item(name).due == date.fromisoformat(day)


@then(parsers.re(r'期限"(?P<name>[^"]+)"(?P<way>还剩|已过)"(?P<days>\d+)"天'))
def days_left(timetable: Timetable, name: str, way: str, days: str) -> None:
    assert timetable.item(name).days_left == (int(days) if way == "还剩" else -int(days))


@then(parsers.re(r'期限"(?P<name>[^"]+)"为"(?P<status>成立|待核实)"'))
def status_is(timetable: Timetable, name: str, status: str) -> None:
    item = timetable.item(name)
    assert item.status == status, f"{item.unknown} {item.notes}"


@then(parsers.re(r'期限"(?P<name>[^"]+)"要核实"(?P<fact>[^"]+)"'))
def must_verify(timetable: Timetable, name: str, fact: str) -> None:
    item = timetable.item(name)
    assert item.status == "待核实"
    assert fact in item.unknown, item.unknown


@then(parsers.re(r'没有期限"(?P<name>[^"]+)"'))
def absent(timetable: Timetable, name: str) -> None:
    assert name in timetable.known, f"规则里没有期限“{name}”"
    assert name not in [item.clock for item in timetable.due]


@then(parsers.re(r'期限"(?P<name>[^"]+)"缺"(?P<fact>[^"]+)"算不出'))
def lacks_date(timetable: Timetable, name: str, fact: str) -> None:
    absent(timetable, name)
    assert (name, fact) in [(clock, item.start_fact) for item in timetable.missing for clock in item.clocks]


@then(parsers.re(r'期限"(?P<name>[^"]+)"的依据提到"(?P<words>[^"]+)"'))
def basis_says(timetable: Timetable, name: str, words: str) -> None:
    text = "\n".join(basis.text for basis in timetable.item(name).basis)
    assert words in text, text


@then(parsers.re(r'期限"(?P<name>[^"]+)"的依据不提"(?P<words>[^"]+)"'))
def basis_omits(timetable: Timetable, name: str, words: str) -> None:
    assert words not in "\n".join(basis.text for basis in timetable.item(name).basis)


@then(parsers.re(r'期限"(?P<name>[^"]+)"的注意提到"(?P<words>[^"]+)"'))
def notes_say(timetable: Timetable, name: str, words: str) -> None:
    assert words in "\n".join(timetable.item(name).notes)
