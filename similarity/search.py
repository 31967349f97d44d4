"""The search of one upload: features and sketch to `SimilarityEvidence`.

Copies and styles are two questions. For copies, vectors and hashes propose works, and the pixels
prove them. For styles, works propose creators, and all their works decide.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence.signals import Signal
from evidence.similarity import PromptedCreator, SimilarityEvidence
from models.artefact.manifest import CopyThresholds, StyleRates
from models.encoder.features import Features
from similarity.artefact import SimilarityArtefact
from similarity.copies.search import CopyQuery, CopySearch
from similarity.describe import Describer
from similarity.errors import IndexBusy, StateEnded
from similarity.gallery.creators import Creator
from similarity.gallery.gallery import Gallery, State
from similarity.gallery.known_works import KnownWorks
from similarity.prompts.search import PromptSearch
from similarity.styles.nulls import KEPT, null_scores, pack_nulls, unpack_nulls
from similarity.styles.open_set import Cohort, Nulls, measure
from similarity.styles.search import StyleQuery, StyleSearch
from similarity.upload import Upload, Uploader

TOP = 5
"""Creators that are named, whatever their verdicts."""

ATTEMPTS = 10
"""How often a search is begun anew when works are taken out meanwhile."""


class Search(ABC):
    """A search of a gallery, or of one state of it; may be called from many threads."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Names the state that is searched now."""

    @abstractmethod
    def search_all(self, uploads: Sequence[Upload], top: int = TOP) -> list[SimilarityEvidence]:
        """As `search`, for many uploads at once and of one state, up to rounding.

        What all of them need is read once: the heads, the vectors, the records.
        """

    def search(
        self,
        features: Features,
        sketch: NDArray[np.uint8],
        *,
        sha256: str | None = None,
        account: str | None = None,
        top: int = TOP,
        too_plain: bool = False,
        signals: Sequence[Signal] = (),
        by_ai: bool = False,
    ) -> SimilarityEvidence:
        """Find the works that an upload copies, and the creators whose style it is near to.

        The whole answer is of one state of the gallery, which it names.

        Args:
            features: As in `Upload`.
            sketch: As in `Upload`.
            sha256: As in `Upload`.
            account: As in `Upload`.
            top: How many creators are named, and copies at most.
            too_plain: As in `Upload`.
            signals: As in `Upload`.
            by_ai: As in `Upload`.

        Raises:
            IndexDiffers: The features are another encoder's.
            IndexBusy: Works are taken out all the time.
            StateEnded: Of one state: works were taken out of the gallery since.
        """
        upload = Upload(features, sketch, sha256, account, too_plain, signals, by_ai)
        return self.search_all([upload], top)[0]


class Similarity(Search):
    """Searches one gallery, always in its newest state.

    Args:
        gallery: What is enrolled.
        describer: Describes uploads as the works were described.
        cohort: Works of other people, for comparison.
        copies: When a work counts as copied.
        styles: The shares of innocent uploads for which verdicts are stated.
    """

    def __init__(
        self,
        gallery: Gallery,
        describer: Describer,
        cohort: Cohort,
        *,
        copies: CopyThresholds,
        styles: StyleRates,
    ) -> None:
        self.gallery = gallery
        self.describer = describer
        self.cohort = cohort
        self.copies = copies
        self.styles = styles
        self._last: StateSearch | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, artefact: SimilarityArtefact, gallery: Gallery) -> "Similarity":
        """The search of a gallery that was made with an artefact."""
        return cls(
            gallery,
            artefact.describer,
            artefact.heads.cohort,
            copies=artefact.manifest.copies,
            styles=artefact.manifest.styles,
        )

    @property
    def name(self) -> str:
        """Names the state that is searched now."""
        return self.gallery.state().name

    def at(self, state: State) -> "StateSearch":
        """The search of one state of the gallery, for many uploads."""
        with self._lock:
            if self._last is None or self._last.state is not state:
                self._last = StateSearch(self, state)
            return self._last

    def settle(self) -> None:
        """Compute what every search needs of the gallery as it is now, and keep it there.

        Worth it after works were enrolled or removed: otherwise each process that only reads the
        gallery computes it for itself, when it searches first.
        """
        self.at(self.gallery.state(newest=True)).nulls()

    def search_all(self, uploads: Sequence[Upload], top: int = TOP) -> list[SimilarityEvidence]:
        """See `Search`."""
        state = self.gallery.state()
        for _ in range(ATTEMPTS):
            try:
                return self.at(state).search_all(uploads, top)
            except StateEnded:
                state = self.gallery.state(newest=True)
        raise IndexBusy("works are being taken out of the index all the time: try again")


