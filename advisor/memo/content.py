"""草案的正文与合成：先成句，每句带出处，再交给模板排版。没有证实的一律写【待核实】。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from advisor.assess import Advisor
from advisor.assessment import Assessment, ParcelView, PlanStepView, PlanView, QuestionView
from advisor.evaluation import APPLIES
from advisor.memo.annexes import Annexes
from advisor.memo.asking import at_once
from advisor.memo.comparison import Comparison, Option, options
from advisor.memo.model import (
    KIND,
    TO_CHECK,
    TO_VERIFY,
    Annex,
    Estimate,
    Memo,
    Paragraph,
    Sentence,
    TableRow,
    clean,
    spoken,
)
from advisor.memo.outline import Outline, read_outline
from advisor.memo.sourcing import Sourcing
from advisor.memo.wording import gathered

_MOST_VERIFY = 5
_MOST_OPEN = 2
_MOST_RISKS = 3
_MOST_CAUTIONS = 2
_MOST_CASES = 3


def build_memo(
    parcel: ParcelView,
    result: Assessment,
    advisor: Advisor,
    *,
    estimates: Sequence[Estimate] = (),
    remarks: Sequence[str] = (),
    only: tuple[str, ...] = (),
) -> Memo:
    """由评估结果成文；only 是要哪几件，空即全部；estimates 是测算结果，没有就不写测算一节；
    remarks 是案卷里的人工改判，写在处置建议最前面。

    Raises:
        InputError: only 里有编排没有的件。
        RulePackError: 编排文件写错。
    """
    outline = read_outline(advisor.playbook.root / "templates")
    sourcing = Sourcing(parcel, result, advisor, estimates, remarks)
    chosen = outline.choose(only)
    leading = parcel.plans[0] if parcel.plans else None
    compared = options(parcel, sourcing)
    comparison = Comparison(compared, sourcing)
    body, annexes = _Body(sourcing, outline), Annexes(sourcing, outline, leading)
    as_of = date.fromisoformat(result.as_of)
    return Memo(
        title=f"{clean(parcel.name)}{KIND}",
        parcel=clean(parcel.name),
        as_of=result.as_of,
        date_text=f"{as_of.year}年{as_of.month}月{as_of.day}日",
        rule_pack=f"规则包版本{result.rule_pack.version}，校验值{result.rule_pack.sha256[:16]}",
        parts=chosen,
        annexes=_numbered(outline, chosen),
        options=tuple(option.label for option in compared),
        overview=body.overview(),
        diagnosis=body.diagnosis(),
        path=(*body.remarks(), *body.path(leading)),
        choice=body.choice(compared),
        brief_rows=comparison.brief(),
        estimate_rows=body.estimates(estimates),
        verify=body.verify(leading),
        risks=body.risks(leading),
        arrangement=body.arrangement(leading),
        cautions=body.cautions(leading),
        option_rows=comparison.full(),
        **annexes.fields(),
    )


def _numbered(outline: Outline, chosen: tuple[str, ...]) -> tuple[Annex, ...]:
    """附件照编排编号，从 1 起；第一件是正文，不编。"""
    names = [name for name in chosen if name != outline.main]
    return tuple(Annex(number=number, name=name) for number, name in enumerate(names, 1))


class _Body:
    def __init__(self, sourcing: Sourcing, outline: Outline) -> None:
        self.sourcing, self.outline = sourcing, outline
        self.parcel, self.playbook = sourcing.parcel, sourcing.playbook
        self.one = sourcing.paragraph

    def overview(self) -> tuple[Paragraph, ...]:
        sentences: list[Sentence] = []
        known = {name: self.sourcing.shown(name).replace(" ", "") for name in self.parcel.facts}
        for clauses in self.outline.overview:
            said = [(clause, clause.said(known)) for clause in clauses]
            written = [(clause, text) for clause, text in said if text]
            if written:
                names = [f"事实:{name}" for clause, _ in written for name in clause.names]
                sentences.append(self.sourcing.sentence(f"{'，'.join(text for _, text in written)}。", *names))
        derived = [n for n, value in self.parcel.derived.items() if not isinstance(value, bool) and value is not None]
        if derived:
            text = "，".join(f"{name}{self.sourcing.shown(name).replace(' ', '')}" for name in derived)
            sentences.append(self.sourcing.sentence(f"据此算得{text}。", *(f"推导:{name}" for name in derived)))
        sources = [f"事实:{name}" for name in self.parcel.facts]
        if sources:
            text = f"以上据已填报的{len(sources)}项事实写成，未填报的均待核实。"
        else:
            text = "还没有填报事实，各项均待核实。"
        sentences.append(self.sourcing.sentence(text, *(sources or ["编排:概况"])))
        return (Paragraph(key="概况", sentences=tuple(sentences)),)

    def diagnosis(self) -> tuple[Paragraph, ...]:
        standing = [item for item in self.parcel.obstacles if item.status == "成立"]
        if not standing:
            text = f"已填事实中没有查出明确的症结，{TO_VERIFY}事项见待核实清单。"
            return (
                self.one("症结", text, *(f"规则:症结/{item.id}" for item in self.parcel.obstacles[:8]), "编排:症结"),
            )
        named = [f"规则:症结/{item.id}" for item in standing]
        result = [
            self.one(
                "症结", f"经对照已填事实，查明症结{len(standing)}项：{'、'.join(i.id for i in standing)}。", *named
            )
        ]
        for index, item in enumerate(standing, 1):
            because = "，".join(clean(text).replace(" = ", "：") for text in item.because)
            rule = self.sourcing.pack.obstacles[item.id]
            facts = [f"事实:{name}" for name in rule.asks if name in self.parcel.facts]
            bases = [f"依据:{citation.label}" for citation in rule.citations]
            text = f"{item.text.rstrip('。')}（{because}）。"
            key, heading = f"症结/{item.id}", f"{index}.{item.id}。"
            result.append(self.one(key, text, f"规则:症结/{item.id}", *facts, *bases, heading=heading))
        return tuple(result)

    def remarks(self) -> tuple[Paragraph, ...]:
        return tuple(
            self.one(
                f"案卷/{name}", f"{clean(text.rstrip('。'))}。规则判定不因改判而变，报批前须复核。", f"案卷:{name}"
            )
            for name, text in self.sourcing.remarks.items()
        )

    def path(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        if plan is None:
            text = f"现有事实还不足以拼出处置方案，须先核实清单所列事项，{TO_VERIFY}后再定。"
            return (self.one("路径", text, "编排:路径"),)
        opened = any(step.verdict != APPLIES for step in plan.details)
        tools = [f"规则:工具/{name}" for name in plan.steps]
        lead = f"{'经核实后，建议' if opened else '建议'}按以下次序处置：{'—'.join(plan.steps)}。"
        sentences = [self.sourcing.sentence(lead, *tools)]
        if plan.resolves:
            named = [f"规则:症结/{name}" for name in plan.resolves]
            sentences.append(self.sourcing.sentence(f"针对{'、'.join(plan.resolves)}。", *named))
        if plan.unresolved:
            named = [f"规则:症结/{name}" for name in plan.unresolved]
            text = f"尚未解决{'、'.join(plan.unresolved)}，须另行安排。"
            sentences.append(self.sourcing.sentence(text, *named))
        if plan.used_in:
            cases = [self.playbook.case(case_id) for case_id in plan.used_in[:_MOST_CASES]]
            titles = "、".join(f"{case.file.title}（{case.id}）" for case in cases)
            sources = [f"案例:{case.id}" for case in cases]
            sentences.append(self.sourcing.sentence(f"类似组合已有实践：{titles}。", *sources))
        result = [Paragraph(key="路径", sentences=tuple(sentences))]
        return (*result, *(self._step(index, step) for index, step in enumerate(plan.details, 1)))

    def _step(self, index: int, step: PlanStepView) -> Paragraph:
        name, tool = step.tool, f"规则:工具/{step.tool}"
        book = self.playbook.tool(name)
        mark = "" if step.verdict == APPLIES else TO_VERIFY
        sentences = [self.sourcing.sentence(f"{mark}{step.why.rstrip('。')}。", tool, f"规则:关系/{name}")]
        if book is not None:
            approver, span = book.approver.rstrip("。"), str(book.duration or "视情况")
            text = f"批准主体：{approver}。时限：{span}。"
            sentences.append(self.sourcing.sentence(text, f"手册:{name}"))
        if step.open:
            tail = "等，见工具比选表" if len(step.open) > _MOST_OPEN else ""
            listed = gathered(spoken(item) for item in step.open[:_MOST_OPEN])
            sentences.append(self.sourcing.sentence(f"经核实后方可实施，{listed}{tail}。", tool))
        return Paragraph(key=f"路径/{name}", heading=f"{index}.{name}。", sentences=tuple(sentences))

    def choice(self, compared: tuple[Option, ...]) -> tuple[Paragraph, ...]:
        if len(compared) < 2:
            return (self.one("比较", "现有事实下没有拼出可比的备选方案。", "编排:比较"),)
        main, sentences = compared[0], []
        for other in compared[1:]:
            more = [name for name in main.resolves if name not in other.resolves]
            less = [name for name in other.resolves if name not in main.resolves]
            parts = [f"多解决{'、'.join(more)}"] if more else []
            parts += [f"少解决{'、'.join(less)}"] if less else []
            said = f"主推方案{'，'.join(parts)}" if parts else "解决的症结相同，取舍看现金流出、批准层级与时间"
            named = [f"规则:工具/{name}" for name in (*main.steps, *other.steps)]
            named += [f"规则:症结/{name}" for name in (*more, *less)]
            sentences.append(self.sourcing.sentence(f"与{other.named}相比，{said}。", *named))
        return (Paragraph(key="比较", sentences=tuple(sentences)),)

    def estimates(self, estimates: Sequence[Estimate]) -> tuple[TableRow, ...]:
        """算得出的一项一行；缺价没算的合成一行，逐项说缺什么。"""
        rows: list[TableRow] = []
        for item in (item for item in estimates if item.result != TO_CHECK):
            lack = f"缺：{'、'.join(item.missing)}" if item.missing else ""
            how = "\n".join(clean(part) for part in (item.formula, "，".join(item.inputs), lack) if part)
            basis = "；".join(item.bases) or TO_CHECK
            dated = f"基准日{item.valuation_date}" if item.valuation_date else ""
            cells = (item.name, item.result, how, "\n".join(part for part in (basis, dated, item.note) if part))
            rows.append(self.sourcing.row(f"测算/{item.name}", cells, f"测算:{item.name}", *item.sources))
        lacking = [item for item in estimates if item.result == TO_CHECK]
        if lacking:
            said = "\n".join(f"{item.name}缺{'、'.join(item.missing) or '可算的数'}" for item in lacking)
            cells = ("未算各项", TO_CHECK, said, "评估报告、方案定了这些数再算，以评估备案、税务核定为准")
            rows.append(self.sourcing.row("测算/未算", cells, *(f"测算:{item.name}" for item in lacking)))
        return tuple(rows)

    def verify(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        asked = at_once(self.sourcing, plan)[:_MOST_VERIFY]
        if not asked:
            return (self.one("核实", "没有还须核实的事项。", "编排:核实"),)
        return tuple(self._question(index, item) for index, item in enumerate(asked, 1))

    def _question(self, index: int, item: QuestionView) -> Paragraph:
        text = f"{item.question}（{item.channel}：{item.document}，{item.department}）"
        return self.one(f"核实/{item.fact}", text, f"事实:{item.fact}", heading=f"{index}.")

    def risks(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        result: list[Paragraph] = []
        for name in plan.steps[:_MOST_RISKS] if plan else ():
            book = self.playbook.tool(name)
            if book is None or not book.risks:
                continue
            risk = book.risks[0]
            weak = f"〔依据{TO_CHECK}〕" if risk.citations and self.sourcing.weak(risk.citations) else ""
            text = f"{risk.risk.rstrip('。')}。防范：{risk.guard.rstrip('。')}{weak}。"
            bases = self.sourcing.cite(risk.citations)
            result.append(self.one(f"风险/{name}", text, f"手册:{name}", *bases, heading=f"{len(result) + 1}.{name}。"))
        return tuple(result) or (self.one("风险", "方案未定，风险待方案成形后另列。", "编排:风险"),)

    def arrangement(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        result: list[Paragraph] = []
        for name in plan.steps if plan else ():
            book = self.playbook.tool(name)
            if book is None:
                continue
            partners = f"，{'、'.join(book.partners)}配合" if book.partners else ""
            todo = book.todos[0] if book.todos else None
            must = f"；须办：{todo.item.rstrip('。')}" if todo else ""
            bases = self.sourcing.cite(todo.citations) if todo else ()
            text = f"由{book.lead}牵头{partners}{must}。"
            result.append(self.one(f"安排/{name}", text, f"手册:{name}", *bases, heading=f"{len(result) + 1}.{name}。"))
        return tuple(result) or (self.one("安排", "先由牵头单位组织核实，再定责任分工。", "编排:安排"),)

    def cautions(self, plan: PlanView | None) -> tuple[Paragraph, ...]:
        result: list[Paragraph] = []
        for name in plan.steps if plan else ():
            for caution in self.sourcing.pack.tools[name].cautions[:1]:
                if len(result) < _MOST_CAUTIONS:
                    result.append(self.one(f"提示/{name}", f"{name}：{caution.rstrip('。')}。", f"规则:工具/{name}"))
        text = (
            f"标注“依据{TO_CHECK}”“时效{TO_CHECK}”的，报批前须核对原文与有效期；标注“{TO_CHECK}”的还没有出处，"
            "标注“分析”的是编者推断，都不能当规定引用；本草案供内部研究，不代替法定审批。"
        )
        return (*result, self.one("提示", text, "规则包:置信"))
