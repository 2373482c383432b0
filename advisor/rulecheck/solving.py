"""规则包在求解器里的样子：条件连同地域、依据怎样进工具判定，事实之间说得通的才算；每问给得出一宗例子。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import z3

from advisor.expression.symbolic import OTHER, Symbols, Truths
from advisor.policy import Citation
from advisor.rulepack.model import Rule, RulePack, Tool
from advisor.vocabulary import FactValue

_TIMEOUT = 2_000
"""一问至多这么多毫秒；答不出的不报。"""


class SolvedPack:
    """全部事实已知时的规则包：补齐未知不改变已定的判定，所以“能不能适用”只看这种地块就够。"""

    def __init__(self, pack: RulePack, as_of: date) -> None:
        self.pack, self.as_of = pack, as_of
        self.symbols = Symbols(pack.vocabulary, complete=True)
        self._regions: dict[str, Truths] = {}
        self._statuses: dict[str, Truths] = {}
        self._where = tuple(name for name in pack.vocabulary.names if name in pack.register.regions.asked)
        self._solver = z3.Solver()
        self._solver.set("timeout", _TIMEOUT)
        self._solver.add(*self._sensible())
        self._asserted = 0

    def find(self, *claims: Any) -> Any | None:
        """一宗说得通、又合 claims 的地块（求解器的模型）；没有为 None。答不出时抛 Undecided。"""
        domains = self.symbols.domains
        self._solver.add(domains[self._asserted :])
        self._asserted = len(domains)
        self._solver.push()
        self._solver.add(*claims)
        answer = self._solver.check()
        found = self._solver.model() if answer == z3.sat else None
        self._solver.pop()
        if answer == z3.unknown:
            raise Undecided
        return found

    def impossible(self, *claims: Any) -> bool:
        """确实没有这样的地块；答不出的算有。"""
        try:
            return self.find(*claims) is None
        except Undecided:
            return False

    def example(self, *claims: Any, names: Iterable[str]) -> str:
        """合 claims 的一宗地块的说法；没有或答不出为空。"""
        return self.told(self.example_facts(*claims, names=names))

    def example_facts(self, *claims: Any, names: Iterable[str]) -> dict[str, FactValue]:
        """合 claims 的一宗地块，只给 names 与位置里定下 claims 的那几个事实；没有或答不出为空。"""
        try:
            model = self.find(*claims)
        except Undecided:
            return {}
        if model is None:
            return {}
        asked = tuple(names)
        facts = self.symbols.example(model, dict.fromkeys((*asked, *self._where)))
        return {name: facts[name] for name in self._deciding(facts, claims) or asked if name in facts}

    def fails(self, rule: Rule) -> Any:
        """这一条确实过不去。"""
        status = self.status(rule)
        return status.true if rule.kind == "排除" else status.false

    def _deciding(self, facts: dict[str, FactValue], claims: tuple[Any, ...]) -> list[str]:
        """这些事实里定下 claims 的几个，一个都少不得；理不出来为空。"""
        solver = z3.Solver()
        solver.set("timeout", _TIMEOUT)
        solver.add(z3.Not(z3.And(claims)))
        marks = {name: z3.Bool(f"取 {name}") for name in facts}
        for name, mark in marks.items():
            solver.add(z3.Implies(mark, self.symbols.equals(name, facts[name])))
        if solver.check(*marks.values()) != z3.unsat:
            return []
        core = {str(mark) for mark in solver.unsat_core()}
        kept = [name for name, mark in marks.items() if str(mark) in core]
        for name in tuple(kept):
            fewer = [other for other in kept if other != name]
            if solver.check(*(marks[other] for other in fewer)) == z3.unsat:
                kept = fewer
        return kept

    def told(self, facts: dict[str, FactValue]) -> str:
        """地块的中文说法。"""
        vocabulary = self.pack.vocabulary
        ordered = vocabulary.ordered(facts)
        return "，".join(
            f"{name} {OTHER if value == OTHER else vocabulary[name].show(value)}" for name, value in ordered.items()
        )

    def status(self, rule: Rule) -> Truths:
        """条件进推理网的真值：连同地域与依据，同 judging.judge。"""
        if rule.leaf not in self._statuses:
            self._statuses[rule.leaf] = self._status(rule)
        return self._statuses[rule.leaf]

    def occasion(self, tool: Tool) -> Any:
        """情形成立：各条都合。"""
        return z3.And([self.status(rule).true for rule in tool.of_kind("情形")])

    def same(self, rule: Rule, other: Rule, tools: Iterable[Tool]) -> bool:
        """把 rule 换成 other，这些工具在任何说得通的地块上适不适用、有无此情形都不变；症结另看它自己。"""
        before, after = self.status(rule), self._status(other)
        shared = rule.leaf in {item.leaf for item in self.pack.obstacles.values()}
        claims = [before.true != after.true] if shared else []
        for tool in tools:
            claims.append(self.applies(tool) != self.applies(tool, instead=other))
            if rule.kind == "情形":
                rest = [self.status(item).true for item in tool.of_kind("情形") if item.leaf != rule.leaf]
                claims.append(z3.And(*rest, before.true != after.true))
        return self.impossible(z3.Or(claims))

    def applies(
        self, tool: Tool, without: Rule | None = None, authority: bool = True, instead: Rule | None = None
    ) -> Any:
        """工具适用；without 不空的当作没有那一条，instead 顶替同名的一条，authority 为假的不看工具自己的依据。"""
        kept = [rule for rule in tool.rules if rule is not without]
        if instead is not None:
            return z3.And(
                self.applies(tool, next(r for r in kept if r.leaf == instead.leaf)),
                _passed(instead, self._status(instead)),
            )
        return z3.And(
            *(_passed(rule, self.status(rule)) for rule in kept if rule.kind != "倾向"),
            self._verified(tool.authority) if authority else z3.BoolVal(True),
        )

    def asks(self, *tools: Tool) -> tuple[str, ...]:
        """判断这些工具要看的事实，不含地域的。"""
        return tuple(
            dict.fromkeys(name for tool in tools for rule in tool.rules if rule.kind != "倾向" for name in rule.asks)
        )

    def covers(self, region: str) -> Truths:
        """地块在不在某地域之内。"""
        if region not in self._regions:
            chain = [self.pack.register.regions[name] for name in self.pack.register.regions.chain(region)]
            parts = [self.symbols.truth(item.base) for item in chain if item.base is not None]
            self._regions[region] = Truths(z3.And([p.true for p in parts]), z3.Or([p.false for p in parts]))
        return self._regions[region]

    def _status(self, rule: Rule) -> Truths:
        raw, needed = self.symbols.truth(rule.base), rule.kind in ("情形", "要件")
        bases = [item for item in rule.citations if self._in_force(item)]
        if rule.citations and not bases:
            return Truths(z3.BoolVal(needed), z3.BoolVal(not needed))
        scope = self._scope(rule.regions, bases)
        if needed:
            status = Truths(z3.Or(scope.false, raw.true), z3.And(scope.true, raw.false))
        else:
            status = Truths(z3.And(scope.true, raw.true), z3.Or(scope.false, raw.false))
        if rule.kind == "倾向":
            return status
        founded = self._verified(rule.citations)
        if needed:
            return Truths(status.true, z3.And(status.false, founded))
        return Truths(z3.And(status.true, founded), status.false)

    def _scope(self, regions: tuple[str, ...], bases: list[Citation]) -> Truths:
        own = [self.covers(name) for name in regions]
        based = [self.covers(self.pack.register[item.code].region) for item in bases]
        sides = [side for side in (own, based) if side]
        every = [z3.Or([item.true for item in side]) for side in sides]
        none = [z3.And([item.false for item in side]) for side in sides]
        return Truths(z3.And(every), z3.Or(none))

    def _in_force(self, citation: Citation) -> bool:
        return self.pack.register[citation.code].status(self.as_of) in ("现行", "时效待核")

    def _verified(self, citations: tuple[Citation, ...]) -> Any:
        """有一处可以独立作准的依据。"""
        found = []
        for item in citations:
            policy = self.pack.register[item.code]
            if policy.status(self.as_of) == "现行" and self.pack.register.verifiable(item):
                found.append(self.covers(policy.region).true)
        return z3.Or(found)

    def _sensible(self) -> Iterable[Any]:
        """事实之间说得通：不犯矛盾，推得的照推。"""
        consistency = self.pack.consistency
        for item in consistency.incompatibilities:
            if item.severity == "矛盾":
                yield z3.Not(self.symbols.truth(item.base).true)
        for rule in consistency.consequences:
            values = [self.symbols.equals(name, value) for name, value in rule.values.items()]
            yield z3.Implies(self.symbols.truth(rule.base).true, z3.And(values))


def _passed(rule: Rule, status: Truths) -> Any:
    """不挡着适用：排除项未触发，其余的满足。"""
    return status.false if rule.kind == "排除" else status.true


class Undecided(Exception):
    """求解器在时限内答不出。"""
