"""A gallery in memory, slow and obvious: the definition of what a gallery does. And its works."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from similarity.description import HASH_BYTES, REGIONS, USABLE_QUALITY, Description
from similarity.errors import BadName, CreatorNotFound, StateEnded, WorkNotFound
from similarity.gallery.creators import (
    Consent,
    Creator,
    Enrolment,
    EnrolmentResult,
    Protection,
    SharedWork,
    Standing,
    Withdrawal,
    Work,
)
from similarity.gallery.gallery import CreatorStyles, Gallery, Identity, Measure, NewWork, State
from similarity.gallery.ledger.codec import encodable
from similarity.gallery.names import creator_name, work_name
from similarity.vectors.base import MISSING, Neighbours

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


def enrol(
    gallery: Gallery,
    creator: str,
    consent: Consent,
    works: Sequence[NewWork],
    *,
    protection: Protection | None = None,
    accounts: Sequence[str] = (),
    collaborators: Sequence[str] = (),
    aliases: Sequence[str] = (),
) -> Creator:
    """Enrol, in one line; returns the creator as enrolled."""
    names = (tuple(accounts), tuple(collaborators), tuple(aliases))
    enrolment = Enrolment(creator, consent, protection, *names)
    return gallery.enrol(enrolment, works).creator


@dataclass(frozen=True)
class MemoryState:
    """The definition of `similarity.gallery.gallery.State`."""

    gallery: "MemoryGallery"
    removed: int
    people: Mapping[str, Creator]
    enrolled: Mapping[int, Enrolled]

    @property
    def name(self) -> str:
        creators = sorted(
            (one.name, one.protection, one.accounts, one.collaborators, one.aliases)
            for one in self.people.values()
        )
        works = sorted(
            (each.work.creator, each.work.name, each.work.sha256, each.new.local)
            for each in self.enrolled.values()
        )
        return hashlib.sha256(repr((creators, works)).encode()).hexdigest()[:16]

    def creators(self) -> tuple[Creator, ...]:
        return tuple(found for _, found in sorted(self.people.items()))

    def creator(self, name: str) -> Creator:
        try:
            return self.people[creator_name(name)]
        except (KeyError, BadName) as error:
            raise CreatorNotFound(name) from error

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        return {id_: self._all()[id_].work for id_ in ids if id_ in self.enrolled}

    def works_of(self, creator: str) -> tuple[Work, ...]:
        name = self.creator(creator).name
        return tuple(each.work for each in self._all().values() if each.work.creator == name)

    def works_by_content(self, digests: Sequence[str]) -> tuple[Work, ...]:
        return tuple(each.work for each in self._all().values() if each.work.sha256 in digests)

    def styles(self, creator: str) -> CreatorStyles:
        one = self.creator(creator)
        mine = [each for each in self._all().values() if each.work.creator == one.name]
        mine.sort(key=lambda each: each.work.sha256)
        rows = [halved(each.new.description.style) for each in mine]
        return CreatorStyles(
            one,
            np.array([each.work.id for each in mine], np.int64),
            np.array(rows, np.float32).reshape(-1, self.gallery.identity.style),
        )

    def all_styles(self) -> Iterator[CreatorStyles]:
        return (self.styles(one.name) for one in self.creators() if one.works)

    def hashes(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        told = {
            id_: each.new.description.hash
            for id_, each in sorted(self._all().items())
            if each.new.description.hash_quality >= USABLE_QUALITY
        }
        ids = np.array(list(told), np.int64)
        return ids, np.array(list(told.values()), np.uint8).reshape(-1, HASH_BYTES)

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        return {id_: self._all()[id_].new.local for id_ in ids if id_ in self.enrolled}

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        rows = {id_: halved(each.new.description.style) for id_, each in self.enrolled.items()}
        return nearest({id_: queries @ row for id_, row in rows.items()}, len(queries), k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        rows = {
            id_ * REGIONS + region: halved(row)
            for id_, each in self.enrolled.items()
            for region, row in enumerate(each.new.description.copy)
        }
        return nearest({id_: queries @ row for id_, row in rows.items()}, len(queries), k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        scores = {
            id_: -np.unpackbits(queries ^ each.new.description.hash, axis=1).sum(
                1, dtype=np.float32
            )
            for id_, each in self.enrolled.items()
            if each.new.description.hash_quality >= USABLE_QUALITY
        }
        return nearest(scores, len(queries), k)

    def check(self) -> None:
        self._all()

    def derived(self, name: str) -> bytes | None:
        state, value = self.gallery.kept.get(name, ("", b""))
        return value if state == self.name else None

    def _all(self) -> Mapping[int, Enrolled]:
        if self.gallery.removed != self.removed:
            raise StateEnded
        return self.enrolled


@dataclass
class MemoryGallery:
    """The definition of `similarity.gallery.gallery.Gallery`."""

    identity: Identity = IDENTITY
    measure: Measure | None = measure
    clock: Clock = lambda: NOW
    removed: int = 0
    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _people: Mapping[str, Creator] = field(default_factory=dict)
    _enrolled: Mapping[int, Enrolled] = field(default_factory=dict)
    _withdrawn: tuple[Withdrawal, ...] = ()
    _next: int = 1
    _people_ever: int = 0
    _state: MemoryState | None = None

    def state(self, *, newest: bool = False) -> MemoryState:
        if self._state is None:
            self._state = MemoryState(self, self.removed, self._people, self._enrolled)
        return self._state

    def enrol(self, enrolment: Enrolment, works: Sequence[NewWork]) -> EnrolmentResult:
        name = creator_name(enrolment.creator)
        friends = {creator_name(other) for other in enrolment.collaborators}
        for new in works:
            encodable(work_name(new.name))
        kept = dict(self._enrolled)
        added = set()
        for new in works:
            mine = [each for each in kept.values() if each.work.creator == name]
            if any(each.work.sha256 == new.sha256 for each in mine):
                continue
            for each in mine:
                if each.work.name == new.name:
                    del kept[each.work.id]
            work = Work(self._next, name, new.name, new.sha256, self.clock())
            kept[self._next] = Enrolled(work, new)
            added.add(self._next)
            self._next += 1
        self._people_ever += name not in self._people
        old = self._people.get(name, Creator(name, enrolment.consent, id=self._people_ever))
        creator = replace(
            old,
            consent=enrolment.consent,
            protection=enrolment.protection or old.protection,
            accounts=tuple(sorted({*old.accounts, *enrolment.accounts})),
            collaborators=tuple(sorted({*old.collaborators, *friends} - {name})),
            aliases=tuple(sorted({*old.aliases, *map(creator_name, enrolment.aliases)} - {name})),
        )
        withdrew = [one.at for one in self._withdrawn if one.creator == name]
        given = {new.sha256: new.name for new in works}
        return EnrolmentResult(
            creator=self._changed(kept, creator),
            added=len(added & set(kept)),
            shared=tuple(
                SharedWork(given[each.work.sha256], each.work)
                for each in kept.values()
                if each.work.sha256 in given and each.work.creator != name
            ),
            withdrew=withdrew[-1] if withdrew else None,
        )

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        found = self.state().creator(creator)
        mine = self.state().works_of(found.name)
        ids = {work.sha256: work.id for work in mine} | {work.name: work.id for work in mine}
        for name in works:
            if name not in ids:
                raise WorkNotFound(name)
        gone = {ids[name] for name in works}
        kept = {id_: each for id_, each in self._enrolled.items() if id_ not in gone}
        return self._changed(kept, found)

    def withdraw(self, creator: str) -> int:
        name = self.state().creator(creator).name
        kept = {id_: each for id_, each in self._enrolled.items() if each.work.creator != name}
        count = len(self._enrolled) - len(kept)
        self._enrolled = kept
        self._people = {
            each.name: replace(
                each, collaborators=tuple(other for other in each.collaborators if other != name)
            )
            for each in self._people.values()
            if each.name != name
        }
        self._withdrawn += (Withdrawal(name, self.clock()),)
        self.removed += 1
        self._state = None
        return count

    def withdrawn(self) -> tuple[Withdrawal, ...]:
        return self._withdrawn

    def keep(self, state: State, name: str, value: bytes) -> None:
        if state.name == self.state().name:
            self.kept[name] = (state.name, value)

    def close(self) -> None:
        pass

    def _changed(self, kept: Mapping[int, Enrolled], creator: Creator) -> Creator:
        """Take over new works and a creator; all or nothing."""
        self.removed += not self._enrolled.keys() <= kept.keys()
        self._enrolled = kept
        mine = [each for each in kept.values() if each.work.creator == creator.name]
        creator = replace(creator, works=len(mine), standing=None)
        self._people = {**self._people, creator.name: creator}
        self._state = None
        if mine and self.measure is not None:
            standing = self.measure(self.state().styles(creator.name).vectors)
            creator = replace(creator, standing=standing)
            self._people = {**self._people, creator.name: creator}
        self._state = None
        return creator


def halved(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """As vectors are kept: in half precision."""
    return vector.astype(np.float16).astype(np.float32)


def nearest(scores: Mapping[int, NDArray[np.float32]], queries: int, k: int) -> Neighbours:
    """The k best ids of every query, of scores [queries] by id."""
    ids = np.full((queries, k), MISSING, np.int64)
    best = np.full((queries, k), -np.inf, np.float32)
    for query in range(queries):
        ranked = sorted(scores, key=lambda id_: (-scores[id_][query], id_))[:k]
        ids[query, : len(ranked)] = ranked
        best[query, : len(ranked)] = [scores[id_][query] for id_ in ranked]
    return Neighbours(ids, best)
