"""画图：方案是怎么来的——事实、症结、工具、方案，一列一层。只算位置，样子在模板与样式表里。"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.assessment import ParcelView

_WIDTH, _GAP, _LINE, _PAD, _SPACE = 212, 58, 22, 8, 12
_PER_LINE = 24
_MOST = 6


@dataclass(frozen=True)
class Box:
    """一个框：look 是样子（good、open、bad、quiet），lines 是里面的字。"""

    x: float
    y: float
    width: float
    height: float
    look: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """一张图；titles 是各列的标题与横坐标，links 是连线的路径，said 是给读屏软件的一句话。"""

    width: float
    height: float
    titles: tuple[tuple[float, str], ...]
    boxes: tuple[Box, ...]
    links: tuple[str, ...]
    said: str


def path_drawing(view: ParcelView) -> Drawing | None:
    """主推方案怎么来的；拼不出方案的为 None。"""
    if not view.plans:
        return None
    plan = view.plans[0]
    obstacles = [item for item in view.obstacles if item.id in plan.resolves][:_MOST]
    facts = list(dict.fromkeys(reason for item in obstacles for reason in item.because))[:_MOST]
    columns = [
        ("已知的事实", [(text, "quiet") for text in facts]),
        ("症结", [(item.id, "good" if item.status == "成立" else "open") for item in obstacles]),
        ("用到的工具", [(f"{n}. {s.tool}（{s.verdict}）", _look(s.verdict)) for n, s in enumerate(plan.details, 1)]),
    ]
    links = [((0, facts.index(reason)), (1, row)) for row, item in enumerate(obstacles) for reason in item.because
             if reason in facts]  # fmt: skip
    links += [((1, row), (2, at)) for at, step in enumerate(plan.details) for row, item in enumerate(obstacles)
              if item.id in step.resolves]  # fmt: skip
    said = f"主推方案 {'、'.join(plan.steps)}，解决 {'、'.join(plan.resolves) or '没有登记的症结'}"
    return layered(columns, links, said)


def layered(
    columns: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    links: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    said: str,
) -> Drawing:
    """一列一层地排开；links 是（列，行）到（列，行）。"""
    placed: dict[tuple[int, int], Box] = {}
    titles: list[tuple[float, str]] = []
    heights: list[float] = []
    for column, (title, cells) in enumerate(columns):
        x, y = column * (_WIDTH + _GAP) + 1, 34.0
        titles.append((x, title))
        for row, (text, look) in enumerate(cells):
            lines = wrapped(text)
            box = Box(x, y, _WIDTH, len(lines) * _LINE + _PAD * 2, look, lines)
            placed[column, row] = box
            y += box.height + _SPACE
        heights.append(y)
    width = len(columns) * (_WIDTH + _GAP) - _GAP + 2
    curves = tuple(_curve(placed[start], placed[end]) for start, end in links)
    return Drawing(width, max(heights), tuple(titles), tuple(placed.values()), curves, said)


def wrapped(text: str, most: int = _PER_LINE) -> tuple[str, ...]:
    """按格数折行，汉字占两格；至多三行。

    >>> wrapped("甲乙丙丁", 4)
    ('甲乙', '丙丁')
    """
    lines, width = [""], 0
    for char in text:
        size = 2 if unicodedata.east_asian_width(char) in "WFA" else 1
        if width + size > most:
            lines.append("")
            width = 0
        lines[-1] += char
        width += size
    return tuple(lines[:3]) if len(lines) <= 3 else (*lines[:2], lines[2][:-1] + "…")


def _curve(start: Box, end: Box) -> str:
    x1, y1 = start.x + start.width, start.y + start.height / 2
    x2, y2 = end.x, end.y + end.height / 2
    middle = (x1 + x2) / 2
    return f"M{x1:.0f},{y1:.1f} C{middle:.0f},{y1:.1f} {middle:.0f},{y2:.1f} {x2:.0f},{y2:.1f}"


def _look(verdict: str) -> str:
    return {"适用": "good", "待核实": "open", "不适用": "bad"}.get(verdict, "quiet")
