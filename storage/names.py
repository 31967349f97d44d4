"""Numbers for names of people and works, and back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import TypeVar

from sqlalchemy import CompoundSelect, Connection, bindparam, insert, select, union_all

from storage.chain import storable
from storage.events import NameKind
from storage.tables import NAMES

AT_ONCE = 5_000
"""Values in one query: databases allow some 30,000."""

Name = tuple[NameKind, str]
Value = TypeVar("Value")


def number_of(connection: Connection, kind: NameKind, name: str) -> int | None:
    """The number of a name; None where it has none."""
    found: int | None = connection.scalar(_NUMBER, {"kind": kind, "name": storable(name)})
    return found


# Statements are made once: to make them takes longer than to carry them out.

_NUMBER = select(NAMES.c.number).where(
    NAMES.c.kind == bindparam("kind"), NAMES.c.name == bindparam("name")
)


@lru_cache(maxsize=64)
def _numbers(kinds: tuple[NameKind, ...]) -> CompoundSelect[str, str, int]:
    """One statement for names of some kinds: whoever appends has the others wait meanwhile."""
    return union_all(
        *(
            select(NAMES.c.kind, NAMES.c.name, NAMES.c.number).where(
                NAMES.c.kind == kind, NAMES.c.name.in_(bindparam(kind.value, expanding=True))
            )
            for kind in kinds
        )
    )


_NEW = insert(NAMES)
_NAMES = select(NAMES.c.number, NAMES.c.name).where(
    NAMES.c.number.in_(bindparam("numbers", expanding=True))
)


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
    asked = [(kind, storable(name)) for kind, name in dict.fromkeys(wanted)]
    by_kind: Mapping[NameKind, list[str]] = defaultdict(list)
    for kind, name in asked:
        by_kind[kind].append(name)
    found: dict[Name, int] = {}
    while by_kind:
        few = {kind.value: some[:AT_ONCE] for kind, some in by_kind.items()}
        known = connection.execute(_numbers(tuple(by_kind)), few)
        found |= {(NameKind(kind), name): number for kind, name, number in known}
        by_kind = {kind: rest for kind, some in by_kind.items() if (rest := some[AT_ONCE:])}
    new = [one for one in asked if one not in found]
    given = dict(zip(new, count(last + 1)))
    if new:
        rows = [
            {"number": number, "kind": kind, "name": name} for (kind, name), number in given.items()
        ]
        connection.execute(_NEW, rows)
    return found | given, last + len(new)


def names(connection: Connection, wanted: Iterable[int | None]) -> Mapping[int | None, str]:
    """The names of numbers. Of one that was erased, `erased-` and the number.

    Args:
        connection: To the database.
        wanted: The numbers; None, and 0 for nobody, are passed over.
    """
    asked = sorted({number for number in wanted if number})
    found: dict[int | None, str] = {number: f"erased-{number}" for number in asked}
    for some in batches(asked):
        found.update(iter(connection.execute(_NAMES, {"numbers": some})))
    return found


def batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Values, a few thousand at once."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
