"""The rows of a policy and of those that it inherits, each with where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labelling.policy.document import Conditions, Row
from labelling.policy.problems import LoadedPolicy, Path, Problem

Chain = tuple[LoadedPolicy, ...]
"""A policy behind those that it inherits, the most general first; at least one."""


@dataclass(frozen=True)
class PlacedRow:
    """A row, and where it stands.

    Attributes:
        row: The row.
        number: Within its document.
        loaded: Its document.
        depth: Of its document: 0 for the most general.
    """

    row: Row
    number: int
    loaded: LoadedPolicy
    depth: int

    def problem(self, *within: str | int, say: str, warning: bool = False) -> Problem:
        """A problem of this row.

        Args:
            *within: Which part of it.
            say: The sentence.
            warning: It can be used none the less.
        """
        path: Path = ("rows", self.number, *within)
        return self.loaded.places.problem(path, say, warning=warning)

    def cases(self) -> Iterator[tuple[Literal["when", "unless"], int, Conditions]]:
        """Its cases and its exemptions, each with where it stands."""
        for place, case in enumerate(self.row.when):
            yield "when", place, case
        for place, case in enumerate(self.row.unless):
            yield "unless", place, case


Rows = tuple[PlacedRow, ...]


def placed_rows(chain: Chain) -> Rows:
    """All rows, the most general document's first."""
    return tuple(
        PlacedRow(row, number, loaded, depth)
        for depth, loaded in enumerate(chain)
        for number, row in enumerate(loaded.policy.rows)
    )
