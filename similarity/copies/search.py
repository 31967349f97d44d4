"""Which enrolled works an upload holds copies of: candidates by vectors and hashes, then proof."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import reason
from evidence.similarity import CopyMatch, CopyVerdict, Quad
from models.artefact.manifest import CopyThresholds
from similarity.copies.first_look import worth_proving
from similarity.copies.keypoints import extract, unpack
from similarity.copies.pdq import POSITIONS, hashes_of, sureness, with_negative
from similarity.copies.verification import Proof, prove
from similarity.description import REGIONS, USABLE_QUALITY, Description
from similarity.gallery.creators import Work
from similarity.gallery.gallery import State, Works
from similarity.vectors.base import MISSING

WHOLE = 10
"""Works nearest to the whole upload that are looked at closely."""

OF_PART = 2
"""Works nearest to each part that stands out (`similarity.proposals`) that are."""

BY_HASH = 3
"""Works nearest by hash, in each of the eight positions, and as a negative."""

_EVERYTHING: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class CopyQuery:
    """One upload that is searched for.

    Attributes:
        described: With its parts.
        sketch: uint8 [H, W], its luminance.
        sha256: Hex digest of its file, where that is known.
        excluded: Names of creators whose works do not count.
    """

    described: Description
    sketch: NDArray[np.uint8]
    sha256: str | None = None
    excluded: frozenset[str] = frozenset()


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


@dataclass(frozen=True)
class Candidate:
    """A work that an upload may hold a copy of.

    Attributes:
        cosine: The highest of the upload or of a part of it; -1 where none is near.
        hashed: What the hashes say, if they are near.
    """

    cosine: float
    hashed: HashMatch | None = None


Candidates = Mapping[int, Candidate]
"""By the ids of the works, the most likely first."""


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

    def search(self, queries: Sequence[CopyQuery]) -> list[tuple[CopyMatch, ...]]:
        """The works of which each upload holds copies, or may do so, best first."""
        found = self.candidates(queries)
        # Of all uploads at once: each question to the records is a transaction.
        works = self._works(list({id_: None for one in found for id_ in one}))
        allowed = [
            {id_: one for id_, one in some.items() if _counts(works.get(id_), query)}
            for some, query in zip(found, queries, strict=True)
        ]
        packed = self._state.local_features(list({id_: None for one in allowed for id_ in one}))
        return [
            self._ranked(query, some, works, packed)
            for query, some in zip(queries, allowed, strict=True)
        ]

    def candidates(self, queries: Sequence[CopyQuery]) -> list[Candidates]:
        """Works that are worth a look, for each upload."""
        if not queries:
            return []
        found = self._state.search_copies(
            np.concatenate([query.described.copy for query in queries]), WHOLE
        )
        ends = np.cumsum([len(query.described.copy) for query in queries])[:-1]
        asked = zip(np.split(found.ids, ends), np.split(found.scores, ends), strict=True)
        hashed = self._hashed(queries)
        return [
            self._candidates(ids, scores, near)
            for (ids, scores), near in zip(asked, hashed, strict=True)
        ]

    def _candidates(
        self, ids: NDArray[np.int64], scores: NDArray[np.float32], hashed: Mapping[int, HashMatch]
    ) -> Candidates:
        """Of one upload: what is nearest to the whole and to its parts, [R, WHOLE], and by hash."""
        alike: dict[int, float] = {}
        for row in range(len(ids)):
            most = OF_PART if row else WHOLE
            for number, score in zip(ids[row, :most], scores[row, :most], strict=True):
                if number != MISSING and score >= self._thresholds.least_cosine:
                    id_ = int(number) // REGIONS
                    alike[id_] = max(float(score), alike.get(id_, -1.0))
        return {id_: Candidate(alike.get(id_, -1.0), hashed.get(id_)) for id_ in (*alike, *hashed)}

    def _hashed(self, queries: Sequence[CopyQuery]) -> list[dict[int, HashMatch]]:
        """Works whose hashes are near to those of uploads in a position or as a negative, by id."""
        found: list[dict[int, HashMatch]] = [{} for _ in queries]
        said = [i for i, q in enumerate(queries) if q.described.hash_quality >= USABLE_QUALITY]
        if not said:
            return found
        hashes = np.stack([with_negative(hashes_of(queries[i].sketch)) for i in said])
        near = self._state.search_hashes(hashes.reshape(-1, hashes.shape[2]), BY_HASH)
        like = (near.ids != MISSING) & (near.scores >= -self._thresholds.most_bits)
        for row, place in zip(*np.nonzero(like), strict=True):
            which, position = divmod(int(row), hashes.shape[1])
            id_, bits = int(near.ids[row, place]), -int(near.scores[row, place])
            best = found[said[which]].get(id_)
            if best is None or bits < best.bits:
                mirrored = POSITIONS // 2 <= position < POSITIONS
                found[said[which]][id_] = HashMatch(bits, mirrored)
        return found

    def _ranked(
        self,
        query: CopyQuery,
        candidates: Candidates,
        works: Mapping[int, Work],
        packed: Mapping[int, bytes],
    ) -> tuple[CopyMatch, ...]:
        same = {
            id_: _very_file(works[id_], self._id(works[id_]))
            for id_ in candidates
            if query.sha256 is not None and works[id_].sha256 == query.sha256
        }
        others = {id_: one for id_, one in candidates.items() if id_ not in same}
        proofs = self._proofs(query.sketch, others, packed)
        matches = [*same.values(), *self._alike(others, works, proofs)]
        return tuple(sorted(matches, key=lambda match: (-match.score, match.work)))

    def _id(self, work: Work) -> int:
        return self._state.creator(work.creator).id

    def _alike(
        self,
        candidates: Candidates,
        works: Mapping[int, Work],
        proofs: Mapping[int, Proof],
    ) -> Iterator[CopyMatch]:
        """What the pixels show; where they prove nothing, what the hash says of whole pictures.

        Text across a work leaves its hash nearly as it is, but few parts that look the same.
        """
        for id_, candidate in candidates.items():
            proof, near = proofs.get(id_), candidate.hashed
            shown = 0.0 if proof is None else proof.score
            if near is not None and shown < min(near.score, self._thresholds.proven):
                if near.score >= self._thresholds.review:
                    yield self._whole(works[id_], near)
            elif proof is not None and shown >= self._thresholds.review:
                yield self._match(works[id_], proof)

    def _proofs(
        self, sketch: NDArray[np.uint8], candidates: Candidates, packed: Mapping[int, bytes]
    ) -> Mapping[int, Proof]:
        kept = {id_: unpack(packed[id_]) for id_ in candidates if id_ in packed}
        if not kept:
            return {}
        upload = extract(sketch)
        proofs = {
            id_: prove(upload, work, self._thresholds)
            for id_, work in kept.items()
            if candidates[id_].hashed or worth_proving(upload, work, candidates[id_].cosine)
        }
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


def _counts(work: Work | None, query: CopyQuery) -> bool:
    return work is not None and work.creator not in query.excluded


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
