"""Every kind of gallery, for the tests that all must pass."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Gallery, Measure
from similarity.gallery.postgres import PostgresGallery
from tests.similarity.fakes import IDENTITY, NOW, MemoryGallery, measure


@dataclass
class Place:
    """Where galleries of one kind are opened.

    Attributes:
        make: Opens a gallery, new or not, with a measure.
        settled: What happens to a gallery from time to time, and must change nothing.
    """

    make: Callable[[Measure], Gallery]
    settled: Callable[["Place", Gallery], Gallery] = lambda _, gallery: gallery
    opened: list[Gallery] = field(default_factory=list)

    def open(self, measure: Measure = measure) -> Gallery:
        self.opened.append(self.make(measure))
        return self.opened[-1]

    def settle(self, gallery: Gallery) -> Gallery:
        return self.settled(self, gallery)

    def close(self) -> None:
        for gallery in self.opened:
            gallery.close()


def memory() -> Place:
    return Place(lambda measure: MemoryGallery(measure=measure))


def disk(folder: Path) -> Place:
    """Searched in memory, as it comes."""
    return Place(
        lambda measure: DiskGallery.open(folder, IDENTITY, measure, create=True, clock=lambda: NOW)
    )


def compacted(folder: Path) -> Place:
    """Searched in a snapshot."""
    return Place(disk(folder).make, _compacted)


def reopened(folder: Path) -> Place:
    """Closed and opened again."""
    return Place(disk(folder).make, _reopened)


def postgres(address: str) -> Place:
    return Place(
        lambda measure: PostgresGallery.open(
            address, IDENTITY, measure, create=True, clock=lambda: NOW
        )
    )


def _compacted(_: Place, gallery: Gallery) -> Gallery:
    if not isinstance(gallery, DiskGallery):
        raise TypeError(gallery)
    gallery.compact()
    return gallery


def _reopened(place: Place, gallery: Gallery) -> Gallery:
    gallery.close()
    return place.open()
