"""预看：再知道一个事实，主推方案会不会变。问答据此挑下一问、定何时可以停。

只重判读到这个事实的条件、只重推受影响的结点，结果与从头评估一样（案例的远近按现有答案，不随假设变）。
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import replace

from advisor.combining import Usage
from advisor.consistency import Deduction
from advisor.evaluation import Evaluation
from advisor.inference import Network
from advisor.judging import judge, judge_all, place_of, relation_truth
from advisor.likelihood import Prior, occasion_chance
from advisor.outline import Outline, outline_of, premises_of
from advisor.planning import leading_plan
from advisor.ranking import sort_key
from advisor.rulepack.model import Relation, Rule, RulePack
from advisor.truth import Truth
from advisor.vocabulary import FactValue

Facts = Mapping[str, FactValue]


class Reading:
    """一个规则包里谁读哪个事实、谁用哪个结点；建一次，反复用。"""

    def __init__(self, pack: RulePack, network: Network) -> None:
        self.pack, self.network = pack, network
        self.located = pack.register.regions.asked
        self.leaves = frozenset(network.leaves)
        self.rules: dict[str, list[Rule]] = {}
        for rule in pack.all_rules():
            for name in rule.asks:
                self.rules.setdefault(name, []).append(rule)
        self.relations: dict[str, list[Relation]] = {}
        for relation in pack.relations:
            for name in relation.asks:
                self.relations.setdefault(name, []).append(relation)
        self.tools: dict[str, set[str]] = {}
        for tool in pack.tools.values():
            for rule in tool.rules:
                for name in rule.asks:
                    self.tools.setdefault(name, set()).add(tool.name)
        self._users: dict[str, list[int]] = {}
        for index, joint in enumerate(network.joints):
            for name, _ in joint.inputs:
                self._users.setdefault(name, []).append(index)

    @property
    def facts(self) -> frozenset[str]:
        """有条件、关系或地域读到的词表事实。"""
        return frozenset((*self.rules, *self.relations, *self.located))

    def spread(self, truths: Mapping[str, Truth], changed: Mapping[str, Truth]) -> dict[str, Truth]:
        """几片叶变了之后的全部真值；只重算用到它们的结点。"""
        result = {**truths, **changed}
        pending = sorted({index for name in changed for index in self._users.get(name, ())})  # 有序即是堆
        queued = set(pending)
        while pending:
            index = heapq.heappop(pending)
            joint = self.network.joints[index]
            value = joint.combine(result)
            if value is result[joint.id]:
                continue
            result[joint.id] = value
            for user in self._users.get(joint.id, ()):
                if user not in queued:
                    queued.add(user)
                    heapq.heappush(pending, user)
        return result


class Foresight:
    """一宗地在现有事实下的主推方案，与再知道一个事实之后的主推方案。

    use 是相近案例里各工具的使用率，usage 是案例里工具的实际用法。
    """

    def __init__(
        self,
        evaluation: Evaluation,
        reading: Reading,
        prior: Prior,
        use: Mapping[str, float],
        usage: Usage,
    ) -> None:
        self.evaluation, self.reading, self.prior, self.use, self.usage = evaluation, reading, prior, use, usage
        tools = evaluation.pack.tools.values()
        self._chances = {tool.name: occasion_chance(tool, evaluation.facts, prior) for tool in tools}
        self._keys = {tool.name: sort_key(evaluation, tool, prior, use, self._chances[tool.name]) for tool in tools}
        self.order = sorted(tools, key=lambda tool: (self._keys[tool.name], tool.name))
        self._outline = outline_of(evaluation, self.order, prior, self._chances, premises_of(evaluation, prior))
        self.leading = self._leading(self._outline)

    def leading_if(self, change: Facts) -> tuple[str, ...]:
        """再知道（或改成）这些事实，主推方案是什么。"""
        after = self.known(change)
        moved = self.evaluation.moved_by(change)
        tools = self.evaluation.pack.tools
        chances, keys = dict(self._chances), dict(self._keys)
        touched = self._touched(moved, after)
        after.settled_as(self.evaluation, touched)
        for each in touched:
            chances[each] = occasion_chance(tools[each], after.facts, self.prior)
            keys[each] = sort_key(after, tools[each], self.prior, self.use, chances[each])
        order = sorted(tools.values(), key=lambda tool: (keys[tool.name], tool.name))
        same = self.reading.relations.keys().isdisjoint(moved)
        premises = self._outline.premises if same else premises_of(after, self.prior)
        outline = outline_of(after, order, self.prior, chances, premises)
        return self.leading if outline == self._outline else self._leading(outline)

    def known(self, change: Facts) -> Evaluation:
        """再知道这些事实之后的推理结果。"""
        old, reading = self.evaluation, self.reading
        moved = old.moved_by(change)
        facts = old.facts_with(moved)
        deduction = Deduction(old.pack, {**old.given, **change}, old.deduction.after(change))
        if not reading.located.isdisjoint(moved):
            judgement = judge_all(old.pack, facts, old.as_of)
            changed = {leaf: judgement.leaves[leaf] for leaf in reading.leaves}
        else:
            place = place_of(old.pack.register, facts, old.as_of)
            rules = {rule.leaf: rule for name in moved for rule in reading.rules.get(name, ())}
            found = {leaf: judge(rule, place, facts) for leaf, rule in rules.items()}
            changed = {leaf: finding.status for leaf, finding in found.items()}
            for name in moved:
                changed.update((item.leaf, relation_truth(item, facts)) for item in reading.relations.get(name, ()))
            changed = {leaf: truth for leaf, truth in changed.items() if leaf in reading.leaves}
            judgement = replace(
                old.judgement,
                facts=facts,
                findings={**old.judgement.findings, **found},
                leaves={**old.judgement.leaves, **changed},
            )
        return Evaluation(old.pack, old.as_of, judgement, reading.spread(old.truths, changed), (), deduction)

    def _touched(self, moved: Iterable[str], after: Evaluation) -> set[str]:
        """判定、名次可能变了的工具；moved 是前后不同的事实。"""
        tools = self.evaluation.pack.tools
        if not self.reading.located.isdisjoint(moved):
            return set(tools)
        touched = {tool for name in moved for tool in self.reading.tools.get(name, ())}
        stood = set(after.standing_obstacles) ^ set(self.evaluation.standing_obstacles)
        return touched | {name for name, tool in tools.items() if stood & set(tool.resolves)}

    def _leading(self, outline: Outline) -> tuple[str, ...]:
        plan = leading_plan(outline, self.usage)
        return plan.steps if plan else ()
