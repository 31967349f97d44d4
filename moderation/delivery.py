"""Delivery: what an act queued leaves the system, at least once.

Whoever gets a message acts once for each id, and follows an instruction about a work or an account
only if its `sequence` is above that of the last one about it: what was tried again may come late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.text import one_line
from storage import Store
from storage.cases import Message

COURIER = "courier"
"""The actor of deliveries."""

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=6)

ATTEMPTS = 20
"""After so many a message is left to a person: about three days."""


@dataclass(frozen=True)
class Delivery:
    """What came of some messages.

    Attributes:
        sent: How many arrived.
        failed: How many did not, and are tried again.
        dead: How many did not, and are left to a person.
    """

    sent: int = 0
    failed: int = 0
    dead: int = 0


def deliver(
    store: Store, send: Callable[[Message], None], now: Callable[[], datetime], *, limit: int = 100
) -> Delivery:
    """Send what is due.

    Any number of processes may do so at once. Where one dies between sending and noting it, the
    message is sent again.

    Args:
        store: Where messages wait.
        send: Gives a message to its receiver; raises what it likes where that fails.
        now: The time, with a time zone.
        limit: At most so many.
    """
    sent = failed = dead = 0
    for message in store.claim(now(), limit=limit):
        try:
            send(message)
        # Whatever a receiver's client raises, the others are to be sent.
        except Exception as error:
            last = message.attempts >= ATTEMPTS
            why = one_line(f"{type(error).__name__}: {error}")
            store.failed(message.id, why, None if last else now() + wait(message.attempts))
            dead, failed = dead + last, failed + (not last)
        else:
            store.delivered(message.id, at=now(), actor=COURIER)
            sent += 1
    return Delivery(sent, failed, dead)


def wait(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to some hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 30)), LONGEST_WAIT)
