"""核查清单：还没查清、查清了会影响判定的事实，按四结合渠道与部门分组，先值得查的在前。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.assessment import ConditionView, ParcelView
from advisor.consistency import irrelevant
from advisor.evaluation import OPEN
from advisor.parcel import Parcel
from advisor.rulepack.model import RulePack
from advisor.vocabulary import CHANNELS


@dataclass(frozen=True)
class Item:
    """一项要查的：rank 是全清单里的先后，tools 是等着它才能定的工具，basis 是受影响条件的依据。"""

    rank: int
    fact: str
    question: str
    help: str
    allowed: str
    why: str
    tools: tuple[str, ...]
    channel: str
    document: str
    department: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """一个部门要查的几项，先值得查的在前。"""

    department: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Section:
    """一个渠道，各部门按其最值得查的一项排先后。"""

    channel: str
    groups: tuple[Group, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """这个渠道的全部。"""
        return tuple(item for group in self.groups for item in group.items)


def checklist(pack: RulePack, parcel: Parcel, view: ParcelView) -> tuple[Section, ...]:
    """由评估列出核查清单；view 是 parcel 的评估。没有要查的渠道不列。"""
    return _grouped(_item(pack, view, name, rank) for rank, name in enumerate(_open_facts(pack, parcel, view), 1))


def _open_facts(pack: RulePack, parcel: Parcel, view: ParcelView) -> list[str]:
    """值得问的照评估里的次序；其余待核实条件里的，等着它的工具多的在前。"""
    asked = [question.fact for question in view.questions]
    waiting: dict[str, int] = {}
    for _, condition in _open_conditions(view):
        for name, value in condition.facts.items():
            if value is None:
                waiting[name] = waiting.get(name, 0) + 1
    settled = irrelevant(pack, parcel.facts) | {item.fact for item in view.inferred} | set(asked)
    rest = [name for name in waiting if name not in settled]
    rest.sort(key=lambda name: (-waiting[name], pack.vocabulary.position(name)))
    return asked + rest


def _open_conditions(view: ParcelView) -> list[tuple[str, ConditionView]]:
    return [
        (tool.id, condition)
        for tool in view.tools
        if tool.verdict == OPEN
        for condition in tool.conditions
        if condition.kind != "倾向" and condition.status == "待核实"
    ]


def _item(pack: RulePack, view: ParcelView, name: str, rank: int) -> Item:
    fact = pack.vocabulary[name]
    conditions = [(tool, item) for tool, item in _open_conditions(view) if item.facts.get(name, "") is None]
    tools = tuple(dict.fromkeys(tool for tool, _ in conditions))
    shown = "、".join(tools[:4]) + ("等" if len(tools) > 4 else "")
    basis = dict.fromkeys(one.text for _, item in conditions for one in item.basis[:1])
    proof = fact.proof
    return Item(
        rank=rank,
        fact=name,
        question=fact.question,
        help=fact.help,
        allowed=fact.allowed,
        why=f"{fact.why}{f'等着它定的工具：{shown}。' if tools else ''}",
        tools=tools,
        channel=proof.channel if proof else CHANNELS[2],
        document=proof.document if proof else "",
        department=proof.department if proof else "",
        basis=tuple(basis),
    )


def _grouped(items: Iterable[Item]) -> tuple[Section, ...]:
    by_channel: dict[str, dict[str, list[Item]]] = {channel: {} for channel in CHANNELS}
    for item in items:
        by_channel[item.channel].setdefault(item.department, []).append(item)
    return tuple(
        Section(channel, tuple(Group(department, tuple(found)) for department, found in groups.items()))
        for channel, groups in by_channel.items()
        if groups
    )
