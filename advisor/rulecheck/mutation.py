"""变异：把条件逐一改坏，看情景里有没有一句期望因此不成立；没有的就是情景没看住的地方。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from advisor.judging import Place, judge
from advisor.rulecheck.mutants import Mutant, mutants
from advisor.rulecheck.trying import Trial
from advisor.rulepack.model import Rule, RulePack
from advisor.scenarios import Expectation, Scenario


@dataclass(frozen=True)
class MutationReport:
    """改坏多少、发现多少；survived 是没有情景发现的，harmless 是没有发现、而证得改了也不改变判定的。"""

    made: int
    survived: tuple[Mutant, ...]
    harmless: tuple[Mutant, ...] = ()

    @property
    def killed(self) -> int:
        """被发现的。"""
        return self.made - len(self.survived) - len(self.harmless)

    @property
    def score(self) -> float:
        """会改变判定的里，发现的比例；一处都没有为 1。"""
        telling = self.made - len(self.harmless)
        return self.killed / telling if telling else 1.0


def mutate(pack: RulePack, scenarios: Iterable[Scenario], tools: Sequence[str]) -> MutationReport:
    """改坏这些工具的情形、要件、排除（连同所引的闸门、症结），逐个看有没有情景发现。"""
    trials = [Trial(pack, scenario) for scenario in scenarios]
    users = _users(pack)
    chosen = {rule.leaf: rule for name in tools for rule in pack.tools[name].rules if rule.kind != "倾向"}
    made, survived = 0, []
    for rule in chosen.values():
        watching = [(trial, watched) for trial in trials if (watched := _watched(trial.scenario, rule, users))]
        for mutant in mutants(rule, pack):
            made += 1
            if not any(_noticed(trial, watched, rule, mutant) for trial, watched in watching):
                survived.append(mutant)
    return MutationReport(made, tuple(survived))


def without_harmless(report: MutationReport, pack: RulePack, as_of: date) -> MutationReport:
    """没有发现的里，用求解器剔出事实齐全时改了也不改变判定的。要装 advisor[solver]。"""
    from advisor.rulecheck.solving import SolvedPack

    solved, users = SolvedPack(pack, as_of), _users(pack)
    rules = {rule.leaf: rule for rule in pack.all_rules()}

    def harmless(mutant: Mutant) -> bool:
        leaf = mutant.rule.leaf
        tools = [pack.tools[name] for name in sorted(users.get(leaf, ())) if pack.tools[name].coded]
        return solved.same(rules[leaf], mutant.rule, tools)

    same = tuple(filter(harmless, report.survived))
    return MutationReport(report.made, tuple(item for item in report.survived if item not in same), same)


def _users(pack: RulePack) -> Mapping[str, frozenset[str]]:
    """条件 → 用它的工具。"""
    found: dict[str, set[str]] = {}
    for tool in pack.tools.values():
        for rule in tool.rules:
            found.setdefault(rule.leaf, set()).add(tool.name)
    return {leaf: frozenset(names) for leaf, names in found.items()}


def _watched(scenario: Scenario, rule: Rule, users: Mapping[str, frozenset[str]]) -> tuple[Expectation, ...]:
    """说到用它的工具、或它这个症结的期望。"""
    tools = users.get(rule.leaf, frozenset())
    return tuple(
        item
        for item in scenario.expectations
        if item.tool in tools or (not item.tool and rule.leaf == f"症结/{item.condition}")
    )


def _noticed(trial: Trial, watched: tuple[Expectation, ...], rule: Rule, mutant: Mutant) -> bool:
    """改坏之后判断变了，又有一句期望不再成立。"""
    now, place = trial.finding(rule), trial.place
    if mutant.rule.regions != rule.regions:  # 效力按条件的名字记着，换了地域要另算
        place = Place(place.register, place.as_of, place.where)
    then = judge(mutant.rule, place, trial.facts)
    if (now.status, now.silent) == (then.status, then.silent):
        return False
    return any(not trial.holds(item, then) for item in watched)
