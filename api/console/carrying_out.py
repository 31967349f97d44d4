"""What is done in time: answers that can no longer be taken back, pictures that are too old."""

from datetime import datetime, timedelta

from api.service import Service, now
from moderation.submitting import TOGETHER, carry_out_due
from serving.rounds import Rounds

EVERY = 0.5
"""Seconds between looks at answers."""

PICTURES = timedelta(minutes=10)
"""Between looks at pictures."""

DRAFTS = timedelta(days=7)
"""For which an answer that was taken back, or could not be carried out, is kept."""


class CarryingOut:
    """Carries out in a thread what is due; any number of processes may do so at once."""

    def __init__(self, service: Service, every: float = EVERY) -> None:
        """Take a service.

        Args:
            service: With the records.
            every: Seconds between looks.
        """
        self._service = service
        self._looked: datetime | None = None
        failed = "what is due cannot be carried out"
        self._rounds = Rounds(lambda: self.once(now()), every, "carrying out", failed)

    def start(self) -> None:
        """Begin, in a thread."""
        self._rounds.start()

    def stop(self) -> None:
        """End after what is being carried out; the rest lies in the records."""
        self._rounds.stop()

    def once(self, at: datetime) -> None:
        """Do what is due at a time."""
        store = self._service.store
        while carry_out_due(store, now=at) == TOGETHER and not self._rounds.stopping:
            pass
        if self._looked is None or at - self._looked >= PICTURES:
            self._looked = at
            with store.transaction() as tx:
                tx.previews.expire(at - timedelta(days=self._service.preview_days))
                tx.submitted.expire(at - DRAFTS)
