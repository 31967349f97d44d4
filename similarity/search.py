"""The search of one upload: features and sketch to `SimilarityEvidence`.

Copies and styles are two questions. For copies, vectors and hashes propose works, and the pixels
prove them. For styles, works propose creators, and all their works decide.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.signals import Signal
from evidence.similarity import PromptedCreator, SimilarityEvidence
from models.artefact.manifest import CopyThresholds, StyleRates
from models.encoder.features import Features
from similarity.artefact import SimilarityArtefact
from similarity.copies.search import CopySearch
from similarity.describe import Describer
from similarity.errors import IndexBusy, StateEnded
from similarity.gallery.creators import Creator
from similarity.gallery.gallery import Gallery, State
from similarity.gallery.known_works import KnownWorks
from similarity.prompts.search import PromptSearch
from similarity.styles.nulls import KEPT, null_scores, pack_nulls, unpack_nulls
from similarity.styles.open_set import Cohort, Nulls, measure
from similarity.styles.search import StyleSearch

TOP = 5
"""Creators that are named, whatever their verdicts."""

ATTEMPTS = 10
"""How often a search is begun anew when works are taken out meanwhile."""


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
    ) -> SimilarityEvidence:
        """Find the works that an upload copies, and the creators whose style it is near to.

        The whole answer is of one state of the gallery: the newest, which it names.

        Args:
            features: Of the upload, from one encoder; its first view, the whole, counts.
            sketch: uint8 [H, W], as `imaging.sketch` gives it.
            sha256: Hex digest of the upload's file, by which the very file is known.
            account: Whose upload it is.
            top: How many creators are named, and copies at most.
            too_plain: There is too little to see in the upload to judge its style by.
            signals: What the upload's file says, the strongest first: its prompts may name
                creators.

        Raises:
            IndexDiffers: The features are another encoder's.
            IndexBusy: Works are taken out all the time.
        """
        state = self.gallery.state()
        for _ in range(ATTEMPTS):
            try:
                return self.at(state).search(
                    features,
                    sketch,
                    sha256=sha256,
                    account=account,
                    top=top,
                    too_plain=too_plain,
                    signals=signals,
                )
            except StateEnded:
                state = self.gallery.state(newest=True)
        raise IndexBusy("works are being taken out of the index all the time: try again")


class StateSearch:
    """Searches one state of a gallery; see `Similarity.at`. May be called from many threads.

    Attributes:
        state: What is enrolled.
    """

    def __init__(self, similarity: Similarity, state: State) -> None:
        """Of a state of the gallery of `similarity`."""
        self.state = state
        self._similarity = similarity
        self._creators = {one.name: self._measured(one) for one in state.creators()}
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
    ) -> SimilarityEvidence:
        """As `Similarity.search`, of this state.

        Raises:
            IndexDiffers: The features are another encoder's.
            StateEnded: Works were taken out of the gallery since.
        """
        described = self._similarity.describer.describe(features, sketch)
        uploader = Uploader.of(account, tuple(self._creators.values()))
        copies = self._copies.search(described, sketch, sha256, uploader.own)
        ranked = self._styles.search(
            described.style, uploader.own | uploader.friends, top, too_plain=too_plain
        )
        self.state.check()  # Last: what was searched is in memory, and may be gone by now.
        return SimilarityEvidence(
            copies=copies[:top],
            creators=ranked,
            index=self.name,
            notes=tuple(uploader.notes()),
            prompted=self._prompted(signals),
        )

    def _prompted(self, signals: Sequence[Signal]) -> tuple[PromptedCreator, ...]:
        prompts = [signal for signal in signals if signal.prompt]
        return self._prompts.search(prompts) if prompts else ()

    @cached_property
    def _prompts(self) -> PromptSearch:
        return PromptSearch(self._creators.values())

    def nulls(self) -> Nulls:
        """What innocent works reach against this state: kept beside it, or computed once."""
        with self._lock:  # Whoever comes here needs them.
            if self._nulls is None:
                self._nulls = self._kept() or self._computed()
            return self._nulls

    def _kept(self) -> Nulls | None:
        data = self.state.derived(KEPT)
        return None if data is None else unpack_nulls(data, self._similarity.cohort)

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
