"""The search of one upload: features and sketch to `SimilarityEvidence`.

Copies and styles are two questions. For copies, vectors and hashes propose works, and the pixels
prove them. For styles, works propose creators, and all their works decide.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.similarity import SimilarityEvidence
from models.encoder.features import Features
from similarity.artefact import SimilarityArtefact
from similarity.copies.search import CopySearch
from similarity.describe import Describer
from similarity.gallery.creators import Creator
from similarity.gallery.gallery import Gallery
from similarity.styles.open_set import Cohort
from similarity.styles.search import Rates, StyleSearch

TOP = 5
"""Creators that are told, whatever their verdicts."""


@dataclass(frozen=True)
class Uploader:
    """Who uploads, as far as the index knows them.

    Attributes:
        own: Names of the creators who are the uploader.
        friends: Names of creators who may look alike.
    """

    own: frozenset[str] = frozenset()
    friends: frozenset[str] = frozenset()

    @classmethod
    def of(cls, account: str | None, creators: Sequence[Creator]) -> "Uploader":
        """Find who has an account; collaboration counts whichever of the two has told it."""
        if account is None:
            return cls()
        own = frozenset(one.name for one in creators if account in one.accounts)
        friends = {name for one in creators if one.name in own for name in one.collaborators}
        friends |= {one.name for one in creators if own & set(one.collaborators)}
        return cls(own, frozenset(friends - own))

    def notes(self) -> Iterator[Reason]:
        """What is left out and why."""
        for name in sorted(self.own):
            yield reason("own_works", creator=name)
        for name in sorted(self.friends):
            yield reason("collaborator", creator=name)


class Similarity:
    """Searches one gallery; may be called from many threads.

    Args:
        gallery: What is enrolled.
        describer: Describes uploads as the works were described.
        cohort: Works of other people, for comparison.
        copy_gate: Cosine of copy vectors below which no candidate is looked at closely.
        rates: The shares of innocent uploads for which verdicts are stated.
    """

    def __init__(
        self,
        gallery: Gallery,
        describer: Describer,
        cohort: Cohort,
        *,
        copy_gate: float,
        rates: Rates | None = None,
    ) -> None:
        self.gallery = gallery
        self.describer = describer
        self._copies = CopySearch(gallery, copy_gate)
        self._styles = StyleSearch(gallery, cohort, rates or Rates())
        self._known: tuple[str, Mapping[str, Creator]] = ("", {})
        self._lock = threading.Lock()

    @classmethod
    def of(cls, artefact: SimilarityArtefact, gallery: Gallery) -> "Similarity":
        """The search of a gallery that was made with an artefact."""
        return cls(
            gallery,
            artefact.describer,
            artefact.heads.cohort,
            copy_gate=artefact.manifest.copy_gate,
        )

    @property
    def name(self) -> str:
        """Name of the snapshot that is searched."""
        return self.gallery.name

    def search(
        self,
        features: Features,
        sketch: NDArray[np.uint8],
        *,
        sha256: str | None = None,
        account: str | None = None,
        top: int = TOP,
    ) -> SimilarityEvidence:
        """Find the works that an upload copies, and the creators whose style it is near to.

        Args:
            features: Of the upload, from one encoder; its first view, the whole, counts.
            sketch: uint8 [H, W], as `imaging.sketch` gives it.
            sha256: Hex digest of the upload's file, by which the very file is known.
            account: Whose upload it is.
            top: How many creators are told, and copies at most.

        Raises:
            IndexDiffers: The features are another encoder's.
        """
        described = self.describer.describe(features, sketch)
        name = self.gallery.name
        creators = self._creators(name)
        uploader = Uploader.of(account, tuple(creators.values()))
        copies = self._copies.search(described, sketch, sha256, uploader.own)
        ranked = self._styles.search(
            described.style, creators, uploader.own | uploader.friends, top
        )
        return SimilarityEvidence(
            copies=copies[:top],
            creators=ranked,
            index=name,
            notes=tuple(uploader.notes()),
        )

    def _creators(self, name: str) -> Mapping[str, Creator]:
        """The creators by name, read once for each state of the index."""
        with self._lock:
            if self._known[0] != name:
                self._styles.forget()
                self._known = (name, {one.name: one for one in self.gallery.creators()})
            return self._known[1]
