"""Changes of rows: what an event does to the state, and how it is carried out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, bindparam, update
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


Shape = tuple[type[Change], Table, frozenset[str], frozenset[str], frozenset[str]]


def _shape(change: Change) -> Shape:
    """Changes of one shape are one statement."""
    if isinstance(change, Put):
        return Put, change.table, frozenset(change.values), frozenset(change.once), frozenset()
    nothing = frozenset(name for name, value in change.where.items() if value is None)
    return Set, change.table, frozenset(change.values), frozenset(change.where), nothing


def _carry_out_alike(connection: Connection, shape: Shape, changes: Sequence[Change]) -> None:
    statement = _statement(connection.dialect.name, shape)
    connection.execute(statement, [_parameters(change) for change in changes])


def _parameters(change: Change) -> Mapping[str, Any]:
    if isinstance(change, Put):
        return {**change.once, **change.values}
    return {f"to_{name}": value for name, value in change.values.items()} | {
        f"is_{name}": value for name, value in change.where.items() if value is not None
    }


@lru_cache(maxsize=512)
def _statement(dialect: str, shape: Shape) -> Insert | Update:
    kind, table, values, others, nothing = shape
    if kind is Put:
        return _upsert(dialect, table, values)
    statement = update(table).values({name: bindparam(f"to_{name}") for name in sorted(values)})
    for name in sorted(others):
        column = table.c[name]
        same = column.is_(None) if name in nothing else column == bindparam(f"is_{name}")
        statement = statement.where(same)
    return statement


def _upsert(dialect: str, table: Table, changed: frozenset[str]) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    new = {name: statement.excluded[name] for name in sorted(changed.difference(keys))}
    if not new:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=new)
