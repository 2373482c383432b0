"""备选方案并排比较：办法、现金流出、谁出、税费、批准、时间、还开着什么、风险。每项出自手册；手册没写的写“待核”。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from advisor.assessment import ParcelView, PlanView, ToolView
from advisor.evaluation import REJECTED
from advisor.judging import AUTHORITY, relation_truth
from advisor.memo.model import TO_CHECK, TableRow, spoken
from advisor.memo.sourcing import Sourcing
from advisor.memo.wording import blocking, to_settle
from advisor.playbook import CostEntry, ToolPlaybook
from advisor.rulepack.schema import CitationEntry

MOST_OPTIONS = 3
_BRIEF_OPEN, _MOST_OPEN, _MOST_RISKS = 2, 8, 2
_ORDINALS = "一二三"
_OUTFLOW, _INCOME, _TAX = ("价款", "费", ""), ("收入",), ("税",)
_UNLISTED = "手册未列"


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
    """把几个办法排成表。"""

    def __init__(self, compared: Sequence[Option], sourcing: Sourcing) -> None:
        self.options, self.sourcing = tuple(compared), sourcing
        shared = set.intersection(*(set(option.steps) for option in compared)) if len(compared) > 1 else set()
        self.shared = shared

    def brief(self) -> tuple[TableRow, ...]:
        """正文里的一张：只说各自不同的办法，点到为止。"""
        return self._rows(
            "方案比较",
            _Line("办法", lambda o: "—".join(o.steps)),
            _Line("现金流出与谁出", lambda o: self._each(o, self._cash_brief, own=True), _OUTFLOW),
            _Line("涉及的税与谁缴", self._taxes_brief, _TAX),
            _Line("批准", lambda o: self._each(o, lambda book: _plain(book.approver), own=True)),
            _Line("时间", lambda o: self._each(o, lambda book: str(book.duration or "视情况"))),
            _Line("还开着", lambda o: _listed(o.open, _BRIEF_OPEN)),
            _Line("主要风险", lambda o: self._each(o, _first_risk, own=True), risks=True),
        )

    def full(self) -> tuple[TableRow, ...]:
        """附件里的一张：逐个工具写全。"""
        income = _Line("收入", self._income, _INCOME)
        return self._rows(
            "方案比选",
            _Line("办法", lambda o: "—".join(o.steps)),
            _Line("解决的症结", lambda o: "、".join(o.resolves) or "无"),
            _Line("现金流出", lambda o: self._each(o, lambda book: self._costs(book, _OUTFLOW)), _OUTFLOW),
            _Line("谁出", lambda o: self._each(o, self._payers), _OUTFLOW),
            *([income] if any(self._income(option) for option in self.options) else ()),
            _Line("涉及的税", lambda o: self._each(o, lambda book: self._costs(book, _TAX)), _TAX),
            _Line("批准", lambda o: self._each(o, lambda book: _plain(book.approver))),
            _Line("时间", lambda o: self._each(o, lambda book: str(book.duration or "视情况"))),
            _Line("还开着", lambda o: _listed(o.open, _MOST_OPEN)),
            _Line("风险与防范", lambda o: self._each(o, self._risks), risks=True),
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

    def _each(self, option: Option, write: Callable[[ToolPlaybook], str], *, own: bool = False) -> str:
        """逐个工具写；own 时略去各方案都有的。"""
        names = [name for name in option.steps if not (own and name in self.shared)] or list(option.steps)
        parts: list[str] = []
        for name in names:
            book = self.sourcing.playbook.tool(name)
            said = (write(book) if book else "") or TO_CHECK
            parts.append(said if len(names) == 1 else f"{name}：{said}")
        return "；".join(parts)

    def _cash_brief(self, book: ToolPlaybook) -> str:
        items = sorted(self._listed(book, _OUTFLOW), key=lambda cost: cost.kind != "价款")
        return "、".join(f"{cost.item}（{self._payer(cost)}）" for cost in items[:2]) or _UNLISTED

    def _income(self, option: Option) -> str:
        """各工具的收入；没有收入的工具不列。"""
        found = {name: self.sourcing.playbook.tool(name) for name in option.steps}
        said = {n: self._costs(book, _INCOME) for n, book in found.items() if book and self._listed(book, _INCOME)}
        return "；".join(f"{name}：{text}" for name, text in said.items())

    def _taxes_brief(self, option: Option) -> str:
        found: dict[str, dict[str, None]] = {}
        for name in option.steps:
            book = self.sourcing.playbook.tool(name)
            for cost in self._listed(book, _TAX) if book else ():
                found.setdefault(cost.item, {})[self._payer(cost)] = None
        return "；".join(f"{item}：{'、'.join(payers)}" for item, payers in found.items()) or f"{_UNLISTED}，问税务"

    def _costs(self, book: ToolPlaybook, kinds: tuple[str, ...]) -> str:
        said = []
        for cost in self._listed(book, kinds):
            who = "" if cost.kind in _OUTFLOW else f"（{self._payer(cost)}）"
            said.append(f"{cost.item}{who}——{_plain(cost.text)}{self._mark(cost.citations)}")
        return "，".join(said) or _UNLISTED

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
        return "，".join(f"{c.item}——{self._payer(c)}" for c in self._listed(book, _OUTFLOW)) or _UNLISTED

    def _risks(self, book: ToolPlaybook) -> str:
        return "，".join(f"{_plain(r.risk)}——{_plain(r.guard)}" for r in book.risks[:_MOST_RISKS]) or _UNLISTED


def _first_risk(book: ToolPlaybook) -> str:
    return _plain(book.risks[0].risk) if book.risks else ""


def _plain(text: str) -> str:
    return text.rstrip("。").replace("。", "；")


def _listed(items: Sequence[str], most: int) -> str:
    """还开着的条件；同一个工具的并在一起，工具只写一次。"""
    if not items:
        return "条件已齐备"
    grouped: dict[str, list[str]] = {}
    for item in items[:most]:
        tool, _, text = spoken(item).partition("：")
        grouped.setdefault(tool, []).append(text.rstrip("。"))
    several = len({item.partition("：")[0] for item in items}) > 1
    said = [f"{f'{tool}：' if several else ''}{'、'.join(texts)}" for tool, texts in grouped.items()]
    return "；".join(said) + ("等，逐条见工具比选表" if len(items) > most else "")
