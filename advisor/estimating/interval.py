"""区间：两端都是有理数的闭区间，加减乘除与取大取小都精确。"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


class DivisorSpansZero(Exception):
    """除数可能为零，算不出有限的范围。"""


@dataclass(frozen=True)
class Interval:
    """[low, high]；单值即两端相同。

    >>> Interval.of(1, 2) - Interval.of(1, 2)
    Interval(low=Fraction(-1, 1), high=Fraction(1, 1))
    >>> Interval.of(1, 2) * Interval.of(-3, 4)
    Interval(low=Fraction(-6, 1), high=Fraction(8, 1))
    """

    low: Fraction
    high: Fraction

    @classmethod
    def of(cls, low: Fraction | int, high: Fraction | int | None = None) -> Interval:
        """由一个数或两个数。"""
        return cls(Fraction(low), Fraction(low if high is None else high))

    @property
    def single(self) -> bool:
        """两端相同。"""
        return self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise DivisorSpansZero
        return self * Interval(1 / other.high, 1 / other.low)

    def larger(self, other: Interval) -> Interval:
        """两者取大。"""
        return Interval(max(self.low, other.low), max(self.high, other.high))

    def smaller(self, other: Interval) -> Interval:
        """两者取小。"""
        return Interval(min(self.low, other.low), min(self.high, other.high))

    def hull(self, other: Interval) -> Interval:
        """含住两者的最小区间。"""
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def scaled(self, factor: Fraction) -> Interval:
        """乘以一个正数。"""
        return Interval(self.low * factor, self.high * factor)


ZERO, ONE = Interval.of(0), Interval.of(1)
