"""Keys by which programs use the service: only a hash of each is kept."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from core.text import printable
from databases.engines import exclusive, reading
from storage.errors import KeyNameTaken, UnknownRecord
from storage.failures import database_errors
from storage.store import LOCK, Store
from storage.tables import KEYS

PREFIX = "rakkan_"
"""With which a key begins, so that one that leaked is known for what it is."""


class Scope(StrEnum):
    """What a key may be used for."""

    SCORE = "score"
    """Score uploads, read decisions, pass on appeals."""
    REVIEW = "review"
    """Labels and reviews."""
    CREATORS = "creators"
    """Enrol and withdraw creators."""
    ADMIN = "admin"
    """Archive scans, and everything else."""


@dataclass(frozen=True)
class Key:
    """A key, without its secret.

    Attributes:
        id: Its own.
        name: Whose it is.
        scopes: What it may be used for.
        made_at: When it was made.
        revoked_at: When it ended.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    revoked_at: datetime | None = None


def create_key(store: Store, name: str, scopes: Iterable[Scope], *, at: datetime) -> str:
    """Make a key.

    Returns:
        The key itself, which nobody can show again.

    Raises:
        KeyNameTaken: A key has that name.
    """
    # 256 random bits: nothing to be guessed, so a plain hash of them is enough.
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {
        "id": str(uuid4()),
        "name": name,
        "hash": _hash(secret),
        "scopes": " ".join(sorted(set(scopes))),
        "made_at": at,
    }
    with _writing(store) as connection:
        if connection.scalar(select(KEYS.c.id).where(KEYS.c.name == name)) is not None:
            raise KeyNameTaken(f"there is a key called {printable(name)}: choose another name")
        connection.execute(insert(KEYS).values(**row))
    return secret


def find_key(store: Store, secret: str) -> Key | None:
    """The key that somebody shows; None where there is none, or it is revoked."""
    query = select(KEYS).where(KEYS.c.hash == _hash(secret), KEYS.c.revoked_at.is_(None))
    with _reading(store) as connection:
        row = connection.execute(query).first()
    return None if row is None else _key(row)


def list_keys(store: Store) -> tuple[Key, ...]:
    """All keys, the oldest first."""
    with _reading(store) as connection:
        rows = connection.execute(select(KEYS).order_by(KEYS.c.made_at, KEYS.c.name))
        return tuple(map(_key, rows))


def revoke_key(store: Store, name: str, *, at: datetime) -> None:
    """End a key.

    Raises:
        UnknownRecord: None that is in use has the name.
    """
    change = update(KEYS).where(KEYS.c.name == name, KEYS.c.revoked_at.is_(None))
    with _writing(store) as connection:
        if not connection.execute(change.values(revoked_at=at)).rowcount:
            raise UnknownRecord(f"there is no key called {printable(name)} in use")


@contextmanager
def _writing(store: Store) -> Iterator[Connection]:
    with database_errors(store.place), exclusive(store.database.engine, LOCK).begin() as connection:
        yield connection


@contextmanager
def _reading(store: Store) -> Iterator[Connection]:
    with database_errors(store.place), reading(store.database).begin() as connection:
        yield connection


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8")).digest()


def _key(row: Row[Any]) -> Key:
    return Key(
        row.id,
        row.name,
        frozenset(map(Scope, row.scopes.split())),
        row.made_at,
        row.revoked_at,
    )
