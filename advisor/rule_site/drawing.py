"""关系图：一个工具在中间，与它有关系的围一圈；用 SVG 画，点得开。"""

from __future__ import annotations

import math
from dataclasses import dataclass

_WIDTH, _HEIGHT = 720, 420
_RADIUS_X, _RADIUS_Y = 260, 160


@dataclass(frozen=True)
class Neighbour:
    """一个邻居：工具名、关系类型（可几种）、圆圈上的位置。"""

    tool: str
    kinds: str
    x: int
    y: int


@dataclass(frozen=True)
class Graph:
    """画好位置的关系图。"""

    width: int
    height: int
    centre: tuple[int, int]
    neighbours: tuple[Neighbour, ...]


def relation_graph(related: dict[str, list[str]]) -> Graph:
    """邻居 → 关系类型，均匀排成一圈。

    >>> [(item.tool, item.x, item.y) for item in relation_graph({"甲": ["互斥"], "乙": ["前置"]}).neighbours]
    [('甲', 360, 50), ('乙', 360, 370)]
    """
    centre = (_WIDTH // 2, _HEIGHT // 2)
    placed = []
    for index, (tool, kinds) in enumerate(related.items()):
        angle = 2 * math.pi * index / len(related) - math.pi / 2
        x, y = centre[0] + _RADIUS_X * math.cos(angle), centre[1] + _RADIUS_Y * math.sin(angle)
        placed.append(Neighbour(tool, "、".join(dict.fromkeys(kinds)), round(x), round(y)))
    return Graph(_WIDTH, _HEIGHT, centre, tuple(placed))
