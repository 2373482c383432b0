"""单位与量纲：带单位的数换成基本单位再算，单位不合当场指出。亩按 2000/3 平方米精确折算。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from advisor import quantity
from advisor.errors import ExpressionError
from advisor.expression.nodes import Arithmetic, Literal, Name, Node

Dimension = tuple[tuple[str, int], ...]
"""基本单位与幂次，按名排好；没有单位的数为空。"""

_UNITS: Mapping[str, tuple[str, Fraction]] = {
    "": ("", Fraction(1)), "%": ("", Fraction(1, 100)), "倍": ("", Fraction(1)),
    "元": ("元", Fraction(1)), "万元": ("元", Fraction(10_000)), "亿元": ("元", Fraction(100_000_000)),
    "平方米": ("平方米", Fraction(1)), "万平方米": ("平方米", Fraction(10_000)),
    "公顷": ("平方米", Fraction(10_000)), "亩": ("平方米", Fraction(2000, 3)),
    "年": ("年", Fraction(1)), "个": ("个", Fraction(1)),
}  # fmt: skip
_SPELLINGS = {"㎡": "平方米", "m²": "平方米", "m2": "平方米", "平米": "平方米", "％": "%", "每": "/"}


@dataclass(frozen=True)
class Unit:
    """一个单位：写法、折成基本单位的倍数、量纲。"""

    text: str
    factor: Fraction
    dimension: Dimension

    def write(self, base: Fraction) -> str:
        """以基本单位计的数，用本单位写出。

        >>> unit("亩").write(Fraction(152000)), unit("%").write(Fraction(3, 100))
        ('228 亩', '3%')
        """
        return f"{quantity.text(base / self.factor)}{'' if self.text in ('', '%') else ' '}{self.text}"


@lru_cache(maxsize=500)
def unit(text: str) -> Unit:
    """读一个单位，可带一条斜线与间隔点，如 万元/亩·年。

    Raises:
        ValueError: 不认识的单位。

    >>> unit("万元/亩·年").dimension
    (('元', 1), ('平方米', -1), ('年', -1))
    """
    plain = text.strip()
    for spelling, standard in _SPELLINGS.items():
        plain = plain.replace(spelling, standard)
    top, *bottom = plain.split("/")
    factor = Fraction(1)
    powers: dict[str, int] = {}
    for power, part in [(1, p) for p in top.split("·")] + [(-1, p) for piece in bottom for p in piece.split("·")]:
        if part not in _UNITS or (power < 0 and not part):
            raise ValueError(f"不认识的单位“{text}”")
        base, scale = _UNITS[part]
        factor *= scale**power
        if base:
            powers[base] = powers.get(base, 0) + power
    return Unit(plain, factor, _dimension(powers))


def find_unit(text: str) -> Unit | None:
    """读一个单位；不认识的为空。"""
    try:
        return unit(text)
    except ValueError:
        return None


def same_kind(wanted: Unit) -> tuple[str, ...]:
    """可以互换的单个单位，如 元、万元、亿元；复合单位只列自身。"""
    if not wanted.dimension:
        return (wanted.text,)
    simple = tuple(name for name in _UNITS if name and unit(name).dimension == wanted.dimension)
    return simple if wanted.text in simple else (wanted.text,)


def dimension_of(node: Node, names: Mapping[str, Dimension]) -> Dimension | None:
    """算式的量纲；None 为零，与任何量纲相合。

    Raises:
        ExpressionError: 加减两边量纲不同。
    """
    if isinstance(node, Name):
        return names[node.name]
    if isinstance(node, Literal):
        return None if node.value == 0 else ()
    assert isinstance(node, Arithmetic)
    left, right = dimension_of(node.left, names), dimension_of(node.right, names)
    if node.op in "+-":
        if left is not None and right is not None and left != right:
            raise ExpressionError(
                f"相加减的两边单位不同（{dimension_text(left)}、{dimension_text(right)}）", "先乘除成同一种量再加减"
            )
        return right if left is None else left
    if left is None or right is None:
        return None
    powers = dict(left)
    for base, power in right:
        powers[base] = powers.get(base, 0) + (power if node.op == "*" else -power)
    return _dimension(powers)


def dimension_text(dimension: Dimension) -> str:
    """量纲的中文写法。

    >>> dimension_text((("元", 1), ("平方米", -1))), dimension_text(())
    ('元/平方米', '没有单位的数')
    """
    top = "·".join(base for base, power in dimension for _ in range(max(power, 0)))
    bottom = "·".join(base for base, power in dimension for _ in range(max(-power, 0)))
    return f"{top or '1'}/{bottom}" if bottom else top or "没有单位的数"


def _dimension(powers: Mapping[str, int]) -> Dimension:
    return tuple(sorted((base, power) for base, power in powers.items() if power))
