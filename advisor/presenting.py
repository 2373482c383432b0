"""把推理结果变成评估视图：文字、依据、次序都在这里定下，界面只管显示。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from advisor.assessment import (
    ConditionView,
    LocalClassView,
    ObstacleView,
    ParcelView,
    PlanStepView,
    PlanView,
    PrecedentView,
    QuestionView,
    TaxonomyView,
    ToolView,
    UnlockView,
)
from advisor.basis import IN_REGION
from advisor.condition_views import authority_view, condition_view, silent_view, trace_view
from advisor.consistency_views import conflict_views, inferred_views
from advisor.evaluation import APPLIES, OPEN, Evaluation
from advisor.judging import Finding
from advisor.parcel import Parcel
from advisor.planning import Plan
from advisor.playbook import Playbook
from advisor.policy import Citation
from advisor.precedents import Match, contrast
from advisor.questioning import Question
from advisor.rulepack.model import Rule, Taxonomy, Tool
from advisor.tradeoffs import tradeoff
from advisor.unlocking import LEARN, Unlock
from advisor.vocabulary import FactValue, json_value

UNCODED = "规则未编"
_PRECEDENTS = 8


class Presenter:
    """一宗地的视图。"""

    def __init__(self, evaluation: Evaluation, playbook: Playbook, taxonomy: Taxonomy | None = None) -> None:
        self.evaluation, self.playbook, self.taxonomy = evaluation, playbook, taxonomy
        self.pack = evaluation.pack
        self._values = {name: json_value(value) for name, value in evaluation.facts.items()}

    def parcel(
        self,
        parcel: Parcel,
        order: list[Tool],
        unlocked: Mapping[str, list[Unlock]],
        made: list[Plan],
        matches: list[Match],
        asked: list[Question],
    ) -> ParcelView:
        """合成整宗地的视图。"""
        derived = self.pack.derive(self.evaluation.facts)
        shown_by: dict[str, list[str]] = {}
        for match in matches:
            for name in match.case.tools:
                shown_by.setdefault(name, []).append(match.case.id)
        return ParcelView(
            name=parcel.name,
            facts={name: json_value(value) for name, value in parcel.facts.items()},
            conflicts=conflict_views(self.pack, parcel.facts),
            inferred=inferred_views(self.evaluation),
            derived={name: json_value(value) for name, value in derived.items()},
            obstacles=self._obstacles(),
            tools=tuple(
                self._tool(tool, rank, unlocked.get(tool.name, []), shown_by.get(tool.name, []))
                for rank, tool in enumerate(order, 1)
            ),
            plans=self._plans(made, asked),
            precedents=tuple(self._precedent(match) for match in matches[:_PRECEDENTS]),
            questions=tuple(self._question(question) for question in asked),
            taxonomy=self._taxonomy(order),
            trace=tuple(trace_view(step) for step in self.evaluation.steps),
        )

    def _taxonomy(self, order: list[Tool]) -> TaxonomyView | None:
        """用地方口径归类：有适用的工具、成立的症结或前提的对得上；只有待核实的列待核实。"""
        if self.taxonomy is None:
            return None
        verdicts = {
            tool.name: self.evaluation.verdict(tool) for tool in order if self.evaluation.occasion(tool) is True
        }
        views: list[LocalClassView] = []
        for item in self.taxonomy.classes:
            tools = tuple(name for name in item.tools if verdicts.get(name) in (APPLIES, OPEN))
            obstacles = tuple(name for name in item.obstacles if self.evaluation.obstacle(name) is True)
            truth = item.test(self.evaluation.facts) if item.test else True
            mapped = bool(item.tools or item.obstacles)  # 有映射的，条件只当门槛；没有映射的，凭条件归入
            if truth is False or (mapped and not (tools or obstacles)) or (not mapped and item.test is None):
                continue
            sure = truth is True and (not mapped or bool(obstacles) or any(verdicts[n] == APPLIES for n in tools))
            status: Literal["对得上", "待核实"] = "对得上" if sure else "待核实"
            views.append(
                LocalClassView(name=item.name, group=item.group, status=status, tools=tools, obstacles=obstacles)
            )
        return TaxonomyView(name=self.taxonomy.name, title=self.taxonomy.title, classes=tuple(views))

    def _obstacles(self) -> tuple[ObstacleView, ...]:
        views: list[ObstacleView] = []
        for name, rule in self.pack.obstacles.items():
            truth = self.evaluation.obstacle(name)
            if truth is False:
                continue
            known = [n for n in rule.asks if n in self.evaluation.facts]
            because = [self._fact_text(n) for n in known]
            missing = [f"{n} = 待核实" for n in rule.asks if n not in self.evaluation.facts]
            views.append(
                ObstacleView(
                    id=name,
                    status="成立" if truth else "待核实",
                    text=rule.text,
                    because=tuple(because if truth else because + missing),
                )
            )
        return tuple(sorted(views, key=lambda view: view.status != "成立"))

    def _tool(self, tool: Tool, rank: int, unlocked: list[Unlock], shown_by: list[str]) -> ToolView:
        findings = [self.evaluation.finding(rule) for rule in tool.rules]
        verdict = self.evaluation.verdict(tool)
        return ToolView(
            id=tool.name,
            category=tool.category,
            verdict=verdict,
            reason=self.evaluation.reason(tool),
            rank=rank,
            note="" if tool.coded else UNCODED,
            conditions=self._conditions(tool, findings),
            silent=tuple(silent_view(f) for f in findings if f.silent),
            unlock=self._unlock_views(tool, verdict, unlocked),
            precedents=tuple(shown_by[:3]),
            resolves=tuple(o for o in self.evaluation.standing_obstacles if o in tool.resolves),
            cautions=tool.cautions,
        )

    def _conditions(self, tool: Tool, findings: list[Finding]) -> tuple[ConditionView, ...]:
        views = [
            condition_view(finding, tuple([self._values.get(name) for name in finding.rule.asks]))
            for finding in findings
            if not finding.silent
        ]
        if tool.coded:
            views.append(authority_view(self.evaluation.judgement.authority[tool.name]))
        return tuple(views)

    def _unlock_views(self, tool: Tool, verdict: str, unlocked: list[Unlock]) -> tuple[UnlockView, ...]:
        if verdict == APPLIES or not tool.coded:
            return ()
        views = [
            UnlockView(
                change={name: json_value(value) for name, value in unlock.change.items()},
                how=self._how(unlock),
                nature=unlock.nature,
            )
            for unlock in unlocked
        ]
        for alternative in tool.alternatives:
            views.append(
                UnlockView(
                    change={name: json_value(value) for name, value in alternative.change.items()},
                    how=alternative.how,
                    nature="替代",
                    instead=alternative.tool,
                )
            )
        authority = self.evaluation.judgement.authority[tool.name]
        if authority.status is not True:
            views.append(UnlockView(change={}, how=f"先核依据：{authority.text}", nature="核依据"))
        return tuple(views)

    def _how(self, unlock: Unlock) -> str:
        parts = [self._one_change(name, value) for name, value in unlock.change.items()]
        remedies = list(dict.fromkeys(rule.remedy for rule in unlock.rules if rule.remedy))
        text = "；".join(parts)
        return f"{text}。办法：{'；'.join(remedies)}" if remedies and unlock.nature != LEARN else text

    def _one_change(self, name: str, value: FactValue) -> str:
        fact = self.pack.vocabulary[name]
        goal = f"“{name}”为{fact.show(value)}"
        if name not in self.evaluation.facts:
            proof = fact.proof
            where = f"（{proof.channel}：{proof.document}，{proof.department}）" if proof else ""
            return f"核实{goal}{where}"
        now = fact.show(self.evaluation.facts[name])
        if fact.actionable:
            who = f"，由{fact.actor}办" if fact.actor else ""
            return f"{fact.action}{who}，使{goal}（现为{now}）"
        return f"须{goal}（现为{now}，不能靠办事改变）"

    def _plans(self, made: list[Plan], asked: list[Question]) -> tuple[PlanView, ...]:
        standing = self.evaluation.standing_obstacles
        views: list[PlanView] = []
        for rank, plan in enumerate(made, 1):
            steps = set(plan.steps)
            verify = [q.fact for q in asked if steps & set(q.tools)]
            views.append(
                PlanView(
                    rank=rank,
                    steps=plan.steps,
                    resolves=plan.resolves,
                    open=tuple(f"{name}：{_to_settle(rule)}" for name, rule in plan.open),
                    unresolved=tuple(name for name in standing if name not in plan.resolves),
                    verify_first=tuple(verify),
                    details=tuple(self._plan_step(name, plan) for name in plan.steps),
                    used_in=plan.used_in,
                    tradeoff=tradeoff(plan, _next(made, rank), self.playbook),
                )
            )
        return tuple(views)

    def _plan_step(self, name: str, plan: Plan) -> PlanStepView:
        tool = self.pack.tools[name]
        return PlanStepView(
            tool=name,
            verdict=self.evaluation.verdict(tool),
            resolves=tuple(o for o in self.evaluation.standing_obstacles if o in tool.resolves),
            why=plan.reasons[name],
            open=tuple(_to_settle(rule) for step, rule in plan.open if step == name),
        )

    def _precedent(self, match: Match) -> PrecedentView:
        found = contrast(match.case, self.evaluation.facts, self.pack.vocabulary)
        return PrecedentView(
            id=match.case.id,
            title=match.case.file.title,
            score=match.score,
            tools=match.case.tools,
            same=found.same,
            different=found.different,
            unknown=found.unknown,
            bases=self._case_bases(match),
            caveats=match.case.file.caveats,
        )

    def _case_bases(self, match: Match) -> tuple[str, ...]:
        """案例所依据的文件，在基准日、在本地块所在地还算不算数。"""
        lines: list[str] = []
        for basis in match.case.file.basis:
            if basis.code not in self.pack.register:
                continue
            standing = self.pack.register.standing(Citation(basis.code), self.evaluation.facts, self.evaluation.as_of)
            lines.append(f"《{standing.policy.title}》：{standing.status}，{IN_REGION[standing.in_region]}")
        return tuple(dict.fromkeys(lines))

    def _question(self, question: Question) -> QuestionView:
        fact = self.pack.vocabulary[question.fact]
        proof = fact.proof
        settled = "、".join(question.tools[:6]) + ("等" if len(question.tools) > 6 else "")
        why = f"答了才能定：{settled}" if question.tools else "答了才能定症结：" + "、".join(question.obstacles)
        return QuestionView(
            fact=fact.name,
            question=fact.question,
            why=f"{why}。{fact.why}",
            affects=question.tools,
            channel=proof.channel if proof else "",
            document=proof.document if proof else "",
            department=proof.department if proof else "",
        )

    def _fact_text(self, name: str) -> str:
        return f"{name} = {self.pack.vocabulary[name].show(self.evaluation.facts[name])}"


def _next(made: list[Plan], rank: int) -> Plan | None:
    """与下一个方案比；最后一个与第一个比；只有一个就不比。"""
    return made[rank % len(made)] if len(made) > 1 else None


def _to_settle(rule: Rule | None) -> str:
    """还开着的一条怎么说：要件待确认，排除项待排查。"""
    if rule is None:
        return "当地有没有现行依据待核"
    return f"待排查“{rule.text}”" if rule.kind == "排除" else f"待确认“{rule.text}”"
