"""搭组合：以一个主要办法起头，补齐前置与引出的，再添常与之组合的；互斥的不同在一个组合里。

工具的集合写成整数，一个工具一位：规划要试的组合多，集合运算须快。
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from advisor.outline import Outline, Premise
from advisor.rulepack.model import SEED_ROLES, Relation, RulePack

Steps = tuple[str, ...]
MOST_STEPS = 6
SUPPORTING, SUPPLYING = "配套", "后续"
_ROLE_ORDER = ("前置", "主", SUPPLYING, SUPPORTING)
_FADE, _SHOWN, _MOST_SHOWN = 0.97, 0.04, 5
"""每多一条还开着的条件，打的折；每有一个真的这样做过的案例，加的分；至多算几个案例。"""
_ALWAYS = Premise()
Score = tuple[float, tuple[int, ...]]


class Usage:
    """案例里工具的实际用法（案例编号 → 所用工具，照实施先后），与一个规则包里各步的先后。排过的、查过的记着。"""

    def __init__(self, pack: RulePack, used: Mapping[str, tuple[str, ...]]) -> None:
        self._pack, self.links = pack, _Links(pack)
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
class _Link:
    """一条关系：tools 是写在“工具”里的，brought 是前置、引出、可添的（照写的次序，brings 是合成一个集合），unless 是“除非同用”的。"""

    id: str
    text: str
    tools: int
    brought: tuple[int, ...]
    brings: int
    unless: int


class _Links:
    """一个规则包里规划要用的关系，工具写成位。"""

    def __init__(self, pack: RulePack) -> None:
        self.bit = {name: 1 << at for at, name in enumerate(pack.tools)}
        self.name = {bit: name for name, bit in self.bit.items()}
        self.seeds = self._of(name for name, tool in pack.tools.items() if tool.role in SEED_ROLES)
        self.supplies = self._of(name for name, tool in pack.tools.items() if tool.role == SUPPLYING)
        self.resolvers = {
            name: self._of(tool.name for tool in pack.tools.values() if name in tool.resolves)
            for name in pack.obstacles
        }
        self.needs = self._about(pack, "前置", lambda relation: relation.first)
        self.leads = self._about(pack, "触发", lambda relation: relation.then)
        self.rivals = [self._link(relation, ()) for relation in pack.relations_of("互斥")]
        self.customs = [
            self._link(relation, [name for name in relation.tools if pack.tools[name].role != SUPPORTING])
            for relation in pack.relations_of("常组合")
        ]

    def _of(self, names: Iterable[str]) -> int:
        return reduce(or_, (self.bit[name] for name in names), 0)

    def _link(self, relation: Relation, brought: Iterable[str]) -> _Link:
        bits = tuple(self.bit[name] for name in brought)
        return _Link(
            relation.id, relation.text, self._of(relation.tools), bits, reduce(or_, bits, 0), self._of(relation.unless)
        )

    def _about(self, pack: RulePack, kind: str, brought: Callable[[Relation], Steps]) -> dict[int, list[_Link]]:
        """工具 → 写着它的这一类关系。"""
        listed = ((name, pack.relations_about(kind, name)) for name in pack.tools)
        return {self.bit[name]: [self._link(item, brought(item)) for item in found] for name, found in listed if found}


@dataclass(frozen=True, slots=True)
class _Set:
    """搭到一半的组合：reasons 是各步为何在内，taken 是合成一个集合；whole 为该带进来的都带进来了，再添一步只须看那一步。"""

    reasons: dict[int, str]
    taken: int
    whole: bool


class Planner:
    """照一宗地的规划所看搭组合。"""

    def __init__(self, outline: Outline, usage: Usage) -> None:
        self.usage, self.links, self.outline = usage, usage.links, outline
        bit = self.links.bit
        self._prospects = {bit[prospect.name]: prospect for prospect in outline.prospects}
        self._position = {prospect.name: at for at, prospect in enumerate(outline.prospects)}
        self._order = list(self._prospects)
        self._here = sum(self._order)
        usable = sum(each for each, prospect in self._prospects.items() if prospect.usable)
        certain = sum(each for each, prospect in self._prospects.items() if prospect.certain)
        self._unsure_supply = self.links.supplies & ~certain
        self._seeds = [each for each in self._order if each & usable & self.links.seeds]
        holding = [link for link in self.links.rivals if self._premise(link).truth is not False]
        self._rivals = [(here, link.unless) for link in holding if (here := link.tools & self._here) & (here - 1)]
        self._customs = [
            (link.tools, added, link.text)
            for link in self.links.customs
            if (added := link.brings & usable) and self._premise(link).truth is not False
        ]
        self._partners = dict.fromkeys(self._order, 0)
        for step in self._order:
            for tools, brings, _ in self._customs:
                if tools & step:
                    self._partners[step] |= brings
        self._resolvers = [(name, self.links.resolvers[name] & self._here) for name in outline.standing]

    def candidates(self) -> list[Combination]:
        """以每个用得上的主要办法搭出的组合，相同的只留一个。"""
        found: dict[int, Combination] = {}
        for seed in self._seeds:
            made = self._build(seed)
            if made is not None and made.taken not in found:
                found[made.taken] = self._told(seed, made)
        return list(found.values())

    def score(self, made: Combination) -> Score:
        """越小越好：解决的症结多、最没把握的一步也可能成、还开着的条件少、真的这样做过。"""
        gain = self._gain([self.links.bit[name] for name in made.steps], len(made.resolves), len(made.used_in))
        return (-gain, tuple(self._position[name] for name in made.steps))

    def best(self) -> Combination | None:
        """分最好的组合；一个都搭不成为 None。

        一个组合的分不会好过只看其中一步的把握、开着的条件，而症结全解决、案例最多时的分：
        照这个上限由好到次地试，上限已不如手上搭成的（当它没有案例），就不必搭了。
        """
        limits = {seed: self._gain([seed], len(self._resolvers), _MOST_SHOWN) for seed in self._seeds}
        built: dict[int, tuple[int, int, _Set]] = {}
        floor = 0.0
        for at, seed in sorted(enumerate(self._seeds), key=lambda item: -limits[item[1]]):
            if limits[seed] < floor:
                break
            made = self._build(seed)
            if made is not None:
                if made.taken not in built or at < built[made.taken][0]:  # 相同的算在最前的主要办法名下，同 candidates
                    built[made.taken] = at, seed, made
                floor = max(floor, self._gain(made.reasons, len(self._resolved(made)), 0))
        told = [self._told(seed, made) for _, seed, made in built.values()]
        return min(told, key=self.score, default=None)

    def _gain(self, steps: Iterable[int], resolved: int, cases: int) -> float:
        prospects = [self._prospects[step] for step in steps]
        sure = min(prospect.chance for prospect in prospects)
        opened = sum(prospect.opened for prospect in prospects)
        return round((1 + resolved) * sure * _FADE**opened * (1 + _SHOWN * min(cases, _MOST_SHOWN)), 9)

    def _resolved(self, made: _Set) -> Steps:
        return tuple(name for name, by in self._resolvers if by & made.taken)

    def _told(self, seed: int, made: _Set) -> Combination:
        reasons = {self.links.name[step]: text for step, text in made.reasons.items()}
        steps = self.usage.ordered(reasons)
        return Combination(steps, reasons, self._resolved(made), self.usage.together(self.links.name[seed], steps))

    def _build(self, seed: int) -> _Set | None:
        """以 seed 为主搭一个组合；缺前置而前置又不适用时搭不成。"""
        made = self._closed({seed: "本方案的主要办法"}, seed, [seed])
        refused = 0
        while made is not None and (added := self._companion(made, refused)):
            trial = self._with(made, added)
            if trial is None:
                refused |= added
            else:
                made = trial
        return made

    def _with(self, made: _Set, added: int) -> _Set | None:
        """添上一步，补齐它要的；添不成为 None。凭哪条关系添进来：几条都可以的，取写在前面的。"""
        taken = made.taken
        if not self._admits(taken, added):
            return None
        reasons = {**made.reasons, added: ""}
        trial = self._closed(reasons, taken | added, [added] if made.whole else list(reasons))
        if trial is None or len(reasons) > MOST_STEPS:
            return None
        reasons[added] = next(text for tools, brings, text in self._customs if tools & taken and brings & added)
        return trial

    def _premise(self, link: _Link) -> Premise:
        return self.outline.premises.get(link.id, _ALWAYS)

    def _closed(self, reasons: dict[int, str], taken: int, pending: list[int]) -> _Set | None:
        """补齐前置与必然引出的工具（写进 reasons）；补不齐为 None。"""
        needs, leads, whole = self.links.needs, self.links.leads, True
        while pending:
            step = pending.pop()
            for link in needs.get(step, ()):
                if link.brings & taken or not (premise := self._premise(link)).likely:
                    continue
                provider = next((each for each in self._listed(link.brings) if self._admits(taken, each)), 0)
                if provider:
                    reasons[provider] = f"{self.links.name[step]}的前置：{link.text}"
                    taken |= provider
                    pending.append(provider)
                elif premise.truth is True:
                    return None
                else:
                    whole = False
            for link in leads.get(step, ()):
                if self._premise(link).truth is not True:
                    continue
                for each in link.brought:
                    if not each & self._here & ~taken:
                        continue
                    if self._admits(taken, each):
                        reasons[each] = f"由{self.links.name[step]}引出：{link.text}"
                        taken |= each
                        pending.append(each)
                    else:
                        whole = False
        return _Set(reasons, taken, whole)

    def _companion(self, made: _Set, refused: int) -> int:
        """可再添的工具里最靠前的（没有为零）；已有供应方式的，别的供应方式须情形确实成立。"""
        pool = 0
        for step in made.reasons:
            pool |= self._partners[step]
        pool &= ~(made.taken | refused)
        if made.taken & self.links.supplies:
            pool &= ~self._unsure_supply
        for each in self._order:
            if each & pool:
                return each
        return 0

    def _listed(self, tools: int) -> list[int]:
        """tools 里这宗地看得到的，由前到后。"""
        return [each for each in self._order if each & tools]

    def _admits(self, taken: int, added: int) -> bool:
        """添了它也没有互斥的两个同在；“除非同用”的工具在内时不算互斥（各用各的地）。"""
        together = taken | added
        for tools, unless in self._rivals:
            if tools & added and tools & taken & ~added and not unless & together:
                return False
        return True
