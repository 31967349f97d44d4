"""What a judge was opened from, watched: when it changes, another takes its place.

look -> as before: nothing
     -> changed: open another beside the one in use -> replace it
                                                   -> cannot be: the one in use stays
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from core.errors import RakkanError
from models import Registry
from serving.current import CurrentJudge
from serving.judge import Judge
from serving.settings import Settings

SECONDS = 5.0
"""Between two looks."""

AGAIN = 300.0
"""Seconds after which what could not be opened is tried once more, unchanged as it is: a try may
load encoders, so as to find one that fits."""

_LOG = logging.getLogger("rakkan.api")


def in_use(settings: Settings, index: str) -> str:
    """Names all that a judge would be opened from now: hex digits that change with it.

    Of an index counts what it was made with and which file it is, not what is enrolled: that is
    followed without opening it again.

    Args:
        settings: Where everything lies.
        index: Place of the index.

    Raises:
        ModelsError: What was promoted cannot be read.
        SimilarityError: There is no such index, or it cannot be read.
        OSError: The certificates cannot be read.
    """
    # Only here: what searches takes long to load.
    from similarity.gallery.generations import LEDGER
    from similarity.gallery.generations import in_use as generation
    from similarity.gallery.open import recorded_identity

    anchors = settings.trust_anchors.read_bytes() if settings.trust_anchors else b""
    ledger = generation(Path(index)) / LEDGER
    parts = (
        Registry(settings.models).digest(),
        hashlib.sha256(anchors).hexdigest(),
        recorded_identity(index),
        (ledger.stat().st_dev, ledger.stat().st_ino) if ledger.exists() else None,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class Watcher:
    """Looks every few seconds, in a thread of its own, once it is started.

    Attributes:
        seconds: Between two looks.
        problem: Why what changed last is not in use, as a stable code; None where all is well.
    """

    def __init__(
        self,
        judges: CurrentJudge,
        look: Callable[[], str],
        reopen: Callable[[Judge], Judge],
        *,
        since: str,
        seconds: float = SECONDS,
        told: Callable[[Judge | None], None] = lambda _: None,
    ) -> None:
        """Watch.

        Args:
            judges: Where another judge is put into use.
            look: Names what a judge would be opened from now.
            reopen: Opens another judge beside the one in use, which it is given.
            since: What the one in use was opened from.
            seconds: Between two looks.
            told: Told the judge that is in use anew; None where one could not be opened.
        """
        self.problem: str | None = None
        self._judges = judges
        self._look = look
        self._reopen = reopen
        self._since = since
        self.seconds = seconds
        self._told = told
        self._failed: tuple[str | None, float] = (None, 0.0)
        self._looking = threading.Lock()
        # A queue may be put into from the handler of a signal, which an event may not.
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def soon(self) -> None:
        """Have it look at once; may be called by the handler of a signal."""
        self._asked.put(True)

    def stop(self) -> None:
        """End, after what is being opened."""
        self._asked.put(False)
        if self._thread.is_alive():
            self._thread.join()

    def look(self, *, again: bool = True) -> None:
        """Look now, and return when what changed is in use, or is told to be a problem.

        Args:
            again: Whether to try at once what could not be opened before.
        """
        with self._looking:
            now = None
            try:
                now = self._look()
                if now == self._since:
                    self._well()
                    return
                failed, when = self._failed
                if now == failed and not again and time.monotonic() - when < AGAIN:
                    return
                self._judges.replace(self._reopen(self._judges.judge))
            except Exception as error:
                self._ill(now, error)
                return
            self._since = now
            self._well()
            made_by = self._judges.judge.made_by
            _LOG.info("now in use: model %s, encoder %s", made_by.detector.name, made_by.encoder)
            self._told(self._judges.judge)

    def _well(self) -> None:
        self.problem, self._failed = None, (None, 0.0)

    def _ill(self, now: str | None, error: Exception) -> None:
        told = isinstance(error, RakkanError)
        code = error.code if isinstance(error, RakkanError) else "internal"
        self._failed = now, time.monotonic()
        # What cannot be looked at is looked at again soon: once is enough to tell.
        if now is not None or code != self.problem:
            _LOG.error(
                "what changed is not in use, and what was in use stays: %s",
                error,
                exc_info=None if told or isinstance(error, OSError) else error,
            )
            self._told(None)
        self.problem = code

    def _watch(self) -> None:
        while True:
            try:
                asked = self._asked.get(timeout=self.seconds)
            except Empty:
                self.look(again=False)
                continue
            if not asked:
                return
            self.look()
