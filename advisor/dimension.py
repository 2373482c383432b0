"""单位与量纲：带单位的数换成基本单位再算，单位不合当场指出。有哪些单位、怎么折算由规则包给，这里不写。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from advisor import measures, quantity
from advisor.errors import ExpressionError
from advisor.expression.nodes import Arithmetic, Literal, Name, Node
from advisor.measures import Scales

Dimension = tuple[tuple[str, int], ...]
"""基本单位与幂次，按名排好；没有单位的数为空。"""


@dataclass(frozen=True)
class Unit:
    """一个单位：写法、折成基本单位的倍数、量纲。"""

    text: str
    factor: Fraction
    dimension: Dimension

    def write(self, base: Fraction) -> str:
        """以基本单位计的数，用本单位写出。

        >>> Unit("万元", Fraction(10_000), (("元", 1),)).write(Fraction(152_000))
        '15.2 万元'
        """
        return f"{quantity.text(base / self.factor)}{'' if self.text in ('', '%') else ' '}{self.text}"


@dataclass(frozen=True)
class Family:
    """一类量的单位：各写法折成头一个的倍数。

    pure 不空的没有量纲，头一个单位等于一的这么多倍；usual 是提示时列给人看的写法，可带万、亿。
    """

    scales: Scales
    pure: Fraction | None = None
    usual: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """头一个单位。"""
        return next(iter(self.scales))

    def simple(self, spelling: str) -> Unit | None:
        """不带斜线的一个单位，前面可带万、亿；同样大小的几种写法取头一种。不是这一类的为空。"""
        factor = measures.factor_of(spelling, self.scales)
        if factor is None:
            return None
        plain = spelling if spelling in self.scales else spelling[1:]
        first = next(name for name, scale in self.scales.items() if scale == self.scales[plain])
        text = spelling.removesuffix(plain) + first
        dimension = ((self.base, 1),) if self.pure is None else ()
        return Unit(text, factor * (self.pure or 1), dimension)


class Units:
    """登记的全部单位；头一个单位自己就是复合的（元/亩·年），那一类只用来填事实。"""

    def __init__(self, families: Iterable[Family] = ()) -> None:
        self.families = tuple(families)
        self._simple = tuple(family for family in self.families if family.scales and "/" not in family.base)
        self._read: dict[str, Unit | None] = {}

    def find(self, text: str) -> Unit | None:
        """读一个单位，可带斜线与间隔点，如 万元/亩·年；没有单位的为纯数，不认识的为空。

        >>> area = Family({"平方米": Fraction(1), "亩": Fraction(2000, 3)})
        >>> units = Units([area, Family({"元": Fraction(1)}), Family({"%": Fraction(1)}, pure=Fraction(1, 100))])
        >>> units.find("万元/亩").dimension, units.find("%").factor, units.find("斤") is None
        ((('元', 1), ('平方米', -1)), Fraction(1, 100), True)
        """
        if text not in self._read:
            self._read[text] = self._compound(measures.normal(text).replace("每", "/"))
        return self._read[text]

    def same_kind(self, wanted: Unit) -> tuple[str, ...]:
        """可以互换的单位，提示时列给人看的那几种，如 元、万元、亿元；复合单位只列自身。"""
        for family in self._simple:
            if wanted.text in family.usual:
                return family.usual
        return (wanted.text,)

    def _compound(self, text: str) -> Unit | None:
        pieces = [piece.split("·") for piece in text.split("/")]
        if pieces == [[""]]:
            return Unit("", Fraction(1), ())
        factor, powers, written = Fraction(1), dict[str, int](), []
        for index, piece in enumerate(pieces):
            power = -1 if index else 1
            parts = [self._one(part) for part in piece]
            for part in parts:
                if part is None:
                    return None
                factor *= part.factor**power
                for base, _ in part.dimension:
                    powers[base] = powers.get(base, 0) + power
            written.append("·".join(part.text for part in parts if part is not None))
        return Unit("/".join(written), factor, _dimension(powers))

    def _one(self, spelling: str) -> Unit | None:
        return next((found for family in self._simple if (found := family.simple(spelling)) is not None), None)


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
