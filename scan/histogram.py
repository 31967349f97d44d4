"""Where the bars of the report's histogram stand, and which page each leads to."""

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
        page: The page where its rows begin, with the highest probability.
        row: Number of the first of them in the whole report, from 1.
    """

    low: float
    high: float
    count: int
    height: float
    page: int
    row: int


def bars(numbers: Sequence[int], rows_per_page: int) -> list[Bar]:
    """Numbers of rows in equal parts of 0 to 1, as bars over rows sorted from high to low."""
    tallest = max((*numbers, 1))
    result = []
    for index, number in enumerate(numbers):
        before = sum(numbers[index + 1 :])
        result.append(
            Bar(
                low=index / len(numbers),
                high=(index + 1) / len(numbers),
                count=number,
                height=number / tallest,
                page=before // rows_per_page + 1,
                row=before + 1,
            )
        )
    return result
