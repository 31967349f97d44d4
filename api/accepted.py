"""Uploads that were answered as undecided, as this process has them: none is lost with it.

They are kept with the records from their answer until their decision. The process says again and
again that it lives; what a process that died has left, another takes over.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from core.errors import RakkanError
from imaging import ImagingError
from moderation.delivery import wait
from moderation.errors import ModerationError, NotHeld, NotJudged
from moderation.record import accept, tell_undecided
from storage import Store
from storage.accepted import AcceptedUpload
from storage.errors import BadText

LEASE = timedelta(seconds=30)
"""After which another process takes over what this one has, unless it says that it lives."""

ATTEMPTS = 8
"""After so many an upload is not tried again: about twenty minutes."""

FINAL = (ImagingError, ModerationError, BadText)
"""What is wrong with an upload itself: to try again is of no use."""

_LOG = logging.getLogger("rakkan.api")


class Accepted:
    """The uploads that this process has answered as undecided, or has taken over.

    Attributes:
        worker: Id of this process among the others.
        lease: After which another process takes over.
    """

    def __init__(
        self,
        store: Store,
        *,
        lease: timedelta = LEASE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Begin with none.

        Args:
            store: Where they are kept.
            lease: After which another process takes over.
            now: The time, with a time zone.
        """
        self.worker = str(uuid4())
        self.lease = lease
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._held: set[str] = set()

    def keep(self, upload: AcceptedUpload, image: bytes, gives_up: Callable[[], bool]) -> bool:
        """Keep an upload before it is answered as undecided; see `moderation.record.accept`."""
        at = self._now()
        with self._lock:
            self._held.add(upload.id)
        kept = False
        try:
            kept = accept(
                self._store, upload, image, self.worker, gives_up, at=at, until=at + self.lease
            )
        finally:
            if not kept:
                self.left(upload.id)
        return kept

    def count(self) -> int:
        """How many uploads, of all processes, are to be decided about."""
        with self._store.reading() as reader:
            return reader.accepted.count()

    def left(self, id_: str) -> None:
        """An upload is decided about, or is no longer this process's."""
        with self._lock:
            self._held.discard(id_)

    def failed(self, upload: AcceptedUpload, error: BaseException) -> None:
        """An upload was not decided about: say why for good, or have it tried again later.

        Args:
            upload: That was kept.
            error: What went wrong.
        """
        self.left(upload.id)
        if isinstance(error, NotHeld):
            return
        if isinstance(error, RakkanError) and isinstance(error, FINAL):
            tell_undecided(self._store, upload, self.worker, error, at=self._now())
        elif upload.attempts >= ATTEMPTS:
            _LOG.error("decision %s is given up", upload.id, exc_info=error)
            told = NotJudged(f"it could not be judged in {ATTEMPTS} attempts: post it again")
            tell_undecided(self._store, upload, self.worker, told, at=self._now())
        else:
            _LOG.warning("decision %s is tried again: %s", upload.id, error)
            self._lease({upload.id}, self._now() + wait(upload.attempts))

    def renew(self) -> None:
        """Say that this process lives."""
        with self._lock:
            held = set(self._held)
        self._lease(held, self._now() + self.lease)

    def release(self) -> None:
        """Let others take over at once what this process has."""
        with self._lock:
            held, self._held = self._held, set()
        self._lease(held, self._now())

    def take_over(self, limit: int) -> tuple[AcceptedUpload, ...]:
        """Take over what no living process has; what may have ended several is given up.

        Args:
            limit: At most so many.
        """
        now = self._now()
        # Processes look often: where nothing is left, nobody who writes waits for them.
        with self._store.reading() as reader:
            if not reader.accepted.abandoned(now):
                return ()
        with self._store.transaction() as tx:
            found = tx.accepted.claim(self.worker, now=now, until=now + self.lease, limit=limit)
        for one in found:
            if one.attempts > ATTEMPTS:
                self.failed(one, NotJudged("whoever judged it has died"))
        left = tuple(one for one in found if one.attempts <= ATTEMPTS)
        with self._lock:
            self._held.update(one.id for one in left)
        return left

    def image(self, upload: AcceptedUpload) -> bytes:
        """The file of an upload that was taken over.

        Raises:
            UnknownRecord: It is decided about, or erased.
        """
        with self._store.reading() as reader:
            return reader.accepted.image(upload.id)

    def _lease(self, ids: set[str], until: datetime) -> None:
        if ids:
            with self._store.transaction() as tx:
                tx.accepted.lease(ids, self.worker, until)
