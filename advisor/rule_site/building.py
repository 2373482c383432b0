"""把规则包、手册、情景名写成网页；只摆出来，不判断。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from advisor.assess import Advisor
from advisor.citation_text import article_text
from advisor.expression import describe
from advisor.policy import CONFIDENCE_TEXT, Citation
from advisor.reliance import reliance_on
from advisor.rule_site.drawing import relation_graph
from advisor.rulepack.model import KINDS, Relation, RulePack


def write_site(advisor: Advisor, features: Path, out: Path, as_of: date) -> int:
    """写到 out；返回写了几页。features 没有的，不列情景。"""
    pack, playbook = advisor.pack, advisor.playbook
    pages = _environment(pack, as_of)
    written = [_write(pages, out / "index.html", "index", "", _index(advisor))]
    for name, tool in pack.tools.items():
        shown = {
            "tool": tool,
            "kinds": [(kind, tool.of_kind(kind)) for kind in KINDS if tool.of_kind(kind)],
            "book": playbook.tool(name),
            "cases": [case for case in playbook.cases if name in case.tools],
            "scenarios": _scenario_names(features / "tools" / f"{name}.feature"),
            "relations": [(item, _others(item, name)) for item in pack.relations if name in _members(item)],
            "graph": relation_graph(_related(pack, name)),
        }
        written.append(_write(pages, out / "tools" / f"{name}.html", "tool", "../", shown))
    for code in pack.register.codes:
        shown = {"policy": pack.register[code], "reliance": list(reliance_on(code, pack, playbook, as_of).lines)}
        shown["relying"] = [tool.name for tool in pack.tools.values() if code in _codes(tool.authority, *tool.rules)]
        written.append(_write(pages, out / "policies" / f"{code}.html", "policy", "../", shown))
    for case in playbook.cases:
        written.append(_write(pages, out / "cases" / f"{case.id}.html", "case", "../", {"case": case}))
    return len(written)


def _environment(pack: RulePack, as_of: date) -> Environment:
    environment = Environment(
        loader=PackageLoader("advisor.rule_site", "page"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"pack": pack, "as_of": as_of, "told": CONFIDENCE_TEXT}
    environment.filters |= {
        "words": describe,
        "href": lambda name: quote(f"{name}.html"),
        "article": article_text,
        "standing": lambda item: pack.register[item.code].status(as_of),
    }
    return environment


def _write(pages: Environment, path: Path, template: str, root: str, shown: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = pages.get_template(f"{template}.html.j2").render(root=root, **shown)
    path.write_text(text, encoding="utf-8")
    return path


def _index(advisor: Advisor) -> dict[str, Any]:
    pack = advisor.pack
    categories: dict[str, list[Any]] = {}
    for tool in pack.tools.values():
        categories.setdefault(tool.category, []).append(tool)
    policies = [pack.register[code] for code in pack.register.codes]
    entries = json.dumps(list(_entries(advisor)), ensure_ascii=False).replace("<", "\\u003c")
    return {
        "categories": categories,
        "policies": policies,
        "cases": advisor.playbook.cases,
        "entries": Markup(entries),
    }


def _entries(advisor: Advisor) -> Iterator[tuple[str, str, str]]:
    """搜索用：标题、网址、可搜的文字。"""
    pack = advisor.pack
    for name, tool in pack.tools.items():
        text = " ".join((tool.definition, *(f"{rule.id} {rule.text}" for rule in tool.rules)))
        yield name, quote(f"tools/{name}.html"), text
    for code in pack.register.codes:
        policy = pack.register[code]
        text = " ".join((policy.number, policy.gist, *(item.gist for item in policy.articles)))
        yield f"{code} {policy.title}", f"policies/{code}.html", text
    for case in advisor.playbook.cases:
        text = " ".join((case.file.background, *case.tools))
        yield f"{case.id} {case.file.title}", f"cases/{case.id}.html", text


def _scenario_names(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line.split(":", 1)[1].strip() for line in lines if line.startswith(("场景:", "场景大纲:"))]


def _members(relation: Relation) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*relation.tools, *relation.first, *relation.then)))


def _others(relation: Relation, name: str) -> tuple[str, ...]:
    return tuple(other for other in _members(relation) if other != name)


def _related(pack: RulePack, name: str) -> dict[str, list[str]]:
    """邻居 → 关系类型；阻断说的是事实挡住工具，不算邻居。"""
    found: dict[str, list[str]] = {}
    for relation in pack.relations:
        if relation.kind != "阻断" and name in _members(relation):
            for other in _others(relation, name):
                found.setdefault(other, []).append(relation.kind)
    return found


def _codes(authority: tuple[Citation, ...], *rules: Any) -> set[str]:
    return {item.code for item in (*authority, *(cited for rule in rules for cited in rule.citations))}
