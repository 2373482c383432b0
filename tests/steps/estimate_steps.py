"""测算情景的步骤：给事实、给测算输入，看结果、缺口与核对。"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from pytest_bdd import given, parsers, then, when

from advisor.estimating import EstimateView, estimates, read_inputs
from advisor.estimating.model import LineView
from advisor.parcel import Stated
from advisor.rulepack import RulePack
from tests.steps.parcel_steps import AS_OF, Scene, scene_facts


@dataclass
class Reckoning:
    """一次测算：给了哪些输入，算出什么。"""

    raw: dict[str, object] = field(default_factory=dict)
    views: dict[str, EstimateView] = field(default_factory=dict)

    def view(self, name: str) -> EstimateView:
        assert name in self.views, f"没有“{name}”这项测算，或还没有“当 测算该地块”"
        return self.views[name]

    def line(self, name: str, line: str) -> LineView:
        found = next((item for item in self.view(name).lines if item.name == line), None)
        assert found is not None, [item.name for item in self.view(name).lines]
        return found


@pytest.fixture
def reckoning() -> Reckoning:
    return Reckoning()


@given("测算输入如下:")
def input_table(reckoning: Reckoning, datatable: list[list[str]]) -> None:
    assert datatable[0] == ["输入", "值"], "表头应为 输入 | 值"
    reckoning.raw.update({row[0]: row[1] for row in datatable[1:]})


@given(parsers.parse('测算输入"{name}"为"{value}"'))
def one_input(reckoning: Reckoning, name: str, value: str) -> None:
    reckoning.raw[name] = value


@given(parsers.parse('测算输入"{name}"不清楚'))
def unknown_input(reckoning: Reckoning, name: str) -> None:
    reckoning.raw[name] = "不清楚"


@given(parsers.parse('测算输入"{name}"逐年为:'))
def yearly_input(reckoning: Reckoning, name: str, datatable: list[list[str]]) -> None:
    assert datatable[0] == ["年", "值"], "表头应为 年 | 值"
    reckoning.raw[name] = {row[0]: row[1] for row in datatable[1:]}


@when("测算该地块")
def reckon(scene: Scene, reckoning: Reckoning, pack: RulePack) -> None:
    _reckon(scene, reckoning, pack, AS_OF)


@when(parsers.parse('以"{day}"为基准日测算该地块'))
def reckon_as_of(scene: Scene, reckoning: Reckoning, pack: RulePack, day: str) -> None:
    _reckon(scene, reckoning, pack, date.fromisoformat(day))


def _reckon(scene: Scene, reckoning: Reckoning, pack: RulePack, as_of: date) -> None:
    inputs = read_inputs(pack, {name: Stated(raw=raw, where="情景") for name, raw in reckoning.raw.items()})
    made = estimates(pack, scene_facts(scene, pack), inputs, as_of)
    reckoning.views = {view.name: view for view in made}


@then(parsers.re(r'测算"(?P<name>[^"]+)"对本地块"(?P<relevance>适用|待核实|不适用)"'))
def relevance_is(reckoning: Reckoning, name: str, relevance: str) -> None:
    view = reckoning.view(name)
    assert view.relevance == relevance, (view.relevance, view.why)


@then(parsers.re(r'测算"(?P<name>[^"]+)"的结论为"(?P<outcome>已算出|部分算出|缺输入|不可算)"'))
def outcome_is(reckoning: Reckoning, name: str, outcome: str) -> None:
    view = reckoning.view(name)
    assert view.outcome == outcome, (view.outcome, view.lines)


@then(parsers.parse('测算"{name}"的"{line}"为"{text}"'))
def line_is(reckoning: Reckoning, name: str, line: str, text: str) -> None:
    found = reckoning.line(name, line)
    assert found.value is not None and found.value.text == text, found


@then(parsers.parse('测算"{name}"的"{line}"没有结果'))
def line_open(reckoning: Reckoning, name: str, line: str) -> None:
    assert reckoning.line(name, line).value is None


@then(parsers.re(r'测算"(?P<name>[^"]+)"的核对"(?P<line>[^"]+)"为"(?P<status>满足|不满足|待核实)"'))
def check_is(reckoning: Reckoning, name: str, line: str, status: str) -> None:
    assert reckoning.line(name, line).status == status, reckoning.line(name, line)


@then(parsers.parse('测算"{name}"缺"{missing}"'))
def lacks(reckoning: Reckoning, name: str, missing: str) -> None:
    assert missing in [item.name for item in reckoning.view(name).missing]


@then(parsers.parse('测算"{name}"什么也不缺'))
def lacks_nothing(reckoning: Reckoning, name: str) -> None:
    assert reckoning.view(name).missing == ()


@then(parsers.parse('测算"{name}"提到"{words}"'))
def mentions(reckoning: Reckoning, name: str, words: str) -> None:
    view = reckoning.view(name)
    text = "\n".join((view.why, *view.notes, *view.reminders, *(item.source for item in view.used)))
    assert words in text, text
