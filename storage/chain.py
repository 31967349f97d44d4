"""The chain of hashes over all events, and whether it is whole.

    hash = SHA-256(hash of the event before, canonical JSON of all that the event says)

Whoever changes, removes, adds or swaps an event breaks the chain there, unless all that follows is
written anew; that is seen by whoever noted an earlier hash elsewhere (`anchors`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any

from core.text import printable
from storage.errors import BadText
from storage.events import StoredEvent

GENESIS = bytes(32)
"""The hash before the first event."""


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys in order, no spaces.

    Raises:
        BadText: A text in it that no database can keep.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    if "\\u0000" in text or not _encodable(text):
        raise BadText(f"no text that a database can keep is in {printable(text)}: send valid ones")
    return text


def storable(name: str) -> str:
    """The same name, if a database can keep it.

    Raises:
        BadText: It has a null character, or half a surrogate pair.
    """
    if "\0" in name or not _encodable(name):
        raise BadText(f"no name that a database can keep: {printable(name)}: send valid Unicode")
    return name


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def link(before: bytes, event: StoredEvent) -> bytes:
    """The hash of an event: 32 bytes.

    Args:
        before: The hash of the event before it.
        event: Whose own hash is not looked at.
    """
    said = [
        event.sequence,
        event.at.isoformat(),
        event.type,
        event.account,
        event.work,
        event.actor,
        dict(event.data),
        {role: list(numbers) for role, numbers in event.names.items()},
        dict(event.sealed),
        None if event.key is None else event.key.hex(),
    ]
    return sha256(before + canonical(said).encode()).digest()


@dataclass(frozen=True)
class Verification:
    """What a look at the whole chain says.

    Attributes:
        events: How many were looked at, until the first that is wrong.
        head: Hex digest of the last that is right.
        erased: Private parts that were erased, as an event says.
        broken_at: Sequence of the first event at which something is wrong; None for none.
        wrong: What, in words; empty for nothing.
    """

    events: int
    head: str
    erased: int
    broken_at: int | None = None
    wrong: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.broken_at is None


Parts = Mapping[str, str]
"""Digests of the private parts that there are of an event, by name."""


def verify(
    events: Iterable[tuple[StoredEvent, Parts]],
    erased_accounts: frozenset[int],
    head: tuple[int, bytes],
    anchors: Iterable[str] = (),
) -> Verification:
    """Look at the whole chain; memory stays flat.

    Args:
        events: From the first on, each with the digests of what is there of its private parts.
        erased_accounts: Numbers of the accounts whose private parts may be gone.
        head: What the database says is the last event: sequence and hash.
        anchors: Hex digests noted earlier, which must stand in the chain.
    """
    before, count, erased = GENESIS, 0, 0
    missing = set(anchors)
    for event, parts in events:
        wrong = _wrong(event, parts, before, count + 1, erased_accounts)
        if wrong:
            return Verification(count, before.hex(), erased, count + 1, wrong)
        erased += len(event.sealed) - len(parts)
        before, count = event.hash, count + 1
        missing.discard(before.hex())
    end = Verification(count, before.hex(), erased)
    if (count, before) != head:
        wrong = f"the records say that there are {head[0]:,} events, and there are {count:,}"
        return Verification(count, end.head, erased, count + 1, wrong)
    if missing:
        wrong = f"no event has the hash {printable(min(missing))}, which was noted earlier"
        return Verification(count, end.head, erased, count + 1, wrong)
    return end


def _wrong(
    event: StoredEvent, parts: Parts, before: bytes, sequence: int, erased: frozenset[int]
) -> str:
    if event.sequence != sequence:
        return f"event {sequence:,} is not there"
    if link(before, event) != event.hash:
        return f"event {sequence:,} is not what was recorded"
    for name, digest in event.sealed.items():
        if name not in parts:
            about = {event.account, *chain.from_iterable(event.names.values())}
            if not erased & about:
                return f"the part {printable(name)} of event {sequence:,} is gone, and never erased"
        elif parts[name] != digest:
            return f"the part {printable(name)} of event {sequence:,} is not what was recorded"
    return ""
