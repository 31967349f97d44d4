"""What is done in time: answers that can no longer be taken back, pictures that are too old."""

import logging
import threading
from datetime import datetime, timedelta

from api.service import Service, now
from moderation.submitting import TOGETHER, carry_out_due

EVERY = 0.5
"""Seconds between looks at answers."""

PICTURES = timedelta(minutes=10)
"""Between looks at pictures."""

DRAFTS = timedelta(days=7)
"""For which an answer that was taken back, or could not be carried out, is kept."""

_LOG = logging.getLogger("rakkan.api")


class CarryingOut:
    """Carries out in a thread what is due; any number of processes may do so at once."""

    def __init__(self, service: Service, every: float = EVERY) -> None:
        """Take a service.

        Args:
            service: With the records.
            every: Seconds between looks.
        """
        self._service = service
        self._every = every
        self._looked: datetime | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carrying out", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being carried out; the rest lies in the records."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self, at: datetime) -> None:
        """Do what is due at a time."""
        store = self._service.store
        while carry_out_due(store, now=at) == TOGETHER and not self._stopping.is_set():
            pass
        if self._looked is None or at - self._looked >= PICTURES:
            self._looked = at
            with store.transaction() as tx:
                tx.previews.expire(at - timedelta(days=self._service.preview_days))
                tx.submitted.expire(at - DRAFTS)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.once(now())
            # Whatever it is, what is due is to be done once it is over.
            except Exception:
                _LOG.exception("what is due cannot be carried out")
