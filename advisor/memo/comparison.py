"""备选方案并排比较：办法、现金流出、谁出、税费、批准、时间、还开着什么、风险。每项出自手册；手册没写的写“待核”。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from advisor.assessment import ParcelView, PlanView, ToolView
from advisor.evaluation import REJECTED
from advisor.judging import AUTHORITY, relation_truth
from advisor.memo.model import TO_CHECK, TableRow, spoken
from advisor.memo.sourcing import Sourcing
from advisor.memo.wording import blocking, gathered, to_settle
from advisor.playbook import CostEntry, ToolPlaybook
from advisor.rulepack.schema import CitationEntry

MOST_OPTIONS = 3
_BRIEF_OPEN, _MOST_OPEN, _MOST_RISKS, _BRIEF_COSTS = 2, 8, 2, 2
_ORDINALS = "一二三"
_OUTFLOW, _INCOME, _TAX = ("价款", "费", ""), ("收入",), ("税",)
_UNLISTED, _ANALYSIS = "手册未列", "〔分析〕"


@dataclass(frozen=True)
class Option:
    """一个可比的办法：一个方案，或与方案择一的一个工具。"""

    label: str
    steps: tuple[str, ...]
    resolves: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def named(self) -> str:
        """句子里的叫法：方案带上步骤，单个工具只说名称。"""
        steps = "—".join(self.steps)
        return steps if self.label.endswith(steps) else f"{self.label}（{steps}）"


def options(parcel: ParcelView, sourcing: Sourcing) -> tuple[Option, ...]:
    """至多三个：主推方案、备选方案；几个方案的主办法本是几选一的，把没成案的那一个也列进来。"""
    found = [_from_plan(plan) for plan in parcel.plans]
    rival = _rival(parcel, found, sourcing)
    if rival is not None:
        found = [*found[: MOST_OPTIONS - 1], rival]
    return tuple(found[:MOST_OPTIONS])


def _from_plan(plan: PlanView) -> Option:
    label = "主推方案" if plan.rank == 1 else f"备选方案{_ORDINALS[plan.rank - 2]}"
    return Option(label, plan.steps, plan.resolves, plan.open)


def _rival(parcel: ParcelView, found: Sequence[Option], sourcing: Sourcing) -> Option | None:
    """与已有两个方案同在一条互斥、择一关系里，又没有被判不适用的工具：几选一里还没成案的那一个。"""
    taken = {name for option in found for name in option.steps}
    views = {tool.id: tool for tool in parcel.tools}
    for relation in sourcing.pack.relations:
        if relation.kind not in ("互斥", "择一") or relation_truth(relation, sourcing.facts) is False:
            continue
        among = {name for option in found for name in option.steps if name in relation.tools}
        rivals = [n for n in relation.tools if n not in taken and views[n].verdict != REJECTED and _possible(views[n])]
        if len(among) >= 2 and rivals:
            tool = min((views[name] for name in rivals), key=lambda view: view.rank)
            return Option(f"另比：{tool.id}", (tool.id,), tool.resolves, tuple(_settling(tool)))
    return None


def _possible(tool: ToolView) -> bool:
    """情形没有一条不满足，又至少有一条已满足。"""
    found = [item.status for item in tool.conditions if item.kind == "情形"]
    return "不满足" not in found and "满足" in found


def _settling(tool: ToolView) -> Iterable[str]:
    for item in tool.conditions:
        if blocking(item):
            text = f"当地有没有现行依据{TO_CHECK}" if item.id == AUTHORITY else to_settle(item)
            yield f"{tool.id}：{text}"


@dataclass(frozen=True)
class _Line:
    """表里的一行：标题、各方案怎么写、说的是哪几类价款税费、说不说风险。"""

    head: str
    write: Callable[[Option], str]
    kinds: tuple[str, ...] = ()
    risks: bool = False


class Comparison:
    """把几个办法排成表；一格里一个工具一行。"""

    def __init__(self, compared: Sequence[Option], sourcing: Sourcing) -> None:
        self.options, self.sourcing = tuple(compared), sourcing

    def brief(self) -> tuple[TableRow, ...]:
        """正文里的一张：点到为止；主推方案已经写过的工具不再写。"""
        return self._rows(
            "方案比较",
            _Line("办法", lambda o: "—".join(o.steps)),
            _Line("现金流出与谁出", lambda o: self._new(o, self._cash_brief), _OUTFLOW),
            _Line("涉及的税与谁缴", self._taxes_brief, _TAX),
            _Line("批准", lambda o: self._new(o, _approval)),
            _Line("时间", lambda o: self._each(o.steps, _span)),
            _Line("还开着", self._open_brief),
            _Line("主要风险", lambda o: self._new(o, _first_risk), risks=True),
        )

    def full(self) -> tuple[TableRow, ...]:
        """附件里的一张：逐个工具写全；主推方案已经写过的工具不再写。"""
        income = _Line("收入", lambda o: self._income(o) or _UNLISTED, _INCOME)
        return self._rows(
            "方案比选",
            _Line("办法", lambda o: "—".join(o.steps)),
            _Line("解决的症结", lambda o: "、".join(o.resolves) or "无"),
            _Line("现金流出", lambda o: self._new(o, lambda book: self._costs(book, _OUTFLOW)), _OUTFLOW),
            _Line("谁出", lambda o: self._new(o, self._payers), _OUTFLOW),
            *([income] if any(self._income(option) for option in self.options) else ()),
            _Line("涉及的税", lambda o: self._new(o, lambda book: self._costs(book, _TAX)), _TAX),
            _Line("批准", lambda o: self._new(o, _approval)),
            _Line("时间", lambda o: self._each(o.steps, _span)),
            _Line("还开着", self._open_full),
            _Line("风险与防范", lambda o: self._new(o, self._risks), risks=True),
        )

    def _rows(self, prefix: str, *lines: _Line) -> tuple[TableRow, ...]:
        names = [name for option in self.options for name in option.steps]
        sources = [f"手册:{name}" for name in names] + [f"规则:工具/{name}" for name in names]
        resolves = [f"规则:症结/{name}" for option in self.options for name in option.resolves]
        return tuple(
            self.sourcing.row(
                f"{prefix}/{line.head}",
                (line.head, *(line.write(o) or TO_CHECK for o in self.options)),
                *sources,
                *resolves,
                *self._bases(line, names),
            )
            for line in lines
        )

    def _bases(self, line: _Line, names: Sequence[str]) -> tuple[str, ...]:
        """这一行所引手册各项的依据。"""
        found: list[str] = []
        for book in filter(None, map(self.sourcing.playbook.tool, names)):
            for cost in self._listed(book, line.kinds):
                found += self.sourcing.cite((*cost.citations, *cost.payer_citations))
            for risk in book.risks[:_MOST_RISKS] if line.risks else ():
                found += self.sourcing.cite(risk.citations)
        return tuple(found)

    def _told(self, option: Option) -> tuple[str, ...]:
        """主推方案那一栏已经写过的工具。"""
        main = self.options[0]
        return () if option is main else tuple(name for name in option.steps if name in main.steps)

    def _each(self, names: Sequence[str], write: Callable[[ToolPlaybook], str], *, named: bool = False) -> str:
        """逐个工具写，一个一行；只有一个又不要求写工具名的不写。"""
        lines: list[str] = []
        for name in names:
            book = self.sourcing.playbook.tool(name)
            said = (write(book) if book else "") or TO_CHECK
            lines.append(f"{name}：{said}" if named or len(names) > 1 else said)
        return "\n".join(lines)

    def _new(self, option: Option, write: Callable[[ToolPlaybook], str]) -> str:
        """逐个工具写；主推方案写过的只说同。"""
        told = self._told(option)
        fresh = [name for name in option.steps if name not in told]
        said = self._each(fresh, write, named=bool(told))
        return "\n".join(part for part in (said, self._same(told)) if part)

    def _same(self, told: Sequence[str]) -> str:
        return f"{'、'.join(told)}：同{self.options[0].label}" if told else ""

    def _cash_brief(self, book: ToolPlaybook) -> str:
        items = sorted(self._listed(book, _OUTFLOW), key=lambda cost: cost.kind != "价款")
        return "；".join(f"{cost.item}——{self._payer(cost)}" for cost in items[:_BRIEF_COSTS]) or _UNLISTED

    def _income(self, option: Option) -> str:
        """各工具的收入；没有收入的工具不列。"""
        found = {name: self.sourcing.playbook.tool(name) for name in option.steps}
        said = {n: self._costs(book, _INCOME) for n, book in found.items() if book and self._listed(book, _INCOME)}
        return "\n".join(f"{name}：{text}" for name, text in said.items())

    def _taxes_brief(self, option: Option) -> str:
        """一种税一行；各工具谁缴不同的，分别写明是哪一个。"""
        found: dict[str, dict[str, list[str]]] = {}
        for name in option.steps:
            book = self.sourcing.playbook.tool(name)
            for cost in self._listed(book, _TAX) if book else ():
                found.setdefault(cost.item, {}).setdefault(self._payer(cost), []).append(name)
        lines = []
        for item, payers in found.items():
            each = [f"{'、'.join(tools)}——{payer}" if len(payers) > 1 else payer for payer, tools in payers.items()]
            lines.append(f"{item}：{'；'.join(each)}")
        return "\n".join(lines) or f"{_UNLISTED}，问税务"

    def _costs(self, book: ToolPlaybook, kinds: tuple[str, ...]) -> str:
        said = []
        for cost in self._listed(book, kinds):
            who = "" if cost.kind in _OUTFLOW else f"：{self._payer(cost)}"
            mark = "" if _ANALYSIS in cost.text else self._mark(cost.citations)
            said.append(f"{cost.item}{who}——{_plain(cost.text)}{mark}")
        return "。".join(said) or _UNLISTED

    def _listed(self, book: ToolPlaybook, kinds: tuple[str, ...]) -> list[CostEntry]:
        return [cost for cost in book.costs if cost.kind in kinds and self._here(cost)]

    def _here(self, cost: CostEntry) -> bool:
        """只引外地文件的口径，在本地块不列。"""
        named = self.sourcing.cite(cost.citations)
        return not named or any("只在" not in self.sourcing.basis_text(item) for item in named)

    def _mark(self, citations: Sequence[CitationEntry]) -> str:
        return f"〔依据{TO_CHECK}〕" if self.sourcing.weak(citations) else ""

    def _payer(self, cost: CostEntry) -> str:
        """谁出：没有出处的标【待核】，所凭依据都没核实的带记号。"""
        if cost.payer_unsettled:
            return f"【{TO_CHECK}】{cost.payer_hint}"
        return f"{cost.payer}{self._mark(cost.payer_bases)}"

    def _payers(self, book: ToolPlaybook) -> str:
        return "。".join(f"{c.item}——{self._payer(c)}" for c in self._listed(book, _OUTFLOW)) or _UNLISTED

    def _risks(self, book: ToolPlaybook) -> str:
        said = [f"{_plain(r.risk)}——{_plain(r.guard)}" for r in book.risks[:_MOST_RISKS]]
        return "。".join(said) or _UNLISTED

    def _open_brief(self, option: Option) -> str:
        """只点头几条；别的方案里有的工具放在后面。"""
        others = {name for other in self.options if other is not option for name in other.steps}
        own = sorted(option.open, key=lambda item: item.partition("：")[0] in others)
        tail = "等，逐条见工具比选表" if len(own) > _BRIEF_OPEN else ""
        return _grouped(own[:_BRIEF_OPEN], named=len(option.steps) > 1) + tail

    def _open_full(self, option: Option) -> str:
        told = [name for name in self._told(option) if any(item.startswith(f"{name}：") for item in option.open)]
        fresh = [item for item in option.open if item.partition("：")[0] not in told]
        if told and not fresh:
            return self._same(told)
        tail = "等，逐条见下表" if len(fresh) > _MOST_OPEN else ""
        said = _grouped(fresh[:_MOST_OPEN], named=len(option.steps) > 1) + tail
        return "\n".join(part for part in (said, self._same(told)) if part)


def _approval(book: ToolPlaybook) -> str:
    return _plain(book.approver)


def _span(book: ToolPlaybook) -> str:
    return str(book.duration or "视情况")


def _first_risk(book: ToolPlaybook) -> str:
    return _plain(book.risks[0].risk) if book.risks else ""


def _plain(text: str) -> str:
    return text.rstrip("。").replace("。", "；")


def _grouped(items: Sequence[str], *, named: bool) -> str:
    """还开着的条件，一个工具一行；没有的说齐备。"""
    if not items:
        return "条件已齐备"
    grouped: dict[str, list[str]] = {}
    for item in items:
        tool, _, text = spoken(item).partition("：")
        grouped.setdefault(tool, []).append(text)
    return "\n".join(f"{f'{tool}：' if named else ''}{gathered(texts)}" for tool, texts in grouped.items())
