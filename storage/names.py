"""Numbers for names of people and works, and back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, insert, select

from storage.chain import storable
from storage.events import NameKind
from storage.tables import NAMES

AT_ONCE = 5_000
"""Values in one query: databases allow some 30,000."""

Name = tuple[NameKind, str]
Value = TypeVar("Value")


def number_of(connection: Connection, kind: NameKind, name: str) -> int | None:
    """The number of a name; None where it has none."""
    mine = (NAMES.c.kind == kind) & (NAMES.c.name == storable(name))
    found: int | None = connection.scalar(select(NAMES.c.number).where(mine))
    return found


def numbers(
    connection: Connection, wanted: Iterable[Name], last: int
) -> tuple[dict[Name, int], int]:
    """Numbers of names; those that have none get the next ones.

    Args:
        connection: Within a transaction that nobody writes beside.
        wanted: The names.
        last: The last number that was ever given.

    Returns:
        The numbers, and the last that is given now.

    Raises:
        BadText: A name that no database can keep.
    """
    by_kind: dict[NameKind, dict[str, None]] = defaultdict(dict)
    for kind, name in wanted:
        by_kind[kind][storable(name)] = None
    found: dict[Name, int] = {}
    new: list[dict[str, object]] = []
    for kind, names in by_kind.items():
        for some in batches(list(names)):
            known = select(NAMES.c.name, NAMES.c.number).where(
                NAMES.c.kind == kind, NAMES.c.name.in_(some)
            )
            found |= {(kind, name): number for name, number in connection.execute(known)}
        for name in names:
            if (kind, name) not in found:
                last += 1
                found[kind, name] = last
                new.append({"number": last, "kind": kind, "name": name})
    if new:
        connection.execute(insert(NAMES), new)
    return found, last


def names(connection: Connection, wanted: Iterable[int | None]) -> Mapping[int | None, str]:
    """The names of numbers. Of one that was erased, `erased-` and the number.

    Args:
        connection: To the database.
        wanted: The numbers; None, and 0 for nobody, are passed over.
    """
    asked = sorted({number for number in wanted if number})
    found: dict[int | None, str] = {number: f"erased-{number}" for number in asked}
    for some in batches(asked):
        rows = connection.execute(
            select(NAMES.c.number, NAMES.c.name).where(NAMES.c.number.in_(some))
        )
        found.update(iter(rows))
    return found


def batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Values, a few thousand at once."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