class StateSearch(Search):
    """Searches one state of a gallery; see `Similarity.at`.

    Attributes:
        state: What is enrolled.
    """

    def __init__(self, similarity: Similarity, state: State) -> None:
        """Of a state of the gallery of `similarity`."""
        self.state = state
        self._similarity = similarity
        self._creators = {one.name: self._measured(one) for one in state.creators()}
        self._listed = tuple(self._creators.values())
        works = KnownWorks(state)
        self._copies = CopySearch(state, works, similarity.copies)
        self._styles = StyleSearch(
            state, works, self._creators, similarity.cohort, similarity.styles, self.nulls
        )
        self._nulls: Nulls | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Names the state."""
        return self.state.name

    def search_all(self, uploads: Sequence[Upload], top: int = TOP) -> list[SimilarityEvidence]:
        """See `Search`."""
        described = self._similarity.describer.describe_all(
            [one.features for one in uploads], [one.sketch for one in uploads]
        )
        uploaders = [Uploader.of(one.account, self._listed) for one in uploads]
        copies = self._copies.search(
            [
                CopyQuery(seen, one.sketch, one.sha256, who.own)
                for seen, one, who in zip(described, uploads, uploaders, strict=True)
            ]
        )
        ranked = self._styles.search(
            [
                StyleQuery(seen.style, who.own | who.friends, one.too_plain, one.by_ai)
                for seen, one, who in zip(described, uploads, uploaders, strict=True)
            ],
            top,
        )
        self.state.check()  # Last: what was searched is in memory, and may be gone by now.
        return [
            SimilarityEvidence(
                copies=found[:top],
                creators=near,
                index=self.name,
                notes=tuple(who.notes()),
                prompted=self._prompted(one.signals),
            )
            for found, near, who, one in zip(copies, ranked, uploaders, uploads, strict=True)
        ]

    def lookalikes(self, name: str) -> dict[str, float]:
        """See `StyleSearch.lookalikes`.

        Raises:
            CreatorNotFound: There is no such creator.
        """
        self.state.creator(name)
        return self._styles.lookalikes(name)

    def all_lookalikes(self) -> dict[str, dict[str, float]]:
        """See `StyleSearch.lookalikes`: by name, of every creator."""
        return {one.name: self._styles.lookalikes(one.name) for one in self._listed}

    def neighbours(self, name: str) -> dict[str, float]:
        """See `StyleSearch.neighbours`.

        Raises:
            CreatorNotFound: There is no such creator.
        """
        self.state.creator(name)
        return self._styles.neighbours(name)

    def _prompted(self, signals: Sequence[Signal]) -> tuple[PromptedCreator, ...]:
        prompts = [signal for signal in signals if signal.prompt]
        return self._prompts.search(prompts) if prompts else ()

    @cached_property
    def _prompts(self) -> PromptSearch:
        return PromptSearch(self._listed)

    def nulls(self) -> Nulls:
        """What innocent works reach against this state: kept beside it, or computed once."""
        with self._lock:  # Whoever comes here needs them.
            if self._nulls is None:
                self._nulls = self._kept() or self._computed()
            return self._nulls

    def _kept(self) -> Nulls | None:
        data = self.state.derived(KEPT)
        if data is None:
            return None
        return unpack_nulls(data, self._similarity.cohort, len(self._creators))

    def _computed(self) -> Nulls:
        nulls = null_scores(self.state, self._creators, self._similarity.cohort)
        self._similarity.gallery.keep(self.state, KEPT, pack_nulls(nulls))
        return nulls

    def _measured(self, creator: Creator) -> Creator:
        """A creator whose works were changed by somebody who could not measure them."""
        if creator.standing is not None or not creator.works:
            return creator
        works = self.state.styles(creator.name).vectors
        return replace(creator, standing=measure(works, self._similarity.cohort))
