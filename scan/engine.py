"""What runs a scan: from a source to batches of what is said of its items."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imaging import DecodedImage, thumbnail
from scan import layout
from scan.journal import Journal
from scan.records import Visit
from serving.judge import Judge
from serving.sources.source import Source
from serving.stream import Judged

THUMB_SIDE = 192
"""Longest side of a thumbnail in pixels."""


@dataclass(frozen=True)
class Batch:
    """What came of some items.

    Attributes:
        judged: What is said of each.
        known: Items passed over so far, since an earlier run did them.
    """

    judged: Sequence[Judged[Visit]]
    known: int


class Engine(Protocol):
    """Runs a scan. Whichever does, the rows are the same."""

    def judged(
        self, source: Source, out: Path, judge: Judge, journal: Journal, account: str | None
    ) -> Generator[Batch, None, None]:
        """Judge every item that the journal does not know, and keep a thumbnail of each image.

        Args:
            source: What is scanned.
            out: The output folder: thumbnails go there, and it is no part of the source.
            judge: Judges the images, in one state of the index.
            journal: Knows what earlier runs did.
            account: Whose uploads they are.

        Yields:
            Batches. Each is in the journal before the next one is asked for.

        Raises:
            StateEnded: Works were taken out of the index meanwhile.
        """
        ...


def small_copy(image: DecodedImage) -> bytes:
    """A thumbnail, as JPEG."""
    return thumbnail(image, THUMB_SIDE)


def keep_thumbnail(out: Path, sha256: str, data: bytes) -> None:
    """Write the thumbnail of an image to its place."""
    path = out / layout.thumb(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
