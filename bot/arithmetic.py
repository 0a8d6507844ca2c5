"""Exact arithmetic on printed figures, and how its results are written."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MARK = "约"
# More characters than any printed figure has.
_LONG = 10


def written(value: Decimal) -> str:
    """The number in plain digits without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(value: Decimal) -> str:
    """The number as written, rounded half up to two decimals and marked 约 where it has very many."""
    text = written(value)
    return text if len(text) <= _LONG else MARK + written(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return sum(values, Decimal(0))


def quotient(first: Decimal, second: Decimal) -> str:
    """first ÷ second: exact where it ends, else rounded half up to two decimals and marked 约."""
    exact = Fraction(first) / Fraction(second)
    rest = exact.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    if rest == 1:
        return written(value)
    return MARK + written(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def positions(values: dict[str, Decimal], ascending: bool = False) -> dict[str, int]:
    """Each name's place, 1 for the highest (or lowest); equal values share one."""
    ordered = sorted(values.values(), reverse=not ascending)
    return {name: ordered.index(value) + 1 for name, value in values.items()}
