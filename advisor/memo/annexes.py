"""草案的附件：各张表的行，每行带出处。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.assessment import PlanView, ToolView
from advisor.citation_text import article_text
from advisor.evaluation import NO_OCCASION, OPEN, REJECTED
from advisor.memo.asking import in_order
from advisor.memo.model import TO_CHECK, TO_VERIFY, Bar, Paragraph, TableRow, clean, spoken
from advisor.memo.outline import Outline, RecordEntry
from advisor.memo.schedule import bars
from advisor.memo.sourcing import Sourcing
from advisor.memo.wording import (
    IN_FORCE,
    authority_of,
    best_bases,
    blocking,
    failed,
    gathered,
    occasion_met,
    to_settle,
    unmet,
)
from advisor.playbook import StepEntry, ToolPlaybook
from advisor.policy import CONFIDENCE_TEXT
from advisor.unlocking import FIXED
from advisor.vocabulary import CHANNELS

_MOST_TOOLS = 12
_MOST_REJECTED = 6
_MOST_CHECKS = 30
_MOST_RISKS = 2
_MOST_CASES = 4
_MOST_POINTS = 6
_MOST_WAYS = 2


class Annexes:
    """一份草案的各张表。"""

    def __init__(self, sourcing: Sourcing, outline: Outline, plan: PlanView | None) -> None:
        self.sourcing, self.outline, self.plan = sourcing, outline, plan
        self.parcel, self.row = sourcing.parcel, sourcing.row
        named = plan.steps if plan else ()
        self.books: list[tuple[str, ToolPlaybook]] = [
            (name, book) for name in named if (book := sourcing.playbook.tool(name)) is not None
        ]
        self.steps: list[tuple[str, StepEntry]] = [(name, step) for name, book in self.books for step in book.steps]

    def fields(self) -> dict[str, Any]:
        """草案里附件的各个字段。"""
        return {
            "fact_rows": self.facts(),
            "policy_rows": self.policy(),
            "tool_rows": self.tools(),
            "rejected_rows": self.rejected(),
            "check_rows": self.checks(),
            "material_rows": self.materials(),
            "step_rows": self.step_rows(),
            "bars": self.bars(),
            "schedule_note": self.schedule_note(),
            "case_rows": self.cases(),
            "record_rows": tuple(self._record(entry) for entry in self.outline.record),
            "target_rows": self.targets(),
            "record_note": self._note("备案"),
            "target_note": self._note("指标"),
            "basis_rows": self.bases(),
            "trace_rows": self.trace(),
        }

    def facts(self) -> tuple[TableRow, ...]:
        vocabulary = self.sourcing.pack.vocabulary
        rows: list[TableRow] = []
        for name in self.parcel.facts:
            fact = vocabulary[name]
            proof = fact.proof.document if fact.proof else ""
            rows.append(self.row(f"地块/{name}", (fact.group, name, self.sourcing.shown(name), proof), f"事实:{name}"))
        for name, value in self.parcel.derived.items():
            if value is not None and not isinstance(value, bool):
                text = self.sourcing.pack.derived[name].text
                rows.append(self.row(f"推导/{name}", ("算得", name, self.sourcing.shown(name), text), f"推导:{name}"))
        return tuple(rows)

    def policy(self) -> tuple[TableRow, ...]:
        """一地一策：一宗地一张，一栏一行。"""
        plan = self.plan
        standing = [item.id for item in self.parcel.obstacles if item.status == "成立"]
        lines: list[tuple[str, str, list[str]]] = [
            ("地块", clean(self.parcel.name), ["规则包:版本", *(f"事实:{name}" for name in self.parcel.facts)]),
            ("成因症结", "、".join(standing) or TO_VERIFY, [f"规则:症结/{n}" for n in standing] or ["编排:症结"]),
        ]
        tools = [f"规则:工具/{name}" for name in plan.steps] if plan else ["编排:路径"]
        books = [f"手册:{name}" for name, _ in self.books] or ["编排:路径"]
        lines.append(("处置路径", "—".join(plan.steps) if plan else TO_VERIFY, tools))
        lines.append(("牵头", self._each(lambda book: book.lead), books))
        lines.append(("配合", "、".join(dict.fromkeys(p for _, b in self.books for p in b.partners)), books))
        lines.append(("批准", self._each(lambda book: book.approver.rstrip("。")), books))
        lines.append(("时限", self._each(lambda book: str(book.duration or "视情况")), books))
        if plan and plan.unresolved:
            lines.append(("未解决", "、".join(plan.unresolved), [f"规则:症结/{n}" for n in plan.unresolved]))
        if plan and plan.verify_first:
            wanted = set(plan.verify_first)
            first = [item.fact for item in in_order(self.sourcing, plan) if item.fact in wanted][:_MOST_POINTS]
            lines.append(("先核实", "、".join(first), [f"事实:{name}" for name in first]))
        lines.append(("防范", self._each(lambda book: book.risks[0].guard.rstrip("。") if book.risks else ""), books))
        return tuple(self.row(f"一地一策/{h}", (h, text or TO_CHECK), *sources) for h, text, sources in lines)

    def _each(self, write: Any) -> str:
        said = [(name, write(book)) for name, book in self.books]
        if len(said) == 1:
            return str(said[0][1])
        return "\n".join(f"{name}：{text or TO_CHECK}" for name, text in said)

    def tools(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for tool in self.parcel.tools:
            if tool.verdict == REJECTED or not tool.conditions or (tool.verdict == OPEN and not occasion_met(tool)):
                continue
            unsettled = [item for item in tool.conditions if blocking(item)]
            reason = gathered(to_settle(item) for item in unsettled) or "条件齐备"
            cells = (tool.id, tool.verdict, reason, best_bases([*unsettled, *authority_of(tool)]))
            rows.append(self.row(f"工具/{tool.id}", cells, f"规则:工具/{tool.id}", *self._tool_bases(tool)))
        return tuple(rows[:_MOST_TOOLS])

    def rejected(self) -> tuple[TableRow, ...]:
        rejected = [t for t in self.parcel.tools if t.verdict == REJECTED and t.reason != NO_OCCASION]
        rejected.sort(key=lambda tool: not occasion_met(tool))  # 情形成立而条件不具备的先说
        rows: list[TableRow] = []
        for tool in rejected[:_MOST_REJECTED]:
            failing = [item for item in tool.conditions if failed(item)]
            reason = f"{gathered(unmet(item) for item in failing)}\n依据：{best_bases(failing) or TO_CHECK}"
            how = "\n".join(self._ways(tool)) or "没有可行的解锁办法"
            sources = (f"规则:工具/{tool.id}", *self._tool_bases(tool), *self._changed(tool))
            rows.append(self.row(f"不适用/{tool.id}", (tool.id, reason, spoken(how)), *sources))
        return tuple(rows)

    def _ways(self, tool: ToolView) -> Iterable[str]:
        """怎样解锁：办得到的写办法；照现状改变不了的只点明是哪几项。"""
        vocabulary = self.sourcing.pack.vocabulary
        known = [name for item in tool.unlock if item.nature == FIXED for name in item.change]
        fixed = [name for name in known if name in self.parcel.facts and not vocabulary[name].actionable]
        if fixed:
            yield f"{FIXED}：{'，'.join(f'{name}现为{self.sourcing.shown(name)}' for name in dict.fromkeys(fixed))}"
        for item in [item for item in tool.unlock if item.nature != FIXED][:_MOST_WAYS]:
            yield f"{item.nature}：{clean(item.how)}"

    def _changed(self, tool: ToolView) -> tuple[str, ...]:
        return tuple(f"事实:{name}" for unlock in tool.unlock for name in unlock.change)

    def _tool_bases(self, tool: ToolView) -> tuple[str, ...]:
        return self.sourcing.tool_bases(b for item in tool.conditions for b in item.basis)

    def checks(self) -> tuple[TableRow, ...]:
        """四结合：按渠道归拢，渠道内主推方案要的在前；没写渠道的排在最后。"""
        asked = in_order(self.sourcing, self.plan)[:_MOST_CHECKS]
        rows: list[TableRow] = []
        for channel in (*CHANNELS, ""):
            for item in (question for question in asked if question.channel == channel):
                used = "、".join(item.affects[:3]) + ("等" if len(item.affects) > 3 else "")
                tools = [f"规则:工具/{name}" for name in item.affects[:3]]
                cells = (str(len(rows) + 1), channel, item.question, item.document, item.department, used or "症结")
                rows.append(self.row(f"核实表/{item.fact}", cells, f"事实:{item.fact}", *tools))
        return tuple(rows)

    def materials(self) -> tuple[TableRow, ...]:
        """按部门列各步要交、要出的材料。"""
        wanted: dict[str, list[tuple[str, StepEntry]]] = {}
        for name, step in self.steps:
            if step.materials:
                wanted.setdefault(step.department, []).append((name, step))
        rows: list[TableRow] = []
        for department, steps in wanted.items():
            for name, step in steps:
                cells = (str(len(rows) + 1), department, "、".join(step.materials), f"{name}—{step.name}")
                rows.append(self.row(f"材料/{name}/{step.name}", cells, f"手册:{name}"))
        return tuple(rows)

    def step_rows(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for index, (name, step) in enumerate(self.steps, 1):
            bases = self.sourcing.cite(step.citations)
            weak = f"〔依据{TO_CHECK}〕" if step.citations and self.sourcing.weak(step.citations) else ""
            what = f"{step.action.rstrip('。')}{weak}"
            cells = (str(index), f"{name}—{step.name}", what, step.department, str(step.duration or "视情况"))
            rows.append(self.row(f"步骤/{name}/{step.name}", cells, f"手册:{name}", *bases))
        return tuple(rows)

    def bars(self) -> tuple[Bar, ...]:
        return bars([(name, f"{name}—{step.name}", step.duration) for name, step in self.steps])

    def schedule_note(self) -> tuple[Paragraph, ...]:
        if not self.steps:
            return (self.sourcing.paragraph("时限", f"方案未定，步骤与时限{TO_VERIFY}后另排。", "编排:时限"),)
        text = "各步骤按先后首尾相接、取时长上限排；标“估计”的是编者估计，只供排期，可以并行的由牵头单位压缩。"
        return (self.sourcing.paragraph("时限", text, *(f"手册:{name}" for name, _ in self.books)),)

    def cases(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for match in self.parcel.precedents[:_MOST_CASES]:
            more = "（其余提醒见案例库）" if len(match.caveats) > 1 else ""
            caveat = f"提醒：{match.caveats[0].rstrip('。')}{more}" if match.caveats else ""
            different = "；".join(clean(text) for text in match.different[:_MOST_POINTS]) or "未见不同"
            cells = (
                f"{match.title}（{match.id}）",
                "、".join(match.tools),
                "；".join(clean(text) for text in match.same[:_MOST_POINTS]) or "未见相同",
                "。".join(part for part in (different, caveat) if part),
            )
            rows.append(self.row(f"案例/{match.id}", cells, f"案例:{match.id}"))
        return tuple(rows)

    def _note(self, use: str) -> tuple[Paragraph, ...]:
        return tuple(
            self.sourcing.paragraph(f"说明/{use}", note.text, "编排:说明", *self.sourcing.cite(note.citations))
            for note in self.outline.notes
            if note.use == use
        )

    def _record(self, entry: RecordEntry) -> TableRow:
        known = [name for name in entry.facts if name in self.parcel.facts]
        unknown = [name for name in entry.facts if name not in self.parcel.facts]
        parts = ["；".join(f"{name}：{self.sourcing.shown(name)}" for name in known)] if known else []
        if unknown:
            parts.append(f"{'、'.join(unknown)}{TO_VERIFY}")
        parts += self._taken(entry)
        sources = [f"事实:{name}" for name in entry.facts] + [f"手册:{name}" for name, _ in self.books]
        text = "\n".join(dict.fromkeys(parts)) or TO_VERIFY
        return self.row(f"备案/{entry.item}", (entry.item, text), *sources, *self.sourcing.cite(entry.citations))

    def _taken(self, entry: RecordEntry) -> Iterable[str]:
        """从方案各步取材料、批准主体、风险或防范。"""
        for name, book in self.books:
            listed = [text for step in book.steps for text in step.materials]
            found = [text for text in listed if any(word in text for word in entry.materials)]
            if found:
                yield f"{name}须备{'、'.join(dict.fromkeys(found))}，结果{TO_VERIFY}"
        for name, book in self.books:
            if entry.take == "批准主体":
                yield f"{name}：{book.approver.rstrip('。')}"
            elif entry.take:
                taken = [risk.risk if entry.take == "风险" else risk.guard for risk in book.risks[:_MOST_RISKS]]
                yield f"{name}：{'；'.join(text.rstrip('。') for text in taken)}"

    def targets(self) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for entry in self.outline.targets:
            facts = "；".join(f"{n}：{self.sourcing.shown(n)}" for n in entry.facts if n in self.parcel.facts)
            bases = self.sourcing.cite(entry.citations)
            cells = (entry.item, facts or TO_VERIFY, f"{entry.agreed}{TO_VERIFY}", self._named(bases))
            sources = [f"事实:{name}" for name in entry.facts] + ["编排:指标表"]
            rows.append(self.row(f"指标/{entry.item}", cells, *sources, *bases))
        return tuple(rows)

    def _named(self, sources: Iterable[str]) -> str:
        return "；".join(self.sourcing.basis_text(source) for source in sources) or TO_CHECK

    def bases(self) -> tuple[TableRow, ...]:
        """主推方案用到的依据，一份一行。"""
        found: dict[tuple[str, str], list[str]] = {}
        chosen = set(self.plan.steps) if self.plan else set()
        for tool in self.parcel.tools:
            if tool.id in chosen:
                for basis in (b for item in tool.conditions for b in item.basis):
                    if basis.in_region != "不在本地域" and basis.status in IN_FORCE:
                        mark = CONFIDENCE_TEXT[basis.confidence]
                        title = f"《{basis.title}》{f'（{basis.number}）' if basis.number else ''}"
                        found.setdefault((title, f"{mark}，{basis.status}"), []).append(
                            f"{basis.code}{f'§{basis.article}' if basis.article else ''}"
                        )
        rows: list[TableRow] = []
        for (title, mark), labels in sorted(found.items(), key=lambda item: item[1][0]):
            unique = list(dict.fromkeys(labels))
            articles = "、".join(text for label in unique if (text := article_text(label.partition("§")[2])))
            cells = (str(len(rows) + 1), title, articles or "未注条号", mark)
            rows.append(self.row(f"依据/{title}/{mark}", cells, *(f"依据:{label}" for label in unique)))
        return tuple(rows)

    def trace(self) -> tuple[TableRow, ...]:
        shown = set(self.plan.steps) if self.plan else set()
        standing = {item.id for item in self.parcel.obstacles if item.status == "成立"}
        rows: list[TableRow] = []
        for step in self.parcel.trace:
            kind, _, name = step.joint.partition("/")
            if (kind == "症结成立" and name in standing) or (kind == "工具" and name in shown):
                inputs = "；".join(f"{key.partition('/')[0]}{value}" for key, value in step.inputs.items())
                source = f"规则:{'工具' if kind == '工具' else '症结'}/{name}"
                cells = (str(len(rows) + 1), step.joint, inputs, step.result)
                rows.append(self.row(f"轨迹/{step.joint}", cells, source))
        return tuple(rows)
