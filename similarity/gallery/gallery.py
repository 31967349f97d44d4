"""A gallery: the enrolled creators and works, and the search over them.

One on a disk (`similarity.gallery.folder`), one on PostgreSQL (`similarity.gallery.postgres`); one conformance test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from similarity.description import Description
from similarity.gallery.creators import Consent, Creator, Protection, Standing, Work
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


class Gallery(Protocol):
    """Enrolled creators and works; may be searched by many threads while one changes it."""

    @property
    def name(self) -> str:
        """Names the state that is searched now: encoder, heads and content."""
        ...

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
        """Enrol a creator, or add to one.

        Works whose bytes are enrolled for the creator are kept once, under the first name; another
        work under a name that is taken takes its place. The consent stands as it was given last.

        Args:
            creator: Name.
            consent: To this enrolment.
            works: To be added; may be none.
            protection: None leaves it as it is, which is `PROTECTED` for a new creator.
            accounts: To be added to the creator's.
            collaborators: To be added to the creator's.

        Raises:
            BadName: A name cannot be kept.
            IndexBusy: Another process is changing the index.
        """
        ...

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works, by name.

        Raises:
            CreatorNotFound: There is none of that name.
            WorkNotFound: One of the names is of no work of the creator; then none is removed.
            IndexBusy: Another process is changing the index.
        """
        ...

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; returns how many. Nothing of them stays behind.

        Raises:
            CreatorNotFound: There is none of that name.
            IndexBusy: Another process is changing the index.
        """
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
        """Works by id; those that are gone are left out."""
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

    def styles(self, creator: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ids (int64 [n]) and style vectors (float32 [n, S]) of all works of a creator.

        Raises:
            CreatorNotFound: There is none of that name.
        """
        ...

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """The local features of works by id; those that are gone are left out."""
        ...

    def close(self) -> None:
        """Let go of files and connections; it is not used any more."""
        ...
