"""求解校对：编成的式子与 Kleene 求值、与推理引擎一致；坏规则包恰报它名字那一条；随仓库的规则包没有错误。"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from advisor import yamlsource
from advisor.assess import Advisor
from advisor.cli import run
from advisor.expression import evaluate, parse
from advisor.parcel import Parcel
from advisor.rulecheck import Finding, prove_pack
from advisor.rulecheck.wording import wording_findings
from advisor.rulepack import RulePack, load_rule_pack
from advisor.truth import Truth
from advisor.vocabulary import FactValue
from tests.strategies import VOCABULARY, conditions, parcels

z3 = pytest.importorskip("z3")

from advisor.expression.symbolic import OTHER, Symbols  # noqa: E402
from advisor.rulecheck.solving import SolvedPack  # noqa: E402

HERE = Path(__file__).parent
AS_OF = date(2026, 11, 21)
SAMPLES = sorted((HERE / "bad" / "packs" / "求解").glob("*.yaml"))


def solved_truth(text: str, facts: dict[str, FactValue]) -> Truth:
    """由求解器得出的真值：填了的照填，没填的作未知。"""
    symbols = Symbols(VOCABULARY)
    truth = symbols.truth(parse(text, {fact.name: fact for fact in VOCABULARY}))
    solver = z3.Solver()
    for fact in VOCABULARY:
        given = fact.name in facts
        solver.add(symbols.equals(fact.name, facts[fact.name]) if given else z3.Not(symbols.term(fact.name).known))
    solver.add(symbols.domains)
    possible = {word: solver.check(claim) == z3.sat for word, claim in ((True, truth.true), (False, truth.false))}
    assert not all(possible.values())
    return next((word for word, can in possible.items() if can), None)


@settings(max_examples=60, deadline=None)
@given(conditions(), parcels())
def test_the_solver_agrees_with_evaluation(text: str, facts: dict[str, FactValue]) -> None:
    """四个解释器同一个结果：真、假、未知，除以零也在内。"""
    assert solved_truth(text, facts) == evaluate(parse(text, {fact.name: fact for fact in VOCABULARY}), facts)


@pytest.fixture(scope="module")
def solved(pack: RulePack) -> SolvedPack:
    return SolvedPack(pack, AS_OF)


def test_its_parcels_are_judged_the_same_by_the_engine(solved: SolvedPack, advisor: Advisor, pack: RulePack) -> None:
    """求解器说适用的地块，推理引擎也判适用；说得通，没有矛盾。"""
    tried = 0
    for tool in list(pack.tools.values())[::4]:
        model = solved.find(solved.applies(tool))
        if model is None:
            continue
        facts = solved.symbols.example(model, pack.vocabulary.names)
        known = {name: "没有提到的" if value == OTHER else value for name, value in facts.items()}
        view = advisor.assess_one(Parcel(name="例", facts=known), AS_OF)
        assert next(item for item in view.tools if item.id == tool.name).verdict == "适用", tool.name
        tried += 1
    assert tried >= 10


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """小规则包，症结改由乙工具解：这样原样没有一处毛病。"""
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    for name, old, new in (("甲", "解决: [带抵押]\n", ""), ("乙", "定义: 试验用\n", "定义: 试验用\n解决: [带抵押]\n")):
        path = root / "tools" / f"{name}工具.yaml"
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    return root


def findings(root: Path) -> list[Finding]:
    pack = load_rule_pack(root)
    return [*wording_findings(pack), *prove_pack(pack, AS_OF)]


def test_the_base_has_no_finding(base: Path) -> None:
    assert findings(base) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_bad_pack_gets_exactly_its_finding(sample: Path, base: Path) -> None:
    data = yamlsource.read(sample)
    path = base / data["文件"]
    text = path.read_text("utf-8")
    assert data["原为"] in text
    path.write_text(text.replace(data["原为"], data["改成"], 1), encoding="utf-8")
    (found,) = findings(base)
    assert str(found.model_copy(update={"example": ""})) == data["期望"]
    assert [part.split()[0] for part in found.example.split("，") if part] == data["例子说到"]


def test_the_shipped_pack_has_no_error(pack: RulePack) -> None:
    assert [str(item) for item in prove_pack(pack, AS_OF) if item.severity == "错误"] == []


def test_without_the_solver_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    for name in ("advisor.rulecheck.proving", "advisor.rulecheck.solving", "advisor.expression.symbolic"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert run(["rules", "check", "--solve"]) == 2
    assert (
        capsys.readouterr().err
        == "--solve：这台机器没有装求解器 z3-solver。下一步：运行 pip install 'advisor[solver]' 再试。\n"
    )
