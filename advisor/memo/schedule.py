"""时限图：按步骤的先后与时长排，由模板画成 SVG；有转换件时另出 PNG。"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from advisor.memo.model import Bar
from advisor.playbook import Duration

_WIDTH, _ROW, _TOP, _LABEL, _RIGHT = 760, 27, 50, 312, 60
_TICKS, _LETTERS = 6, 40


def bars(steps: Sequence[tuple[str, str, Duration | None]]) -> tuple[Bar, ...]:
    """逐步首尾相接，按上限排；steps 是（工具、步骤、时长）。时长不定的不占时间，至多为 0。"""
    placed: list[Bar] = []
    start = 0
    for tool, label, duration in steps:
        low, high = (duration.days if duration else None) or (0, 0)
        placed.append(Bar(label=label, tool=tool, start=start, low=low, high=high))
        start += high
    return tuple(placed)


class Mark(NamedTuple):
    """横轴上的一个刻度。"""

    day: int
    x: float


class Strip(NamedTuple):
    """图上的一条：文字、位置、上限与下限的宽；宽为 0 的写“视情况”。"""

    label: str
    x: float
    y: int
    wide: float
    sure: float


class Drawing(NamedTuple):
    """时限图的几何，供 SVG 模板画。"""

    width: int
    height: int
    label_width: int
    marks: tuple[Mark, ...]
    strips: tuple[Strip, ...]


def drawing(placed: Sequence[Bar]) -> Drawing | None:
    """排好位置；没有步骤时为 None。"""
    if not placed:
        return None
    total = max(placed[-1].start + placed[-1].high, 1)
    scale = (_WIDTH - _LABEL - _RIGHT) / total
    marks = tuple(Mark(day, round(_LABEL + day * scale, 1)) for day in range(0, total + 1, _round_up(total / _TICKS)))
    strips = tuple(
        Strip(
            label=_fit(f"{index + 1} {bar.label}", _LETTERS),
            x=round(_LABEL + bar.start * scale, 1),
            y=_TOP + index * _ROW,
            wide=round(max(bar.high * scale, 2), 1) if bar.high else 0,
            sure=round(max(bar.low * scale, 1.5), 1) if bar.high else 0,
        )
        for index, bar in enumerate(placed)
    )
    return Drawing(_WIDTH, _TOP + _ROW * len(placed) + 12, _LABEL, marks, strips)


def _round_up(value: float) -> int:
    for unit in (1, 5, 10, 30, 60, 90, 180, 360, 720):
        if value <= unit:
            return unit
    return 3600


def _fit(text: str, most: int) -> str:
    """按东亚宽度截短。"""
    kept, used = "", 0
    for char in text:
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > most:
            return f"{kept}…"
        kept += char
    return kept


def png(svg: str) -> bytes | None:
    """把 SVG 转成 PNG；没有装转换件（vl-convert-python）时为 None，版面里用表代替。"""
    try:
        from vl_convert import svg_to_png
    except ImportError:
        return None
    return bytes(svg_to_png(svg, scale=2))
