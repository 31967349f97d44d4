"""The records that are kept: events, what follows from them, and what is to be sent."""

from storage.decisions import RecordedDecision, decided
from storage.events import Event, EventType, Role, StoredEvent
from storage.opening import open_store
from storage.reader import Reader
from storage.store import Store
from storage.transaction import Transaction

__all__ = [
    "Event",
    "EventType",
    "Reader",
    "RecordedDecision",
    "Role",
    "Store",
    "StoredEvent",
    "Transaction",
    "decided",
    "open_store",
]
