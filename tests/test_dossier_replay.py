"""留存、重放、比对、旧词表、导出导入：用小规则包的副本改出“新版”，期望由改动本身推得。"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.assess import Advisor
from advisor.dossier.answering import changed, withdrawn
from advisor.dossier.chain import Entry, sealed
from advisor.dossier.differences import Differences, differences
from advisor.dossier.exchange import exported, read_export
from advisor.dossier.overriding import override_verdict
from advisor.dossier.reading import read_answers
from advisor.dossier.record import Change, Kept, overrides
from advisor.dossier.replay import assess_dossier, chosen, recomputed, replay
from advisor.dossier.store import Store
from advisor.dossier.values import read_value, written
from advisor.errors import InputError
from advisor.playbook import Playbook
from advisor.rulepack import RulePack, load_rule_pack
from advisor.vocabulary import Kind
from tests.strategies import parcels

MINIMAL = Path(__file__).parent / "packs" / "minimal"
AS_OF = date(2026, 11, 21)
TIANJIN = ["省份=天津", "面积=30", "零星面积=2.7", "抵押=否"]
"""零星占 2.7 ÷ 30 = 9%：10% 的门槛满足，8% 的不满足。"""


def variant(folder: Path, edits: dict[str, list[tuple[str, str]]], renamed: str = "") -> Advisor:
    """小规则包的副本，按 文件 → [(原文, 改成)] 改过；配一个没有案例的手册。"""
    root = folder / "rules"
    shutil.copytree(MINIMAL, root)
    for name, pairs in edits.items():
        content = (root / name).read_text("utf-8")
        for before, after in pairs:
            assert before in content
            content = content.replace(before, after)
        (root / name).write_text(content, encoding="utf-8")
    if renamed:
        (root / "renamed.yaml").write_text(renamed, encoding="utf-8")
    (folder / "playbooks" / "cases").mkdir(parents=True)
    pack = load_rule_pack(root)
    return Advisor(pack, Playbook(folder / "playbooks", pack.vocabulary, tuple(pack.tools)))


@pytest.fixture
def old(tmp_path: Path) -> Advisor:
    return variant(tmp_path / "旧", {})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store(str(tmp_path / "库.db"), create=True)
    return opened


def opened_dossier(store: Store, advisor: Advisor, pairs: list[str]) -> str:
    """立一卷，记下答案，评估并留存一次。"""
    number = store.create("某地", "张三")
    version = store.answer(number, [changed(pair, advisor.pack, "登记簿") for pair in pairs], "张三", 1)
    kept = assess_dossier(store.read(number), advisor, AS_OF)[1]
    store.keep(number, kept, "张三", version)
    return number


def compared(store: Store, number: str, advisor: Advisor) -> Differences:
    kept = chosen(store.read(number), None)
    return differences(json.loads(kept.result), json.loads(recomputed(kept, advisor)[0].model_dump_json()))


def test_replay_is_byte_identical_even_after_the_answers_changed(store: Store, old: Advisor) -> None:
    number = opened_dossier(store, old, TIANJIN)
    store.answer(number, [Change("抵押", "是")], "李四", store.read(number).version)
    done = replay(chosen(store.read(number), 1), old)
    assert done.same
    assert json.loads(done.recomputed)["parcels"][0]["facts"]["抵押"] is False


def test_replay_of_a_changed_result_is_not_the_same(store: Store, old: Advisor) -> None:
    number = opened_dossier(store, old, TIANJIN)
    kept = chosen(store.read(number), None)
    assert not replay(replace(kept, result=kept.result.replace("适用", "不适用", 1)), old).same


def test_replay_with_another_pack_says_which_one_to_use(store: Store, old: Advisor, tmp_path: Path) -> None:
    number = opened_dossier(store, old, TIANJIN)
    new = variant(tmp_path / "新", {"tools/甲工具.yaml": [("<= 10", "<= 8")]})
    with pytest.raises(InputError) as caught:
        replay(chosen(store.read(number), None), new)
    assert f"当时用的规则包是 未标版本 （sha256 {old.pack.sha256[:12]}…）" in str(caught.value)
    assert "用 --rules 指到当时那一版规则包的文件夹" in str(caught.value)
    (old.playbook.root / "cases.yaml").write_text("新: 案例\n", encoding="utf-8")
    with pytest.raises(InputError, match="用 --playbooks 指到当时那一版手册的文件夹"):
        replay(chosen(store.read(number), None), old)


def test_shipped_case_replays_byte_identically(store: Store, advisor: Advisor) -> None:
    case = advisor.playbook.case("H09")
    number = store.create("案例", "张三")
    version = store.answer(number, [Change(name, written(value)) for name, value in case.facts.items()], "张三", 1)
    store.keep(number, assess_dossier(store.read(number), advisor, AS_OF)[1], "张三", version)
    assert replay(chosen(store.read(number), None), advisor).same
    assert not compared(store, number, advisor).any


def test_diff_names_the_tool_and_the_condition(store: Store, old: Advisor, tmp_path: Path) -> None:
    """门槛由 10% 改为 8%：9% 的地由适用变不适用，因为这一条。"""
    number = opened_dossier(store, old, TIANJIN)
    edits = [("零星占比 <= 10", "零星占比 <= 8"), ("不超过 10%", "不超过 8%")]
    found = compared(store, number, variant(tmp_path / "新", {"tools/甲工具.yaml": edits}))
    changed_tools = {tool.tool: tool for tool in found.tools}
    assert set(changed_tools) == {"甲工具"}
    tool = changed_tools["甲工具"]
    assert (tool.before, tool.after) == ("适用", "不适用·不具备条件")
    assert [(change.what, change.before, change.after) for change in tool.because][:2] == [
        ("状态", "满足", "不满足"),
        ("文字", "零星占比不超过 10%", "零星占比不超过 8%"),
    ]
    assert [change.what for change in tool.because] == ["状态", "文字", "判断式"]
    assert found.facts == found.obstacles == ()
    assert found.plans_before == ("甲工具",)
    assert found.plans_after == ()


def test_diff_sees_added_and_removed_conditions_bases_obstacles_and_tools(
    store: Store, old: Advisor, tmp_path: Path
) -> None:
    number = opened_dossier(store, old, ["省份=湖南", "面积=30", "抵押=是", "同意=是"])
    new = variant(
        tmp_path / "新",
        {
            "tools/甲工具.yaml": [
                ("  - {编号: 占比, 条件: 零星占比 <= 10, 地域: 天津, 依据: [L1], 说明: 零星占比不超过 10%}", "  []"),
                (
                    "解决: [带抵押]\n",
                    "解决: [带抵押]\n排除: [{编号: 大块, 条件: 面积 > 20, 依据: [A1§2], 说明: 太大}]\n",
                ),
            ],
            "policies/全部.yaml": [("生效: 2012-07-01", "生效: 2012-07-01, 失效: 2026-01-01")],
            "obstacles.yaml": [("条件: 抵押", "条件: 抵押 and not 同意")],
        },
    )
    found = compared(store, number, new)
    by_name = {tool.tool: [str(change) for change in tool.because] for tool in found.tools}
    assert by_name["甲工具"] == [
        "删去要件“零星占比不超过 10%”（不作数：只适用于天津，本地块不在其内）",
        "新增排除“太大”（触发排除）",
    ]
    assert any("只有记忆中的依据" in line for line in by_name["乙工具"])
    assert found.obstacles == ("带抵押：成立 → 不成立",)


RENAMED = """
改名:
  - {旧: 同意, 新: 抵押同意, 自: '1.5'}
  - {旧: 抵押同意, 新: 抵押权人书面同意, 自: '2'}
