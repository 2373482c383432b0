"""工具组合：从判定、症结与工具关系推出至多三个有先后的方案。

方案里不会有互斥的工具，不会缺前置，次序合乎先后关系；每一步说明解决什么、还开着什么。
规划只看 Outline，因此 Outline 相同方案就相同。
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from advisor.evaluation import Evaluation
from advisor.likelihood import Prior
from advisor.outline import Outline, Premise, outline_of, premises_of
from advisor.rulepack.model import SEED_ROLES, Relation, Rule, RulePack, Tool

Steps = tuple[str, ...]
MOST_PLANS = 3
MOST_STEPS = 6
_ROLE_ORDER = ("前置", "主", "后续", "配套")
_ALWAYS = Premise()


class Usage:
    """案例里工具的实际用法（案例编号 → 所用工具，照实施先后），与一个规则包里各步的先后。排过的、查过的记着。"""

    def __init__(self, pack: RulePack, used: Mapping[str, tuple[str, ...]]) -> None:
        self._pack = pack
        self._ordered: dict[frozenset[str], Steps] = {}
        self._together: dict[tuple[str, Steps], tuple[str, ...]] = {}
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

    def together(self, seed: str, steps: Steps) -> tuple[str, ...]:
        """真的这样做过的案例：用了主工具，且这些步骤里的工具它至少用了两种（单步方案一种）。"""
        if (seed, steps) not in self._together:
            enough, cases = min(2, len(steps)), self._by_tool.get(seed, ())
            found = tuple(case for case, names in cases if len(names.intersection(steps)) >= enough)
            self._together[seed, steps] = found
        return self._together[seed, steps]

    def ordered(self, names: Collection[str]) -> Steps:
        """按前置与先后排；关系没说的按角色、再按案例里的先后。关系绕成圈的，只按角色与案例。"""
        key = frozenset(names)
        if key not in self._ordered:
            self._ordered[key] = self._sorted(key)
        return self._ordered[key]

    def _sorted(self, names: frozenset[str]) -> Steps:
        tools, earlier = self._pack.tools, self._pack.earlier
        ranked = sorted(names, key=lambda n: (_ROLE_ORDER.index(tools[n].role), self.place(n), n))
        left, result = list(ranked), list[str]()
        while left:
            ready = next((name for name in left if earlier.get(name, frozenset()).isdisjoint(left)), None)
            if ready is None:
                return tuple(ranked)
            left.remove(ready)
            result.append(ready)
        return tuple(result)


@dataclass(frozen=True)
class Combination:
    """一个组合。reasons 说明每一步为何在内；resolves 是所解决的成立的症结；used_in 是真的这样做过的案例。"""

    steps: Steps
    reasons: Mapping[str, str]
    resolves: tuple[str, ...]
    used_in: tuple[str, ...]


@dataclass(frozen=True)
class Plan(Combination):
    """一个方案：组合，连同各步还开着的条件（没有条件的是依据待核）。"""

    open: tuple[tuple[str, Rule | None], ...]


def plans(evaluation: Evaluation, order: list[Tool], usage: Usage, prior: Prior) -> list[Plan]:
    """由好到次的方案；usage 是案例里的实际用法，prior 是案例分布（都须已去掉本案）。"""
    outline = outline_of(evaluation, order, prior, {}, premises_of(evaluation, prior))
    planner = _Planner(evaluation.pack, outline, usage)
    chosen = _distinct(sorted(planner.candidates(), key=planner.score))[:MOST_PLANS]
    return [
        Plan(each.steps, each.reasons, each.resolves, each.used_in, _opened(evaluation, each.steps)) for each in chosen
    ]


def leading_plan(pack: RulePack, outline: Outline, usage: Usage) -> Combination | None:
    """主推方案；没有成案的组合为 None。"""
    planner = _Planner(pack, outline, usage)
    return min(planner.candidates(), key=planner.score, default=None)


def _opened(evaluation: Evaluation, steps: Steps) -> tuple[tuple[str, Rule | None], ...]:
    found: list[tuple[str, Rule | None]] = []
    for name in steps:
        found += [(name, finding.rule) for finding in evaluation.unsettled(evaluation.pack.tools[name])]
        authority = evaluation.judgement.authority.get(name)
        if authority is None or authority.status is not True:
            found.append((name, None))
    return tuple(found)


def _distinct(ranked: list[Combination]) -> list[Combination]:
    """去掉与更好的方案互相包含的：多一步、少一步不算另一个方案。"""
    kept: list[Combination] = []
    for plan in ranked:
        steps = set(plan.steps)
        if not any(steps <= set(better.steps) or steps >= set(better.steps) for better in kept):
            kept.append(plan)
    return kept


class _Planner:
    def __init__(self, pack: RulePack, outline: Outline, usage: Usage) -> None:
        self.pack, self.tools, self.usage, self.standing = pack, pack.tools, usage, outline.standing
        self.prospects = {prospect.name: prospect for prospect in outline.prospects}
        self.position = {name: index for index, name in enumerate(self.prospects)}
        self.premises = outline.premises
        self._exclusive = self._rivals()
        self._partners = self._customary()

    def candidates(self) -> Iterable[Combination]:
        """以每个用得上的主要办法搭出的组合，相同的只留一个。"""
        found: dict[frozenset[str], Combination] = {}
        for name, prospect in self.prospects.items():
            if prospect.usable and self.tools[name].role in SEED_ROLES:
                made = self.build(name)
                if made is not None:
                    found.setdefault(frozenset(made.steps), made)
        return found.values()

    def build(self, seed: str) -> Combination | None:
        """以 seed 为主搭一个组合；缺前置而前置又不适用时搭不成。"""
        reasons: dict[str, str] = {seed: "本方案的主要办法"}
        if not self._close(reasons):
            return None
        refused: set[str] = set()
        while name := self._companion(reasons, refused):
            trial = {**reasons, name: self._why(name, reasons)}
            if self._admits(reasons, name) and self._close(trial) and len(trial) <= MOST_STEPS:
                reasons = trial
            else:
                refused.add(name)
        steps = self.usage.ordered(reasons)
        resolves = tuple(o for o in self.standing if any(o in self.tools[name].resolves for name in steps))
        return Combination(steps, reasons, resolves, self.usage.together(seed, steps))

    def score(self, plan: Combination) -> tuple[float, tuple[int, ...]]:
        """越小越好：解决的症结多、最没把握的一步也可能成、还开着的条件少、真的这样做过。"""
        prospects = [self.prospects[name] for name in plan.steps]
        sure = min(prospect.chance for prospect in prospects)
        opened = sum(prospect.opened for prospect in prospects)
        gain = (1 + len(plan.resolves)) * sure * 0.97**opened * (1 + 0.04 * min(len(plan.used_in), 5))
        return (-round(gain, 9), tuple(self.position[name] for name in plan.steps))

    def _premise(self, relation: Relation) -> Premise:
        return self.premises.get(relation.id, _ALWAYS)

    def _among(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.prospects]

    def _close(self, reasons: dict[str, str]) -> bool:
        """补齐前置与必然引出的工具；补不齐返回 False。"""
        pending = list(reasons)
        while pending:
            name = pending.pop()
            for relation in self.pack.relations_about("前置", name):
                premise = self._premise(relation)
                if not premise.likely or not reasons.keys().isdisjoint(relation.first):
                    continue
                provider = self._provider(relation.first, reasons)
                if provider is None:
                    if premise.truth is True:
                        return False
                    continue
                reasons[provider] = f"{name}的前置：{relation.text}"
                pending.append(provider)
            for relation in self.pack.relations_about("触发", name):
                if self._premise(relation).truth is not True:
                    continue
                for follower in self._among(relation.then):
                    if follower not in reasons and self._admits(reasons, follower):
                        reasons[follower] = f"由{name}引出：{relation.text}"
                        pending.append(follower)
        return True

    def _provider(self, options: Iterable[str], reasons: Mapping[str, str]) -> str | None:
        fitting = [name for name in self._among(options) if self._admits(reasons, name)]
        return min(fitting, key=lambda name: self.position[name]) if fitting else None

    def _customary(self) -> dict[str, dict[str, tuple[int, str]]]:
        """工具 → 常与之组合、在这里也用得上的工具（配套的不作一步）→ 凭第几条关系、怎么说。"""
        found: dict[str, dict[str, tuple[int, str]]] = {}
        for at, relation in enumerate(self.pack.relations_of("常组合")):
            added = [n for n in self._among(relation.tools) if self._usable(n) and self.tools[n].role != "配套"]
            if added and self._premise(relation).truth is not False:
                for name in relation.tools:
                    for other in added:
                        found.setdefault(name, {}).setdefault(other, (at, relation.text))
        return found

    def _companion(self, reasons: Mapping[str, str], refused: Collection[str]) -> str | None:
        """可再添的工具里最靠前的；已有供应方式的，别的供应方式须情形确实成立。"""
        supplied = any(self.tools[step].role == "后续" for step in reasons)
        found = {
            name
            for step in reasons
            for name in self._partners.get(step, ())
            if name not in reasons and name not in refused
            if not supplied or self.tools[name].role != "后续" or self.prospects[name].certain
        }
        return min(found, key=lambda name: self.position[name], default=None)

    def _why(self, name: str, reasons: Mapping[str, str]) -> str:
        """凭哪条关系添进来；几条都可以的，取写在前面的。"""
        return min(self._partners[step][name] for step in reasons if name in self._partners.get(step, ()))[1]

    def _usable(self, name: str) -> bool:
        return self.prospects[name].usable

    def _rivals(self) -> dict[str, list[tuple[frozenset[str], frozenset[str]]]]:
        """工具 → 与它互斥的工具、“除非同用”的工具。"""
        found: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
        for relation in self.pack.relations_of("互斥"):
            here = frozenset(self._among(relation.tools))
            if len(here) > 1 and self._premise(relation).truth is not False:
                for name in here:
                    found.setdefault(name, []).append((here - {name}, frozenset(relation.unless)))
        return found

    def _admits(self, reasons: Mapping[str, str], name: str) -> bool:
        """添了它也没有互斥的两个同在；“除非同用”的工具在内时不算互斥（各用各的地）。"""
        for rivals, unless in self._exclusive.get(name, ()):
            if not rivals.isdisjoint(reasons) and name not in unless and unless.isdisjoint(reasons):
                return False
        return True
