"""The bars of the report's histogram."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        low: Where its range begins, 0 to 1.
        high: Where it ends.
        count: Rows in it.
        height: As a share of the tallest, 0 to 1.
    """

    low: float
    high: float
    count: int
    height: float


def bars(numbers: Sequence[int]) -> list[Bar]:
    """Numbers of rows in equal parts of 0 to 1, as bars."""
    parts, tallest = len(numbers), max([*numbers, 1])
    return [
        Bar(index / parts, (index + 1) / parts, number, number / tallest)
        for index, number in enumerate(numbers)
    ]
