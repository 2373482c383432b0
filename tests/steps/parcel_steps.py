"""情景里的步骤：全部由词表里的名字拼成，业务人员照着就能写。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pytest
from pytest_bdd import given, parsers, then, when

from advisor.assess import Advisor
from advisor.assessment import ConditionView, ParcelView, ToolView
from advisor.parcel import Parcel, read_facts
from advisor.playbook import Playbook
from advisor.rulepack import RulePack
from advisor.vocabulary import FactValue

AS_OF = date(2026, 11, 21)


@dataclass
class Scene:
    """一个情景：填了哪些事实、评估得到什么。"""

    raw: dict[str, str] = field(default_factory=dict)
    base: dict[str, FactValue] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    run: Callable[[bool], ParcelView] | None = None

    def assessed(self, unlocking: bool) -> ParcelView:
        """评估的结果；解锁办法问到才找。"""
        assert self.run is not None, "还没有“当 评估该地块”"
        return self.run(unlocking)

    @property
    def view(self) -> ParcelView:
        return self.assessed(unlocking=False)

    def tool(self, name: str, unlocking: bool = False) -> ToolView:
        found = next((tool for tool in self.assessed(unlocking).tools if tool.id == name), None)
        assert found is not None, f"没有“{name}”这个工具"
        return found

    def condition(self, tool: str, condition: str) -> ConditionView:
        view = self.tool(tool)
        found = next((item for item in view.conditions if item.id == condition), None)
        assert found is not None, f"“{tool}”没有作数的条件“{condition}”，有：{[c.id for c in view.conditions]}"
        return found


@pytest.fixture
def scene() -> Scene:
    return Scene()


@given("地块事实如下:")
def facts_table(scene: Scene, datatable: list[list[str]]) -> None:
    assert datatable[0] == ["事实", "值"], "表头应为 事实 | 值"
    scene.raw.update({row[0]: row[1] for row in datatable[1:]})


@given(parsers.parse('地块的"{fact}"为"{value}"'))
def one_fact(scene: Scene, fact: str, value: str) -> None:
    scene.raw[fact] = value


@given(parsers.parse('地块的"{fact}"不清楚'))
def unknown_fact(scene: Scene, fact: str) -> None:
    scene.raw[fact] = "不清楚"


@given(parsers.parse('案例"{case_id}"再开发之前的事实'))
def case_facts(scene: Scene, case_id: str, playbook: Playbook) -> None:
    case = playbook.case(case_id)
    scene.base.update(case.facts)
    scene.without = frozenset({case.family})


@when("评估该地块")
def assess(scene: Scene, advisor: Advisor, pack: RulePack) -> None:
    _assess(scene, advisor, pack, AS_OF)


@when(parsers.parse('以"{day}"为基准日评估该地块'))
def assess_as_of(scene: Scene, advisor: Advisor, pack: RulePack, day: str) -> None:
    _assess(scene, advisor, pack, date.fromisoformat(day))


def scene_facts(scene: Scene, pack: RulePack) -> dict[str, FactValue]:
    """情景里的事实：案例的打底，写明的盖上，写“不清楚”的去掉。"""
    stated = read_facts(scene.raw, pack.vocabulary, "情景")
    facts = {**scene.base, **stated}
    for name in scene.raw:
        if name not in stated:
            facts.pop(name, None)
    return facts


def _assess(scene: Scene, advisor: Advisor, pack: RulePack, as_of: date) -> None:
    parcel = Parcel(name="情景地块", facts=scene_facts(scene, pack))
    scene.run = cache(lambda unlocking: advisor.assess_one(parcel, as_of, scene.without, unlocking=unlocking))
    assert scene.view.tools


@then(parsers.re(r'"(?P<tool>[^"]+)"判为"(?P<verdict>适用|待核实|不适用)"'))
def verdict_is(scene: Scene, tool: str, verdict: str) -> None:
    view = scene.tool(tool)
    assert view.verdict == verdict, f"“{tool}”判为{view.verdict}：{_why(view)}"


@then(parsers.parse('"{tool}"不判为"{verdict}"'))
def verdict_is_not(scene: Scene, tool: str, verdict: str) -> None:
    assert verdict in ("适用", "待核实", "不适用")
    view = scene.tool(tool)
    assert view.verdict != verdict, _why(view)


@then(parsers.re(r'"(?P<tool>[^"]+)"属于"(?P<reason>无此情形|不具备条件)"'))
def reason_is(scene: Scene, tool: str, reason: str) -> None:
    view = scene.tool(tool)
    assert view.reason == reason, f"{view.verdict} {view.reason}：{_why(view)}"


@then(parsers.parse('"{tool}"的理由提到"{words}"'))
def reason_mentions(scene: Scene, tool: str, words: str) -> None:
    text = "\n".join(_texts(scene.tool(tool, unlocking=True)))
    assert words in text, text


@then(parsers.re(r'"(?P<tool>[^"]+)"的条件"(?P<condition>[^"]+)"为"(?P<status>满足|不满足|待核实)"'))
def condition_is(scene: Scene, tool: str, condition: str, status: str) -> None:
    view = scene.condition(tool, condition)
    assert view.status == status, f"{view.status} {view.facts} {view.notes}"


@then(parsers.parse('"{tool}"的条件"{condition}"在此不作数'))
def condition_silent(scene: Scene, tool: str, condition: str) -> None:
    view = scene.tool(tool)
    assert condition in [item.id for item in view.silent], [item.id for item in view.silent]
    assert condition not in [item.id for item in view.conditions]


@then(parsers.parse('"{tool}"的条件"{condition}"的依据有"{label}"'))
def basis_has(scene: Scene, tool: str, condition: str, label: str) -> None:
    assert label in _live_bases(scene, tool, condition)


@then(parsers.parse('"{tool}"的条件"{condition}"的依据没有"{label}"'))
def basis_lacks(scene: Scene, tool: str, condition: str, label: str) -> None:
    assert label not in _live_bases(scene, tool, condition)


@then(parsers.parse('"{tool}"的解锁要改变"{fact}"'))
def unlock_changes(scene: Scene, tool: str, fact: str) -> None:
    changes = [set(item.change) for item in scene.tool(tool, unlocking=True).unlock]
    assert any(fact in change for change in changes), changes


@then(parsers.parse('"{tool}"的解锁办法提到"{words}"'))
def unlock_mentions(scene: Scene, tool: str, words: str) -> None:
    text = "\n".join(item.how for item in scene.tool(tool, unlocking=True).unlock)
    assert words in text, text


@then(parsers.re(r'症结"(?P<name>[^"]+)"为"(?P<status>成立|待核实)"'))
def obstacle_is(scene: Scene, name: str, status: str) -> None:
    found = {item.id: item.status for item in scene.view.obstacles}
    assert found.get(name) == status, found


@then(parsers.parse('没有症结"{name}"'))
def obstacle_absent(scene: Scene, pack: RulePack, name: str) -> None:
    assert name in pack.obstacles, f"没有“{name}”这个症结"
    assert name not in [item.id for item in scene.view.obstacles]


@then(parsers.parse('要核实的事实有"{fact}"'))
def question_has(scene: Scene, fact: str) -> None:
    assert fact in [item.fact for item in scene.view.questions]


@then(parsers.parse('首先要核实"{fact}"'))
def question_first(scene: Scene, fact: str) -> None:
    asked = [item.fact for item in scene.view.questions]
    assert asked[:1] == [fact], asked[:8]


@then(parsers.parse('主推方案为"{steps}"'))
def leading_plan(scene: Scene, steps: str) -> None:
    wanted = [step.strip() for step in steps.split("→")]
    made = [list(plan.steps) for plan in scene.view.plans]
    assert made[:1] == [wanted], made


@then(parsers.parse('方案中有"{tool}"'))
def some_plan_has(scene: Scene, tool: str) -> None:
    assert any(tool in plan.steps for plan in scene.view.plans), [plan.steps for plan in scene.view.plans]


@then(parsers.parse('没有方案同时含"{first}"和"{second}"'))
def no_plan_has_both(scene: Scene, first: str, second: str) -> None:
    scene.tool(first), scene.tool(second)
    assert not any({first, second} <= set(plan.steps) for plan in scene.view.plans)


@then(parsers.parse('方案里"{first}"在"{second}"之前'))
def plan_order(scene: Scene, first: str, second: str) -> None:
    both = [plan.steps for plan in scene.view.plans if {first, second} <= set(plan.steps)]
    assert both, [plan.steps for plan in scene.view.plans]
    assert all(steps.index(first) < steps.index(second) for steps in both), both


@then(parsers.parse('"{first}"排在"{second}"之前'))
def ranked_before(scene: Scene, first: str, second: str) -> None:
    assert scene.tool(first).rank < scene.tool(second).rank


def _live_bases(scene: Scene, tool: str, condition: str) -> list[str]:
    view = scene.condition(tool, condition)
    live = [item for item in view.basis if item.status in ("现行", "时效待核")]
    return [f"{item.code}§{item.article}" if item.article else item.code for item in live]


def _texts(view: ToolView) -> Iterator[str]:
    yield view.note
    yield from view.cautions
    for item in view.conditions:
        blocking = item.status != ("不满足" if item.kind == "排除" else "满足")
        if blocking or item.kind == "倾向":
            yield item.text
            yield item.meaning
            yield from item.notes
            yield from (basis.text for basis in item.basis)
    for silent in view.silent:
        yield silent.text
        yield silent.why
    for unlock in view.unlock:
        yield unlock.how


def _why(view: ToolView) -> str:
    return "；".join(f"{item.kind} {item.id}={item.status} {dict(item.facts)} {item.notes}" for item in view.conditions)
