"""判断的总入口：一宗地的事实进来，评估出去。纯函数：同样的事实、基准日与规则包，结果逐字节相同。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from advisor.assessment import (
    Assessment,
    ParcelView,
    RulePackView,
)
from advisor.evaluation import Evaluation, evaluate_parcel
from advisor.inference import Engine, build_network
from advisor.parcel import Parcel
from advisor.planning import Plan, plans
from advisor.playbook import Playbook
from advisor.precedents import Match, nearest
from advisor.presenting import Presenter
from advisor.questioning import Question, questions
from advisor.ranking import ranked
from advisor.rulepack.model import RulePack, Tool
from advisor.unlocking import Unlock, unlocks


class Advisor:
    """一个规则包加一个手册：可以反复评估。"""

    def __init__(self, pack: RulePack, playbook: Playbook, forward: bool | None = None) -> None:
        self.pack, self.playbook = pack, playbook
        self.engine = Engine(build_network(pack), forward)

    def assess(
        self, parcels: Iterable[Parcel], as_of: date, without: frozenset[str] = frozenset()
    ) -> Assessment:
        """评估若干宗地；without 里的主案不作先例（回测时不许看自己的答案）。"""
        views = tuple(self.assess_one(parcel, as_of, without) for parcel in parcels)
        pack = RulePackView(version=self.pack.version, sha256=self.pack.sha256)
        return Assessment(rule_pack=pack, as_of=as_of.isoformat(), parcels=views)

    def assess_one(self, parcel: Parcel, as_of: date, without: frozenset[str] = frozenset()) -> ParcelView:
        """评估一宗地。"""
        evaluation = evaluate_parcel(self.pack, self.engine, parcel.facts, as_of)
        order = ranked(evaluation)
        made = self._plans(evaluation, order, without)
        matches = nearest(parcel.facts, self.playbook.cases, self.pack.vocabulary, without)
        asked = self._questions(evaluation, order, made)
        presenter = Presenter(evaluation, self.playbook)
        return presenter.parcel(
            parcel, order, self._unlocks(evaluation, order), made, matches, asked
        )

    def _plans(self, evaluation: Evaluation, order: list[Tool], without: frozenset[str]) -> list[Plan]:
        usage = {case.id: case.tools for case in self.playbook.cases if case.family not in without}
        return plans(evaluation, order, usage)

    @staticmethod
    def _questions(evaluation: Evaluation, order: list[Tool], made: list[Plan]) -> list[Question]:
        return questions(evaluation, order, made[0].steps if made else ())

    @staticmethod
    def _unlocks(evaluation: Evaluation, order: list[Tool]) -> dict[str, list[Unlock]]:
        return {
            tool.name: unlocks(evaluation, tool)
            for tool in order
            if tool.coded and evaluation.verdict(tool) != "适用"
        }


__all__ = ["Advisor", "Match"]
