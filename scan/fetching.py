"""Items to bytes: what is read, and which bytes are known already."""

import hashlib
import threading
from collections.abc import Iterable, Iterator

from scan.journal import Journal
from scan.records import Visit
from serving.errors import SourceError
from serving.sources.budget import Holder
from serving.sources.item import Item


class Fresh:
    """The items that are new or changed.

    Attributes:
        known: How many were passed over, since an earlier run did them.
    """

    def __init__(self, found: Iterable[Item], journal: Journal) -> None:
        self.known = 0
        self._found = found
        self._journal = journal
        self._holder = Holder()

    def __iter__(self) -> Iterator[Item]:
        for item in self._found:
            if self._journal.keep(item.path, item.size, item.stamp):
                self.known += 1
            else:
                yield self._holder.hold(item) if item.streamed else item


def visited(item: Item) -> tuple[bytes | None, Visit]:
    """The bytes of an item, if they are an image, and what came of reading it."""
    try:
        data = item.read()
    except SourceError as error:
        return None, Visit(item.path, item.size, item.stamp, error=error)
    if data is None:
        return None, Visit(item.path, item.size, item.stamp, skipped=True)
    sha256 = hashlib.sha256(data).hexdigest()
    return data, Visit(item.path, len(data), item.stamp, sha256)


class Fetcher:
    """Reads items; called from many threads.

    Args:
        journal: Knows the bytes of which something has been said.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def __call__(self, item: Item) -> tuple[bytes | None, Visit]:
        """The bytes of an item, if they are an image and nobody has them already."""
        data, visit = visited(item)
        known = visit.sha256 is None or not self._claim(visit.sha256)
        return (None if known else data), visit

    def written(self, digests: Iterable[str]) -> None:
        """Forget bytes that are under way: the journal knows them now."""
        with self._lock:
            self._under_way.difference_update(digests)

    def _claim(self, sha256: str) -> bool:
        """Whether these bytes are new, to the journal and to the other threads."""
        with self._lock:
            if sha256 in self._under_way or self._journal.knows(sha256):
                return False
            self._under_way.add(sha256)
            return True
