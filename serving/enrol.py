"""Creators' works into an index: read, encoded and described in one stream over all creators."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detector import measure
from detector.pixels.information import too_plain_for_style
from imaging import ImagingError, Limits, decode_for_view, global_view, sketch
from models import Encoder, Features, Views, encode_stream
from serving.closing import Closing
from serving.errors import SourceError
from serving.sources.budget import Holder
from serving.sources.files import items
from serving.sources.item import Item
from similarity.copies.known_pictures import known_pictures
from similarity.errors import BadName, CreatorNotFound
from similarity.gallery.creators import Consent, Creator, Protection, SharedWork
from similarity.gallery.creators import Enrolment as NewCreator
from similarity.gallery.gallery import Gallery, NewWork
from similarity.gallery.names import creator_name, work_name

if TYPE_CHECKING:
    from similarity.describe import Describer
    from similarity.search import Similarity

BATCH = 16
"""Works that are encoded at once."""

CHUNK = 256
"""Works that are enrolled in one transaction: what a kill may lose."""


@dataclass(frozen=True)
class Enrolment:
    """What is asked for.

    Attributes:
        creator: Name, as `similarity.gallery.names.creator_name` gives it.
        paths: Where the works lie; see `serving.sources.files.items`.
        consent: To the enrolment.
        protection: Whether likeness counts; None leaves it as it is, or else protected.
        accounts: To be added to the creator's.
        collaborators: To be added to the creator's.
        aliases: Other names that prompts know the creator by; to be added to the creator's.
        within: Path that names of works leave out, for one that says nothing.
        items: Gives the works in place of what lies at the paths; None for that.
    """

    creator: str
    paths: tuple[Path, ...]
    consent: Consent
    protection: Protection | None = None
    accounts: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    within: Path | None = None
    items: Callable[[Limits], Iterable[Item]] | None = None


@dataclass(frozen=True)
class Enrolled:
    """What came of it.

    Attributes:
        asked: The enrolment.
        creator: As enrolled now; None if there was nothing to enrol.
        added: Works that are new.
        known: Works that were there already, or are given twice.
        unreadable: Path and reason of what cannot be enrolled.
        shared: Works, new or known, that somebody else has enrolled, too.
        withdrew: When a creator of that name withdrew last; None if none did.
        plain: Names of new works with so little to see that copies and likeness are hardly found.
        works: Name and SHA-256 of each work, new or known.
        flat: Names of new works in two flat colours, which show no style; copies of them are found.
    """

    asked: Enrolment
    creator: Creator | None
    added: int
    known: int
    unreadable: tuple[tuple[str, str], ...]
    shared: tuple[SharedWork, ...] = ()
    withdrew: datetime | None = None
    plain: tuple[str, ...] = ()
    works: tuple[tuple[str, str], ...] = ()
    flat: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enroller(Closing):
    """Enrols works in one index. Open one by `serving.open_enroller`.

    Attributes:
        encoder: Encodes works.
        similarity: The index, open for changes.
        limits: Bounds on what is read and decoded.
    """

    encoder: Encoder
    similarity: "Similarity"
    limits: Limits = field(default_factory=Limits)

    def enrol(
        self,
        enrolments: Sequence[Enrolment],
        *,
        workers: int = 2,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[Enrolled]:
        """Enrol creators one after the other; each is in the index when its result is given.

        Works that are enrolled for their creator already are not decoded again, so that a run that
        was interrupted goes on where it was.

        Args:
            enrolments: One per creator.
            workers: Threads that read, decode and describe.
            progress: Told how many files were done.

        Raises:
            SimilarityError: The gallery cannot be changed.
        """
        gallery = self.similarity.gallery
        under_way = _UnderWay(gallery)
        done = 0
        stream = encode_stream(
            _steps(enrolments, self.limits),
            partial(_prepare, under_way, self.encoder.size, self.limits),
            self.encoder,
            batch_size=BATCH,
            workers=workers,
        )
        with closing(stream), ThreadPoolExecutor(workers, thread_name_prefix="describe") as pool:
            waiting = _Waiting(gallery)
            describe = partial(_described, self.similarity.describer)
            for batch in stream:
                found = list(pool.map(describe, batch))
                for (step, prepared, _), work in zip(batch, found, strict=True):
                    if step.item is None:
                        yield waiting.finish(step.enrolment)
                        continue
                    waiting.take(step, prepared, work)
                    done += 1
                if progress is not None:
                    progress(done)
        # Once here, instead of in every process that searches.
        self.similarity.settle()

    def lookalikes(self, creators: Iterable[str]) -> dict[str, dict[str, float]]:
        """Whom creators' works look like: by creator, as `similarity.search.StateSearch` tells it.

        Args:
            creators: Names of creators who are enrolled.
        """
        searched = self.similarity.at(self.similarity.gallery.state(newest=True))
        return {name: searched.lookalikes(name) for name in creators}

    def neighbours(self, creator: str) -> dict[str, float]:
        """To whom a creator's works come nearest, as `similarity.search.StateSearch` tells it.

        Raises:
            CreatorNotFound: There is no such creator.
        """
        return self.similarity.at(self.similarity.gallery.state(newest=True)).neighbours(creator)

    def close(self) -> None:
        """Let go of the index."""
        self.similarity.gallery.close()


@dataclass(frozen=True)
class _Step:
    """One item of one creator; the end of that creator where there is no item."""

    enrolment: Enrolment
    item: Item | None

    @property
    def name(self) -> str:
        """Of the work."""
        path = "" if self.item is None else self.item.path
        within = self.enrolment.within
        return path if within is None else path.removeprefix(str(within)).removeprefix("/")


@dataclass(frozen=True)
class _Prepared:
    """What a worker thread learnt of an item."""

    sha256: str = ""
    sketch: NDArray[np.uint8] | None = None
    known: bool = False
    error: str | None = None
    plain: bool = False
    flat: bool = False


def _steps(enrolments: Sequence[Enrolment], limits: Limits) -> Iterator[_Step]:
    holder = Holder()
    for enrolment in enrolments:
        found = (
            items(enrolment.paths, limits) if enrolment.items is None else enrolment.items(limits)
        )
        for item in found:
            yield _Step(enrolment, holder.hold(item) if item.streamed else item)
        yield _Step(enrolment, None)


class _UnderWay:
    """Tells works that are new to their creator; asked from many threads."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._lock = threading.Lock()
        self._known: dict[str, set[str]] = {}

    def claim(self, creator: str, sha256: str) -> bool:
        """Whether these bytes are new, to the gallery and to the other threads."""
        with self._lock:
            if creator not in self._known:
                self._known[creator] = self._enrolled(creator)
            if sha256 in self._known[creator]:
                return False
            self._known[creator].add(sha256)
            return True

    def release(self, creator: str, sha256: str) -> None:
        """Take a claim back: the bytes are no image."""
        with self._lock:
            self._known[creator].discard(sha256)

    def _enrolled(self, creator: str) -> set[str]:
        try:
            works = self._gallery.state().works_of(creator)
        except CreatorNotFound:
            return set()
        return {work.sha256 for work in works}


