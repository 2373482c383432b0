"""问答：只问还能改变判定的；不清楚不再问；随答随存。"""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import yamlsource
from advisor.assess import Advisor
from advisor.cli import run
from advisor.consistency import follows
from advisor.errors import InputError
from advisor.evaluation import evaluate_parcel
from advisor.foresight import Foresight, Reading
from advisor.inference import Engine
from advisor.interview import Interview
from advisor.interview.dossier_file import load, save
from advisor.interview.keeping import FileKeeping
from advisor.interview.transcript import unattended
from advisor.parcel import Parcel, Stated
from advisor.planning import plans
from advisor.ranking import neighbour_use, ranked
from advisor.vocabulary import FactValue, Kind

AS_OF = date(2026, 11, 21)


def verdicts(advisor: Advisor, facts: dict[str, FactValue]) -> dict[str, str]:
    evaluation = evaluate_parcel(advisor.pack, Engine(advisor.engine.network, forward=False), facts, AS_OF)
    return {name: evaluation.verdict(tool) for name, tool in advisor.pack.tools.items()}


@pytest.mark.parametrize("case_id", ["H09", "H06", "N03c", "H18"])
def test_unasked_facts_could_not_have_changed_a_verdict(advisor: Advisor, case_id: str) -> None:
    """问到没有可问的之后，再给任何一个没问过的事实，判定都不变。"""
    case = advisor.playbook.case(case_id)
    interview = Interview(advisor, AS_OF)
    answers, _ = unattended(interview, case.facts, thorough=True)
    facts = {name: value for name, value in answers.items() if value is not None}
    settled = verdicts(advisor, facts)
    rng = random.Random(1)
    needless = interview.needless(answers) | set(follows(advisor.pack, facts))
    unasked = [fact for fact in advisor.pack.vocabulary if fact.name not in answers and fact.name not in needless]
    for fact in unasked:
        if fact.kind is Kind.TEXT:
            continue
        raw = {
            Kind.BOOL: "是",
            Kind.CHOICE: rng.choice(fact.options or ("",)),
            Kind.DATE: "2026-01-31",
        }.get(fact.kind, "3")
        value = fact.parse(raw)
        assert value is not None
        after = verdicts(advisor, {**facts, fact.name: value})
        assert after == settled, fact.name


@pytest.mark.parametrize("part", range(3))
def test_stopping_early_leaves_the_same_leading_plan(advisor: Advisor, part: int) -> None:
    """案例里取四分之一（全部的见 tests/bench/interview.py）：提前停下时的主推方案，就是一次给全事实时的主推方案；问得不多于三十项。"""
    interview = Interview(advisor, AS_OF)
    for case in advisor.playbook.cases[part::12]:
        _, record = unattended(interview, case.facts)
        whole = interview.progress(case.facts).plan
        assert record["plan"] == list(whole), case.id
        assert len(record["asked"]) <= 30, case.id
        assert record["settled_at"] <= len(record["asked"])


def test_leading_plan_is_the_one_assess_gives(advisor: Advisor) -> None:
    """问答里的主推方案与评估给出的第一方案是同一个。"""
    interview = Interview(advisor, AS_OF)
    for case in advisor.playbook.cases[::15]:
        view = advisor.assess_one(Parcel(name=case.id, facts=case.facts), AS_OF)
        assert interview.progress(case.facts).plan == (view.plans[0].steps if view.plans else ())


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_foresight_agrees_with_assessing_afresh(advisor: Advisor, data: st.DataObject) -> None:
    """预看一个事实得出的判定与主推方案，和带着它从头评估一样。"""
    cases = advisor.playbook.cases
    start = data.draw(st.sampled_from(cases)).facts
    kept = {name: value for name, value in start.items() if data.draw(st.booleans())}
    change = dict(
        data.draw(st.lists(st.sampled_from(sorted(data.draw(st.sampled_from(cases)).facts.items())), max_size=4))
    )
    reading, engine = Reading(advisor.pack, advisor.engine.network), Engine(advisor.engine.network, forward=False)
    before = evaluate_parcel(advisor.pack, engine, kept, AS_OF)
    use = neighbour_use(advisor.nearest(before.facts))
    foresight = Foresight(before, reading, advisor.prior(), use, advisor.usage())
    after = evaluate_parcel(advisor.pack, engine, {**kept, **change}, AS_OF)
    assert foresight.known(change).truths == after.truths
    order = ranked(after, advisor.prior(), use)
    made = plans(after, order, advisor.usage(), advisor.prior())
    assert foresight.leading_if(change) == (made[0].steps if made else ())


def test_what_each_answer_opens_and_closes(advisor: Advisor) -> None:
    """汇隆：带押分割须抵押权人书面同意，答不同意它就关上。"""
    interview = Interview(advisor, AS_OF)
    answers = dict(advisor.playbook.case("H09").facts)
    effects = {item.answer: item for item in interview.effects(answers, "抵押权人同意")}
    assert "带押分割" in effects[False].closes


