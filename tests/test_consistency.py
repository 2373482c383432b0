"""事实之间的道理：说不通的当场报出，必然的推得，不相干的不问。"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from advisor.assess import Advisor
from advisor.consistency import CONTRADICTION, complete, contradictions, follows, irrelevant
from advisor.evaluation import APPLIES, evaluate_parcel
from advisor.inference import Engine, build_network
from advisor.parcel import Parcel, read_facts
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.coherence import assemble_consistency
from advisor.rulepack.model import Consistency
from advisor.rulepack.reading import Problems, Source
from advisor.rulepack.schema import ConsistencyFile
from advisor.unlocking import Unlocker
from advisor.vocabulary import Fact, FactValue, Kind
from advisor.yamlsource import Lines
from tests.strategies import VOCABULARY, conditions, parcels, rule_packs, without_contradictions
from tests.test_invariants import plain, random_parcel, verdicts

AS_OF = date(2026, 11, 21)
HERE = Path(__file__).parent


def facts_of(pack: RulePack, **raw: object) -> dict[str, FactValue]:
    return read_facts(raw, pack.vocabulary, "")


@pytest.mark.parametrize(
    ("raw", "severity"),
    [
        ({"建设状态": "未动工", "已依法动工": "是"}, "矛盾"),
        ({"建设状态": "已建成", "已依法动工": "否"}, "存疑"),
        ({"建设状态": "未动工", "已建面积比例": 40}, "矛盾"),
        ({"建设状态": "未动工", "已开发面积": 28}, "矛盾"),
        ({"建设状态": "未动工", "利用存量建筑": "是"}, "矛盾"),
        ({"建设状态": "已建成", "已开发面积": 0}, "矛盾"),
        ({"零星地块面积": 50, "项目总用地面积": 30}, "矛盾"),
        ({"零星地块面积": 3, "零星地块最大单宗面积": 4}, "矛盾"),
        ({"毗邻零星地块": "否", "零星地块面积": 3}, "矛盾"),
        ({"已开发面积": 229, "地块面积": 228}, "矛盾"),
        ({"拟退出面积": 229, "地块面积": 228}, "矛盾"),
        ({"土地所有权": "集体", "权利类型": "出让"}, "矛盾"),
        ({"土地所有权": "国有", "权利类型": "集体建设用地使用权"}, "矛盾"),
        ({"土地所有权": "集体", "已收归国有储备": "是"}, "矛盾"),
        ({"土地所有权": "国有", "集体土地面积": 5}, "矛盾"),
        ({"已抵押": "否", "抵押权人同意": "是"}, "矛盾"),
        ({"已抵押": "否", "抵押登记禁止转让": "是"}, "矛盾"),
        ({"司法查封": "否", "异地法院查封": "是"}, "矛盾"),
        ({"批而未供": "是", "权利类型": "出让"}, "矛盾"),
        ({"批而未供": "是", "认定为闲置土地": "是"}, "矛盾"),
        ({"省份": "浙江", "省直管土地": "是"}, "矛盾"),
        ({"历史文化或工业遗产": "否", "国有不可移动文物": "是"}, "矛盾"),
        ({"拟改造用途": "工业", "拟建商品住宅": "是"}, "存疑"),
        ({"登记用途": "工业", "权利类型": "出让", "剩余使用年限": 51}, "矛盾"),
        ({"愿整体退出": "是", "愿部分退出": "是"}, "存疑"),
    ],
    ids=lambda value: "、".join(value) if isinstance(value, dict) else value,
)
def test_what_cannot_be_true_together_is_reported_with_both_answers(
    pack: RulePack, raw: dict[str, object], severity: str
) -> None:
    """恰报一处，两边的值都在；去掉任何一项就说得通了。"""
    facts = facts_of(pack, **raw)
    (found,) = contradictions(pack, facts)
    assert found.severity == severity
    assert dict(found.facts) == facts
    assert found.text and found.settle
    for name in facts:
        assert contradictions(pack, {key: value for key, value in facts.items() if key != name}) == ()


@pytest.mark.parametrize(
    "raw",
    [
        {"零星地块面积": 30, "项目总用地面积": 30},
        {"已开发面积": 228, "地块面积": 228},
        {"登记用途": "工业", "权利类型": "出让", "剩余使用年限": 50},
        {"登记用途": "住宅", "权利类型": "出让", "剩余使用年限": 70},
        {"建设状态": "停建烂尾", "已依法动工": "否"},
        {"土地所有权": "国有与集体混合", "权利类型": "出让"},
        {"拟改造用途": "商住", "拟建商品住宅": "是"},
        {"已抵押": "是", "抵押权人同意": "是"},
    ],
    ids=str,
)
def test_what_can_be_true_together_is_left_alone(pack: RulePack, raw: dict[str, object]) -> None:
    assert contradictions(pack, facts_of(pack, **raw)) == ()


def test_no_case_contradicts_itself(pack: RulePack, playbook: Playbook) -> None:
    """案例是真事：没有一个触发“必有一错”。"""
    wrong = {
        case.id: [item.id for item in contradictions(pack, case.facts) if item.severity == CONTRADICTION]
        for case in playbook.cases
    }
    assert {name: ids for name, ids in wrong.items() if ids} == {}
    assert len(wrong) >= 118


def test_every_rule_can_fire(pack: RulePack) -> None:
    """每条矛盾都有一组事实能触发：没有写了不起作用的。"""
    from advisor.expression.domains import values

    rng = random.Random(1)
    for rule in pack.consistency.incompatibilities:
        domains = {name: values(pack.vocabulary[name], rule.base) for name in rule.asks}
        hit = any(rule.test({n: rng.choice(domain) for n, domain in domains.items()}) for _ in range(20_000))
        assert hit, rule.id


def test_consequences_follow_and_say_from_what(pack: RulePack) -> None:
    found = follows(pack, facts_of(pack, 建设状态="未动工", 已抵押="否"))
    assert {name: item.value for name, item in found.items()} == {
        "已开发面积": 0,
        "已建面积比例": 0,
        "现状容积率": 0,
        "生产经营状态": "不适用",
        "有可保留建筑": False,
        "利用存量建筑": False,
        "房地权利人一致": True,
        "抵押登记禁止转让": False,
    }
    assert found["已开发面积"].because == ("建设状态",)


def test_nothing_follows_from_the_unknown(pack: RulePack) -> None:
    assert follows(pack, {}) == {}
    assert irrelevant(pack, {}) == frozenset()


def test_a_chain_is_followed_to_the_end() -> None:
    """甲推乙，乙再推丙，写的次序不管；凭据追到人填的甲。"""
    chained = with_rules({"推得": [rule("后", "是1", {"数0": 3}), rule("先", "是0", {"是1": "是"})]})
    found = follows(chained, {"是0": True})
    assert found["数0"].value == 3
    assert found["数0"].because == ("是0",)


def test_what_people_filled_in_wins_and_is_reported(pack: RulePack) -> None:
    facts = facts_of(pack, 建设状态="未动工", 已开发面积="28")
    (found,) = contradictions(pack, facts)
    assert "“已开发面积”应为0 亩，填的是28 亩" in found.text
    assert complete(pack, facts) == facts  # 前提有争议，旁的也不推


def test_two_consequences_that_disagree_are_a_contradiction() -> None:
    both = with_rules({"推得": [rule("甲", "是0", {"是2": "是"}), rule("乙", "是1", {"是2": "否"})]})
    facts: dict[str, FactValue] = {"是0": True, "是1": True}
    (found,) = contradictions(both, facts)
    assert dict(found.facts) == facts
    assert follows(both, facts) == {}
    assert follows(both, {"是0": True})["是2"].value is True


def test_an_inferred_value_counts_like_an_answer(pack: RulePack) -> None:
    """推得的与直接填写的，判定一样。"""
    rng = random.Random(5)
    for _ in range(25):
        facts = without_contradictions(pack, random_parcel(pack, rng, 0.4))
        assert verdicts(plain(pack, facts)) == verdicts(plain(pack, complete(pack, facts)))


def test_skipped_questions_never_matter(pack: RulePack) -> None:
    """不问的事实，空着与填任何值，各工具的判定都一样。"""
    rng = random.Random(11)
    tried = 0
    for _ in range(120):
        facts = without_contradictions(pack, random_parcel(pack, rng, rng.choice([0.3, 0.6, 0.9])))
        for exempt in rng.sample(pack.consistency.exemptions, 2):
            names = set(exempt.facts)
            kept = {name: value for name, value in facts.items() if name not in names}
            kept |= facts_making(pack, exempt.id, rng)
            kept = {name: value for name, value in kept.items() if name not in names}
            if not names <= irrelevant(pack, kept):
                continue
            tried += 1
            blank = verdicts(plain(pack, kept))
            name = rng.choice(sorted(names))
            filled = {**kept, name: value_of(pack.vocabulary[name], rng)}
            assert verdicts(plain(pack, filled)) == blank, (exempt.id, name, filled[name])
    assert tried > 100


def facts_making(pack: RulePack, exemption: str, rng: random.Random) -> dict[str, FactValue]:
    """使一条不问成立的事实。"""
    rule = next(item for item in pack.consistency.exemptions if item.id == exemption)
    while True:
        facts = {name: value_of(pack.vocabulary[name], rng) for name in rule.asks}
        if rule.test(facts) is True:
            return facts


def value_of(fact: Fact, rng: random.Random) -> FactValue:
    if fact.kind is Kind.BOOL:
        return rng.random() < 0.5
    if fact.kind is Kind.CHOICE:
        return rng.choice(fact.options)
    return Fraction(rng.choice([0, 1, 3, 30])) if fact.kind is Kind.NUMBER else "长沙"


def test_unlocks_stay_sound_when_the_premise_of_an_inference_changes(pack: RulePack) -> None:
    """照着改就判适用，推得的随前提变了也一样。"""
    rng = random.Random(17)
    engine = Engine(build_network(pack), forward=False)
    checked = 0
    for _ in range(12):
        facts = without_contradictions(pack, {**random_parcel(pack, rng, 0.8), "建设状态": "未动工"})
        evaluation = evaluate_parcel(pack, engine, facts, AS_OF)
        unlocker = Unlocker(evaluation)
        for tool in pack.tools.values():
            if not tool.coded or evaluation.verdict(tool) == APPLIES:
                continue
            for unlock in unlocker.unlocks(tool):
                changed = {**facts, **unlock.change}
                assert evaluate_parcel(pack, engine, changed, AS_OF).verdict(tool) == APPLIES, (tool.name, unlock)
                checked += 1
    assert checked > 20


@st.composite
def consistencies(draw: st.DrawFn) -> RulePack:
    """随机的规则包，配上几条随机的推得。"""
    names = [fact.name for fact in VOCABULARY]  # type: ignore[attr-defined]
    entries = []
    for index in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(names[1:]))
        value = draw(st.sampled_from(["0", "7"])) if name.startswith("数") else draw(st.sampled_from(["是", "否"]))
        entries.append(rule(f"推{index}", draw(conditions(depth=1)), {name: value}))
    pack: RulePack = draw(rule_packs())
    made = read_rules({"推得": entries})
    assume(made is not None)
    assert made is not None
    return replace(pack, consistency=made)


@settings(max_examples=80, deadline=None)
@given(consistencies(), parcels(), st.data())
def test_inference_keeps_verdicts_monotone(pack: RulePack, facts: dict[str, FactValue], data: st.DataObject) -> None:
    """合得上的事实，少填几项：推得的值不变味，判定不翻转，只会不变或变成待核实。"""
    facts = without_contradictions(pack, facts)
    dropped = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    fewer = {name: value for name, value in facts.items() if name not in dropped}
    known = complete(pack, facts)
    assert contradictions(pack, fewer) == ()
    assert all(known[name] == item.value for name, item in follows(pack, fewer).items())
    full = verdicts(plain(pack, facts))
    for tool, verdict in verdicts(plain(pack, fewer)).items():
        assert verdict in (full[tool], "待核实")


@settings(max_examples=100, deadline=None)
@given(consistencies(), parcels(), st.randoms(use_true_random=False))
def test_order_of_answers_does_not_matter(pack: RulePack, facts: dict[str, FactValue], rng: random.Random) -> None:
    items = list(facts.items())
    rng.shuffle(items)
    assert follows(pack, dict(items)) == follows(pack, facts)
    assert {item.id for item in contradictions(pack, dict(items))} == {item.id for item in contradictions(pack, facts)}
    assert follows(pack, complete(pack, facts)) == {}  # 推到底了


def test_assessment_carries_conflicts_and_inferences(advisor: Advisor, pack: RulePack) -> None:
    facts = facts_of(pack, 土地所有权="集体", 权利类型="出让", 建设状态="未动工")
    view = advisor.assess_one(Parcel(name="甲", facts=facts), AS_OF)
    shown = json.loads(view.model_dump_json())
    assert shown["facts"] == {"土地所有权": "集体", "权利类型": "出让", "建设状态": "未动工"}
    (conflict,) = shown["conflicts"]
    assert conflict["shown"] == ["土地所有权 = 集体", "权利类型 = 出让"]
    assert conflict["settle"] == "以不动产登记簿记载的所有权和使用权性质为准"
    assert any("不动产登记簿" in line for line in conflict["proofs"])
    built = next(item for item in shown["inferred"] if item["fact"] == "已建面积比例")
    assert (built["value"], built["because"]) == (0, ["建设状态 = 未动工"])
    asked = {question["fact"] for question in shown["questions"]}
    assert asked.isdisjoint({"已建面积比例", "生产经营状态", "房地权利人一致"})


def test_contradictions_come_first_on_screen(
    advisor: Advisor, pack: RulePack, capsys: pytest.CaptureFixture[str]
) -> None:
    from advisor.cli.showing import show_assessment

    facts = facts_of(pack, 零星地块面积="50", 项目总用地面积="30", 已抵押="否")
    show_assessment(advisor.assess([Parcel(name="甲", facts=facts)], AS_OF))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[2] == "矛盾：零星地块面积 = 50 亩，项目总用地面积 = 30 亩"
    assert "  抵押登记禁止转让 = 否，由已抵押 = 否推得" in lines


def test_consistency_counts_in_the_fingerprint(tmp_path: Path) -> None:
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    before = load_rule_pack(root).sha256
    (root / "consistency.yaml").write_text("矛盾: []\n", encoding="utf-8")
    assert load_rule_pack(root).sha256 != before


def rule(name: str, condition: str, values: dict[str, object]) -> dict[str, object]:
    return {"编号": name, "条件": condition, "则": values, "说明": name, "怎么定": "核原件"}


def read_rules(raw: dict[str, object]) -> Consistency | None:
    """照试验词表编好；成环的、自己推自己的得 None。"""
    problems = Problems()
    file = ConsistencyFile.model_validate(raw)
    made = assemble_consistency(file, Source(Path("道理.yaml"), Path(), Lines()), Assembler(VOCABULARY, problems))
    return None if problems.found else made


def with_rules(raw: dict[str, object]) -> RulePack:
    made = read_rules(raw)
    assert made is not None
    bare = load_rule_pack(HERE / "packs" / "minimal")
    return replace(bare, vocabulary=VOCABULARY, consistency=made)
