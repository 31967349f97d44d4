"""Rows of the state as records: names for numbers, tuples for lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Row

from core.text import printable
from storage.errors import UnknownRecord
from storage.names import names

NUMBERS = frozenset(
    {
        "account",
        "work",
        "recipient",
        "by",
        "claimed_by",
        "resolved_by",
        "proposed_by",
        "approved_by",
        "signal_creator",
        "signal_works",
    }
)
"""Columns that hold numbers for names."""

Record = TypeVar("Record")


def named(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """The values of rows by column, with names for numbers.

    Args:
        connection: That they were read on.
        rows: Of any table of the state.
    """
    asked = [row._mapping for row in rows]
    called = names(
        connection,
        (
            number
            for row in asked
            for column in NUMBERS & set(row)
            for number in (row[column] if isinstance(row[column], list) else [row[column]])
        ),
    )
    return [{column: _value(column, row[column], called) for column in row} for row in asked]


def _value(column: str, value: Any, called: Mapping[int | None, str]) -> Any:
    if isinstance(value, list):
        return tuple(called[one] if column in NUMBERS else one for one in value)
    return called.get(value) if column in NUMBERS else value


def record(kind: type[Record], values: Mapping[str, Any], **more: Any) -> Record:
    """A record of those values that it has fields for.

    Args:
        kind: A dataclass.
        values: By column.
        more: Fields that are no columns.
    """
    given = {**values, **more}
    return kind(**{one.name: given[one.name] for one in fields(kind)})  # type: ignore[arg-type]


def only(found: Iterable[Record], what: str, id_: str) -> Record:
    """The one record that there is.

    Args:
        found: At most one.
        what: It is, in words.
        id_: Its id.

    Raises:
        UnknownRecord: There is none.
    """
    for one in found:
        return one
    raise UnknownRecord(f"there is no {what} {printable(id_)} in the records")
