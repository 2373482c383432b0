"""工具组合：从判定、症结与工具关系推出至多三个有先后的方案。

方案里不会有互斥的工具，不会缺前置，次序合乎先后关系；每一步说明解决什么、还开着什么。
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from advisor.evaluation import APPLIES, Evaluation
from advisor.judging import relation_truth
from advisor.likelihood import Prior, chance, occasion_chance
from advisor.rulepack.model import Relation, Rule, Tool
from advisor.truth import Truth

Steps = tuple[str, ...]
MOST_PLANS = 3
MOST_STEPS = 6
LIKELY = 0.5
"""情形还不知道的，多半成立才进方案。"""
_SEED_ROLES = ("主", "后续")
_ROLE_ORDER = ("前置", "主", "后续", "配套")


class Usage:
    """案例里工具的实际用法：案例编号 → 所用工具，照实施先后。"""

    def __init__(self, used: Mapping[str, tuple[str, ...]]) -> None:
        self._by_tool: dict[str, list[tuple[str, frozenset[str]]]] = {}
        places: dict[str, list[float]] = {}
        for case, names in used.items():
            for index, name in enumerate(names):
                self._by_tool.setdefault(name, []).append((case, frozenset(names)))
                places.setdefault(name, []).append((index + 1) / (len(names) + 1))
        self._place = {name: sum(found) / len(found) for name, found in places.items()}

    def place(self, name: str) -> float:
        """案例里它多半在第几步，0 到 1；没用过的居中。"""
        return self._place.get(name, 0.5)

    def together(self, seed: str, steps: Collection[str]) -> tuple[str, ...]:
        """真的这样做过的案例：用了主工具，且这些步骤里的工具它至少用了两种（单步方案一种）。"""
        enough = min(2, len(steps))
        return tuple(case for case, names in self._by_tool.get(seed, ()) if len(names.intersection(steps)) >= enough)


@dataclass(frozen=True)
class Plan:
    """一个组合。reasons 说明每一步为何在内；resolves 是所解决的成立的症结。"""

    steps: tuple[str, ...]
    reasons: Mapping[str, str]
    resolves: tuple[str, ...]
    open: tuple[tuple[str, Rule | None], ...]
    used_in: tuple[str, ...]


def plans(evaluation: Evaluation, order: list[Tool], usage: Usage, prior: Prior) -> list[Plan]:
    """由好到次的方案；usage 是案例里的实际用法，prior 是案例分布（都须已去掉本案）。"""
    planner = _Planner(evaluation, order, usage, {}, prior)
    return _distinct(sorted(planner.candidates(), key=planner.score))[:MOST_PLANS]


def leading_plan(
    evaluation: Evaluation,
    order: list[Tool],
    usage: Usage,
    chances: Mapping[str, float],
    prior: Prior,
) -> tuple[str, ...]:
    """主推方案的步骤，没有则空；chances 是已算好的各工具情形成立的可能性。"""
    planner = _Planner(evaluation, order, usage, chances, prior)
    best = min(planner.candidates(), key=planner.score, default=None)
    return best.steps if best else ()


def _distinct(ranked: list[Plan]) -> list[Plan]:
    """去掉与更好的方案互相包含的：多一步、少一步不算另一个方案。"""
    kept: list[Plan] = []
    for plan in ranked:
        steps = set(plan.steps)
        if not any(steps <= set(better.steps) or steps >= set(better.steps) for better in kept):
            kept.append(plan)
    return kept


class _Planner:
    def __init__(
        self,
        evaluation: Evaluation,
        order: list[Tool],
        usage: Usage,
        chances: Mapping[str, float],
        prior: Prior,
    ) -> None:
        self.evaluation, self.usage, self.prior, self.order = evaluation, usage, prior, order
        self._chances = dict(chances)
        self._truths: dict[str, Truth] = {}
        self.position = {tool.name: index for index, tool in enumerate(order)}
        self.tools = evaluation.pack.tools
        self.standing = evaluation.standing_obstacles
        self.pack = evaluation.pack

    def candidates(self) -> Iterable[Plan]:
        """以每个用得上的主要办法搭出的组合，相同的只留一个。"""
        found: dict[frozenset[str], Plan] = {}
        for tool in self.order:
            if tool.role in _SEED_ROLES and self.usable(tool.name):
                plan = self.build(tool)
                if plan is not None:
                    found.setdefault(frozenset(plan.steps), plan)
        return found.values()

    def _truth(self, relation: Relation) -> Truth:
        """关系的前提是否成立。"""
        if relation.id not in self._truths:
            self._truths[relation.id] = relation_truth(relation, self.evaluation.facts)
        return self._truths[relation.id]

    def build(self, seed: Tool) -> Plan | None:
        """以 seed 为主搭一个组合；缺前置而前置又不适用时搭不成。"""
        reasons: dict[str, str] = {seed.name: "本方案的主要办法"}
        if not self._close(reasons):
            return None
        refused: set[str] = set()
        while pending := [item for item in self._companions(reasons) if item[0] not in refused]:
            name, why = pending[0]
            trial = {**reasons, name: why}
            if self._compatible(trial) and self._close(trial) and len(trial) <= MOST_STEPS:
                reasons = trial
            else:
                refused.add(name)
        if not self._compatible(reasons):
            return None
        steps = self._ordered(reasons)
        resolves = tuple(o for o in self.standing if any(o in self.tools[name].resolves for name in steps))
        opened: list[tuple[str, Rule | None]] = []
        for name in steps:
            for finding in self.evaluation.unsettled(self.tools[name]):
                opened.append((name, finding.rule))
            authority = self.evaluation.judgement.authority.get(name)
            if authority is None or authority.status is not True:
                opened.append((name, None))
        return Plan(steps, reasons, resolves, tuple(opened), self.usage.together(seed.name, steps))

    def score(self, plan: Plan) -> tuple[float, tuple[int, ...]]:
        """越小越好：解决的症结多、最没把握的一步也可能成、还开着的条件少、真的这样做过。"""
        sure = min(self._sureness(name) for name in plan.steps)
        gain = (1 + len(plan.resolves)) * sure * 0.97 ** len(plan.open) * (1 + 0.04 * min(len(plan.used_in), 5))
        return (-round(gain, 9), tuple(self.position[name] for name in plan.steps))

    def _sureness(self, name: str) -> float:
        tool = self.tools[name]
        return 1.0 if self.evaluation.verdict(tool) == APPLIES else self._chance(tool)

    def _close(self, reasons: dict[str, str]) -> bool:
        """补齐前置与必然引出的工具；补不齐返回 False。"""
        pending = list(reasons)
        while pending:
            name = pending.pop()
            for relation in self._about("前置", name):
                needed = self._truth(relation)
                if any(option in reasons for option in relation.first) or not self._likely(relation):
                    continue
                provider = self._provider(relation.first, reasons)
                if provider is None:
                    if needed is True:
                        return False
                    continue
                reasons[provider] = f"{name}的前置：{relation.text}"
                pending.append(provider)
            for relation in self._about("触发", name):
                if self._truth(relation) is not True:
                    continue
                for follower in relation.then:
                    if follower in reasons or self._rejected(follower):
                        continue
                    if self._compatible({**reasons, follower: ""}):
                        reasons[follower] = f"由{name}引出：{relation.text}"
                        pending.append(follower)
        return True

    def _provider(self, options: Iterable[str], reasons: Mapping[str, str]) -> str | None:
        usable = [n for n in options if not self._rejected(n) and self._compatible({**reasons, n: ""})]
        return min(usable, key=lambda name: self.position[name]) if usable else None

    def _companions(self, reasons: Mapping[str, str]) -> list[tuple[str, str]]:
        """常与之组合、在这里也用得上、又能多解决症结或把收回的地用起来的工具。"""
        found: dict[str, str] = {}
        for relation in self.pack.relations_of("常组合"):
            present = [name for name in relation.tools if name in reasons]
            if not present or self._truth(relation) is False:
                continue
            for name in relation.tools:
                if name not in reasons and self._fits(name, reasons):
                    found.setdefault(name, relation.text)
        return sorted(found.items(), key=lambda item: self.position[item[0]])

    def _fits(self, name: str, reasons: Mapping[str, str]) -> bool:
        """能不能添进来：配套的不作一步；已有供应方式的，别的供应方式须情形确实成立。"""
        tool = self.tools[name]
        if tool.role == "配套" or not self.usable(name):
            return False
        supplied = tool.role == "后续" and any(self.tools[step].role == "后续" for step in reasons)
        return not supplied or self.evaluation.occasion(tool) is True

    def usable(self, name: str) -> bool:
        """适用，或待核实而情形多半成立。"""
        tool = self.tools[name]
        if self._rejected(name):
            return False
        return self.evaluation.verdict(tool) == APPLIES or self._chance(tool) >= LIKELY

    def _chance(self, tool: Tool) -> float:
        if tool.name not in self._chances:
            self._chances[tool.name] = occasion_chance(tool, self.evaluation.facts, self.prior)
        return self._chances[tool.name]

    def _likely(self, relation: Relation) -> bool:
        """前提成立，或还不知道但多半成立。"""
        truth = self._truth(relation)
        if truth is not None or relation.base is None:
            return truth is not False
        return chance(relation.base, self.evaluation.facts, self.prior) >= LIKELY

    def _rejected(self, name: str) -> bool:
        """推理网已推出不能成案：它自己不适用，或必须的前置都不适用。"""
        tool = self.tools[name]
        return not tool.coded or self.evaluation.plan_truth(tool) is False

    def _compatible(self, reasons: Mapping[str, str]) -> bool:
        """没有互斥的两个同在；“除非同用”的工具在内时不算互斥（各用各的地）。"""
        for relation in self.pack.relations_of("互斥"):
            together = [name for name in relation.tools if name in reasons]
            if len(together) < 2 or any(name in reasons for name in relation.unless):
                continue
            if self._truth(relation) is not False:
                return False
        return True

    def _about(self, kind: str, name: str) -> list[Relation]:
        return [relation for relation in self.pack.relations_of(kind) if name in relation.tools]

    def _ordered(self, reasons: Mapping[str, str]) -> tuple[str, ...]:
        """按前置与先后排；关系没说的按角色、再按案例里的先后。"""
        names = sorted(reasons, key=lambda n: (_ROLE_ORDER.index(self.tools[n].role), self.usage.place(n), n))
        sorter: TopologicalSorter[str] = TopologicalSorter({name: [] for name in names})
        for kind in ("前置", "先后"):
            for relation in self.pack.relations_of(kind):
                for later in relation.tools:
                    for earlier in relation.first:
                        if later in reasons and earlier in reasons and later != earlier:
                            sorter.add(later, earlier)
        for relation in self.pack.relations_of("触发"):
            for cause in relation.tools:
                for follower in relation.then:
                    if cause in reasons and follower in reasons:
                        sorter.add(follower, cause)
        try:
            sorter.prepare()
        except CycleError:
            return tuple(names)
        result: list[str] = []
        ready: list[str] = list(sorter.get_ready())
        while ready:
            name = min(ready, key=names.index)
            ready.remove(name)
            result.append(name)
            sorter.done(name)
            ready.extend(sorter.get_ready())
        return tuple(result)
