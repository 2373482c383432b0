"""语法树：七种结点，冻结、可哈希。三个解释器读同一棵树。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from advisor.vocabulary import FactValue, Kind


@dataclass(frozen=True)
class Name:
    """词表或推导事实里的一个名字。"""

    name: str
    kind: Kind
    unit: str = ""


@dataclass(frozen=True)
class Literal:
    """字面量：数、文字、是否、日期。"""

    value: FactValue
    kind: Kind


@dataclass(frozen=True)
class Comparison:
    """两值比较，op 为 == != < <= > >=。"""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Membership:
    """在（不在）一组字面量之中。"""

    item: Node
    values: tuple[FactValue, ...]
    negated: bool = False


@dataclass(frozen=True)
class Junction:
    """并且（conjunctive=True）或者（False）。"""

    conjunctive: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Negation:
    """非。"""

    part: Node


@dataclass(frozen=True)
class Arithmetic:
    """加减乘除。"""

    op: str
    left: Node
    right: Node
    unit: str = ""


Node = Name | Literal | Comparison | Membership | Junction | Negation | Arithmetic


def children(node: Node) -> tuple[Node, ...]:
    """直接子结点。"""
    if isinstance(node, (Comparison, Arithmetic)):
        return (node.left, node.right)
    if isinstance(node, Membership):
        return (node.item,)
    if isinstance(node, Junction):
        return node.parts
    if isinstance(node, Negation):
        return (node.part,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """先根遍历。"""
    yield node
    for child in children(node):
        yield from walk(child)


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """把推导事实的名字换成它的公式，得到只读词表事实的树。"""
    if isinstance(node, Name):
        return definitions.get(node.name, node)
    if isinstance(node, Comparison):
        return Comparison(node.op, inline(node.left, definitions), inline(node.right, definitions))
    if isinstance(node, Arithmetic):
        return Arithmetic(node.op, inline(node.left, definitions), inline(node.right, definitions), node.unit)
    if isinstance(node, Membership):
        return Membership(inline(node.item, definitions), node.values, node.negated)
    if isinstance(node, Junction):
        return Junction(node.conjunctive, tuple(inline(part, definitions) for part in node.parts))
    if isinstance(node, Negation):
        return Negation(inline(node.part, definitions))
    return node


def names(node: Node) -> tuple[str, ...]:
    """读到的名字，按首次出现的次序，不重复。"""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))
