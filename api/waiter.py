"""Who learns of a decision: the request that waits for it, or the platform by a message."""

import threading


class Waiter:
    """A request that waits for a decision, and may give up.

    Exactly one of the two learns of it: once the decision is being recorded, the request can no
    longer give up, and if it gave up before, a message is recorded with the decision.
    """

    def __init__(self) -> None:
        """Somebody waits."""
        self._lock = threading.Lock()
        self._gone: bool | None = None

    def gives_up(self) -> bool:
        """Give up; False where the answer is about to come."""
        with self._lock:
            if self._gone is None:
                self._gone = True
            return self._gone

    def is_gone(self) -> bool:
        """Whether nobody waits any more; if somebody does, they get the answer."""
        with self._lock:
            if self._gone is None:
                self._gone = False
            return self._gone
