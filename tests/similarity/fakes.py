"""A gallery in memory, slow and obvious: the definition of what a gallery does. And its works."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from similarity.description import HASH_BYTES, REGIONS, USABLE_QUALITY, Description
from similarity.errors import BadName, CreatorNotFound, WorkNotFound
from similarity.gallery.creators import Consent, Creator, Protection, Standing, Work
from similarity.gallery.gallery import Identity, Measure, NewWork
from similarity.gallery.ledger.codec import encodable
from similarity.gallery.names import creator_name, work_name
from similarity.vectors.base import NOBODY, Neighbours

IDENTITY = Identity(encoder="fake-encoder", heads="fake-heads", style=16, copy=8)


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Clock = Callable[[], datetime]


def measure(styles: NDArray[np.float32]) -> Standing:
    """A standing that depends on all works, and not on their order."""
    return Standing(
        mean=float(np.round(styles.mean(), 4)),
        deviation=1.0,
        own=None if len(styles) < 2 else 0.5,
        distinct=len(styles) >= 3,
    )


def consent(by: str = "themselves", note: str | None = None) -> Consent:
    return Consent(by, NOW, note)


def new_work(
    name: str, *, sha256: str | None = None, seed: int | None = None, regions: int = 2
) -> NewWork:
    """A work whose description follows from its name, or from a seed."""
    if seed is None:
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    random = np.random.default_rng(seed)
    description = Description(
        style=unit(random.normal(size=IDENTITY.style)),
        copy=unit(random.normal(size=(regions, IDENTITY.copy))),
        hash=random.integers(0, 256, HASH_BYTES, dtype=np.uint8),
        hash_quality=100 if random.random() < 0.8 else USABLE_QUALITY - 1,
    )
    local = random.bytes(48)
    return NewWork(name, sha256 or hashlib.sha256(local).hexdigest(), description, local)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = vectors.astype(np.float32)
    found /= np.linalg.norm(found, axis=-1, keepdims=True)
    return found


@dataclass(frozen=True)
class Enrolled:
    work: Work
    new: NewWork


@dataclass
class MemoryGallery:
    """The definition of `similarity.gallery.gallery.Gallery`."""

    identity: Identity = IDENTITY
    measure: Measure = measure
    clock: Clock = lambda: NOW
    _creators: dict[str, Creator] = field(default_factory=dict)
    _enrolled: dict[int, Enrolled] = field(default_factory=dict)
    _next: int = 1

    @property
    def name(self) -> str:
        text = repr((sorted(self._creators.items()), sorted(self._enrolled)))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def enrol(
        self,
        creator: str,
        consent: Consent,
        works: Sequence[NewWork],
        *,
        protection: Protection | None = None,
        accounts: Sequence[str] = (),
        collaborators: Sequence[str] = (),
    ) -> Creator:
        creator = creator_name(creator)
        alike = {creator_name(other) for other in collaborators}
        for new in works:
            encodable(work_name(new.name))
        kept = dict(self._enrolled)
        for new in works:
            mine = [each for each in kept.values() if each.work.creator == creator]
            if any(each.work.sha256 == new.sha256 for each in mine):
                continue
            for each in mine:
                if each.work.name == new.name:
                    del kept[each.work.id]
            work = Work(self._next, creator, new.name, new.sha256, self.clock())
            kept[self._next] = Enrolled(work, new)
            self._next += 1
        old = self._creators.get(creator, Creator(creator, consent))
        return self._measured(
            kept,
            replace(
                old,
                consent=consent,
                protection=protection or old.protection,
                accounts=tuple(sorted({*old.accounts, *accounts})),
                collaborators=tuple(sorted({*old.collaborators, *alike} - {creator})),
            ),
        )

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        found = self.creator(creator)
        ids = {each.work.name: each.work.id for each in self._of(found.name)}
        for name in works:
            if name not in ids:
                raise WorkNotFound(name)
        gone = {ids[name] for name in works}
        kept = {id_: each for id_, each in self._enrolled.items() if id_ not in gone}
        return self._measured(kept, found)

    def withdraw(self, creator: str) -> int:
        name = self.creator(creator).name
        gone = {each.work.id for each in self._of(name)}
        self._enrolled = {id_: each for id_, each in self._enrolled.items() if id_ not in gone}
        self._creators = {
            each.name: replace(
                each, collaborators=tuple(other for other in each.collaborators if other != name)
            )
            for each in self._creators.values()
            if each.name != name
        }
        return len(gone)

    def creators(self) -> tuple[Creator, ...]:
        return tuple(found for _, found in sorted(self._creators.items()))

    def creator(self, name: str) -> Creator:
        try:
            return self._creators[creator_name(name)]
        except (KeyError, BadName) as error:
            raise CreatorNotFound(name) from error

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        return {id_: self._enrolled[id_].work for id_ in ids if id_ in self._enrolled}

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        rows = {id_: halved(each.new.description.style) for id_, each in self._enrolled.items()}
        return nearest({id_: queries @ row for id_, row in rows.items()}, len(queries), k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        rows = {
            id_ * REGIONS + region: halved(row)
            for id_, each in self._enrolled.items()
            for region, row in enumerate(each.new.description.copy)
        }
        return nearest({id_: queries @ row for id_, row in rows.items()}, len(queries), k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        scores = {
            id_: -np.unpackbits(queries ^ each.new.description.hash, axis=1).sum(
                1, dtype=np.float32
            )
            for id_, each in self._enrolled.items()
            if each.new.description.hash_quality >= USABLE_QUALITY
        }
        return nearest(scores, len(queries), k)

    def styles(self, creator: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        mine = self._of(self.creator(creator).name)
        rows = [halved(each.new.description.style) for each in mine]
        return (
            np.array([each.work.id for each in mine], np.int64),
            np.array(rows, np.float32).reshape(-1, self.identity.style),
        )

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        return {id_: self._enrolled[id_].new.local for id_ in ids if id_ in self._enrolled}

    def close(self) -> None:
        pass

    def _of(self, creator: str) -> list[Enrolled]:
        return [each for each in self._enrolled.values() if each.work.creator == creator]

    def _measured(self, kept: dict[int, Enrolled], creator: Creator) -> Creator:
        """Take over new works and a creator; all or nothing."""
        mine = [each for each in kept.values() if each.work.creator == creator.name]
        styles = np.array([halved(each.new.description.style) for each in mine])
        standing = self.measure(styles) if mine else None
        creator = replace(creator, works=len(mine), standing=standing)
        self._enrolled, self._creators = kept, {**self._creators, creator.name: creator}
        return creator


def halved(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """As vectors are kept: in half precision."""
    return vector.astype(np.float16).astype(np.float32)


def nearest(scores: Mapping[int, NDArray[np.float32]], queries: int, k: int) -> Neighbours:
    """The k best ids of every query, of scores [queries] by id."""
    ids = np.full((queries, k), NOBODY, np.int64)
    best = np.full((queries, k), -np.inf, np.float32)
    for query in range(queries):
        ranked = sorted(scores, key=lambda id_: (-scores[id_][query], id_))[:k]
        ids[query, : len(ranked)] = ranked
        best[query, : len(ranked)] = [scores[id_][query] for id_ in ranked]
    return Neighbours(ids, best)
