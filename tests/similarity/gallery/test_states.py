"""Any order of changes gives what the slow gallery in memory gives."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from numpy.typing import NDArray
from sqlalchemy import create_engine, make_url, text

from similarity.description import REGIONS
from similarity.errors import CreatorNotFound, WorkNotFound
from similarity.gallery.creators import Protection
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Gallery
from similarity.vectors.base import MISSING, Neighbours
from tests.similarity.fakes import IDENTITY, MemoryGallery, consent, enrol, new_work, unit
from tests.similarity.places import Place, disk, postgres

CREATORS = st.sampled_from(["a", "b", "葛飾"])
WORKS = st.lists(st.integers(0, 9), max_size=4)
OTHER_BYTES = st.integers(0, 1)
"""A work of a name and a number has other bytes for each of these."""


class Changes(RuleBasedStateMachine):
    """Does the same to a gallery and to the definition."""

    gallery: Gallery
    definition: MemoryGallery

    def start(self) -> Gallery:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.definition = MemoryGallery()
        self.gallery = self.start()

    @rule(
        creator=CREATORS,
        works=WORKS,
        other=OTHER_BYTES,
        protection=st.sampled_from([None, *Protection]),
        account=st.sampled_from(["x", "y"]),
        collaborator=CREATORS,
    )
    def enrol(
        self,
        creator: str,
        works: list[int],
        other: int,
        protection: Protection | None,
        account: str,
        collaborator: str,
    ) -> None:
        new = [new_work(str(each), seed=each * 2 + other, regions=1 + each) for each in works]
        told = [
            enrol(
                gallery,
                creator,
                consent(),
                new,
                protection=protection,
                accounts=[account],
                collaborators=[collaborator],
            )
            for gallery in (self.gallery, self.definition)
        ]
        assert told[0] == told[1]

    @rule(creator=CREATORS, works=WORKS)
    def remove(self, creator: str, works: list[int]) -> None:
        told = []
        for gallery in (self.gallery, self.definition):
            try:
                told.append(gallery.remove(creator, [str(each) for each in works]))
            except (CreatorNotFound, WorkNotFound) as error:
                told.append(type(error))  # type: ignore[arg-type]
        assert told[0] == told[1]

    @rule(creator=CREATORS)
    def withdraw(self, creator: str) -> None:
        told = []
        for gallery in (self.gallery, self.definition):
            try:
                told.append(gallery.withdraw(creator))
            except CreatorNotFound:
                told.append(-1)
        assert told[0] == told[1]

    @precondition(lambda self: isinstance(self.gallery, DiskGallery))
    @rule()
    def compact(self) -> None:
        assert isinstance(self.gallery, DiskGallery)
        name = self.gallery.state().name
        self.gallery.compact()
        assert self.gallery.state().name == name

    @rule(seed=st.integers(0, 5), k=st.sampled_from([1, 4, 60]))
    def search(self, seed: int, k: int) -> None:
        random = np.random.default_rng(seed)
        styles = unit(random.normal(size=(2, IDENTITY.style)))
        regions = unit(random.normal(size=(2, IDENTITY.copy)))
        hashes = random.integers(0, 256, (2, 32), dtype=np.uint8)
        ours, right = self.gallery.state(), self.definition.state()
        self._alike(ours.search_style(styles, k), right.search_style(styles, k))
        self._alike(ours.search_hashes(hashes, k), right.search_hashes(hashes, k))
        found, wanted = ours.search_copies(regions, k), right.search_copies(regions, k)
        self._alike(found, wanted, per=REGIONS)

    @invariant()
    def same_records(self) -> None:
        assert self.gallery.state().creators() == self.definition.state().creators()
        for creator in self.definition.state().creators():
            assert self._named(self.gallery, creator.name) == self._named(
                self.definition, creator.name
            )

    def teardown(self) -> None:
        self.gallery.close()

    def _named(self, gallery: Gallery, creator: str) -> dict[str, tuple[str, bytes]]:
        state = gallery.state()
        found = state.styles(creator)
        ids = found.ids.tolist()
        local = state.local_features(ids)
        return {
            work.name: (work.sha256 + local[work.id].hex(), style.tobytes())
            for work, style in zip(state.works(ids).values(), found.vectors, strict=True)
        }

    def _alike(self, found: Neighbours, wanted: Neighbours, per: int = 1) -> None:
        """The same scores of the same works, but for ties; the ids may be others."""
        np.testing.assert_allclose(found.scores, wanted.scores, atol=1e-3)
        for row in range(len(found.ids)):
            ids = found.ids[row][found.ids[row] != MISSING]
            assert len(set(ids.tolist())) == len(ids)
            sure = found.scores[row] > found.scores[row][-1] + 2e-3
            ours = self._told(self.gallery, found.ids[row][sure], per)
            assert ours <= self._told(self.definition, wanted.ids[row], per)

    def _told(
        self, gallery: Gallery, ids: NDArray[np.int64], per: int
    ) -> set[tuple[str, str, int]]:
        works = gallery.state().works((ids // per).tolist())
        return {
            (works[id_ // per].creator, works[id_ // per].name, id_ % per)
            for id_ in ids.tolist()
            if id_ != MISSING
        }


def run(fresh: Callable[[], Place], *, examples: int, steps: int) -> None:
    """Search for an order of changes that goes wrong.

    Args:
        fresh: Makes an empty place.
        examples: How many orders to try.
        steps: Changes in each at most.
    """

    class Machine(Changes):
        def start(self) -> Gallery:
            self.place = fresh()
            return self.place.open()

        @rule()
        def reopen(self) -> None:
            name = self.gallery.state().name
            self.gallery.close()
            self.gallery = self.place.open()
            assert self.gallery.state().name == name

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_a_disk(tmp_path: Path) -> None:
    run(lambda: disk(Path(tempfile.mkdtemp(dir=tmp_path))), examples=25, steps=25)


def test_on_postgres(postgres_url: str) -> None:
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))

    def fresh() -> Place:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        return postgres(postgres_url)

    run(fresh, examples=8, steps=20)
    engine.dispose()
