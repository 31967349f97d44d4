"""What can be erased from beside the events: texts and documents, each under a salted digest.

The salt is erased with the content: the digest that stays in the event tells nothing of it, not
even to somebody who guesses what it was.
"""

import json
import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, insert, literal, select

from storage.tables import NEARNESS, PRIVATE

NEAR = "nearness"
"""The part that lies in a table of its own."""

_SALT = 16
_LEVEL = 1
"""Of compression: higher levels take far longer to save little."""


class Sealed(NamedTuple):
    """Content with its salt, and the digest by which an event knows it.

    Attributes:
        salt: 16 random bytes.
        content: JSON, compressed.
        digest: Hex digest SHA-256(salt, content).
    """

    salt: bytes
    content: bytes
    digest: str


def seal(value: Any) -> Sealed:
    """Make of a value what is kept of it.

    Args:
        value: JSON, or the bytes of a JSON document.
    """
    document = value if isinstance(value, bytes) else json.dumps(value).encode()
    salt, content = os.urandom(_SALT), zlib.compress(document, _LEVEL)
    return Sealed(salt, content, digest(salt, content))


def digest(salt: bytes, content: bytes) -> str:
    """By which an event knows its content: 64 hex digits."""
    return sha256(salt + content).hexdigest()


def unseal(content: bytes) -> bytes:
    """The JSON document of kept content."""
    return zlib.decompress(content)


def keep(connection: Connection, parts: Iterable[tuple[int, str, Sealed]]) -> None:
    """Keep private parts.

    Args:
        connection: Within a transaction that nobody writes beside.
        parts: Of each the event's sequence, and the part's name.
    """
    near, others = [], []
    for sequence, part, sealed in parts:
        row = {"sequence": sequence, "salt": sealed.salt, "content": sealed.content}
        if part == NEAR:
            near.append(row)
        else:
            others.append(row | {"part": part})
    for statement, rows in ((_KEEP_NEAR, near), (_KEEP, others)):
        if rows:
            connection.execute(statement, rows)


def forget(connection: Connection, sequences: Select[tuple[int]]) -> int:
    """Delete all private parts of some events.

    Args:
        connection: Within a transaction that nobody writes beside.
        sequences: Of the events.

    Returns:
        How many.
    """
    return sum(
        connection.execute(delete(table).where(table.c.sequence.in_(sequences))).rowcount
        for table in (PRIVATE, NEARNESS)
    )


def digests(connection: Connection, first: int, last: int) -> Mapping[int, Mapping[str, str]]:
    """Digests of what there is, by sequence and name.

    Args:
        connection: Within a transaction.
        first: Sequence of the first event.
        last: Sequence of the last.
    """
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for table, part in ((PRIVATE, PRIVATE.c.part), (NEARNESS, literal(NEAR))):
        rows = connection.execute(
            select(table.c.sequence, part, table.c.salt, table.c.content).where(
                table.c.sequence.between(first, last)
            )
        )
        for sequence, name, salt, content in rows:
            found[sequence][name] = digest(salt, content)
    return found


_KEEP, _KEEP_NEAR = insert(PRIVATE), insert(NEARNESS)


def read_parts(connection: Connection, sequences: Iterable[int]) -> Mapping[tuple[int, str], bytes]:
    """The private parts that there are of events, as JSON documents, by sequence and name.

    Not the part `NEAR`, which `storage.history` reads.

    Args:
        connection: Within a transaction.
        sequences: Of the events, at most some thousands.
    """
    mine = PRIVATE.c.sequence.in_(list(sequences))
    rows = connection.execute(select(PRIVATE).where(mine))
    return {(row.sequence, row.part): unseal(row.content) for row in rows}
