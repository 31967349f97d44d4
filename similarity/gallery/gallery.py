"""A gallery: the enrolled creators and works, and the search over them.

`Gallery` is what changes, `State` is what is searched: one state of it, which never changes. There
is one in a folder (`similarity.gallery.folder`) and one on PostgreSQL
(`similarity.gallery.postgres`), and one conformance test for both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from similarity.description import Description
from similarity.gallery.creators import (
    Creator,
    Enrolment,
    EnrolmentResult,
    Standing,
    Withdrawal,
    Work,
)
from similarity.vectors.base import Neighbours

Measure = Callable[[NDArray[np.float32]], Standing]
"""How a creator's works, float32 [n, S], stand out from other people's."""


@dataclass(frozen=True)
class Identity:
    """What an index is made with; it is refused to whoever has another.

    Attributes:
        encoder: Id of the encoder.
        heads: Id of the heads that make descriptions of its features.
        style: Length of a style vector.
        copy: Length of a copy vector.
    """

    encoder: str
    heads: str
    style: int
    copy: int


@dataclass(frozen=True)
class NewWork:
    """A work to be enrolled.

    Attributes:
        name: Unique for its creator.
        sha256: Hex digest of the file.
        description: What search compares.
        local: Local features for the proof of copies, as `similarity.copies.keypoints` writes them.
    """

    name: str
    sha256: str
    description: Description
    local: bytes


@dataclass(frozen=True)
class CreatorStyles:
    """The style vectors of all works of one creator.

    Attributes:
        creator: Who.
        ids: int64 [n], of the works, in the order of the digests of their files: the same whenever
            they were enrolled.
        vectors: float32 [n, S], unit norm.
    """

    creator: Creator
    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


Works = Callable[[Sequence[int]], Mapping[int, Work]]
"""Works by id, in the order of the ids; those that are not there are left out."""


class State(Protocol):
    """One state of a gallery, for all searches of one answer; may be used by many threads.

    What is enrolled later is not seen, however long the state is kept. What was taken out must be
    found by nobody: a removal or a withdrawal ends all states before it, and whatever is asked of
    the records or the database then raises `StateEnded`. Nothing has to be closed.
    """

    @property
    def name(self) -> str:
        """Names encoder, heads and content: 16 hex digits, the same for the same content."""
        ...

    def creators(self) -> tuple[Creator, ...]:
        """All creators, by name."""
        ...

    def creator(self, name: str) -> Creator:
        """One creator.

        Raises:
            CreatorNotFound: There is none of that name.
        """
        ...

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        """Works by id, in the order of the ids; those that are not there are left out."""
        ...

    def works_of(self, creator: str) -> tuple[Work, ...]:
        """The works of a creator, in the order of their enrolment.

        Raises:
            CreatorNotFound: There is none of that name.
        """
        ...

    def works_by_content(self, digests: Sequence[str]) -> tuple[Work, ...]:
        """All works, of whomever, whose files have one of these SHA-256 digests; by id."""
        ...

    def styles(self, creator: str) -> CreatorStyles:
        """The style vectors of a creator.

        Raises:
            CreatorNotFound: There is none of that name.
        """
        ...

    def all_styles(self) -> Iterator[CreatorStyles]:
        """The style vectors of all creators who have works, by name."""
        ...

    def hashes(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Ids, int64 [N], rising, and hashes, uint8 [N, 32], of all works.

        Works whose hash says nothing (see `USABLE_QUALITY`) are not among them.
        """
        ...

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """The local features of works by id; those that are not there are left out."""
        ...

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style, for float32 [Q, S]."""
        ...

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content, for float32 [Q, C].

        The ids are work id * REGIONS + region.
        """
        ...

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash, for uint8 [Q, 32]; scores are negative distances.

        Works whose hash says nothing (see `USABLE_QUALITY`) are not among them.
        """
        ...

    def check(self) -> None:
        """Ask whether the works of this state are all there still.

        Raises:
            StateEnded: Some were taken out.
        """
        ...

    def derived(self, name: str) -> bytes | None:
        """What `Gallery.keep` kept for this state under a name; None if it kept nothing."""
        ...


class Gallery(Protocol):
    """Enrolled creators and works; may be searched by many threads while one changes it."""

    def state(self, *, newest: bool = False) -> State:
        """The state that is searched now; the same object while nothing changes.

        Args:
            newest: Whether to look at once for what other processes have changed, and not only now
                and then.
        """
        ...

    def enrol(self, enrolment: Enrolment, works: Sequence[NewWork]) -> EnrolmentResult:
        """Enrol a creator, or add to one.

        Works whose bytes are enrolled for the creator are kept once, under the first name; another
        work under a name that is taken takes its place. The consent stands as it was given last.

        Args:
            enrolment: Whom, and by whose consent.
            works: To be added; may be none.

        Raises:
            BadName: A name cannot be kept.
            IndexBusy: Another process is changing the index.
            IndexReadOnly: It was opened for reading.
        """
        ...

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works.

        Args:
            creator: Of the works.
            works: By name, or by the SHA-256 digest of the file in hex.

        Raises:
            CreatorNotFound: There is none of that name.
            WorkNotFound: One is no work of the creator; then none is removed.
            IndexBusy: Another process is changing the index.
            IndexReadOnly: It was opened for reading.
        """
        ...

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; returns how many. Nothing of them stays behind.

        Raises:
            CreatorNotFound: There is none of that name.
            IndexBusy: Another process is changing the index, or keeps us from clearing the files.
            IndexReadOnly: It was opened for reading.
        """
        ...

    def withdrawn(self) -> tuple[Withdrawal, ...]:
        """All withdrawals, the oldest first: the one record that stays of them."""
        ...

    def keep(self, state: State, name: str, value: bytes) -> None:
        """Keep what was computed from a state, for whoever searches it later.

        Nothing is kept of a state that the gallery is not in any longer, nor by a gallery that was
        opened for reading, nor while another process is changing the index.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections; it is not used any more."""
        ...
