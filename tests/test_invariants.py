"""架构的不变量：三值单调、两个解释器一致、次序无关、未核实依据不作否决。"""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.assess import Advisor
from advisor.evaluation import APPLIES, OPEN, REJECTED, Evaluation, evaluate_parcel
from advisor.inference import Engine, build_network, forward_chaining_available
from advisor.parcel import Parcel, read_facts
from advisor.playbook import Playbook
from advisor.rulepack import RulePack
from advisor.unlocking import Repairs, Unlocker
from advisor.vocabulary import Fact, FactValue, Kind
from tests.strategies import parcels, rule_packs, without_contradictions

AS_OF = date(2026, 11, 21)
needs_durable = pytest.mark.skipif(not forward_chaining_available(), reason="这台机器没有装 durable_rules")


def verdicts(evaluation: Evaluation) -> dict[str, str]:
    return {name: evaluation.verdict(tool) for name, tool in evaluation.pack.tools.items()}


def plain(pack: RulePack, facts: dict[str, FactValue]) -> Evaluation:
    return evaluate_parcel(pack, Engine(build_network(pack), forward=False), facts, AS_OF)


@needs_durable
@settings(max_examples=60, deadline=None)
@given(rule_packs(), st.lists(parcels(), min_size=1, max_size=3))
def test_forward_chain_equals_the_plain_evaluator(pack: RulePack, several: list[dict[str, FactValue]]) -> None:
    """真值与轨迹都一样；同一个前向链连着推几宗地，互不相扰。"""
    network = build_network(pack)
    forward, reference = Engine(network, forward=True), Engine(network, forward=False)
    for facts in several:
        left = evaluate_parcel(pack, forward, facts, AS_OF)
        right = evaluate_parcel(pack, reference, facts, AS_OF)
        assert left.truths == right.truths
        assert left.steps == right.steps


@settings(max_examples=150, deadline=None)
@given(rule_packs(), parcels(), st.data())
def test_forgetting_a_fact_never_flips_a_verdict(
    pack: RulePack, facts: dict[str, FactValue], data: st.DataObject
) -> None:
    """把任一事实改为未知，判定只会不变或变成待核实；反过来，补一个事实不翻转已定的判定。"""
    full = verdicts(plain(pack, facts))
    for name in data.draw(st.lists(st.sampled_from(sorted(facts)), max_size=3) if facts else st.just([])):
        fewer = {key: value for key, value in facts.items() if key != name}
        for tool, verdict in verdicts(plain(pack, fewer)).items():
            assert verdict in (full[tool], OPEN)


@settings(max_examples=120, deadline=None)
@given(rule_packs(), parcels())
def test_unverified_basis_alone_never_rejects(pack: RulePack, facts: dict[str, FactValue]) -> None:
    """判不适用的，必有一条不满足的条件（触发的排除）站在已核实、在期、在地的依据上，或由症结（依据已核实）而来。"""
    evaluation = plain(pack, facts)
    for tool in pack.tools.values():
        if evaluation.verdict(tool) != REJECTED:
            continue
        against = [finding for finding in evaluation.unsettled(tool) if finding.status is (finding.rule.kind == "排除")]
        assert any(any(basis.verified for basis in finding.standings) for finding in against)


@settings(max_examples=120, deadline=None)
@given(rule_packs(), parcels())
def test_applies_only_on_a_verified_authority_in_force_here(pack: RulePack, facts: dict[str, FactValue]) -> None:
    """过期的（E1）、外地的（L1）、只凭记忆的（D1）设立依据都不得作出适用。"""
    evaluation = plain(pack, facts)
    for tool in pack.tools.values():
        if evaluation.verdict(tool) == APPLIES:
            codes = {citation.code for citation in tool.authority}
            assert "A1" in codes or ("L1" in codes and facts.get("省") == "东")