def test_following_up_on_what_is_itself_unclear_is_not_asked(advisor: Advisor) -> None:
    """抵押没有还不清楚，就不追问抵押权人同意不同意。"""
    interview = Interview(advisor, AS_OF)
    answers: dict[str, FactValue | None] = dict(advisor.playbook.case("H09").facts)
    for name in ("抵押权人同意", "能自筹解押", "抵押登记禁止转让"):
        answers.pop(name, None)
    answers["已抵押"] = None
    asked: list[str] = []
    while (progress := interview.progress(answers, thorough=True)).next is not None:
        asked.append(progress.next.fact)
        answers[progress.next.fact] = None
    assert not {"抵押权人同意", "能自筹解押", "抵押登记禁止转让"} & set(asked)


def test_same_answers_same_next_question(advisor: Advisor) -> None:
    """状态只有答案：次序不同的同一组答案，下一问相同。"""
    interview = Interview(advisor, AS_OF)
    facts = dict(advisor.playbook.case("H09").facts)
    shuffled = dict(random.Random(5).sample(list(facts.items()), len(facts)))
    assert interview.progress(facts) == interview.progress(shuffled)


def test_unclear_is_not_asked_again_and_stays_unknown(advisor: Advisor) -> None:
    interview = Interview(advisor, AS_OF)
    first = interview.progress({}).next
    assert first is not None
    second = interview.progress({first.fact: None}).next
    assert second is not None
    assert second.fact != first.fact


def test_dossier_keeps_every_answer_with_unclear_ones(advisor: Advisor, tmp_path: Path) -> None:
    vocabulary = advisor.pack.vocabulary
    answers = {**advisor.playbook.case("H09").facts, "土壤调查已完成": None}
    path = tmp_path / "案卷.yaml"
    save(path, "甲: 乙", answers)
    assert load(path, vocabulary) == ("甲: 乙", answers)


def test_a_folder_that_cannot_be_written_keeps_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "案卷.yaml"
    save(path, "甲", {"已抵押": True})
    before = path.read_bytes()
    (tmp_path / "案卷.yaml.tmp").mkdir()
    with pytest.raises(InputError, match="上次存的原样还在"):
        save(path, "甲", {"已抵押": False})
    assert path.read_bytes() == before


def test_an_existing_dossier_is_not_overwritten(advisor: Advisor, tmp_path: Path) -> None:
    """没有说接着答，就不往已有的案卷上写；接着答的那份可以。"""
    path = tmp_path / "案卷.yaml"
    save(path, "甲", {"已抵押": True})
    with pytest.raises(InputError, match=r"不覆盖.*--resume"):
        FileKeeping(path, advisor.pack.vocabulary).load()
    assert FileKeeping(path, advisor.pack.vocabulary, path).load() == ("甲", {"已抵押": True})


def test_numbers_are_kept_to_the_last_digit(advisor: Advisor, tmp_path: Path) -> None:
    """十进制写得尽的数存了再读一位不差，不经浮点。"""
    path = tmp_path / "案卷.yaml"
    area = Fraction("12345678901234567.12345678")
    save(path, "甲", {"地块面积": area})
    assert load(path, advisor.pack.vocabulary) == ("甲", {"地块面积": area})


def test_estimate_inputs_survive_an_interview(
    advisor: Advisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """带“测算”的事实文件，问答存盘以后测算结果一字不差。"""
    path = tmp_path / "甲.yaml"
    path.write_text(
        "名称: 甲地\n事实:\n  省份: 湖南\n  权利类型: 出让\n  登记用途: 工业\n  拟改造用途: 商业\n  已收归国有储备: 否\n"
        "测算:\n  新规划条件市场价: [9000.50, 9500]\n  原规划条件市场价: 4000 万元\n",
        encoding="utf-8",
    )
    command = ["estimate", str(path), "--as-of", "2026-11-21", "--format", "json"]
    assert run(command) == 0
    before = capsys.readouterr().out
    keeping = FileKeeping(path, advisor.pack.vocabulary, path)
    name, answers = keeping.load()
    keeping.save(name, {**answers, "债权或权属纠纷": None})
    assert run(command) == 0
    assert capsys.readouterr().out == before
    assert "5000.5" in before


_RAW = st.recursive(
    st.none()
    | st.booleans()
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
    | st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)
    | st.sampled_from(["010", "1e5", "true", "null", "~", "", "1:30", "2026-01-31", "*甲", "3.40", "甲: 乙", "# 丙"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["第1年", "2", "其余年"]), inner),
    max_leaves=6,
)


@given(raw=_RAW)
@settings(max_examples=200, deadline=None)
def test_whatever_was_stated_reads_back_the_same(tmp_path_factory: pytest.TempPathFactory, raw: object) -> None:
    """测算输入原样存、原样读：数还是那个十进制数，像数的文字还是文字。"""
    path = tmp_path_factory.mktemp("存") / "甲.yaml"
    save(path, "甲", {}, {"输入": Stated(raw=raw, where="例")})
    back = yamlsource.read(path)["测算"]["输入"]
    assert back == raw
    assert str(back) == str(raw)
