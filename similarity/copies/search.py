"""Which enrolled works an upload holds copies of: candidates by vectors and hashes, then proof."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import reason
from evidence.similarity import CopyMatch, CopyVerdict, Quad
from models.artefact.manifest import CopyThresholds
from similarity.copies.first_look import worth_proving
from similarity.copies.keypoints import extract, unpack
from similarity.copies.pdq import hashes_of, sureness
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

_EVERYTHING: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class HashMatch:
    """A work whose perceptual hash is near to that of an upload.

    Attributes:
        bits: Of 256, by which they differ in the position in which they are nearest.
        mirrored: Whether the upload is mirrored in that position.
    """

    bits: int
    mirrored: bool

    @property
    def score(self) -> float:
        """How surely the whole work is the whole upload, 0 to 1."""
        return sureness(self.bits)


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
        hashed = self.hashed(described, sketch)
        candidates = self.candidates(described, hashed)
        works = {
            number: work
            for number, work in self._works(list(candidates)).items()
            if work.creator not in excluded
        }
        same = [work for work in works.values() if sha256 is not None and work.sha256 == sha256]
        others = {number: candidates[number] for number, work in works.items() if work not in same}
        matches = [
            *(_very_file(work, self._id(work)) for work in same),
            *self._alike(others, hashed, works, sketch),
        ]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.work)))

    def hashed(self, described: Description, sketch: NDArray[np.uint8]) -> Mapping[int, HashMatch]:
        """Works whose hashes are near to that of the upload in one of its eight positions, by id.

        Args:
            described: The upload.
            sketch: uint8 [H, W], its luminance.
        """
        if described.hash_quality < USABLE_QUALITY:
            return {}
        hashes = hashes_of(sketch)
        near = self._state.search_hashes(hashes, BY_HASH)
        like = (near.ids != MISSING) & (near.scores >= -self._thresholds.most_bits)
        found: dict[int, HashMatch] = {}
        for position, place in zip(*np.nonzero(like), strict=True):
            id_, bits = int(near.ids[position, place]), -int(near.scores[position, place])
            if id_ not in found or bits < found[id_].bits:
                found[id_] = HashMatch(bits, mirrored=bool(position >= len(hashes) // 2))
        return found

    def candidates(
        self, described: Description, hashed: Mapping[int, HashMatch]
    ) -> Mapping[int, np.float32]:
        """Works that are worth a look, the most likely first.

        Args:
            described: The upload, with all its windows.
            hashed: What `hashed` finds for it.

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
        return alike | dict.fromkeys(hashed, np.float32(1))

    def _id(self, work: Work) -> int:
        return self._state.creator(work.creator).id

    def _alike(
        self,
        alike: Mapping[int, np.float32],
        hashed: Mapping[int, HashMatch],
        works: Mapping[int, Work],
        sketch: NDArray[np.uint8],
    ) -> Iterator[CopyMatch]:
        """What the pixels show; where they prove nothing, what the hash says of whole pictures.

        Text across a work leaves its hash nearly as it is, but few windows that look the same.
        """
        proofs = self._proofs(alike, sketch)
        for id_ in alike:
            proof, near = proofs.get(id_), hashed.get(id_)
            shown = 0.0 if proof is None else proof.score
            if near is not None and shown < min(near.score, self._thresholds.proven):
                if near.score >= self._thresholds.review:
                    yield self._whole(works[id_], near)
            elif proof is not None and shown >= self._thresholds.review:
                yield self._match(works[id_], proof)

    def _proofs(
        self, alike: Mapping[int, np.float32], sketch: NDArray[np.uint8]
    ) -> Mapping[int, Proof]:
        packed = self._state.local_features(list(alike))
        kept = {id_: unpack(data) for id_, data in packed.items()}
        likely = list(kept)
        if all(alike[id_] < ALIKE for id_ in kept):
            likely = worth_proving(sketch, kept, self._thresholds)
        if not likely:
            return {}
        upload = extract(sketch)
        proofs = {id_: prove(upload, kept[id_], self._thresholds) for id_ in likely}
        return {id_: proof for id_, proof in proofs.items() if proof is not None}

    def _verdict(self, score: float) -> CopyVerdict:
        return CopyVerdict.COPY if score >= self._thresholds.proven else CopyVerdict.REVIEW

    def _whole(self, work: Work, near: HashMatch) -> CopyMatch:
        verdict = self._verdict(near.score)
        ending = "" if verdict is CopyVerdict.COPY else "_unproven"
        why = reason(
            f"copy_hash{ending}", bits=near.bits, mirrored="mirrored" if near.mirrored else None
        )
        return CopyMatch(
            work=work.name,
            creator=work.creator,
            score=near.score,
            verdict=verdict,
            in_upload=_EVERYTHING,
            in_work=_EVERYTHING,
            mirrored=near.mirrored,
            sha256=work.sha256,
            reason=why,
            work_id=work.id,
            creator_id=self._id(work),
        )

    def _match(self, work: Work, proof: Proof) -> CopyMatch:
        return CopyMatch(
            work=work.name,
            creator=work.creator,
            score=proof.score,
            verdict=self._verdict(proof.score),
            in_upload=proof.in_upload,
            in_work=proof.in_work,
            mirrored=proof.mirrored,
            sha256=work.sha256,
            reason=proof.reason,
            work_id=work.id,
            creator_id=self._id(work),
        )


def _very_file(work: Work, creator_id: int) -> CopyMatch:
    return CopyMatch(
        work=work.name,
        creator=work.creator,
        score=1.0,
        verdict=CopyVerdict.COPY,
        in_upload=_EVERYTHING,
        in_work=_EVERYTHING,
        mirrored=False,
        sha256=work.sha256,
        reason=reason("copy_same_file"),
        work_id=work.id,
        creator_id=creator_id,
    )
