"""What happens to one item in a worker thread: read, recognise known bytes, decode, cut views."""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import Measures, measure
from detector.pixels.views import views_of
from detector.readers.contract import Reader
from detector.statements.gather import read_statements
from evidence import Reason, Signal
from imaging import DecodedImage, ImagingError, Limits, decode_for_view, sketch, thumbnail
from models import Views
from scan import layout as places
from scan.journal import Journal, Visit
from scan.schema import ImageResult
from serving.errors import SourceError
from serving.sources.item import Item

THUMB_SIDE = 192
"""Longest side of a thumbnail in pixels."""


@dataclass(frozen=True)
class Facts:
    """A decoded image without its pixels; attributes as in `imaging.DecodedImage`.

    Attributes:
        measures: Of it.
        signals: What the file says of itself.
        sketch: uint8 [H, W], its luminance, for the search of an index; None where none is asked
            for.
    """

    sha256: str
    width: int
    height: int
    format: str
    notes: tuple[Reason, ...]
    measures: Measures
    signals: tuple[Signal, ...] = ()
    sketch: NDArray[np.uint8] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Found:
    """What a worker learnt of one item.

    Attributes:
        visit: For the journal.
        failed: What is said of its bytes, if they are new and cannot be decoded.
        facts: Of the image whose views go to the encoder.
    """

    visit: Visit
    failed: ImageResult | None = None
    facts: Facts | None = None


class Worker:
    """Prepares items for the encoder; called from many threads.

    Args:
        journal: Knows the bytes of which something has been said.
        out: The output folder; thumbnails are written below it.
        size: Side of the encoder's view in pixels.
        limits: Bounds on what is decoded.
        readers: Of what files say of themselves.
        sketches: Whether an index will be searched.
    """

    def __init__(
        self,
        journal: Journal,
        out: Path,
        size: int,
        limits: Limits,
        readers: Sequence[Reader],
        *,
        sketches: bool = False,
    ) -> None:
        self._journal = journal
        self._out = out
        self._size = size
        self._limits = limits
        self._readers = readers
        self._sketches = sketches
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def prepare(self, item: Item) -> tuple[Views | None, Found]:
        """Read and decode one item.

        Raises:
            OSError: The thumbnail cannot be written.
        """
        try:
            data = item.read()
        except SourceError as error:
            visit = Visit(item.path, item.size, item.stamp, error=str(error))
            return None, Found(visit)
        if data is None:
            return None, Found(Visit(item.path, item.size, item.stamp, skipped=True))
        sha256 = hashlib.sha256(data).hexdigest()
        visit = Visit(item.path, len(data), item.stamp, sha256)
        if not self._claim(sha256):
            return None, Found(visit)
        try:
            image = decode_for_view(data, self._size, limits=self._limits)
        except ImagingError as error:
            return None, Found(
                visit, failed=ImageResult(sha256=sha256, error=" ".join(str(error).split()))
            )
        self._write_thumb(image)
        signals = read_statements(data, image, self._readers)
        facts = Facts(
            sha256,
            image.width,
            image.height,
            image.format,
            image.notes,
            measure(image),
            signals,
            sketch(image) if self._sketches else None,
        )
        return views_of(image, self._size), Found(visit, facts=facts)

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

    def _write_thumb(self, image: DecodedImage) -> None:
        path = self._out / places.thumb(image.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(thumbnail(image, THUMB_SIDE))
