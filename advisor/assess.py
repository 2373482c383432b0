"""判断的总入口：一宗地的事实进来，评估出去。纯函数：同样的事实、基准日与规则包，结果逐字节相同。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from advisor.assessment import (
    Assessment,
    ParcelView,
    RulePackView,
)
from advisor.combining import Usage
from advisor.consistency import irrelevant
from advisor.evaluation import APPLIES, NO_OCCASION, Evaluation, evaluate_parcel
from advisor.inference import Engine, checked_network
from advisor.likelihood import Prior
from advisor.parcel import Parcel
from advisor.planning import Plan, plans
from advisor.playbook import Case, Playbook
from advisor.precedents import Match, nearest, weights
from advisor.presenting import Presenter
from advisor.questioning import questions
from advisor.ranking import neighbour_use, ranked
from advisor.rulepack.model import RulePack, Tool
from advisor.unlocking import Repairs, Unlocker
from advisor.vocabulary import FactValue


class Advisor:
    """一个规则包加一个手册：可以反复评估。"""

    def __init__(self, pack: RulePack, playbook: Playbook, forward: bool | None = None) -> None:
        self.pack, self.playbook = pack, playbook
        self.engine = Engine(checked_network(pack), forward)
        self._repairs = Repairs(pack)
        self._priors: dict[frozenset[str], Prior] = {}
        self._usages: dict[frozenset[str], Usage] = {}
        self._weights: dict[frozenset[str], dict[str, float]] = {}

    def assess(
        self, parcels: Iterable[Parcel], as_of: date, without: frozenset[str] = frozenset(), taxonomy: str = ""
    ) -> Assessment:
        """评估若干宗地；without 里的主案不作先例（回测时不许看自己的答案）。"""
        views = tuple(self.assess_one(parcel, as_of, without, taxonomy) for parcel in parcels)
        pack = RulePackView(version=self.pack.version, sha256=self.pack.sha256)
        return Assessment(rule_pack=pack, as_of=as_of.isoformat(), parcels=views)

    def assess_one(
        self,
        parcel: Parcel,
        as_of: date,
        without: frozenset[str] = frozenset(),
        taxonomy: str = "",
        unlocking: bool = True,
    ) -> ParcelView:
        """评估一宗地；taxonomy 是地方口径的名称，空则不归类；unlocking 为否不找解锁办法，省约三分之一的工夫。"""
        evaluation = evaluate_parcel(self.pack, self.engine, parcel.facts, as_of)
        matches = self.nearest(evaluation.facts, without)
        order, made = self.outlook(evaluation, matches, without)
        leading = made[0].steps if made else ()
        asked = questions(evaluation, order, leading, self.prior(without), irrelevant(self.pack, parcel.facts))
        unlocker = Unlocker(evaluation, self._repairs)
        unlocked = {
            tool.name: unlocker.unlocks(tool)
            for tool in order
            if unlocking
            and tool.coded
            and evaluation.verdict(tool) != APPLIES
            and evaluation.reason(tool) != NO_OCCASION
        }
        presenter = Presenter(evaluation, self.playbook, self.pack.taxonomies[taxonomy] if taxonomy else None)
        return presenter.parcel(parcel, order, unlocked, made, matches, asked)

    def outlook(
        self, evaluation: Evaluation, matches: list[Match], without: frozenset[str] = frozenset()
    ) -> tuple[list[Tool], list[Plan]]:
        """工具的先后与方案。"""
        order = ranked(evaluation, self.prior(without), neighbour_use(matches))
        return order, plans(evaluation, order, self.usage(without), self.prior(without))

    def nearest(self, facts: Mapping[str, FactValue], without: frozenset[str] = frozenset()) -> list[Match]:
        """由近到远的案例。"""
        return nearest(facts, self.cases(without), self.pack.vocabulary, self.weights(without))

    def weights(self, without: frozenset[str] = frozenset()) -> Mapping[str, float]:
        """比案例时各事实的权重。"""
        if without not in self._weights:
            self._weights[without] = weights(self.pack.vocabulary, self.cases(without))
        return self._weights[without]

    def cases(self, without: frozenset[str] = frozenset()) -> tuple[Case, ...]:
        """可作先例的案例。"""
        if not without:
            return self.playbook.cases
        return tuple(case for case in self.playbook.cases if case.family not in without)

    def usage(self, without: frozenset[str] = frozenset()) -> Usage:
        """案例里工具的实际用法；去掉 without 里的主案。"""
        if without not in self._usages:
            self._usages[without] = Usage(self.pack, {case.id: case.sequence for case in self.cases(without)})
        return self._usages[without]

    def prior(self, without: frozenset[str] = frozenset()) -> Prior:
        """案例分布；去掉 without 里的主案。"""
        if without not in self._priors:
            self._priors[without] = Prior(self.cases(without), self.pack.vocabulary)
        return self._priors[without]
