"""随仓库的规则包与手册：齐全、有出处、代码里不写政策。"""

from __future__ import annotations

import io
import subprocess
import sys
import tokenize
from datetime import date
from pathlib import Path

import pytest
import yaml

from advisor.assess import Advisor
from advisor.backtest import Backtest, run_backtest
from advisor.playbook import Playbook
from advisor.rulecheck import check_pack
from advisor.rulepack import RulePack

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"choice": "单选", "bool": "是否", "number": "数值", "date": "日期", "text": "文字"}
AS_OF = date(2026, 11, 21)


def test_vocabulary_holds_the_whole_contract(pack: RulePack, shared: Path) -> None:
    """契约的事实一项不少，类型、单位、选项照旧；只许新增。"""
    groups = yaml.safe_load((shared / "contract" / "facts.yaml").read_text("utf-8"))["事实"]
    facts = {item["id"]: (group, item) for group, items in groups.items() for item in items}
    for name, (group, item) in facts.items():
        ours = pack.vocabulary[name]
        assert (ours.group, ours.kind.value, ours.unit) == (group, KINDS[item["type"]], item.get("unit", ""))
        options = item.get("options", [])
        if isinstance(options, str):
            options = facts[options.removeprefix("同")][1]["options"]
        assert tuple(options) == ours.options[: len(options)]


def test_every_fact_can_be_asked_and_verified(pack: RulePack) -> None:
    for fact in pack.vocabulary:
        assert fact.question and fact.help and fact.why, fact.name
        assert fact.proof and fact.proof.document and fact.proof.department, fact.name
        assert not fact.actionable or (fact.action and fact.actor), fact.name


def test_every_tool_of_the_contract_is_there(pack: RulePack, shared: Path) -> None:
    groups = yaml.safe_load((shared / "contract" / "tools.yaml").read_text("utf-8"))["工具"]
    for category, items in groups.items():
        for item in items:
            assert pack.tools[item["id"]].category == category


def test_one_tool_has_three_files(pack: RulePack, playbook: Playbook) -> None:
    for name, tool in pack.tools.items():
        if tool.coded:
            assert playbook.tool(name) is not None, name
            assert (ROOT / "features" / "tools" / f"{name}.feature").is_file(), name


def test_rules_check_finds_no_error() -> None:
    found = check_pack(ROOT / "rules", ROOT / "playbooks", AS_OF)
    assert [str(item) for item in found if item.severity == "错误"] == []


@pytest.mark.parametrize("script", ["grounding.py", "articles.py"])
def test_quotes_and_articles_are_in_the_sources(script: str, shared: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(shared / "checks" / script)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout


def test_contract_check(shared: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(shared / "checks" / "contract.py"), str(Path(sys.executable).with_name("advisor"))],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


def test_no_policy_in_the_code(pack: RulePack) -> None:
    """advisor/ 的代码与文字里没有事实、工具、闸门、地域的名字：政策只在数据里。"""
    words = {*pack.vocabulary.names, *pack.tools, *pack.derived, *pack.gates, *pack.register.regions.names}
    words -= {"全国"}
    for path in sorted((ROOT / "advisor").rglob("*.py")):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            if token.type in (tokenize.STRING, tokenize.NAME, tokenize.COMMENT, tokenize.FSTRING_MIDDLE if sys.version_info >= (3, 12) else tokenize.STRING):  # fmt: skip
                hits = [word for word in words if word in token.string]
                assert not hits, f"{path.relative_to(ROOT)} 第 {token.start[0]} 行：{hits}"


def test_modules_stay_small() -> None:
    for path in (ROOT / "advisor").rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 400, path


@pytest.fixture(scope="module")
def backtest(advisor: Advisor) -> Backtest:
    return run_backtest(advisor, AS_OF)


def test_backtest_rarely_rejects_what_places_really_did(backtest: Backtest) -> None:
    assert backtest.total.recall >= 0.97, backtest.summary
    assert backtest.total.top >= 0.85, backtest.summary
    assert backtest.single.top >= 0.85, backtest.summary
    assert backtest.total.plan >= 0.75, backtest.summary


def test_backtest_leaves_its_own_case_out(advisor: Advisor) -> None:
    """回测不许偷看：先例里没有本案及其子案。"""
    case = advisor.playbook.case("H09")
    from advisor.parcel import Parcel

    view = advisor.assess_one(Parcel(name="甲", facts=case.facts), AS_OF, frozenset({"H09"}))
    assert all(not match.id.startswith("H09") for match in view.precedents)
    assert all(not used.startswith("H09") for plan in view.plans for used in plan.used_in)
