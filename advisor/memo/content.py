"""处置方案草案的内容：先成句，每句带出处，再交给模板排版。没有证实的一律写【待核实】。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from advisor.assess import Advisor
from advisor.assessment import Assessment, ConditionView, ParcelView, PlanView, ToolView
from advisor.citation_text import article_text
from advisor.evaluation import APPLIES, NO_OCCASION, OPEN, REJECTED
from advisor.judging import AUTHORITY
from advisor.memo.model import Memo, Paragraph, Sentence, TableRow, clean
from advisor.playbook import StepEntry
from advisor.policy import VERIFIED

_MOST_TOOLS = 10
_MOST_REJECTED = 6
_MOST_CHECKS = 20
_MOST_CAUTIONS = 3
_MOST_RISKS = 3
_MOST_TODOS = 5
_CASE_LEVEL = "典型案例"


def build_memo(parcel: ParcelView, result: Assessment, advisor: Advisor) -> Memo:
    """由评估结果成文。"""
    writer = _Writer(parcel, advisor)
    as_of = date.fromisoformat(result.as_of)
    leading = parcel.plans[0] if parcel.plans else None
    return Memo(
        title=f"{clean(parcel.name)}处置方案（草案）",
        parcel=clean(parcel.name),
        as_of=result.as_of,
        date_text=f"{as_of.year}年{as_of.month}月{as_of.day}日",
        rule_pack=f"规则包版本 {result.rule_pack.version}，校验值 {result.rule_pack.sha256[:16]}",
        overview=writer.overview(),
        fact_rows=writer.fact_rows(),
        diagnosis=writer.diagnosis(),
        path=writer.path(leading),
        step_rows=writer.step_rows(leading),
        duty_rows=writer.duty_rows(leading),
        others=writer.others(),
        tool_rows=writer.tool_rows(),
        rejected_rows=writer.rejected_rows(),
        case_rows=writer.case_rows(),
        check_rows=writer.check_rows(),
        trace_rows=writer.trace_rows(),
        cautions=writer.cautions(leading),
    )


class _Writer:
    def __init__(self, parcel: ParcelView, advisor: Advisor) -> None:
        self.parcel, self.advisor = parcel, advisor
        self.vocabulary = advisor.pack.vocabulary

    def overview(self) -> tuple[Paragraph, ...]:
        known = len(self.parcel.facts)
        sources = tuple(f"事实:{name}" for name in self.parcel.facts)
        derived = [
            f"{name}{self._shown(name)}" for name, value in self.parcel.derived.items() if not isinstance(value, bool)
        ]
        sentences = [
            Sentence(
                text=f"本草案依据已填报的{known}项事实编制，逐项情况见表1；未列入的事实均待核实。", sources=sources
            )
        ]
        if derived:
            names = tuple(f"推导:{name}" for name in self.parcel.derived)
            sentences.append(Sentence(text=f"据此算得：{'，'.join(derived)}。", sources=names))
        return (Paragraph(sentences=tuple(sentences)),)

    def fact_rows(self) -> tuple[TableRow, ...]:
        groups: dict[str, list[str]] = {}
        for name in self.parcel.facts:
            groups.setdefault(self.vocabulary[name].group, []).append(name)
        return tuple(
            TableRow(
                cells=(group, "；".join(f"{name}：{clean(self._shown(name))}" for name in names)),
                sources=tuple(f"事实:{name}" for name in names),
            )
            for group, names in groups.items()
        )

    def _shown(self, name: str) -> str:
        pack = self.advisor.pack
        fact = pack.fact(name)
        raw = self.parcel.facts.get(name, self.parcel.derived.get(name))
        value = "是" if raw is True else "否" if raw is False else raw
        return fact.show(fact.parse(value))

    def diagnosis(self) -> tuple[Paragraph, ...]:
        standing = [item for item in self.parcel.obstacles if item.status == "成立"]
        if not standing:
            return (_one("已填事实中没有查出明确的症结；【待核实】事项见待核实清单。", "规则:症结"),)
        result = [
            _one(
                f"已查明症结{len(standing)}项：{'、'.join(item.id for item in standing)}。",
                *(f"规则:症结/{i.id}" for i in standing),
            )
        ]
        for index, item in enumerate(standing, 1):
            because = "，".join(clean(text) for text in item.because)
            text = f"{item.text}（{because}）。"
            result.append(
                Paragraph(
                    heading=f"{index}.{item.id}。", sentences=(Sentence(text=text, sources=(f"规则:症结/{item.id}",)),)
                )
            )
        return tuple(result)

    def path(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        if plan is None:
            return (_one("现有事实还不足以拼出处置方案，须先核实清单所列事项。", "规则:组合"),)
        opened = [step for step in plan.details if step.verdict != APPLIES]
        certainty = "经核实后，建议" if opened else "建议"
        lead = f"{certainty}按以下次序处置：{'—'.join(plan.steps)}。"
        result = [_one(lead, *(f"规则:工具/{name}" for name in plan.steps))]
        if plan.resolves:
            result.append(_one(f"该路径针对：{'、'.join(plan.resolves)}。", *(f"规则:症结/{n}" for n in plan.resolves)))
        if plan.unresolved:
            result.append(
                _one(
                    f"该路径尚未解决：{'、'.join(plan.unresolved)}，须另行安排。",
                    *(f"规则:症结/{n}" for n in plan.unresolved),
                )
            )
        for index, step in enumerate(plan.details, 1):
            result.append(self._step(index, step.tool, step.verdict, step.why, step.open))
        if plan.verify_first:
            names = "、".join(plan.verify_first[:6])
            result.append(_one(f"实施前先核实：{names}。", *(f"事实:{name}" for name in plan.verify_first[:6])))
        if plan.used_in:
            cases = [self.advisor.playbook.case(case_id) for case_id in plan.used_in[:4]]
            titles = "、".join(f"{case.file.title}（{case.id}）" for case in cases)
            result.append(_one(f"类似组合已有实践：{titles}。", *(f"案例:{case.id}" for case in cases)))
        return tuple(result)

    def _step(self, index: int, name: str, verdict: str, why: str, opened: tuple[str, ...]) -> Paragraph:
        book = self.advisor.playbook.tool(name)
        mark = "" if verdict == APPLIES else "【待核实】"
        sentences = [Sentence(text=f"{mark}{why.rstrip('。')}。", sources=(f"规则:工具/{name}",))]
        if book is not None:
            sentences.append(
                Sentence(
                    text=f"批准（决定）主体：{book.approver}；由{book.lead}牵头；总时长{book.duration or '视情况'}。",
                    sources=(f"手册:{name}",),
                )
            )
        if opened:
            listed = "；".join(item.rstrip("。") for item in opened)
            sentences.append(Sentence(text=f"须先核实或补齐：{listed}。", sources=(f"规则:工具/{name}",)))
        return Paragraph(heading=f"{index}.{name}。", sentences=tuple(sentences))

    def step_rows(self, plan: PlanView | None) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for name in plan.steps if plan else ():
            book = self.advisor.playbook.tool(name)
            for step in book.steps if book else ():
                rows.append(TableRow(cells=(str(len(rows) + 1), *_step_cells(name, step)), sources=(f"手册:{name}",)))
        return tuple(rows)

    def duty_rows(self, plan: PlanView | None) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for name in plan.steps if plan else ():
            book = self.advisor.playbook.tool(name)
            if book is None:
                continue
            costs = "；".join(f"{cost.item}：{cost.text.rstrip('。')}" for cost in book.costs)
            risks = "；".join(
                f"{item.risk.rstrip('。')}——{item.guard.rstrip('。')}" for item in book.risks[:_MOST_RISKS]
            )
            todos = "；".join(item.item.rstrip("。") for item in book.todos[:_MOST_TODOS])
            rows.append(TableRow(cells=(name, costs or "无", risks or "无", todos or "无"), sources=(f"手册:{name}",)))
        return tuple(rows)

    def others(self) -> tuple[Paragraph, ...]:
        result: list[Paragraph] = []
        for plan in self.parcel.plans[1:]:
            resolves = f"可解决{'、'.join(plan.resolves)}；" if plan.resolves else ""
            opened = f"还有{len(plan.open)}项条件待核实。" if plan.open else "条件已齐备。"
            result.append(
                Paragraph(
                    heading=f"备选方案{plan.rank - 1}：{'—'.join(plan.steps)}。",
                    sentences=(Sentence(text=resolves + opened, sources=tuple(f"规则:工具/{n}" for n in plan.steps)),),
                )
            )
        if not result:
            result.append(_one("现有事实下没有拼出备选方案。", "规则:组合"))
        elif self.parcel.plans[0].tradeoff:
            lead = self.parcel.plans[0]
            sources = tuple(f"手册:{name}" for name in lead.steps)
            text = f"{clean(lead.tradeoff)}。"
            result.append(Paragraph(heading="与备选方案1比较。", sentences=(Sentence(text=text, sources=sources),)))
        return tuple(result)

    def tool_rows(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for tool in self.parcel.tools:
            if tool.verdict == REJECTED or not tool.conditions:
                continue
            if tool.verdict == OPEN and not _occasion_met(tool):
                continue
            unsettled = [item for item in tool.conditions if _blocking(item)]
            reason = "条件齐备" if not unsettled else "；".join(_to_settle(item) for item in unsettled)
            rows.append(
                TableRow(
                    cells=(tool.id, tool.verdict, reason, _bases([*unsettled, *_authority(tool)])),
                    sources=_tool_sources(tool),
                )
            )
        return tuple(rows[:_MOST_TOOLS])

    def rejected_rows(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        rejected = [t for t in self.parcel.tools if t.verdict == REJECTED and t.reason != NO_OCCASION]
        rejected.sort(key=lambda tool: not _occasion_met(tool))  # 情形成立而条件不具备的先说
        for tool in rejected[:_MOST_REJECTED]:
            failing = [item for item in tool.conditions if _failed(item)]
            reason = "；".join(_with_notes(item) for item in failing)
            how = "；".join(f"{item.nature}：{item.how}" for item in tool.unlock[:2]) or "没有可行的解锁办法"
            rows.append(
                TableRow(cells=(tool.id, f"{reason}。依据：{_bases(failing)}", clean(how)), sources=_tool_sources(tool))
            )
        return tuple(rows)

    def case_rows(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for match in self.parcel.precedents[:4]:
            more = f"（另有{len(match.caveats) - 1}条见案例库）" if len(match.caveats) > 1 else ""
            caveat = f"提醒：{match.caveats[0]}{more}" if match.caveats else ""
            different = "；".join(clean(text) for text in match.different[:6]) or "未见不同"
            rows.append(
                TableRow(
                    cells=(
                        f"{match.title}（{match.id}）",
                        "、".join(match.tools),
                        "；".join(clean(text) for text in match.same[:6]) or "未见相同",
                        "。".join(part for part in (different, caveat) if part),
                    ),
                    sources=(f"案例:{match.id}",),
                )
            )
        return tuple(rows)

    def check_rows(self) -> tuple[TableRow, ...]:
        return tuple(
            TableRow(
                cells=(str(index), item.question, item.channel, item.document, item.department),
                sources=(f"事实:{item.fact}",),
            )
            for index, item in enumerate(self.parcel.questions[:_MOST_CHECKS], 1)
        )

    def trace_rows(self) -> tuple[TableRow, ...]:
        shown = {name for plan in self.parcel.plans for name in plan.steps}
        shown_obstacles = {item.id for item in self.parcel.obstacles if item.status == "成立"}
        rows: list[TableRow] = []
        for step in self.parcel.trace:
            kind, _, name = step.joint.partition("/")
            if (kind == "症结成立" and name in shown_obstacles) or (kind == "工具" and name in shown):
                inputs = "；".join(f"{key.partition('/')[0]}{value}" for key, value in step.inputs.items())
                rows.append(
                    TableRow(
                        cells=(str(len(rows) + 1), step.joint, inputs, step.result), sources=(f"规则:{step.joint}",)
                    )
                )
        return tuple(rows)

    def cautions(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        result: list[Paragraph] = []
        for name in plan.steps if plan else ():
            for caution in self.advisor.pack.tools[name].cautions[:_MOST_CAUTIONS]:
                result.append(_one(f"{name}：{caution.rstrip('。')}。", f"规则:工具/{name}"))
        result.append(
            _one(
                "依据标注“依据待核”“时效待核”的，报批前须核对原文与有效期；本草案供内部研究，不代替法定审批。",
                "规则包:置信",
            )
        )
        return tuple(result)


def _one(text: str, *sources: str) -> Paragraph:
    return Paragraph(sentences=(Sentence(text=text, sources=sources),))


def _step_cells(tool: str, step: StepEntry) -> tuple[str, str, str]:
    materials = f"材料：{'、'.join(step.materials)}。" if step.materials else ""
    return (
        f"{tool}—{step.name}",
        f"{step.action.rstrip('。')}。{materials}",
        f"{step.department}；{step.duration or '视情况'}",
    )


def _occasion_met(tool: ToolView) -> bool:
    return all(item.status == "满足" for item in tool.conditions if item.kind == "情形")


def _authority(tool: ToolView) -> list[ConditionView]:
    """设立依据，一份一条，好逐份列出。"""
    found = [item for item in tool.conditions if item.id == AUTHORITY]
    return [item.model_copy(update={"basis": (basis,)}) for item in found for basis in item.basis]


def _failed(item: ConditionView) -> bool:
    return item.kind != "倾向" and item.status == ("满足" if item.kind == "排除" else "不满足")


def _blocking(item: ConditionView) -> bool:
    return item.kind != "倾向" and item.status != ("不满足" if item.kind == "排除" else "满足")


def _to_settle(item: ConditionView) -> str:
    return f"{'待排查' if item.kind == '排除' else '待确认'}“{_with_notes(item)}”"


def _with_notes(item: ConditionView) -> str:
    return f"{item.text}{'（' + '；'.join(item.notes) + '）' if item.notes else ''}"


def _bases(conditions: Iterable[ConditionView]) -> str:
    """每条条件取最可靠的一处依据，同一份文件的条款并在一起；有文件的不列典型案例，不在期、不在地的不列。"""
    articles: dict[tuple[str, str], dict[str, None]] = {}
    for item in conditions:
        live = [b for b in item.basis if b.status in ("现行", "时效待核") and b.in_region != "不在本地域"]
        lawful = [b for b in live if b.level != _CASE_LEVEL]
        if live:
            best = (lawful or live)[0]
            mark = "" if best.confidence in VERIFIED and best.status == "现行" else "〔依据待核〕"
            number = f"（{best.number}）" if best.number else ""
            articles.setdefault((f"《{best.title}》{number}", mark), {})[article_text(best.article)] = None
    return "；".join(title + "、".join(a for a in found if a) + mark for (title, mark), found in articles.items())


def _tool_sources(tool: ToolView) -> tuple[str, ...]:
    bases = dict.fromkeys(f"依据:{b.code}§{b.article}" for item in tool.conditions for b in item.basis)
    return (f"规则:工具/{tool.id}", *bases)
