"""What projections read of an event."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from storage.changes import Change
from storage.events import Role, StoredEvent

Changes = tuple[Change, ...]
Projection = Callable[[StoredEvent], Changes]


def time(event: StoredEvent, name: str) -> datetime | None:
    """A time in its data; None where it says none."""
    found = event.data.get(name)
    return None if found is None else datetime.fromisoformat(found)


def first(event: StoredEvent, role: Role) -> int | None:
    """The number of the one name of a role; None where there is none."""
    return next(iter(event.names.get(role, ())), None)


def against(event: StoredEvent, kind: str) -> dict[str, Any]:
    """The columns of something that follows from a decision about an account."""
    return {
        "id": event.data[kind],
        "sequence": event.sequence,
        "account": event.account,
        "decision": event.data.get("decision"),
    }


UNCLAIMED: Mapping[str, Any] = {"claimed_by": None, "claimed_until": None}
