"""The table *container x writer x reader*, as it is kept."""

import csv
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tests.writers.statements import KINDS, Statement
from tests.writers.writer import Writer

HERE = Path(__file__).parent
TABLE = HERE / "table.csv"
FILES = HERE / "files"

READ = "read"
LEFT_OUT = "left out"
REFUSED = "refused"
MISSED = "missed"
"""It stands in the file, and no reader tells it; there is to be no such cell."""


@dataclass(frozen=True)
class Cell:
    """One statement by one writer in one container.

    Attributes:
        writer: With its version.
        statement: Which.
        container: One of `KINDS`.
        outcome: `read`; `left out` of the file by the writer, which says nothing; `refused` by it.
        detail: The reader that tells it, or the writer's words where it refuses.
    """

    writer: str
    statement: Statement
    container: str
    outcome: str
    detail: str = ""


def file_of(writer: Writer | str, statement: Statement, container: str) -> Path:
    """Where the file lies that a program wrote."""
    name = writer.name if isinstance(writer, Writer) else writer
    return FILES / slug(name) / f"{statement.name.lower()}.{KINDS[container]}"


def slug(writer: str) -> str:
    """A writer's name without its version."""
    return re.sub("[^a-z0-9]+", "-", writer.rpartition(" ")[0].lower())


def read_table() -> tuple[Cell, ...]:
    """The table as it was last written."""
    with TABLE.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(Cell(**row | {"statement": Statement[row["statement"]]}) for row in rows)


def write_table(cells: Iterable[Cell]) -> None:
    """Write it anew."""
    with TABLE.open("w", newline="", encoding="utf-8") as lines:
        names = [one.name for one in fields(Cell)]
        writer = csv.DictWriter(lines, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(cell) | {"statement": cell.statement.name} for cell in cells)
