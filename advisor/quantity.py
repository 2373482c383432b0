"""数值：以有理数精确计算，按十进制写出。"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction


def to_fraction(raw: object) -> Fraction | None:
    """把数或数字文字变成有理数；不是有限的数则为 None。

    >>> to_fraction("3.43") / to_fraction("34.3") == Fraction(1, 10)
    True
    >>> to_fraction(0.1), to_fraction(float("nan")), to_fraction("很大")
    (Fraction(1, 10), None, None)
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, Fraction):
        return raw
    try:
        number = Decimal(str(raw).replace(",", "").strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return None
    return Fraction(number)


def plain(value: Fraction, places: int = 4) -> int | float:
    """写进 JSON 的数：整数写整数，小数至多 places 位（四舍五入）。

    >>> plain(Fraction(15, 4)), plain(Fraction(228)), plain(Fraction(1, 3))
    (3.75, 228, 0.3333)
    """
    if value.denominator == 1:
        return value.numerator
    return float(text(value, places))


def text(value: Fraction, places: int = 4) -> str:
    """写给人看的数，不带多余的零；十进制写得尽的原样写出，写不尽的取 places 位。

    >>> text(Fraction("3.4300")), text(Fraction(2, 3)), text(Fraction("0.000012"))
    ('3.43', '0.6667', '0.000012')
    """
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    if denominator != 1:
        quotient = quotient.quantize(Decimal(1).scaleb(-places))
    shown = format(quotient, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
