"""Changes of rows: what an event does to the state, and how it is carried out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite


@dataclass(frozen=True)
class Put:
    """Make a row, or change these columns of the one that there is.

    Attributes:
        table: Whose.
        values: By column, the primary key included.
        once: Columns that only a new row takes.
    """

    table: Table
    values: Mapping[str, Any]
    once: Mapping[str, Any]


@dataclass(frozen=True)
class Set:
    """Change all rows that have some values.

    Attributes:
        table: Whose.
        where: Values by which rows are found, by column; None for what is null.
        values: That they get.
    """

    table: Table
    where: Mapping[str, Any]
    values: Mapping[str, Any]


Change = Put | Set


def put(table: Table, once: Mapping[str, Any] | None = None, **values: Any) -> Put:
    """See `Put`."""
    return Put(table, values, once or {})


def carry_out(connection: Connection, changes: Iterable[Change]) -> None:
    """Change rows. Of each table in order; a change touches one table alone.

    Args:
        connection: Within a transaction.
        changes: In the order of the events.
    """
    by_table: dict[Table, list[Change]] = defaultdict(list)
    for change in changes:
        by_table[change.table].append(change)
    for some in by_table.values():
        for shape, alike in groupby(some, _shape):
            _carry_out_alike(connection, shape, list(alike))


Shape = tuple[type[Change], frozenset[str], frozenset[str], frozenset[str]]


def _shape(change: Change) -> Shape:
    """Changes of one shape are one statement."""
    if isinstance(change, Put):
        return Put, frozenset(change.values), frozenset(change.once), frozenset()
    nothing = frozenset(name for name, value in change.where.items() if value is None)
    return Set, frozenset(change.values), frozenset(change.where), nothing


def _carry_out_alike(connection: Connection, shape: Shape, changes: Sequence[Change]) -> None:
    first = changes[0]
    if isinstance(first, Put):
        rows = [{**one.once, **one.values} for one in changes if isinstance(one, Put)]
        connection.execute(_upsert(connection, first), rows)
        return
    _, values, where, nothing = shape
    table = first.table
    statement = update(table).values({name: bindparam(f"to_{name}") for name in sorted(values)})
    for name in sorted(where):
        column = table.c[name]
        same = column.is_(None) if name in nothing else column == bindparam(f"is_{name}")
        statement = statement.where(same)
    rows = [
        {f"to_{name}": value for name, value in one.values.items()}
        | {f"is_{name}": value for name, value in one.where.items() if value is not None}
        for one in changes
        if isinstance(one, Set)
    ]
    connection.execute(statement, rows)


def _upsert(connection: Connection, one: Put) -> Any:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(one.table)
    keys = [column.name for column in one.table.primary_key]
    changed = {name: statement.excluded[name] for name in one.values if name not in keys}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
