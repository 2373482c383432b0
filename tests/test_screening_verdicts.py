"""台账的判定与逐宗评估完全相同：随机规则包、随机行、全部案例、边界值。"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pl = pytest.importorskip("polars", reason="没有装 advisor[screen]")

from advisor.consistency import contradictions  # noqa: E402
from advisor.evaluation import evaluate_parcel  # noqa: E402
from advisor.expression import evaluate, parse  # noqa: E402
from advisor.expression.columnar import Columns, column_truth  # noqa: E402
from advisor.inference import Engine, build_network  # noqa: E402
from advisor.inference.network import obstacle_joint  # noqa: E402
from advisor.playbook import Playbook  # noqa: E402
from advisor.rulepack.model import RulePack  # noqa: E402
from advisor.screening.frames import fact_schema, facts_of, frame_of, from_column  # noqa: E402
from advisor.screening.inferring import inferred_column  # noqa: E402
from advisor.screening.verdicts import Judge  # noqa: E402
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary  # noqa: E402
from tests.strategies import VOCABULARY, conditions, parcels, rule_packs  # noqa: E402
from tests.test_consistency import read_rules, rule  # noqa: E402
from tests.test_invariants import random_parcel  # noqa: E402

AS_OF = date(2026, 11, 21)


def check(pack: RulePack, rows: list[dict[str, FactValue]], as_of: date = AS_OF) -> None:
    """逐行逐结点对拍：叶、症结、条件组、工具、组合的真值，以及哪些条件不作数。"""
    judge, engine = Judge(pack, as_of), Engine(build_network(pack), forward=False)
    truths = judge.truths(frame_of(rows, pack.vocabulary))
    summary = judge.summary(truths)
    for index, (facts, row) in enumerate(zip(rows, truths.to_dicts(), strict=True)):
        evaluation = evaluate_parcel(pack, engine, facts, as_of)
        assert facts_of(row, pack.vocabulary) == evaluation.facts, index
        inferred = {name for name in judge.inferring.names if row[inferred_column(name)]}
        assert {name: value for name, value in facts_of(row, pack.vocabulary).items() if name not in inferred} == facts
        for name, truth in evaluation.truths.items():
            assert row[name] is truth, (index, name)
        for leaf, finding in evaluation.judgement.findings.items():
            assert row[leaf] is finding.status, (index, leaf)
        for tool in pack.tools.values():
            expected = evaluation.reason(tool) or evaluation.verdict(tool)
            assert summary[f"判定·{tool.name}"][index] == expected
        for name in pack.obstacles:
            assert row[obstacle_joint(name)] is evaluation.obstacle(name)
    expected = [(index, item) for index, facts in enumerate(rows) for item in contradictions(pack, facts)]
    vocabulary = pack.vocabulary
    found = [
        (index, replace(item, facts={name: from_column(vocabulary[name], stated[name]) for name in item.facts}))
        for index, item, stated in judge.inferring.conflicts(truths)
    ]
    assert found == expected


@settings(max_examples=40, deadline=None)
@given(rule_packs(), st.lists(parcels(), min_size=1, max_size=6))
def test_columns_equal_assess_on_random_packs(pack: RulePack, rows: list[dict[str, FactValue]]) -> None:
    check(pack, rows)


@settings(max_examples=20, deadline=None)
@given(rule_packs(), st.lists(parcels(), min_size=1, max_size=4), st.sampled_from([date(2020, 1, 1), date(2026, 1, 1)]))
def test_columns_equal_assess_on_other_days(pack: RulePack, rows: list[dict[str, FactValue]], day: date) -> None:
    check(pack, rows, day)


@st.composite
def reasoned_packs(draw: st.DrawFn) -> RulePack:
    """随机的规则包，配上几条随机的推得、矛盾与不问。"""
    names = [fact.name for fact in VOCABULARY][1:]  # type: ignore[attr-defined]
    values = {name: ["0", "3.43", "7"] if name.startswith("数") else ["是", "否"] for name in names}
    inferred = [
        rule(f"推{index}", draw(conditions(depth=1)), {name: draw(st.sampled_from(values[name]))})
        for index, name in enumerate(draw(st.lists(st.sampled_from(names), min_size=1, max_size=5)))
    ]
    against = [
        {
            "编号": f"矛{index}", "条件": f"({draw(conditions(depth=1))}) and {one} and not {other}",
            "程度": draw(st.sampled_from(["矛盾", "存疑"])), "说明": "说不通", "怎么定": "核原件",
        }
        for index, (one, other) in enumerate(draw(st.lists(st.sampled_from(PAIRS), max_size=3)))
    ]  # fmt: skip
    made = read_rules({"推得": inferred, "矛盾": against})
    assume(made is not None)
    assert made is not None
    return replace(draw(rule_packs()), consistency=made)


PAIRS = [("是0", "是1"), ("是1", "是2"), ("是2", "是3"), ("是3", "是0")]


@settings(max_examples=60, deadline=None)
@given(reasoned_packs(), st.lists(parcels(), min_size=1, max_size=8))
def test_columns_infer_and_dispute_as_assess_does(pack: RulePack, rows: list[dict[str, FactValue]]) -> None:
    check(pack, rows)


def test_columns_equal_assess_on_every_case(pack: RulePack, playbook: Playbook) -> None:
    check(pack, [case.facts for case in playbook.cases])


@pytest.mark.parametrize("density", [0.2, 0.6, 1.0])
def test_columns_equal_assess_on_the_shipped_pack(pack: RulePack, density: float) -> None:
    rng = random.Random(20261121)
    check(pack, [random_parcel(pack, rng, density) for _ in range(40)])


@settings(max_examples=120, deadline=None)
@given(conditions(depth=3), st.lists(parcels(), min_size=1, max_size=8))
def test_condition_columns_equal_evaluation(text: str, rows: list[dict[str, FactValue]]) -> None:
    node = parse(text, {fact.name: fact for fact in VOCABULARY})  # type: ignore[attr-defined]
    columns = Columns()
    truth = columns.truth(node)
    frame = frame_of(rows, VOCABULARY)
    staged = frame.with_columns(columns.atoms()).select(truth.alias("真值"))["真值"].to_list()
    alone = frame.select(column_truth(node).alias("真值"))["真值"].to_list()
    assert staged == alone == [evaluate(node, facts) for facts in rows]


WIDE = Vocabulary(
    [
        *(Fact(name=name, kind=Kind.NUMBER, group="甲") for name in ("甲", "乙", "丙")),
        Fact(name="起", kind=Kind.DATE, group="甲"),
        Fact(name="止", kind=Kind.DATE, group="甲"),
        Fact(name="现用", kind=Kind.CHOICE, group="甲", options=("工业", "商业")),
        Fact(name="拟用", kind=Kind.CHOICE, group="甲", options=("商业", "住宅")),
        Fact(name="城", kind=Kind.TEXT, group="甲"),
    ]
)
AWKWARD = [
    "甲 / 乙 * 100 <= 10",
    "甲 / 乙 * 100 > 9.999999",
    "(甲 - 乙) / (乙 - 丙) >= 丙",
    "甲 / -2 < 乙",
    "甲 / 0 > 1",
    "1 / (甲 / 乙) == 乙 / 甲",
    "甲 * 乙 * 丙 > 0.1",
    "甲 * 乙 == 丙 / 3",
    "甲 - 甲 == 0",
    "甲 in [3.43, 34.3, 0]",
    "甲 * 3 not in [10.29, 1]",
    "0.1 < 甲 / 3 <= 乙",
    "起 < 止",
    "起 >= '2026-01-31' or 止 in ['2026-02-28', '2024-02-29']",
    "现用 != 拟用",
    "现用 in ['工业'] and not (拟用 == '商业')",
    "城 == '工业' or 城 == 现用",
    "城 not in ['甲城', '乙城']",
    "(甲 > 乙) == (乙 > 丙)",
]
VALUES = st.one_of(
    st.sampled_from(["0", "3.43", "34.3", "0.000001", "999999999.999999", "-999999999.999999", "10", "-0.1"]),
    st.decimals(min_value=-1000, max_value=1000, places=6).map(str),
)


@st.composite
def wide_rows(draw: st.DrawFn) -> dict[str, FactValue]:
    pools: dict[str, st.SearchStrategy[object]] = {
        **dict.fromkeys(("甲", "乙", "丙"), VALUES.map(Fraction)),
        **dict.fromkeys(("起", "止"), st.sampled_from([date(2026, 1, 31), date(2024, 2, 29), date(2026, 2, 28)])),
        "现用": st.sampled_from(["工业", "商业"]),
        "拟用": st.sampled_from(["商业", "住宅"]),
        "城": st.sampled_from(["甲城", "工业", "丁城"]),
    }
    drawn = {name: draw(st.none() | pool) for name, pool in pools.items()}
    return {name: value for name, value in drawn.items() if value is not None}  # type: ignore[misc]


@pytest.mark.parametrize("text", AWKWARD)
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(wide_rows(), min_size=1, max_size=8))
def test_awkward_conditions_are_exact(text: str, rows: list[dict[str, FactValue]]) -> None:
    node = parse(text, {fact.name: fact for fact in WIDE})  # type: ignore[attr-defined]
    found = frame_of(rows, WIDE).select(column_truth(node).alias("真值"))["真值"].to_list()
    assert found == [evaluate(node, facts) for facts in rows]


def test_exactly_ten_percent_is_within_ten_percent() -> None:
    """3.43 ÷ 34.3 恰为一成；浮点会算成略大于一成。"""
    assert 3.43 / 34.3 * 100 > 10
    node = parse("甲 / 乙 * 100 <= 10", {fact.name: fact for fact in WIDE})  # type: ignore[attr-defined]
    frame = frame_of([{"甲": Fraction("3.43"), "乙": Fraction("34.3")}], WIDE)
    assert frame.select(column_truth(node).alias("真值"))["真值"].to_list() == [True]


def test_overflowing_expressions_fall_back_to_rationals() -> None:
    """次数高到整数装不下的，逐行以有理数求值，仍然精确。"""
    node = parse("甲 * 甲 * 甲 * 甲 * 甲 > 乙 * 乙 * 乙 * 乙 * 乙", {fact.name: fact for fact in WIDE})  # type: ignore[attr-defined]
    rows: list[dict[str, FactValue]] = [
        {"甲": Fraction(900_000_000), "乙": Fraction("899999999.999999")}, {"甲": Fraction(1)},
    ]  # fmt: skip
    found = frame_of(rows, WIDE).select(column_truth(node).alias("真值"))["真值"].to_list()
    assert found == [True, None]


def test_rows_survive_the_columns(pack: RulePack, playbook: Playbook) -> None:
    """案例事实排成列再变回来，一个不差（案例里的数都不超过六位小数）。"""
    rows = [dict(case.facts) for case in playbook.cases]
    frame = frame_of(rows, pack.vocabulary)
    assert frame.schema == fact_schema(pack.vocabulary)
    assert [facts_of(row, pack.vocabulary) for row in frame.to_dicts()] == rows
