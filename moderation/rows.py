"""Rows that a platform hands over: a CSV file with a head, or a JSON object on each line."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.text import one_line, printable
from moderation.errors import BadRow
from storage.errors import BadText

Row = TypeVar("Row")

LONGEST = 1 << 20
"""Characters of a line."""


def read_rows(path: Path, kind: TypeAdapter[Row]) -> Iterator[tuple[Mapping[str, Any], Row]]:
    """Read a file row by row; memory stays flat.

    Args:
        path: Of the file, as UTF-8. Where its name ends in `.jsonl` it holds JSON, else CSV, whose
            empty cells count as left out.
        kind: What a row is.

    Yields:
        Each row, with its record.

    Raises:
        BadRow: A row is not as described; names its line.
        OSError: The file cannot be read.
    """
    # What is no UTF-8 reaches the record, and is refused there with its line.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        of_json = path.suffix == ".jsonl"
        read = kind.validate_python if of_json else kind.validate_strings
        try:
            for line, row in _objects(file) if of_json else _cells(file):
                yield row, _record(line, row, read)
        except _NoRow as error:
            raise BadRow(
                f"{printable(str(path))}, line {error.line}: {one_line(str(error))}."
                " Nothing was taken in."
            ) from None


class _NoRow(Exception):
    """A line that holds no row."""

    def __init__(self, line: int, wrong: str) -> None:
        super().__init__(wrong)
        self.line = line


def _record(line: int, row: Mapping[str, Any], read: Callable[[Any], Row]) -> Row:
    try:
        return read(row)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        wrong = f"{place}: {first['msg']}" if place else first["msg"]
    except BadText as error:
        wrong = str(error)
    raise _NoRow(line, wrong)


def _objects(file: IO[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise _NoRow(number, "it is no JSON") from None
        if not isinstance(found, dict):
            raise _NoRow(number, "it is no JSON object")
        yield number, found


def _cells(file: IO[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(iter(lambda: file.readline(LONGEST), ""), strict=True)
    try:
        for row in reader:
            if None in row:
                raise _NoRow(reader.line_num, "it has more cells than the head")
            yield reader.line_num, {name: cell for name, cell in row.items() if cell}
    except csv.Error as error:
        raise _NoRow(reader.line_num + 1, str(error)) from None  # where the row begins
