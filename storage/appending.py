"""Appending events: each gets its place in the chain, and the state follows."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from storage.chain import canonical, link
from storage.changes import carry_out
from storage.errors import BrokenRecords
from storage.events import Event, NameKind, StoredEvent
from storage.names import Name, number_of, numbers
from storage.private import Sealed, keep, seal
from storage.projections import changes
from storage.tables import EVENTS, HEAD


@dataclass(frozen=True)
class Head:
    """The end of the chain.

    Attributes:
        sequence: Of the last event; 0 for none.
        hash: Of the last event.
        names: The last number that a name was given.
        unclean: Whether something that was erased may still lie in a file.
    """

    sequence: int
    hash: bytes
    names: int
    unclean: bool


# Statements are made once: to make them takes longer than to carry them out.

_HEAD = select(HEAD).order_by(HEAD.c.sequence.desc()).limit(1)
_EVENTS = insert(EVENTS)
_MOVE_HEAD = (
    update(HEAD)
    .where(HEAD.c.sequence == bindparam("before"))
    .values(sequence=bindparam("last"), hash=bindparam("hash"), names=bindparam("names"))
)


def read_head(connection: Connection) -> Head:
    """Read the end of the chain.

    Raises:
        BrokenRecords: There is none.
    """
    row = connection.execute(_HEAD).first()
    if row is None:
        raise BrokenRecords("the records have no end: restore a back-up")
    return Head(*row)


class Appender:
    """Appends events within one transaction that nobody writes beside."""

    def __init__(self, connection: Connection) -> None:
        """In a transaction; what it has read once is as it was until the end."""
        self._connection = connection
        self._head: Head | None = None
        self._numbers: dict[Name, int] = {}

    def forget(self) -> None:
        """Read again what something else has changed."""
        self._head, self._numbers = None, {}

    def append(self, events: Sequence[Event]) -> tuple[StoredEvent, ...]:
        """Append events, and change the state as they say.

        Args:
            events: In order.

        Raises:
            BadText: A text or a name that no database can keep.
        """
        if not events:
            return ()
        head = self._head or read_head(self._connection)
        unknown = [name for name in _names(events) if name not in self._numbers]
        found, last = numbers(self._connection, unknown, head.names)
        self._numbers |= found
        stored: list[StoredEvent] = []
        private: list[tuple[int, str, Sealed]] = []
        before = head.hash
        for place, event in enumerate(events, head.sequence + 1):
            sealed = {part: seal(value) for part, value in event.private.items()}
            one = _stored(place, event, self._numbers, sealed)
            before = link(before, one)
            stored.append(replace(one, hash=before))
            private += [(place, part, it) for part, it in sealed.items()]
        self._connection.execute(_EVENTS, [_row(one) for one in stored])
        keep(self._connection, private)
        carry_out(self._connection, (change for one in stored for change in changes(one)))
        self._head = replace(head, sequence=stored[-1].sequence, hash=before, names=last)
        end = {"before": head.sequence, "last": stored[-1].sequence, "hash": before, "names": last}
        self._connection.execute(_MOVE_HEAD, end)
        return tuple(stored)

    def same(self, stored: StoredEvent, event: Event) -> bool:
        """Whether an event that was appended says the same as another; see `Transaction.tells`."""
        known: dict[Name, int] = {}
        for kind, name in _names((event,)):
            number = number_of(self._connection, kind, name)
            if number is None:
                return False
            known[kind, name] = number
        other = _stored(0, event, known, {})
        parts = ("type", "account", "work", "actor", "data", "names")
        return all(getattr(stored, part) == getattr(other, part) for part in parts)


def read_event(row: Row[Any]) -> StoredEvent:
    """The event of a row."""
    return StoredEvent(
        sequence=row.sequence,
        at=row.at,
        type=row.type,
        account=row.account,
        work=row.work,
        actor=row.actor,
        data=json.loads(row.data),
        names={role: tuple(some) for role, some in json.loads(row.names).items()},
        sealed=json.loads(row.sealed),
        key=row.key,
        hash=row.hash,
    )


def key_digest(key: str) -> bytes:
    """As which an idempotency key is kept: 32 bytes."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def _names(events: Iterable[Event]) -> Iterable[Name]:
    for event in events:
        yield NameKind.ACTOR, event.actor
        if event.account is not None:
            yield NameKind.ACCOUNT, event.account
        if event.work is not None:
            yield NameKind.WORK, event.work
        for role, some in event.names.items():
            for name in some:
                yield role.kind, name


def _stored(
    sequence: int, event: Event, known: dict[Name, int], sealed: dict[str, Sealed]
) -> StoredEvent:
    account, work = event.account, event.work
    return StoredEvent(
        sequence=sequence,
        at=event.at.astimezone(UTC),
        type=event.type,
        account=None if account is None else known[NameKind.ACCOUNT, account],
        work=None if work is None else known[NameKind.WORK, work],
        actor=known[NameKind.ACTOR, event.actor],
        # As it will be read again: lists for tuples, texts for keys.
        data=json.loads(canonical(dict(event.data))),
        names={
            role.value: tuple(known[role.kind, name] for name in some)
            for role, some in event.names.items()
        },
        sealed={part: it.digest for part, it in sealed.items()},
        key=None if event.key is None else key_digest(event.key),
        hash=b"",
    )


def _row(event: StoredEvent) -> dict[str, Any]:
    return vars(event) | {
        "data": canonical(dict(event.data)),
        "names": canonical(event.names),
        "sealed": canonical(event.sealed),
    }
