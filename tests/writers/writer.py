"""What a writer is, and what becomes of what it writes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.writers.statements import Statement

Write = Callable[[Path, str, Statement], None]
"""Writes a statement into the picture at this path, of a container of `KINDS`, in its place."""

PLACES = {
    Statement.COMMENT: ("JPEG", "PNG", "GIF"),
    Statement.TEXT: ("PNG",),
    Statement.CREDIT: ("JPEG", "PNG", "GIF", "TIFF"),
    Statement.SOFTWARE: ("JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"),
    Statement.PARAMETERS: ("JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC"),
}
"""Containers that have a place for a statement, where not all have one."""


class NotWritten(Exception):
    """The program refuses; the text says how."""


@dataclass(frozen=True)
class Writer:
    """A program that writes metadata.

    Attributes:
        name: With its version.
        write: How it is told to.
        statements: What it has a way to write.
        kinds: Containers that it writes.
    """

    name: str
    write: Write
    statements: Iterable[Statement]
    kinds: tuple[str, ...]

    def cells(self) -> list[tuple[Statement, str]]:
        """What it can be asked for: statements and containers with a place for them."""
        return [
            (statement, kind)
            for statement in self.statements
            for kind in self.kinds
            if kind in PLACES.get(statement, self.kinds)
        ]
