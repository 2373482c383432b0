"""谁站在一份依据上：哪些条件、工具、关系、期限、推导、办法、案例引用它，哪些模板写着它。"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from advisor.playbook import Playbook
from advisor.policy import Citation, Policy
from advisor.rulepack.model import RulePack

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Reliance:
    """引用一份依据的各处；alone 是除它以外没有现行依据的：它一失效，这些条件就不作数，工具就没有依据。"""

    code: str
    conditions: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    @property
    def lines(self) -> Iterator[tuple[str, str]]:
        """逐项：名目与所列；没有的不出。"""
        listed = (
            ("条件", self.conditions),
            ("工具的依据", self.tools),
            ("关系、期限等", self.others),
            ("办法", self.playbooks),
            ("案例", self.cases),
            ("模板", self.templates),
            ("没有别的现行依据", self.alone),
        )
        return ((name, "、".join(items)) for name, items in listed if items)


def reliance_on(code: str, pack: RulePack, playbook: Playbook, as_of: date) -> Reliance:
    """引用 code 的各处；as_of 用来看别的依据还作不作数。

    Raises:
        RulePackError: 手册或案例写错。
    """
    relying = [rule for rule in pack.all_rules() if _cites(rule.citations, code)]
    tools = [tool for tool in pack.tools.values() if _cites(tool.authority, code)]
    alone = [rule.leaf for rule in relying if not _in_force(rule.citations, pack, as_of, code)]
    alone += [tool.authority_leaf for tool in tools if not _in_force(tool.authority, pack, as_of, code)]
    return Reliance(
        code=code,
        conditions=tuple(rule.leaf for rule in relying),
        tools=tuple(tool.name for tool in tools),
        others=tuple(_others(code, pack)),
        playbooks=tuple(_playbooks(code, pack, playbook)),
        cases=tuple(case.id for case in playbook.cases if any(basis.code == code for basis in case.file.basis)),
        templates=tuple(_templates(pack.register[code], playbook.root / "templates")),
        alone=tuple(alone),
    )


def _cites(citations: Iterable[Citation], code: str) -> bool:
    return any(item.code == code for item in citations)


def _in_force(citations: Iterable[Citation], pack: RulePack, as_of: date, but: str) -> bool:
    """除 but 以外还有没有现行的依据。"""
    return any(item.code != but and pack.register[item.code].status(as_of) == "现行" for item in citations)


def _others(code: str, pack: RulePack) -> Iterator[str]:
    named = (
        *((f"关系 {item.id}", item.citations) for item in pack.relations),
        *((f"期限 {item.id}", item.citations) for item in pack.clocks.clocks),
        *((f"推导 {name}", item.citations) for name, item in pack.derived.items()),
        *((f"矛盾 {item.id}", item.citations) for item in pack.consistency.incompatibilities),
        *((f"推得 {item.id}", item.citations) for item in pack.consistency.consequences),
        *((f"测算 {name}", item.citations) for name, item in pack.estimates.estimates.items()),
        *((f"测算输入 {name}", item.citations) for name, item in pack.estimates.inputs.items()),
    )
    return (name for name, citations in named if _cites(citations, code))


def _playbooks(code: str, pack: RulePack, playbook: Playbook) -> Iterator[str]:
    for name in pack.tools:
        book = playbook.tool(name)
        if book is None:
            continue
        cited = (
            *(item for step in book.steps for item in step.citations),
            *(item for cost in book.costs for item in (*cost.citations, *cost.payer_citations)),
            *(item for risk in book.risks for item in risk.citations),
            *(item for todo in book.todos for item in todo.citations),
        )
        if any(Citation.read(item.label).code == code for item in cited):
            yield name


def _templates(policy: Policy, folder: Path) -> Iterator[str]:
    """写着它的文号、名称或“代码§条”的模板；Word 模板看正文。"""
    marks = [mark for mark in (policy.number, policy.title) if mark]
    quoted = re.compile(rf"(?<![A-Za-z0-9]){re.escape(policy.code)}(?:§|[,\]])")
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        text = _readable(path)
        if any(mark in text for mark in marks) or quoted.search(text):
            yield path.name


def _readable(path: Path) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as package:
            return _TAG.sub("", package.read("word/document.xml").decode("utf-8"))
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
