"""The figures of a scan: while it runs, and at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """How many rows there are of each kind.

    Attributes:
        images: Rows.
        errors: Rows with an error.
        skipped: Files that are no images, and so have no row.
        ai: Rows with the verdict `ai`.
        human: Rows with the verdict `human`.
        inconclusive: Rows with the verdict `inconclusive`.
        distinct: Images that differ in their bytes, errors not counted.
        seconds: Time spent on them, all runs together.
        copies: Rows that hold a copy of an enrolled work.
        close: Other rows that are close to an enrolled creator's style.
        review: Other rows that a person should compare with enrolled works.
        to_look_at: Rows that a person must look at, for one reason or another.
    """

    images: int
    errors: int
    skipped: int
    ai: int
    human: int
    inconclusive: int
    distinct: int
    seconds: float
    copies: int = 0
    close: int = 0
    review: int = 0
    to_look_at: int = 0

    @property
    def similar(self) -> int:
        """Rows that are like enrolled works, in one of these ways."""
        return self.copies + self.close + self.review


@dataclass(frozen=True)
class Progress:
    """How far a scan has come.

    Attributes:
        done: Files and members done, those of earlier runs included.
        total: How many there are; None while unknown.
        seconds: Since this run began.
        new: Done by this run.
        counts: How many rows there are of each kind by now, counted when asked.
    """

    done: int
    total: int | None
    seconds: float
    new: int
    counts: Callable[[], Counts]


@dataclass(frozen=True)
class Summary:
    """What a finished scan gives.

    Attributes:
        counts: The figures.
        results: The table.
        report: The first page of the report.
        actions: How many rows the policy asks each action for, the severest first; none where no
            policy was applied.
    """

    counts: Counts
    results: Path
    report: Path
    actions: tuple[tuple[str, int], ...] = ()
