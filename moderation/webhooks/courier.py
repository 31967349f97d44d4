"""Delivering what waits, for as long as a process lives."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, Self

from moderation.delivery import Delivery, deliver
from storage import Store
from storage.cases import Message

EVERY = 1.0
"""Seconds between two looks into the outbox where nothing was sent."""

_LOG = logging.getLogger("rakkan.webhooks")


class Receiver(Protocol):
    """What messages are sent to; a context manager, used by one thread."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(self, *exception: object) -> None:
        """Close it."""

    def send(self, message: Message) -> None:
        """Give it a message, or raise why not."""


class Courier:
    """Sends what is due, until it is stopped. Any number of them share the outbox."""

    def __init__(
        self,
        store: Store,
        receiver: Receiver,
        *,
        every: float = EVERY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take an outbox and a receiver.

        Args:
            store: Where messages wait.
            receiver: Gets them; closed at the end.
            every: Seconds between two looks into the outbox.
            now: The time, with a time zone.
        """
        self._store = store
        self._receiver = receiver
        self._every = every
        self._now = now
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread = threading.Thread(target=self.run, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the message that is being sent; what else was claimed is given back."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Work in this thread until another stops it."""
        with self._receiver:
            while not self._stopping.is_set():
                try:
                    done = self.once()
                # Whatever it is, what waits is to be sent once it is over.
                except Exception:
                    _LOG.exception("the outbox cannot be read or written")
                    done = Delivery()
                if done.failed or done.dead:
                    told = "messages were not taken: %d are tried again, %d wait for a person"
                    _LOG.warning(told, done.failed, done.dead)
                if not done.sent:
                    self._stopping.wait(self._every)

    def all_due(self) -> Delivery:
        """Send all that is due, in this thread, and end."""
        total = Delivery()
        with self._receiver:
            while (done := self.once()) != Delivery():
                total = Delivery(
                    total.sent + done.sent, total.failed + done.failed, total.dead + done.dead
                )
        return total

    def once(self) -> Delivery:
        """Send some of what is due."""
        return deliver(self._store, self._receiver.send, self._now, stopping=self._stopping.is_set)