def _prepare(
    under_way: _UnderWay, size: int, limits: Limits, step: _Step
) -> tuple[Views | None, _Prepared]:
    if step.item is None:
        return None, _Prepared()
    sha256 = ""
    try:
        data = step.item.read()
        if data is None:
            return None, _Prepared()
        work_name(step.name)
        sha256 = hashlib.sha256(data).hexdigest()
        if not under_way.claim(step.enrolment.creator, sha256):
            return None, _Prepared(sha256, known=True)
        try:
            image = decode_for_view(data, size, limits=limits)
        except ImagingError:
            under_way.release(step.enrolment.creator, sha256)
            raise
    except (SourceError, ImagingError, BadName) as error:
        return None, _Prepared(sha256, error=" ".join(str(error).split()))
    plain = measure(image).information.too_plain
    flat = not plain and too_plain_for_style(image)
    return global_view(image, size)[None], _Prepared(sha256, sketch(image), plain=plain, flat=flat)


def _described(
    describer: "Describer", prepared: tuple[_Step, _Prepared, Features | None]
) -> NewWork | None:
    step, facts, features = prepared
    if step.item is None or facts.sketch is None or features is None:
        return None
    return describer.new_work(step.name, facts.sha256, features, facts.sketch)


@dataclass
class _Waiting:
    """Works of the creator at hand, on their way into the gallery."""

    gallery: Gallery
    works: list[NewWork] = field(default_factory=list)
    added: int = 0
    known: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    withdrew: datetime | None = None
    plain: list[str] = field(default_factory=list)
    flat: list[str] = field(default_factory=list)
    alike: list[SharedWork] = field(default_factory=list)

    def take(self, step: _Step, prepared: _Prepared, work: NewWork | None) -> None:
        """Count what came of an item, and enrol a chunk that is full."""
        if prepared.error is not None and step.item is not None:
            self.unreadable.append((step.name, prepared.error))
            self.failed[prepared.sha256] = prepared.error
        if prepared.known:
            self.known.append((step.name, prepared.sha256))
        if step.item is not None and (prepared.known or work is not None):
            self.names.setdefault(prepared.sha256, step.name)
        if work is not None:
            self.works.append(work)
            self.added += 1
            if prepared.plain:
                self.plain.append(work.name)
            if prepared.flat:
                self.flat.append(work.name)
        if len(self.works) == CHUNK:
            self._enrol(step.enrolment)

    def finish(self, asked: Enrolment) -> Enrolled:
        """Enrol what is left of a creator, and begin anew."""
        known = [one for one in self.known if one[1] not in self.failed]
        # Files of the same bytes as one that was being read just then, and is no image.
        twins = ((name, self.failed[one]) for name, one in self.known if one in self.failed)
        self.unreadable += twins
        self.names = {one: name for one, name in self.names.items() if one not in self.failed}
        there = bool(self.added or known)
        creator = self._enrol(asked) if there else None
        result = Enrolled(
            asked,
            creator,
            self.added,
            len(known),
            tuple(self.unreadable),
            (*self._shared(creator), *self.alike),
            self.withdrew,
            tuple(self.plain),
            tuple((name, sha256) for sha256, name in self.names.items()),
            tuple(self.flat),
        )
        self.added, self.known = 0, []
        self.unreadable, self.failed, self.names, self.withdrew = [], {}, {}, None
        self.plain, self.flat, self.alike = [], [], []
        return result

    def _shared(self, creator: Creator | None) -> tuple[SharedWork, ...]:
        if creator is None:
            return ()
        same = self.gallery.state(newest=True).works_by_content(list(self.names))
        others = (work for work in same if work.creator != creator.name)
        return tuple(SharedWork(self.names[work.sha256], work) for work in others)

    def _enrol(self, asked: Enrolment) -> Creator:
        enrolment = NewCreator(
            asked.creator,
            asked.consent,
            protection=asked.protection,
            accounts=asked.accounts,
            collaborators=asked.collaborators,
            aliases=asked.aliases,
        )
        state = self.gallery.state(newest=True)
        self.alike += known_pictures(state, creator_name(asked.creator), self.works)
        result = self.gallery.enrol(enrolment, self.works)
        self.works = []
        self.withdrew = result.withdrew
        return result.creator
