"""Which enrolled works an upload holds copies of: candidates by vectors and hashes, then proof."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import reason
from evidence.similarity import CopyMatch, CopyVerdict
from models.artefact.manifest import CopyThresholds
from similarity.copies.first_look import worth_proving
from similarity.copies.keypoints import extract, unpack
from similarity.copies.pdq import hashes_of
from similarity.copies.verification import Proof, prove
from similarity.description import REGIONS, USABLE_QUALITY, Description
from similarity.gallery.creators import Work
from similarity.gallery.gallery import State, Works
from similarity.vectors.base import MISSING

WHOLE = 10
"""Works nearest to the whole upload that are looked at closely."""

PARTS = (3, 3, 3, 3, 3, *(1,) * 9)
"""Works nearest to each further window (`similarity.heads.WINDOWS`): quarters, centre, ninths."""

BY_HASH = 3
"""Works nearest by hash, in each of the eight positions."""

ALIKE = 0.55
"""Cosine from which a work is proven without a first look: one in eight innocent pictures has a
work so like it. Flat drawings, which have few keypoints at half the size, are copied whole."""


class CopySearch:
    """Searches one state of a gallery for copies.

    Args:
        state: What is enrolled.
        works: Gives works of the state by id.
        thresholds: When a work counts as copied.
    """

    def __init__(self, state: State, works: Works, thresholds: CopyThresholds) -> None:
        self._state = state
        self._works = works
        self._thresholds = thresholds

    def search(
        self,
        described: Description,
        sketch: NDArray[np.uint8],
        sha256: str | None,
        excluded: frozenset[str],
    ) -> tuple[CopyMatch, ...]:
        """The works of which the upload holds copies, or may do so, best first.

        Args:
            described: The upload, with all its windows.
            sketch: uint8 [H, W], its luminance.
            sha256: Hex digest of its file, where that is known.
            excluded: Names of creators whose works do not count.
        """
        candidates = self.candidates(described, sketch)
        works = {
            number: work
            for number, work in self._works(list(candidates)).items()
            if work.creator not in excluded
        }
        same = [work for work in works.values() if sha256 is not None and work.sha256 == sha256]
        others = {number: candidates[number] for number, work in works.items() if work not in same}
        matches = [
            *(_very_file(work, self._id(work)) for work in same),
            *self._proven(others, works, sketch),
        ]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.work)))

    def candidates(
        self, described: Description, sketch: NDArray[np.uint8]
    ) -> Mapping[int, np.float32]:
        """Works that are worth a look, the most likely first.

        Returns:
            By id: the highest cosine of a window, 1 for a work whose hash is near.
        """
        found = self._state.search_copies(described.copy, WHOLE)
        alike: dict[int, np.float32] = {}
        for row, most in enumerate((WHOLE, *PARTS)[: len(described.copy)]):
            for number, score in zip(found.ids[row, :most], found.scores[row, :most], strict=True):
                if number != MISSING and score >= self._thresholds.least_cosine:
                    id_ = int(number) // REGIONS
                    alike[id_] = max(score, alike.get(id_, score))
        if described.hash_quality >= USABLE_QUALITY:
            near = self._state.search_hashes(hashes_of(sketch), BY_HASH)
            like = (near.ids != MISSING) & (near.scores >= -self._thresholds.most_bits)
            for number in near.ids[like]:
                alike[int(number)] = np.float32(1)
        return alike

    def _id(self, work: Work) -> int:
        return self._state.creator(work.creator).id

    def _proven(
        self, alike: Mapping[int, np.float32], works: dict[int, Work], sketch: NDArray[np.uint8]
    ) -> Iterator[CopyMatch]:
        packed = self._state.local_features(list(alike))
        kept = {id_: unpack(data) for id_, data in packed.items()}
        likely = list(kept)
        if all(alike[id_] < ALIKE for id_ in kept):
            likely = worth_proving(sketch, kept, self._thresholds)
        if not likely:
            return
        upload = extract(sketch)
        for id_ in likely:
            proof = prove(upload, kept[id_], self._thresholds)
            if proof is not None and proof.score >= self._thresholds.review:
                yield self._match(works[id_], proof)

    def _match(self, work: Work, proof: Proof) -> CopyMatch:
        proven = proof.score >= self._thresholds.proven
        return CopyMatch(
            work=work.name,
            creator=work.creator,
            score=proof.score,
            verdict=CopyVerdict.COPY if proven else CopyVerdict.REVIEW,
            in_upload=proof.in_upload,
            in_work=proof.in_work,
            mirrored=proof.mirrored,
            sha256=work.sha256,
            reason=proof.reason,
            work_id=work.id,
            creator_id=self._id(work),
        )


def _very_file(work: Work, creator_id: int) -> CopyMatch:
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return CopyMatch(
        work=work.name,
        creator=work.creator,
        score=1.0,
        verdict=CopyVerdict.COPY,
        in_upload=everything,
        in_work=everything,
        mirrored=False,
        sha256=work.sha256,
        reason=reason("copy_same_file"),
        work_id=work.id,
        creator_id=creator_id,
    )
