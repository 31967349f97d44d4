"""The works of an index, described by other heads while it is searched, from their files."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imaging import Limits
from serving.closing import Closing
from serving.enrol import Enroller, Enrolment
from serving.errors import SourceError
from serving.sources.files import items
from serving.sources.find_again import find_work, read_at
from serving.sources.item import Item, Locator
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import Gallery

if TYPE_CHECKING:
    from similarity.artefact import SimilarityArtefact

GONE = "Its file is not where it was enrolled from, nor elsewhere."


@dataclass(frozen=True)
class Redescribed:
    """How far the works of an index are described by other heads.

    Attributes:
        described: Works that are described now and were not before.
        missing: Works that are not, with why: their files have gone, or cannot be read.
    """

    described: int
    missing: tuple[tuple[Work, str], ...]


@dataclass(frozen=True)
class Reencoder(Closing):
    """Describes the works of one index. Open one by `serving.opening.open_reencoder`.

    Attributes:
        index: Its folder.
        artefact: The model with the other heads.
        records: The index as it is.
        enroller: Enrols works in the draft of its next generation.
    """

    index: Path
    artefact: "SimilarityArtefact"
    records: Gallery
    enroller: Enroller

    def describe(
        self,
        elsewhere: Collection[Path] = (),
        *,
        workers: int = 2,
        progress: Callable[[int, int], None] | None = None,
    ) -> Redescribed:
        """Describe all works that are not yet; what an interruption leaves is gone on with.

        Args:
            elsewhere: Files, folders and archives where works are looked for by their content
                that are not where they were enrolled from.
            workers: Threads that read, decode and describe.
            progress: Told how many works were done, of how many.

        Raises:
            SimilarityError: The draft cannot be changed.
        """
        from similarity.gallery.reencoding import not_described

        state = self.records.state(newest=True)
        wanted = not_described(state, self.enroller.similarity.gallery.state(newest=True))
        total = sum(map(len, wanted.values()))
        places = _by_content(elsewhere, self.enroller.limits) if wanted else {}
        asked = [_enrolment(state.creator(name), works, places) for name, works in wanted.items()]
        tell = None if progress is None else lambda done: progress(done, total)
        works = {(one.creator, one.name): one for some in wanted.values() for one in some}
        described, missing = 0, []
        for done in self.enroller.enrol(asked, workers=workers, progress=tell):
            described += done.added
            missing += [(works[done.asked.creator, name], why) for name, why in done.unreadable]
        return Redescribed(described, tuple(missing))

    def take_over(self, *, without_missing: bool = False) -> None:
        """Have the index searched by the other heads from now on.

        Args:
            without_missing: Whether works that are not described are given up.

        Raises:
            WorksNotDescribed: Some are not; then all stays as it is.
            IndexBusy: Another process is changing the index.
        """
        from similarity.gallery.reencoding import take_over
        from similarity.search import Similarity

        self.enroller.close()
        take_over(
            self.index,
            self.artefact.identity,
            self.artefact.measure,
            lambda gallery: Similarity.of(self.artefact, gallery).settle(),
            without_missing=without_missing,
        )

    def close(self) -> None:
        """Let go of the index."""
        self.records.close()
        self.enroller.close()


def _enrolment(creator: Creator, works: list[Work], places: Mapping[str, Locator]) -> Enrolment:
    return Enrolment(
        creator.name,
        (),
        creator.consent,
        protection=creator.protection,
        items=partial(_items, works, places),
    )


def _items(works: list[Work], places: Mapping[str, Locator], limits: Limits) -> Iterator[Item]:
    for work in works:
        yield Item(work.name, None, None, partial(_read, work, places, limits))


def _read(work: Work, places: Mapping[str, Locator], limits: Limits) -> bytes:
    data = find_work(work.name, work.sha256, limits)
    if data is None and work.sha256 in places:
        data = read_at(places[work.sha256], limits)
    if data is None or hashlib.sha256(data).hexdigest() != work.sha256:
        raise SourceError(GONE)
    return data


def _by_content(paths: Collection[Path], limits: Limits) -> dict[str, Locator]:
    """Where files lie, by the digests of their bytes."""
    found: dict[str, Locator] = {}
    for item in items(paths, limits):
        with suppress(SourceError):
            data = item.read()
            if data is not None and item.locator is not None:
                found.setdefault(hashlib.sha256(data).hexdigest(), item.locator)
    return found
