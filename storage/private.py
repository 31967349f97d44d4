"""What can be erased from beside the events: texts and documents, each under a salted digest.

The salt is erased with the content: the digest that stays in the event tells nothing of it, not
even to somebody who guesses what it was.
"""

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from storage.tables import PRIVATE

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


def read_parts(connection: Connection, sequences: Iterable[int]) -> Mapping[tuple[int, str], bytes]:
    """The private parts that there are of events, as JSON documents, by sequence and name.

    Args:
        connection: Within a transaction.
        sequences: Of the events, at most some thousands.
    """
    mine = PRIVATE.c.sequence.in_(list(sequences))
    rows = connection.execute(select(PRIVATE).where(mine))
    return {(row.sequence, row.part): unseal(row.content) for row in rows}
