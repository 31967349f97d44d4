"""Work that a running service does again and again, beside its requests."""

import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger("rakkan.serving")


class Rounds:
    """Does something every few seconds, in a thread, until it is stopped."""

    def __init__(self, act: Callable[[], object], every: float, name: str, failed: str) -> None:
        """Begin when it is started.

        Args:
            act: One round.
            every: Seconds before each.
            name: Of the thread.
            failed: What the log says of a round that fails: the next one may do better.
        """
        self._act = act
        self._every = every
        self._failed = failed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        """Whether the round that goes on is the last."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that goes on; also where none has begun."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._act()
            # Whatever it is, there is work still to be done once it is over.
            except Exception:
                _LOG.exception(self._failed)
