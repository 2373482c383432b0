"""认段：官员改过的文件里，每一段、每一行原是当初生成的哪一段。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from advisor.memo.manifest import Block, digest_of, fragments_of, text_of

_ALIKE = 0.34
"""两段至少有这么多小句相同才算同一段。"""


@dataclass(frozen=True)
class Theirs:
    """官员文件里的一段、一行。"""

    element: Any
    text: str
    digest: str


@dataclass(frozen=True)
class Match:
    """对上的一段：untouched 为真是原样没动过。"""

    block: Block
    untouched: bool


def theirs_of(elements: Sequence[Any]) -> list[Theirs]:
    """逐段取文字与散列。"""
    texts = [text_of(element) for element in elements]
    return [Theirs(element, text, digest_of(text)) for element, text in zip(elements, texts, strict=True)]


def align(blocks: Sequence[Block], theirs: Sequence[Theirs]) -> dict[int, Match]:
    """官员文件里的第几段 → 原是哪一段；没有对上的是他加的，没有被对上的是他删的。"""
    seen = [block.kept or block.digest for block in blocks]
    matcher = SequenceMatcher(None, seen, [item.digest for item in theirs], autojunk=False)
    found: dict[int, Match] = {}
    taken: set[int] = set()
    gaps: list[tuple[list[int], list[int]]] = []
    for kind, low, high, start, end in matcher.get_opcodes():
        if kind == "equal":
            for at, index in zip(range(low, high), range(start, end), strict=True):
                found[index] = Match(blocks[at], not blocks[at].kept)
                taken.add(at)
        else:
            gaps.append((list(range(low, high)), list(range(start, end))))
    _moved(blocks, theirs, seen, found, taken)
    for ours, edited in gaps:
        _edited(
            blocks, theirs, [at for at in ours if at not in taken], [i for i in edited if i not in found], found, taken
        )
    return found


def _moved(
    blocks: Sequence[Block], theirs: Sequence[Theirs], seen: list[str], found: dict[int, Match], taken: set[int]
) -> None:
    """一字没动、只是挪了地方的。"""
    spare: dict[str, list[int]] = {}
    for at, digest in enumerate(seen):
        if at not in taken:
            spare.setdefault(digest, []).append(at)
    for index, item in enumerate(theirs):
        if index not in found and item.text.strip() and spare.get(item.digest):
            at = spare[item.digest].pop(0)
            found[index] = Match(blocks[at].model_copy(update={"pinned": True}), not blocks[at].kept)
            taken.add(at)


def _edited(
    blocks: Sequence[Block],
    theirs: Sequence[Theirs],
    ours: list[int],
    edited: list[int],
    found: dict[int, Match],
    taken: set[int],
) -> None:
    """同一处空当里，小句重合最多的算同一段；只剩一对一时就是那一段改了写法。"""
    scored = [
        (-_alike(blocks[at], theirs[index]), abs(place - spot), at, index)
        for place, at in enumerate(ours)
        for spot, index in enumerate(edited)
    ]
    for score, _, at, index in sorted(scored):
        if -score >= _ALIKE and at not in taken and index not in found:
            found[index] = Match(blocks[at], untouched=False)
            taken.add(at)
    left = [at for at in ours if at not in taken]
    rest = [index for index in edited if index not in found and theirs[index].text.strip()]
    if len(ours) == len(edited) == len(left) == len(rest) == 1:
        found[rest[0]] = Match(blocks[left[0]], untouched=False)
        taken.add(left[0])


def _alike(block: Block, item: Theirs) -> float:
    mine, other = set(block.fragments), set(fragments_of(item.text))
    return len(mine & other) / min(len(mine), len(other)) if mine and other else 0.0


def in_order(weighed: Sequence[tuple[int, int]]) -> set[int]:
    """（次序、分量）里分量最重的一条递增链，返回链上各项的位置。

    >>> sorted(in_order([(0, 2), (5, 2), (1, 2), (2, 2)]))
    [0, 2, 3]
    """
    best: list[int] = []
    previous: list[int] = []
    for at, (rank, weight) in enumerate(weighed):
        before = max((i for i in range(at) if weighed[i][0] < rank), key=lambda i: best[i], default=-1)
        best.append(weight + (best[before] if before >= 0 else 0))
        previous.append(before)
    chain: set[int] = set()
    at = max(range(len(best)), key=best.__getitem__, default=-1)
    while at >= 0:
        chain.add(at)
        at = previous[at]
    return chain
