"""坏规则包：一个文件一个毛病，以毛病命名；报错全文逐字核对。"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from advisor import yamlsource
from advisor.errors import RulePackError
from advisor.inference.network import (
    MAX_INPUTS,
    MAX_PATTERNS,
    Joint,
    checked_network,
    clusters,
    limit_problems,
    order,
    partition,
)
from advisor.rulepack import RulePack, load_rule_pack

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "bad" / "packs").glob("*.yaml"))


def load(root: Path) -> None:
    """读入，并像 assess 那样编成推理网。"""
    checked_network(load_rule_pack(root))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_bad_pack_is_refused_with_the_whole_message(sample: Path, tmp_path: Path) -> None:
    data = yamlsource.read(sample)
    root = tmp_path / "minimal"
    shutil.copytree(HERE / "packs" / "minimal", root)
    (root / data["文件"]).write_text(data["改成"], encoding="utf-8")
    with pytest.raises(RulePackError) as caught:
        load(root)
    assert "\n".join(caught.value.problems) == data["期望"].rstrip("\n")


def test_minimal_pack_itself_is_good() -> None:
    load(HERE / "packs" / "minimal")


def test_folder_without_a_pack(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match=r"这里没有规则包（缺 facts.yaml）"):
        load(tmp_path)


def test_one_pattern_heard_by_too_many_rules() -> None:
    """同一模式出现在 256 条规则里，推理引擎会段错误。"""
    network = order(Joint(f"结{i}", True, (("叶", False),)) for i in range(256))
    assert limit_problems(network) == ["“叶”被 256 条规则引用，推理引擎至多 255 条。改法：拆成几个闸门分别引用"]
    assert limit_problems(order(Joint(f"结{i}", True, (("叶", False),)) for i in range(255))) == []


def test_same_input_twice_in_one_rule() -> None:
    """别名重复会丢一支轨迹。"""
    network = order([Joint("结", True, (("叶", False), ("叶", True)))])
    assert limit_problems(network) == ["“结”里“叶”出现两次，轨迹会丢一支。改法：只留一处"]


def test_what_only_one_place_uses_is_joined_to_it(pack: RulePack) -> None:
    """每个结点恰在一簇里；并进去的只有那一簇用；外来的输入不超过引擎的上限。"""
    joints = checked_network(pack).joints
    found = clusters(joints)
    assert sorted(joint.id for one in found for joint in one.joints) == sorted(joint.id for joint in joints)
    home = {joint.id: one.head for one in found for joint in one.joints}
    for one in found:
        assert len(one.inputs) <= MAX_INPUTS
        for inner in one.joints[:-1]:
            users = {home[joint.id] for joint in joints if inner.id in [name for name, _ in joint.inputs]}
            assert users == {one.head}
    assert len(found) < len(joints)


def test_a_cluster_never_takes_more_inputs_than_the_engine_can() -> None:
    """两组各 9 个输入，合起来 18 个，超过 16：先并一组，另一组留在外面。"""
    first = Joint("甲组", True, tuple((f"甲{i}", False) for i in range(9)))
    second = Joint("乙组", True, tuple((f"乙{i}", False) for i in range(9)))
    made = clusters(order([first, second, Joint("工具", True, (("甲组", False), ("乙组", False)))]).joints)
    assert sorted(len(one.inputs) for one in made) == [9, 10]


def test_too_many_patterns_are_split_into_parts() -> None:
    """一层 512 个不同测试会报错 303：切成几段，每段不超。"""
    joints = order(Joint(f"结{i}", True, tuple((f"叶{i}-{k}", False) for k in range(10))) for i in range(200)).joints
    parts = partition(joints)
    assert len(parts) > 1
    assert sorted(joint.id for part in parts for joint in part) == sorted(joint.id for joint in joints)
    assert all(len({name for joint in part for name, _ in joint.inputs}) <= MAX_PATTERNS for part in parts)