@settings(max_examples=120, deadline=None)
@given(rule_packs(), parcels())
def test_unlocks_are_sound_and_minimal(pack: RulePack, facts: dict[str, FactValue]) -> None:
    """照着改就判适用；少改任何一项就不判适用。"""
    evaluation = plain(pack, facts)
    unlocker = Unlocker(evaluation, Repairs(pack))
    for tool in pack.tools.values():
        if evaluation.verdict(tool) == APPLIES:
            continue
        for unlock in unlocker.unlocks(tool):
            changed = {**facts, **unlock.change}
            assert plain(pack, changed).verdict(tool) == APPLIES
            for name in unlock.change:
                fewer = {key: value for key, value in unlock.change.items() if key != name}
                assert plain(pack, {**facts, **fewer}).verdict(tool) != APPLIES


def random_parcel(pack: RulePack, rng: random.Random, density: float) -> dict[str, FactValue]:
    """随仓库词表上的随机地块。"""
    facts: dict[str, FactValue] = {}
    for fact in pack.vocabulary:  # type: ignore[attr-defined]
        if rng.random() < density:
            facts[fact.name] = _random_value(fact, rng)
    return facts


def _random_value(fact: Fact, rng: random.Random) -> FactValue:
    if fact.kind is Kind.BOOL:
        return rng.random() < 0.5
    if fact.kind is Kind.CHOICE:
        return rng.choice(fact.options)
    if fact.kind is Kind.NUMBER:
        return Fraction(rng.choice([1, 2, 3, 10, 25, 60]))
    if fact.kind is Kind.DATE:
        return rng.choice([date(2019, 5, 1), date(2023, 12, 31), date(2024, 2, 29), date(2026, 6, 30)])
    return rng.choice(["株洲", "天津", "万州", "德化"])


@needs_durable
@pytest.mark.parametrize("density", [0.2, 0.6, 1.0])
def test_shipped_pack_same_on_both_engines(pack: RulePack, density: float) -> None:
    rng = random.Random(20261121)
    network = build_network(pack)
    forward, reference = Engine(network, forward=True), Engine(network, forward=False)
    for _ in range(15):
        facts = random_parcel(pack, rng, density)
        assert (
            evaluate_parcel(pack, forward, facts, AS_OF).truths == evaluate_parcel(pack, reference, facts, AS_OF).truths
        )


@pytest.mark.parametrize("density", [0.5, 1.0])
def test_shipped_pack_is_monotone(pack: RulePack, density: float) -> None:
    """合得上的事实里去掉几项，判定不变或变成待核实；推得的也算在内。"""
    rng = random.Random(7)
    for _ in range(20):
        facts = without_contradictions(pack, random_parcel(pack, rng, density))
        full = verdicts(plain(pack, facts))
        kept = {name: value for name, value in facts.items() if rng.random() < 0.8}
        for tool, verdict in verdicts(plain(pack, kept)).items():
            assert verdict in (full[tool], OPEN), tool


def test_order_of_facts_and_a_second_run_do_not_matter(advisor: Advisor, pack: RulePack) -> None:
    """打乱事实的书写次序、再跑一遍，JSON 逐字节相同。"""
    rng = random.Random(3)
    raw = {
        "省份": "湖南",
        "已抵押": "是",
        "愿部分退出": "是",
        "地块面积": "228",
        "已开发面积": "28",
        "土地所有权": "国有",
    }
    seen = set()
    for _ in range(4):
        items = list(raw.items())
        rng.shuffle(items)
        parcel = Parcel(name="甲", facts=read_facts(dict(items), pack.vocabulary, ""))
        seen.add(advisor.assess([parcel], AS_OF).model_dump_json())
    assert len(seen) == 1


def test_without_the_engine_the_result_is_the_same(pack: RulePack, playbook: Playbook, advisor: Advisor) -> None:
    """装不上 durable_rules 的机器：看得见的提示，判定逐字节相同。"""
    fallback = Advisor(pack, playbook, forward=False)
    assert "durable_rules" in fallback.engine.notice
    case = playbook.case("H09")
    parcel = Parcel(name="甲", facts=case.facts)
    assert fallback.assess([parcel], AS_OF).model_dump_json() == advisor.assess([parcel], AS_OF).model_dump_json()