退役:
  - {事实: 动工日, 原因: 改问开工报告}
"""


@pytest.fixture
def renamed(tmp_path: Path) -> Advisor:
    """“同意”两次改名，“动工日”退役，“零星面积”没登记就去掉了，省份少一个选项。"""
    return variant(
        tmp_path / "改名",
        {
            "facts.yaml": [
                ("名称: 同意", "名称: 抵押权人书面同意"),
                ("      - {名称: 动工日", "      # {名称: 动工日"),
                ("      - {名称: 零星面积", "      # {名称: 零星面积"),
                ("选项: [湖南, 天津]", "选项: [天津]"),
            ],
            "tools/乙工具.yaml": [("条件: 同意", "条件: 抵押权人书面同意")],
            "gates.yaml": [("or 同意", "or 抵押权人书面同意")],
            "derived.yaml": [("零星面积 / 面积", "面积 / 面积")],
        },
        RENAMED,
    )


def test_dossier_of_an_older_vocabulary_opens_and_drops_nothing(store: Store, old: Advisor, renamed: Advisor) -> None:
    pairs = ["省份=湖南", "面积=30", "零星面积=3", "抵押=是", "同意=否", "动工日=2020-01-31"]
    number = opened_dossier(store, old, pairs)
    before = store.read(number)
    reading = read_answers(before.changes, renamed.pack)
    assert {name: written(value) for name, value in reading.answers.items()} == {
        "面积": "30", "抵押": "是", "抵押权人书面同意": "否",
    }  # fmt: skip
    assert reading.unused == {"省份": "湖南", "零星面积": "3", "动工日": "2020-01-31"}
    assert reading.notices == (
        "“省份”答案“湖南”留在案卷里，不参与判定：按现在的词表不可填（可填：天津；不清楚可写“不清楚”），请重答",
        "“零星面积”不在现在的词表里，也没有登记改名或退役，答案“3”留在案卷里，不参与判定",
        "“同意”已改名为“抵押权人书面同意”（自规则包 1.5），答案“否”接着用",
        "“动工日”已退役（改问开工报告），答案“2020-01-31”留在案卷里，不参与判定",
    )
    assert store.read(number) == before
    assert store.verify(number) == []


def test_renamed_fact_is_changed_and_withdrawn_under_its_new_name(store: Store, old: Advisor, renamed: Advisor) -> None:
    number = opened_dossier(store, old, ["同意=否"])
    with pytest.raises(InputError, match="“同意”已改名为“抵押权人书面同意”，用新名"):
        changed("同意=是", renamed.pack)
    with pytest.raises(InputError, match="“动工日”已退役（改问开工报告），不用答"):
        changed("动工日=2020-01-31", renamed.pack)
    store.answer(number, [changed("抵押权人书面同意=是", renamed.pack)], "李四", store.read(number).version)
    reading = read_answers(store.read(number).changes, renamed.pack)
    assert reading.facts == {"抵押权人书面同意": True}
    assert reading.notices == (
        "“同意”与“抵押权人书面同意”现在是同一个事实“抵押权人书面同意”，先答“否”，后答“是”，取后答的",
    )
    dossier = store.read(number)
    store.answer(number, [withdrawn("抵押权人书面同意", dossier, renamed.pack)], "李四", dossier.version)
    assert read_answers(store.read(number).changes, renamed.pack).answers == {}
    with pytest.raises(InputError, match="没有可撤的"):
        withdrawn("抵押权人书面同意", store.read(number), renamed.pack)


def test_diff_against_a_renamed_vocabulary_carries_the_answer_over(
    store: Store, old: Advisor, renamed: Advisor
) -> None:
    number = opened_dossier(store, old, ["面积=30", "抵押=是", "同意=是", "动工日=2020-01-31"])
    found = compared(store, number, renamed)
    assert found.facts == (
        "“同意”（是）不再参与判定",
        "“动工日”（2020-01-31）不再参与判定",
        "“抵押权人书面同意”（是）新参与判定",
    )
    assert [tool.tool for tool in found.tools if tool.verdict_changed] == []


def test_override_needs_a_reason_and_shows_until_withdrawn(store: Store, old: Advisor) -> None:
    number = opened_dossier(store, old, TIANJIN)

    def judge(verdict: str | None, reason: str, tool: str = "甲工具") -> str:
        return override_verdict(store, number, old, tool, verdict, reason, "王五", AS_OF)

    for arguments, said in [
        (("待核实", ""), "改判没有写理由"),
        (("适用", "会商"), "现在就是“适用”"),
        (("可以", "会商"), "可填：适用、待核实、不适用"),
        (("适用", "会商", "没有的工具"), "没有“没有的工具”这个工具"),
        ((None, "会商"), "没有改判可撤"),
    ]:
        with pytest.raises(InputError, match=said):
            judge(*arguments)
    assert overrides(store.read(number)) == ()
    assert judge("待核实", "会商纪要") == "已改判“甲工具”：适用 → 待核实（系统判适用）"
    assert judge("不适用", "再次会商") == "已改判“甲工具”：待核实 → 不适用（系统判适用）"
    (made,) = overrides(store.read(number))
    assert (made.tool, made.verdict, made.was, made.reason, made.who) == (
        "甲工具", "不适用", "待核实", "再次会商", "王五",
    )  # fmt: skip
    judge(None, "撤销纪要")
    assert overrides(store.read(number)) == ()
    assert store.verify(number) == []


@given(facts=parcels())
@settings(max_examples=60)
def test_values_survive_being_written(facts: dict[str, object]) -> None:
    from tests.strategies import VOCABULARY

    for name, value in facts.items():
        assert read_value(VOCABULARY[name], written(value)) == value  # type: ignore[arg-type]


@given(above=st.integers(0, 10**12), below=st.integers(1, 10**6))
def test_any_fraction_survives_being_written(above: int, below: int) -> None:
    from fractions import Fraction

    from advisor.vocabulary import Fact

    fact = Fact(name="数", kind=Kind.NUMBER, group="甲")
    assert read_value(fact, written(Fraction(above, below))) == Fraction(above, below)


def test_export_and_import_round_trip_byte_for_byte(store: Store, old: Advisor, tmp_path: Path, target: str) -> None:
    number = opened_dossier(store, old, TIANJIN)
    override_verdict(store, number, old, "甲工具", "待核实", "会商“第三条”\n附件", "王五", AS_OF)
    first = exported(store.read(number))
    path = tmp_path / "案卷.json"
    path.write_text(first, encoding="utf-8")
    with Store(target, create=True) as elsewhere:
        elsewhere.insert(read_export(path))
        assert elsewhere.verify(number) == []
        assert exported(elsewhere.read(number)) == first
        assert replay(chosen(elsewhere.read(number), None), old).same
        with pytest.raises(InputError, match="与要导入的一模一样；没有导入。下一步：不用导入"):
            elsewhere.insert(read_export(path))
        elsewhere.answer(number, [Change("抵押", "是")], "李四", elsewhere.read(number).version)
        with pytest.raises(InputError, match=r"与要导入的不同；没有导入。下一步：导入到另一个库（--store 换个位置）"):
            elsewhere.insert(read_export(path))
        path.write_text(exported(elsewhere.read(number)), encoding="utf-8")
    with pytest.raises(InputError, match="是要导入的前 7 条，文件里多 1 条；没有导入"):
        store.insert(read_export(path))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"新值": "30"', '"新值": "31"', "散列链不通，没有导入：第 3 条的内容与散列不符：被改过（答案“面积”）"),
        ('"谁": "张三",', "", "日志第 1 条：缺“谁”"),
        ('"序": 1,', '"序": "一",', "日志第 1 条的序：写的是“一”，不合"),
        ('"序": 1,', '"序": 1, "多": 1,', "日志第 1 条：不认识的项“多”"),
        ('"格式": "盘活顾问案卷"', '"格式": "别的"', "不是案卷导出文件"),
        ('"版本": 1,', '"版本": 2,', "导出格式的版本（2）比这个程序认得的（1）新"),
        ('"条数": 6', '"条数": 7', "第 7 条不见了：被删"),
        ('"日志": [', '"日志": [1, ', "日志第 1 条：不是“键: 值”的一组内容"),
        ('"评估": [', '"评估": {}, "别的": [', "不认识的项“别的”"),
        ('"来源": "登记簿"', '"来源": "登记\\ud800"', "日志第 2 条的来源：含残缺的字或控制字符"),
        ("{\n", "{{", "第 1 行第 2 列：不是合法的 JSON"),
        ('"事实": {', '"事实": {"抵押": "是", ', "“抵押”写了两次"),
        ('"结果": "{', '"结果": "[', "第 6 条记的第 1 次评估，留存与散列不符：被改过"),
    ],
)
def test_broken_export_is_refused_with_the_place(
    store: Store, old: Advisor, tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = exported(store.read(opened_dossier(store, old, TIANJIN)))
    assert before in text
    path = tmp_path / "坏.json"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_export(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_assessment_missing_or_unknown_is_said(store: Store, old: Advisor) -> None:
    number = store.create("某地", "张三")
    with pytest.raises(InputError, match=f"还没有评估过。下一步：先 advisor dossier assess {number}"):
        chosen(store.read(number), None)
    store.keep(number, assess_dossier(store.read(number), old, AS_OF)[1], "张三", 1)
    with pytest.raises(InputError, match="没有第 2 次评估。可填：1"):
        chosen(store.read(number), 2)


def test_the_hash_of_an_entry_can_be_recomputed_by_hand() -> None:
    """散列的写法写死在这里：换了写法，旧案卷就核对不过。"""
    import hashlib

    entry = sealed("2026-0001", Entry(1, "立卷", "张三", "2026-11-22T08:00:00Z", "2026-0001", None, "某地"), "")
    content = (
        '{"上一条":"","事项":"2026-0001","何时":"2026-11-22T08:00:00Z","备注":"","序":1,"新值":"某地","旧值":null,'
        '"来源":"","案卷":"2026-0001","种类":"立卷","谁":"张三"}'
    )
    assert entry.digest == hashlib.sha256(content.encode()).hexdigest()


def test_kept_hash_covers_the_order_of_facts() -> None:
    kept = Kept(1, "某地", "2026-11-21", "", "0", "0", "", "", {"甲": "是", "乙": "否"}, "{}")
    assert kept.digest != replace(kept, facts={"乙": "否", "甲": "是"}).digest


def test_shipped_pack_has_a_register_of_renames(pack: RulePack) -> None:
    """随仓库的登记表在，读得进。"""
    assert (Path(__file__).parent.parent / "rules" / "renamed.yaml").is_file()
    assert not {*pack.renaming.renamed, *pack.renaming.retired} & set(pack.vocabulary.names)
