"""规则库：工具、依据、案例、事实，可搜；一个工具一页，条件、依据、步骤、情景都在；关系图。"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from advisor.assessment import BasisView
from advisor.basis import basis_views
from advisor.errors import InputError
from advisor.locating import features_folder, rules_folder
from advisor.policy import CONFIDENCE_TEXT, Citation
from advisor.rulepack.model import KINDS, RulePack, Tool
from advisor.web.callers import CallerHere, MissingError, PersonHere, SiteHere
from advisor.web.drawing import Drawing, layered
from advisor.web.rendering import page

router = APIRouter(prefix="/library")
_ORDERED = ("前置", "先后", "触发")
_MOST = 40


@router.get("")
def library(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere, q: str = "") -> Response:
    """规则库首页与搜索。"""
    advisor, word = site.advisor, q.strip().lower()
    pack = advisor.pack
    tools = [tool for tool in pack.tools.values() if word in _tool_text(tool)]
    categories: dict[str, list[Tool]] = {}
    for tool in tools:
        categories.setdefault(tool.category, []).append(tool)
    policies = [pack.register[code] for code in pack.register.codes]
    found = [item for item in policies if word in f"{item.code} {item.title} {item.number} {item.gist}".lower()]
    facts = [fact for fact in pack.vocabulary if word in f"{fact.name} {fact.question} {fact.help}".lower()]
    cases = [case for case in advisor.playbook.cases if word in f"{case.id} {case.file.title}".lower()]
    return page(
        request, site, caller, "library.html", q=q, categories=categories, policies=found, cases=cases,
        facts=facts[:_MOST] if word else [], today=site.today, pack=pack,
    )  # fmt: skip


@router.get("/map")
def relations(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere) -> Response:
    """工具之间的关系：先后图与逐条的表。"""
    pack = site.advisor.pack
    kinds = {kind: pack.relations_of(kind) for kind in dict.fromkeys(item.kind for item in pack.relations)}
    return page(request, site, caller, "map.html", drawing=order_drawing(pack), kinds=kinds)


@router.get("/tools/{name}")
def tool_page(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere, name: str) -> Response:
    """一个工具。"""
    advisor = site.advisor
    pack = advisor.pack
    if name not in pack.tools:
        raise MissingError(f"没有“{name}”这个工具")
    tool = pack.tools[name]
    cited = {rule.leaf: bases(pack, rule.citations, site.today) for rule in tool.rules}
    return page(
        request, site, caller, "library_tool.html", tool=tool, kinds=KINDS, cited=cited,
        authority=bases(pack, tool.authority, site.today),
        book=advisor.playbook.tool(name),
        relations=[item for item in pack.relations if name in (*item.tools, *item.first, *item.then)],
        cases=[case for case in advisor.playbook.cases if name in case.tools],
        scenarios=scenarios(site.settings.rules, name),
    )  # fmt: skip


@router.get("/policies/{code}")
def policy_page(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere, code: str) -> Response:
    """一份依据：效力、期限、可靠程度，哪些工具引用它。"""
    pack = site.advisor.pack
    if code not in pack.register:
        raise MissingError(f"没有代码“{code}”的依据")
    policy = pack.register[code]
    users = {
        tool.name: [rule for rule in tool.rules if any(item.code == code for item in rule.citations)]
        for tool in pack.tools.values()
    }
    tools = {
        name: rules
        for name, rules in users.items()
        if rules or any(item.code == code for item in pack.tools[name].authority)
    }
    return page(
        request, site, caller, "policy.html", policy=policy, status=200, tools=tools, confidence=CONFIDENCE_TEXT,
        standing=policy.status(site.today),
    )  # fmt: skip


@router.get("/cases/{case_id}")
def case_page(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere, case_id: str) -> Response:
    """一个案例。"""
    advisor = site.advisor
    try:
        case = advisor.playbook.case(case_id)
    except InputError:
        raise MissingError(f"案例库里没有“{case_id}”") from None
    shown = {name: advisor.pack.vocabulary[name].show(value) for name, value in case.facts.items()}
    return page(request, site, caller, "case.html", case=case, file=case.file, facts=shown)


def bases(pack: RulePack, citations: tuple[Citation, ...], as_of: date) -> tuple[BasisView, ...]:
    """几处依据在基准日的效力，不看地块在哪里。"""
    return basis_views(tuple(pack.register.standing(item, {}, as_of) for item in citations))


def scenarios(rules: str | None, name: str) -> str:
    """这个工具的政策情景原文；没有带情景的为空。"""
    folder = features_folder(rules_folder(rules))
    path = folder / f"{name}.feature" if folder else None
    return path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""


def order_drawing(pack: RulePack) -> Drawing:
    """先后图：有前置、先后、触发关系的工具，由先到后一列一层。"""
    pairs = [
        pair
        for item in pack.relations
        if item.kind in _ORDERED
        for tool in item.tools
        for pair in (*((first, tool) for first in item.first), *((tool, then) for then in item.then))
        if pair[0] in pack.tools and pair[1] in pack.tools
    ]
    level: dict[str, int] = {name: 0 for pair in pairs for name in pair}
    for _ in level:  # 至多这么多层；有环的到此为止
        moved = {then: level[first] + 1 for first, then in pairs if level[then] <= level[first]}
        if not moved or max(moved.values()) >= len(level):
            break
        level.update(moved)
    columns: list[list[str]] = [[] for _ in range(max(level.values(), default=0) + 1)]
    for name in pack.tools:
        if name in level:
            columns[level[name]].append(name)
    at = {name: (column, row) for column, names in enumerate(columns) for row, name in enumerate(names)}
    return layered(
        [(f"第 {number} 层", [(name, "quiet") for name in names]) for number, names in enumerate(columns, 1)],
        [(at[first], at[then]) for first, then in dict.fromkeys(pairs) if level[first] < level[then]],
        "工具先后图，由左到右是由先到后；逐条见下表",
    )


def _tool_text(tool: Tool) -> str:
    return " ".join((tool.name, tool.category, tool.definition, *(rule.text for rule in tool.rules))).lower()
