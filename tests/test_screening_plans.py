"""台账的主推方案与逐宗评估完全相同：全部案例、随机行、随机规则包与随机先例；相同的规划所看只规划一次。"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")
pytest.importorskip("numpy", reason="没有装 advisor[screen]")

from advisor.assess import Advisor  # noqa: E402
from advisor.consistency import irrelevant  # noqa: E402
from advisor.evaluation import evaluate_parcel  # noqa: E402
from advisor.expression import compile_expression, names, parse  # noqa: E402
from advisor.outline import outline_of, premises_of  # noqa: E402
from advisor.planning import leading_plan  # noqa: E402
from advisor.playbook import Case, CaseFile, Playbook  # noqa: E402
from advisor.questioning import questions  # noqa: E402
from advisor.rulepack.model import Relation, RulePack  # noqa: E402
from advisor.screening.frames import frame_of  # noqa: E402
from advisor.screening.grid import Grid  # noqa: E402
from advisor.screening.situations import Situations  # noqa: E402
from advisor.screening.verdicts import Judge  # noqa: E402
from advisor.screening.verifying import FIRST_ASKED  # noqa: E402
from advisor.vocabulary import FactValue  # noqa: E402
from tests.strategies import VOCABULARY, conditions, parcels, rule_packs, without_contradictions  # noqa: E402
from tests.test_invariants import random_parcel  # noqa: E402

AS_OF = date(2026, 11, 21)


def check(advisor: Advisor, rows: list[dict[str, FactValue]]) -> None:
    """逐行对拍：使用率、规划所看，主推方案的各步、解决的症结、每步适用与否，还开着什么，先核实什么。"""
    pack = advisor.pack
    judge = Judge(pack, AS_OF)
    situations = Situations(advisor, judge)
    truths = judge.truths(frame_of(rows, pack.vocabulary))
    for index, (facts, found) in enumerate(zip(rows, situations.of(truths), strict=True)):
        evaluation = evaluate_parcel(pack, advisor.engine, facts, AS_OF)
        order, plans = advisor.outlook(evaluation, advisor.nearest(evaluation.facts))
        steps = plans[0].steps if plans else ()
        asked = questions(evaluation, order, steps, advisor.prior(), irrelevant(pack, facts))
        assert found.lead.steps == steps, index
        assert len(found.opened) == (len(plans[0].open) if plans else 0), index
        if not plans:
            assert found.verify == tuple(item.fact for item in asked)[:FIRST_ASKED], index
            continue
        assert found.lead.resolves == plans[0].resolves, index
        assert found.lead.applies == all(evaluation.verdict(pack.tools[name]) == "适用" for name in steps), index
        assert found.verify == tuple(item.fact for item in asked if set(item.tools) & set(steps)), index
        for text, (name, rule) in zip(found.opened, plans[0].open, strict=True):
            assert text.startswith(f"{name}：") and (rule.text if rule else "现行依据") in text, index


@pytest.fixture(scope="module")
def plain(pack: RulePack, playbook: Playbook) -> Advisor:
    """用参照解释器，判定与推理引擎相同，快些。"""
    return Advisor(pack, playbook, forward=False)


def test_plans_equal_assess_on_every_case(plain: Advisor) -> None:
    check(plain, [dict(case.facts) for case in plain.playbook.cases])


@pytest.mark.parametrize("density", [0.05, 0.2, 0.5, 0.9])
def test_plans_equal_assess_on_random_parcels(plain: Advisor, density: float) -> None:
    rng = random.Random(20261122)
    rows = [random_parcel(plain.pack, rng, density) for _ in range(15)]
    check(plain, [*rows, *(without_contradictions(plain.pack, facts) for facts in rows)])


def test_the_same_outline_is_planned_once(plain: Advisor) -> None:
    """只在与方案无关的数上不同的地块，共用一次规划。"""
    judge = Judge(plain.pack, AS_OF)
    situations = Situations(plain, judge)
    facts = dict(plain.playbook.cases[0].facts)
    rows = frame_of([facts] * 50, plain.pack.vocabulary)
    situations.of(judge.truths(rows))
    situations.of(judge.truths(rows))
    assert situations.computed == 1


def test_outlines_survive_the_bytes(plain: Advisor) -> None:
    """压成字节再还原，规划出的主推方案相同，进得了方案的工具一个不差。"""
    judge = Judge(plain.pack, AS_OF)
    situations = Situations(plain, judge)
    rows = [dict(case.facts) for case in plain.playbook.cases[::9]]
    grid = Grid(judge, judge.truths(frame_of(rows, plain.pack.vocabulary)))
    keys = situations.outlining.keys(grid, situations.neighbours.use(grid))
    for facts, key in zip(rows, keys, strict=True):
        evaluation = evaluate_parcel(plain.pack, plain.engine, facts, AS_OF)
        order, _ = plain.outlook(evaluation, plain.nearest(evaluation.facts))
        premises = premises_of(evaluation, plain.prior())
        expected = outline_of(evaluation, order, plain.prior(), {}, premises)
        found = situations.outlining.outline(key)
        assert found.prospects == expected.prospects
        assert leading_plan(found, plain.usage()) == leading_plan(expected, plain.usage())


@st.composite
def relations(draw: st.DrawFn, tools: list[str]) -> tuple[Relation, ...]:
    """几条随机的互斥、常组合、触发、先后，前提可有可无。"""
    found: list[Relation] = []
    for index in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["互斥", "常组合", "触发", "先后"]))
        own = tuple(draw(st.lists(st.sampled_from(tools), min_size=1, max_size=3, unique=True)))
        other = tuple(draw(st.lists(st.sampled_from(tools), min_size=1, max_size=2, unique=True)))
        text = draw(st.none() | conditions(depth=1))
        node = parse(text, {fact.name: fact for fact in VOCABULARY}) if text else None  # type: ignore[attr-defined]
        found.append(
            Relation(
                f"随{index}", kind, own, other if kind == "先后" else (), other if kind == "触发" else (), node,
                compile_expression(node) if node else None, tuple(names(node)) if node else (),
                other if kind == "互斥" and draw(st.booleans()) else (), (), f"随{index}", "",
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def advisors(draw: st.DrawFn) -> Advisor:
    """随机的规则包、工具关系与先例。"""
    pack = draw(rule_packs())
    tools = list(pack.tools)
    pack = replace(pack, relations=pack.relations + draw(relations(tools)))
    roles = st.sampled_from(["主", "前置", "后续", "配套"])
    pack = replace(pack, tools={name: replace(tool, role=draw(roles)) for name, tool in pack.tools.items()})
    used = st.lists(st.sampled_from(tools), min_size=1, max_size=3, unique=True)
    cases = [
        Case(file=_file(f"S{index:02d}", own), facts=draw(parcels()), tools=tuple(own))
        for index, own in enumerate(draw(st.lists(used, max_size=18)))
    ]
    return Advisor(pack, cast(Playbook, SimpleNamespace(cases=tuple(cases))), forward=False)


def _file(code: str, tools: list[str]) -> CaseFile:
    named: list[dict[str, Any]] = [{"id": name, "quote": ""} for name in tools]
    return CaseFile.model_validate({"id": code, "title": code, "province": "", "facts": {}, "tools": named})


@settings(max_examples=60, deadline=None)
@given(advisors(), st.lists(parcels(), min_size=1, max_size=8))
def test_plans_equal_assess_on_random_packs(advisor: Advisor, rows: list[dict[str, FactValue]]) -> None:
    check(advisor, rows)
