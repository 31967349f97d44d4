"""Whose turn it is at an encoder that uploads share with whoever can wait, such as an enrolment.

Uploads go before: one waits at most for the few views that are being encoded.
"""

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import Any, Generic, TypeVar

from models import Encoder, Features, Views
from models.encoder.features import join

PIECE = 2
"""Views of whoever can wait that are encoded at once."""

Upload = TypeVar("Upload")


class _Rank(IntEnum):
    UPLOAD = 0
    PATIENT = 1
    END = 2


@dataclass(frozen=True)
class Piece:
    """Views of whoever can wait.

    Attributes:
        views: To be encoded.
        features: Of them.
    """

    views: Views = field(repr=False)
    features: "Future[Features]" = field(default_factory=Future)

    def encode(self, encoder: Encoder) -> None:
        """Encode them, in this thread; what is raised is raised where they are waited for."""
        try:
            self.features.set_result(encoder.encode(self.views))
        except BaseException as error:
            self.features.set_exception(error)


@dataclass(frozen=True, order=True)
class _Turn(Generic[Upload]):
    rank: _Rank
    number: int
    what: Upload | Piece | None = field(compare=False)


class Turns(Generic[Upload]):
    """Queues in front of one encoder. Many threads put, and one takes."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._queue: queue.PriorityQueue[_Turn[Upload]] = queue.PriorityQueue()
        self._numbers = count()
        self._lock = threading.Lock()
        self._ended = False

    @property
    def waiting(self) -> int:
        """How many uploads and pieces wait."""
        return self._queue.qsize()

    def put(self, upload: Upload) -> None:
        """Queue an upload."""
        self._put(_Rank.UPLOAD, upload)

    def put_piece(self, piece: Piece) -> bool:
        """Queue a piece behind all uploads; False where nothing is encoded any more."""
        with self._lock:
            if self._ended:
                return False
            self._put(_Rank.PATIENT, piece)
            return True

    def end(self) -> None:
        """Have `take` end once all is taken."""
        with self._lock:
            self._ended = True
            self._put(_Rank.END, None)

    def take(self, most: int) -> "list[Upload] | Piece | None":
        """Wait for whoever is next.

        Args:
            most: Uploads that are taken together.

        Returns:
            The uploads that wait, at least one; or else a piece; None at the end.
        """
        first = self._queue.get().what
        if first is None or isinstance(first, Piece):
            return first
        batch = [first]
        while len(batch) < most:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more.what is None or isinstance(more.what, Piece):
                self._queue.put(more)
                break
            batch.append(more.what)
        return batch

    def _put(self, rank: _Rank, what: Upload | Piece | None) -> None:
        self._queue.put(_Turn(rank, next(self._numbers), what))


@dataclass(frozen=True)
class PatientEncoder:
    """An encoder for whoever can wait: between any few of its views uploads go before.

    Attributes:
        encoder: Encodes, in the thread that takes the turns.
        turns: Where the views wait.
    """

    encoder: Encoder
    turns: Turns[Any]

    @property
    def id(self) -> str:
        """As `Encoder.id`."""
        return self.encoder.id

    @property
    def size(self) -> int:
        """As `Encoder.size`."""
        return self.encoder.size

    def encode(self, views: Views) -> Features:
        """Encode views; see `Encoder.encode`."""
        found = [self._piece(views[i : i + PIECE]) for i in range(0, max(1, len(views)), PIECE)]
        return join(*found)

    def _piece(self, views: Views) -> Features:
        piece = Piece(views)
        if not self.turns.put_piece(piece):
            piece.encode(self.encoder)
        return piece.features.result()
