"""推理网：由规则包编成的有向无环图。叶是条件真值，结点依次是症结、条件组、工具、前置、组合。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from advisor.errors import RulePackError
from advisor.rulepack.model import KINDS, RulePack, Tool
from advisor.truth import Truth, all_of, any_of, negate

MAX_INPUTS = 16
MAX_RULES_PER_PATTERN = 255
MAX_PATTERNS = 511
_SEGMENT = 32
"""一段至多几种输入：段小，断言就快（32 比 450 快约四成）。"""


@dataclass(frozen=True)
class Joint:
    """一个结点：把全部输入（可取非）求与或求或。"""

    id: str
    conjunctive: bool
    inputs: tuple[tuple[str, bool], ...]

    def combine(self, truths: Mapping[str, Truth]) -> Truth:
        """由输入的真值得出本结点的真值。"""
        values = [negate(truths[name]) if negated else truths[name] for name, negated in self.inputs]
        return all_of(values) if self.conjunctive else any_of(values)


@dataclass(frozen=True)
class Step:
    """轨迹里的一步：哪个结点、由哪些输入、得出什么。"""

    joint: str
    inputs: tuple[tuple[str, Truth], ...]
    result: Truth


@dataclass(frozen=True)
class Network:
    """按先后排好的结点与全部叶。"""

    leaves: tuple[str, ...]
    joints: tuple[Joint, ...]


def obstacle_joint(name: str) -> str:
    """症结结点的名字。"""
    return f"症结成立/{name}"


def tool_joint(name: str) -> str:
    """工具结点的名字。"""
    return f"工具/{name}"


def group_joint(name: str, kind: str) -> str:
    """工具某类条件组的名字。"""
    return f"{kind}组/{name}"


def plan_joint(name: str) -> str:
    """以某工具为主的组合能否成案。"""
    return f"组合/{name}"


def build_network(pack: RulePack) -> Network:
    """把规则包编成推理网。

    Raises:
        ValueError: 成环（说明环上的结点）。
    """
    joints: list[Joint] = [
        Joint(obstacle_joint(name), True, ((rule.leaf, False),)) for name, rule in pack.obstacles.items()
    ]
    for tool in pack.tools.values():
        joints.extend(_tool_joints(tool))
    joints.extend(_plan_joints(pack))
    return order(joints)


def checked_network(pack: RulePack) -> Network:
    """编成推理网，并拦下推理引擎受不了的写法。

    Raises:
        RulePackError: 成环，或超出推理引擎的硬限制；一次列全。
    """
    try:
        network = build_network(pack)
    except ValueError as problem:
        raise RulePackError([f"{problem}。改法：去掉环上的一条前置关系。"]) from None
    problems = limit_problems(network)
    if problems:
        raise RulePackError([f"{problem}。" for problem in problems])
    return network


def order(joints: Iterable[Joint]) -> Network:
    """按依赖排先后；只被引用、没有定义的名字就是叶。"""
    table = {joint.id: joint for joint in joints}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for joint in table.values():
        sorter.add(joint.id, *(name for name, _ in joint.inputs))
    try:
        ordered = list(sorter.static_order())
    except CycleError as problem:
        ring = " → ".join(str(name) for name in problem.args[1])
        raise ValueError(f"规则成环：{ring}") from None
    leaves = tuple(sorted({name for j in table.values() for name, _ in j.inputs if name not in table}))
    return Network(leaves, tuple(table[name] for name in ordered if name in table))


def _tool_joints(tool: Tool) -> list[Joint]:
    if not tool.coded:
        return []
    joints: list[Joint] = []
    verdict: list[tuple[str, bool]] = []
    for kind in KINDS[:3]:
        inputs = [(_input(tool, rule.leaf, rule.id), False) for rule in tool.of_kind(kind)]
        if kind == "要件":
            inputs.append((tool.authority_leaf, False))
        if inputs:
            name = group_joint(tool.name, kind)
            joints.append(Joint(name, kind != "排除", tuple(inputs)))
            verdict.append((name, kind == "排除"))
    joints.append(Joint(tool_joint(tool.name), True, tuple(verdict)))
    return joints


def _input(tool: Tool, leaf: str, rule_id: str) -> str:
    return obstacle_joint(rule_id) if leaf.startswith("症结/") else leaf


def _plan_joints(pack: RulePack) -> list[Joint]:
    """有前置的工具才有：它自己与各项前置都成才成案；没有前置的，成案与否就看它自己。"""
    joints: list[Joint] = []
    needed: dict[str, list[tuple[str, bool]]] = {}
    for relation in pack.relations:
        if relation.kind != "前置":
            continue
        options = [(tool_joint(name), False) for name in relation.first if pack.tools[name].coded]
        if not options:
            continue
        if relation.test is not None:
            options.append((relation.leaf, True))
        for name in relation.tools:
            if pack.tools[name].coded:
                joint = Joint(f"前置/{relation.id}/{name}", False, tuple(options))
                joints.append(joint)
                needed.setdefault(name, [(tool_joint(name), False)]).append((joint.id, False))
    joints.extend(Joint(plan_joint(name), True, tuple(inputs)) for name, inputs in needed.items())
    return joints


def limit_problems(network: Network) -> list[str]:
    """推理引擎的硬限制，读入时逐项拦下；每条说明是谁、超了什么、怎么改。"""
    problems: list[str] = []
    listeners: dict[str, int] = {}
    hashes: dict[int, str] = {}
    for joint in network.joints:
        names = [name for name, _ in joint.inputs]
        if len(names) > MAX_INPUTS:
            problems.append(
                f"“{joint.id}”有 {len(names)} 个输入，推理引擎一条规则至多 {MAX_INPUTS} 个。改法：把几条合成一条推导事实，或拆成闸门"
            )
        for name in dict.fromkeys(n for n in names if names.count(n) > 1):
            problems.append(f"“{joint.id}”里“{name}”出现两次，轨迹会丢一支。改法：只留一处")
        for name in set(names):
            listeners[name] = listeners.get(name, 0) + 1
    for name, count in sorted(listeners.items()):
        if count > MAX_RULES_PER_PATTERN:
            problems.append(
                f"“{name}”被 {count} 条规则引用，推理引擎至多 {MAX_RULES_PER_PATTERN} 条。改法：拆成几个闸门分别引用"
            )
    for name in (*network.leaves, *(joint.id for joint in network.joints)):
        code = fnv32(name)
        if code in hashes and hashes[code] != name:
            problems.append(
                f"“{name}”与“{hashes[code]}”的内部编号相同，推理引擎会误认作同一条。改法：改其中一个的编号或名称"
            )
        hashes[code] = name
    return problems


def fnv32(text: str) -> int:
    """推理引擎给标识算的 32 位 FNV-1a 散列。

    >>> hex(fnv32("a"))
    '0xe40c292c'
    """
    code = 0x811C9DC5
    for byte in text.encode():
        code = ((code ^ byte) * 0x01000193) & 0xFFFFFFFF
    return code


@dataclass(frozen=True)
class Cluster:
    """在一次触发里依次得出的几个结点：inputs 是从外面来的，最后一个结点的结论给别处用，前面的只给它用。"""

    inputs: tuple[str, ...]
    joints: tuple[Joint, ...]

    @property
    def head(self) -> str:
        """结论给别处用的那个结点。"""
        return self.joints[-1].id


def clusters(joints: tuple[Joint, ...], most: int = MAX_INPUTS) -> tuple[Cluster, ...]:
    """只给一处用的结点并进用它的那一处（如一个工具的条件组并进工具），外来的输入不超过 most 个。"""
    users: dict[str, set[str]] = {}
    for joint in joints:
        for name, _ in joint.inputs:
            users.setdefault(name, set()).add(joint.id)
    home: dict[str, str] = {}
    members: dict[str, list[Joint]] = {}
    for joint in reversed(joints):
        homes = {home[user] for user in users.get(joint.id, ())}
        target = homes.pop() if len(homes) == 1 else joint.id
        if target != joint.id and len(_outside([joint, *members[target]])) > most:
            target = joint.id
        home[joint.id] = target
        members.setdefault(target, []).insert(0, joint)
    made = (Cluster(_outside(members[joint.id]), tuple(members[joint.id])) for joint in joints if joint.id in members)
    return tuple(made)


def _outside(joints: list[Joint]) -> tuple[str, ...]:
    own = {joint.id for joint in joints}
    return tuple(dict.fromkeys(name for joint in joints for name, _ in joint.inputs if name not in own))


def partition(joints: tuple[Joint, ...], most: int = _SEGMENT) -> list[tuple[Joint, ...]]:
    """按推理的层次切段：一段里的输入都来自前面各段；每段的不同输入不超过 most。"""
    depth: dict[str, int] = {}
    for joint in joints:
        depth[joint.id] = 1 + max((depth.get(name, 0) for name, _ in joint.inputs), default=0)
    parts: list[tuple[Joint, ...]] = []
    for level in range(1, max(depth.values(), default=0) + 1):
        current: list[Joint] = []
        patterns: set[str] = set()
        for joint in (item for item in joints if depth[item.id] == level):
            needed = {name for name, _ in joint.inputs}
            if current and len(patterns | needed) > most:
                parts.append(tuple(current))
                current, patterns = [], set()
            current.append(joint)
            patterns |= needed
        parts.append(tuple(current))
    return parts


def cluster_parts(network: Network, most: int = _SEGMENT) -> list[tuple[Cluster, ...]]:
    """各簇按推理的层次切段，同 partition。"""
    found = {cluster.head: cluster for cluster in clusters(network.joints)}
    heads = tuple(Joint(name, True, tuple((item, False) for item in one.inputs)) for name, one in found.items())
    return [tuple(found[joint.id] for joint in part) for part in partition(heads, most)]
