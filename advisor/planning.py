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
from advisor.rulepack.model import Relation, Rule, RulePack, Tool

Steps = tuple[str, ...]
MOST_PLANS = 3
MOST_STEPS = 6
_SEED_ROLES = ("主", "后续")
_ROLE_ORDER = ("前置", "主", "后续", "配套")
_ALWAYS = Premise()


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
        self._exclusive = [
            (frozenset(relation.tools), frozenset(relation.unless))
            for relation in pack.relations_of("互斥")
            if self._premise(relation).truth is not False and len(self._among(relation.tools)) > 1
        ]
        self._customary = [
            (frozenset(relation.tools), additions, relation.text)
            for relation in pack.relations_of("常组合")
            if self._premise(relation).truth is not False
            and (additions := [name for name in self._among(relation.tools) if self._addable(name)])
        ]
        self._needed = self._by_tool(pack.relations_of("前置"))
        self._triggered = self._by_tool(pack.relations_of("触发"))

    def candidates(self) -> Iterable[Combination]:
        """以每个用得上的主要办法搭出的组合，相同的只留一个。"""
        found: dict[frozenset[str], Combination] = {}
        for name, prospect in self.prospects.items():
            if prospect.usable and self.tools[name].role in _SEED_ROLES:
                made = self.build(name)
                if made is not None:
                    found.setdefault(frozenset(made.steps), made)
        return found.values()

    def build(self, seed: str) -> Combination | None:
        """以 seed 为主搭一个组合；缺前置而前置又不适用时搭不成。"""
        reasons: dict[str, str] = {seed: "主要办法"}
        if not self._close(reasons):
            return None
        refused: set[str] = set()
        while pending := self._companions(reasons, refused):
            name, why = min(pending.items(), key=lambda item: self.position[item[0]])
            trial = {**reasons, name: why}
            if self._compatible(trial) and self._close(trial) and len(trial) <= MOST_STEPS:
                reasons = trial
            else:
                refused.add(name)
        if not self._compatible(reasons):
            return None
        steps = self._ordered(reasons)
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

    def _by_tool(self, relations: Iterable[Relation]) -> dict[str, list[Relation]]:
        found: dict[str, list[Relation]] = {}
        for relation in relations:
            for name in self._among(relation.tools):
                found.setdefault(name, []).append(relation)
        return found

    def _close(self, reasons: dict[str, str]) -> bool:
        """补齐前置与必然引出的工具；补不齐返回 False。"""
        pending = list(reasons)
        while pending:
            name = pending.pop()
            for relation in self._needed.get(name, ()):
                premise = self._premise(relation)
                if any(option in reasons for option in relation.first) or not premise.likely:
                    continue
                provider = self._provider(relation.first, reasons)
                if provider is None:
                    if premise.truth is True:
                        return False
                    continue
                reasons[provider] = f"{name}的前置：{relation.text}"
                pending.append(provider)
            for relation in self._triggered.get(name, ()):
                if self._premise(relation).truth is not True:
                    continue
                for follower in self._among(relation.then):
                    if follower not in reasons and self._compatible({**reasons, follower: ""}):
                        reasons[follower] = f"由{name}引出：{relation.text}"
                        pending.append(follower)
        return True

    def _provider(self, options: Iterable[str], reasons: Mapping[str, str]) -> str | None:
        fitting = [name for name in self._among(options) if self._compatible({**reasons, name: ""})]
        return min(fitting, key=lambda name: self.position[name]) if fitting else None

    def _companions(self, reasons: Mapping[str, str], refused: Collection[str]) -> dict[str, str]:
        """常与之组合、在这里也用得上、又能多解决症结或把收回的地用起来的工具。"""
        found: dict[str, str] = {}
        supplied = any(self.tools[step].role == "后续" for step in reasons)
        for tools, additions, text in self._customary:
            if tools.isdisjoint(reasons):
                continue
            for name in additions:
                if name in reasons or name in refused or name in found:
                    continue
                if not (supplied and self.tools[name].role == "后续") or self.prospects[name].certain:
                    found[name] = text
        return found

    def _addable(self, name: str) -> bool:
        """能不能添进来：用得上，配套的不作一步。已有供应方式的，别的供应方式还须情形确实成立。"""
        return self.prospects[name].usable and self.tools[name].role != "配套"

    def _compatible(self, reasons: Mapping[str, str]) -> bool:
        """没有互斥的两个同在；“除非同用”的工具在内时不算互斥（各用各的地）。"""
        chosen = reasons.keys()
        return not any(len(tools & chosen) > 1 and unless.isdisjoint(chosen) for tools, unless in self._exclusive)

    def _ordered(self, reasons: Mapping[str, str]) -> Steps:
        """按前置与先后排；关系没说的按角色、再按案例里的先后。关系绕成圈的，只按角色与案例。"""
        names = sorted(reasons, key=lambda n: (_ROLE_ORDER.index(self.tools[n].role), self.usage.place(n), n))
        earlier: dict[str, set[str]] = {name: set() for name in names}
        for relation in (*self.pack.relations_of("前置"), *self.pack.relations_of("先后")):
            self._precede(earlier, relation.first, relation.tools)
        for relation in self.pack.relations_of("触发"):
            self._precede(earlier, relation.tools, relation.then)
        left, result = list(names), list[str]()
        while left:
            ready = next((name for name in left if earlier[name].issubset(result)), None)
            if ready is None:
                return tuple(names)
            left.remove(ready)
            result.append(ready)
        return tuple(result)

    @staticmethod
    def _precede(earlier: dict[str, set[str]], first: Iterable[str], then: Iterable[str]) -> None:
        """first 在 then 之前；不在方案里的不管。"""
        before = [name for name in first if name in earlier]
        if before:
            for name in then:
                if name in earlier:
                    earlier[name].update(other for other in before if other != name)
