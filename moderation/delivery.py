"""Delivery: what an act queued leaves the system, at least once.

Whoever gets a message acts once for each id, and follows an instruction about a work or an account
only if its `sequence` is above that of the last one about it: what was tried again may come late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.text import one_line
from moderation.errors import AlreadySent, NotTaken
from storage import Store
from storage.cases import Message, MessageState

COURIER = "courier"
"""The actor of deliveries."""

TOGETHER = 10
"""Messages that are claimed at once: all are sent before the claim ends, however slowly."""

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=6)

LONGEST_ASKED = timedelta(days=1)
"""Of waits that a receiver asks for."""

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
    store: Store,
    send: Callable[[Message], None],
    now: Callable[[], datetime],
    *,
    limit: int = TOGETHER,
    stopping: Callable[[], bool] = lambda: False,
) -> Delivery:
    """Send what is due.

    Any number of processes may do so at once. Where one dies between sending and noting it, the
    message is sent again.

    Args:
        store: Where messages wait.
        send: Gives a message to its receiver; raises `NotTaken`, or what it likes, where that
            fails.
        now: The time, with a time zone.
        limit: At most so many.
        stopping: Asked before each; once it says yes, the others are left for later.
    """
    sent = failed = dead = 0
    claimed = store.claim(now(), limit=limit)
    for place, message in enumerate(claimed):
        if stopping():
            store.release(one.id for one in claimed[place:])
            break
        try:
            send(message)
        # Whatever a receiver's client raises, the others are to be sent.
        except Exception as error:
            retry = _again(message, error)
            store.failed(message.id, _why(error), None if retry is None else now() + retry)
            dead, failed = dead + (retry is None), failed + (retry is not None)
        else:
            store.delivered(message.id, at=now(), actor=COURIER)
            sent += 1
    return Delivery(sent, failed, dead)


def retry(store: Store, message: str) -> Message:
    """Try a message again at once, from the first attempt on, also one that was left to a person.

    Args:
        store: Where it waits.
        message: Its id.

    Raises:
        UnknownRecord: There is none of that id.
        AlreadySent: It was delivered, or erased.
    """
    with store.reading() as reader:
        found = reader.message(message)
    if found.state not in (MessageState.WAITING, MessageState.DEAD):
        raise AlreadySent(f"This message is {found.state}: it is not sent again.")
    store.revive(message)
    with store.reading() as reader:
        return reader.message(message)


def wait(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to some hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 30)), LONGEST_WAIT)


def _again(message: Message, error: Exception) -> timedelta | None:
    """After which time a message is tried again; None where it is left to a person."""
    refused = error if isinstance(error, NotTaken) else None
    if message.attempts >= ATTEMPTS or (refused is not None and refused.final):
        return None
    asked = timedelta() if refused is None else refused.retry_after or timedelta()
    return max(wait(message.attempts), min(asked, LONGEST_ASKED))


def _why(error: Exception) -> str:
    told = f"{error}" if isinstance(error, NotTaken) else f"{type(error).__name__}: {error}"
    return one_line(told)
