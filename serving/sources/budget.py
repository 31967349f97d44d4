"""Bytes of archive members on their way to a worker, within a budget."""

import threading
from dataclasses import replace

from serving.errors import SourceError
from serving.sources.item import Item

BUDGET = 256 << 20
"""Bytes that may wait at once. One member alone may exceed it, up to the limit on bytes."""


class Holder:
    """Reads streamed items in the thread that produces them, and holds their bytes.

    Args:
        budget: Bytes that may wait. Beyond it `hold` waits until workers have taken some.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._held = 0
        self._taken = threading.Condition()

    def hold(self, item: Item) -> Item:
        """Read an item now; the item that is returned can be read once, in any thread."""
        with self._taken:
            self._taken.wait_for(lambda: self._held == 0 or self._held < self._budget)
        error: SourceError | None = None
        data: bytes | None = None
        try:
            data = item.read()
        except SourceError as found:
            error = found
        waiting = [data]
        length = len(data) if data is not None else 0
        with self._taken:
            self._held += length

        def take() -> bytes | None:
            if error is not None:
                raise error
            data = waiting.pop()  # Popped, so that the bytes live no longer than they are used.
            with self._taken:
                self._held -= length
                self._taken.notify()
            return data

        return replace(item, read=take, streamed=False)
