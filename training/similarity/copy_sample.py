"""Is a copied work found? Edited copies of enrolled works, and innocent pictures beside them.

Half of each creator's works are enrolled. Copies are made of some of these; the works that are not
enrolled, and pictures by AIs, are innocent: whatever the search says of them is wrong.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evidence.similarity import CopyVerdict, SimilarityEvidence
from imaging import ImagingError, Pixels, decode, sketch
from models import Encoder, Features, encode_stream
from models.encoder.stream import Prepared
from training.data.augmentation import CLEAN
from training.data.copy_edits import EDITS, Edit, Materials, edited
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.data.splits import near_duplicates
from training.errors import TooFewImages
from training.similarity.copy_figures import Scored, SearchAnswer, Truth

KITS = frozenset({"@dicebear/collection@9", "PyPI"})
"""Sources of pictures that a program puts together from parts that a human drew: faces of dicebear,
robots of robohash."""

TOP = 5
"""Matches that are asked for."""


class Search(Protocol):
    """What is judged; `similarity.search.Similarity` is one."""

    def search(
        self,
        features: Features,
        sketch: NDArray[np.uint8],
        *,
        sha256: str | None = None,
        account: str | None = None,
        top: int = TOP,
    ) -> SimilarityEvidence:
        """Search for the works that a picture copies."""
        ...


Candidates = Callable[[Features, NDArray[np.uint8]], Sequence[str]]
"""Names of the works that a search looks at closely."""


@dataclass(frozen=True)
class Query:
    """One picture to be searched for.

    Attributes:
        row: The picture, or the work that it is a copy of.
        edit: How it is copied; None for an innocent picture.
    """

    row: Row
    edit: Edit | None = None


@dataclass(frozen=True)
class Sample:
    """Who plays which part.

    Attributes:
        enrolled: Works that are enrolled.
        copied: Those of them that are copied.
        innocent: Human works that are not enrolled, and pictures by AIs.
    """

    enrolled: tuple[Row, ...]
    copied: tuple[Row, ...]
    innocent: tuple[Row, ...]

    def queries(self, edits: Sequence[Edit] = EDITS) -> tuple[Query, ...]:
        """Every copied work under every edit, and every innocent picture as it is."""
        copies = (Query(row, edit) for edit in edits for row in self.copied)
        return (*copies, *(Query(row) for row in self.innocent))


def take_sample(rows: Sequence[Row], *, copied: int, innocent: int, seed: int = 0) -> Sample:
    """Give the rows of a split their parts.

    Half of each creator's works are enrolled (of an odd number the smaller half, or the larger, by
    lot). Among those that are copied no source has more than a twentieth; of the innocent ones a
    third are pictures by AIs.

    Args:
        rows: Of one split.
        copied: How many works are copied.
        innocent: How many innocent pictures.
        seed: Of the choice.

    Raises:
        TooFewImages: There are no human works.
    """
    rng = np.random.default_rng(seed)
    works: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.label == "human":
            works[row.creator or row.source].append(row)
    if not works:
        raise TooFewImages("copies need human works to be copied")
    enrolled: list[Row] = []
    others: list[Row] = []
    for creator in sorted(works):
        mine = [works[creator][i] for i in rng.permutation(len(works[creator]))]
        half = (len(mine) + int(rng.integers(2))) // 2
        enrolled += mine[:half]
        others += mine[half:]
    drawn = [row for row in rows if row.label == "ai"]
    by_ai = _chosen(drawn, innocent // 3, rng)
    return Sample(
        tuple(enrolled),
        _chosen(enrolled, copied, rng, most=max(1, copied // 20)),
        (*_chosen(others, innocent - len(by_ai), rng), *by_ai),
    )


def _chosen(
    rows: Sequence[Row], count: int, rng: np.random.Generator, *, most: int | None = None
) -> tuple[Row, ...]:
    taken: dict[str, int] = defaultdict(int)
    chosen: list[Row] = []
    for i in rng.permutation(len(rows)):
        if len(chosen) < count and (most is None or taken[rows[i].source] < most):
            taken[rows[i].source] += 1
            chosen.append(rows[i])
    return tuple(chosen)


@dataclass(frozen=True)
class Truths:
    """Knows which matches are right, and what the cosine of the last layer would say.

    Attributes:
        table: The features of all pictures of a sample, as they are.
        enrolled: The works that are enrolled.
    """

    table: FeatureTable
    enrolled: tuple[Row, ...]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {row.name: i for i, row in enumerate(self.table.rows)}

    @cached_property
    def _alike(self) -> frozenset[tuple[int, int]]:
        pairs = near_duplicates(self.table)
        return frozenset(pairs) | frozenset((j, i) for i, j in pairs)

    @cached_property
    def _works(self) -> NDArray[np.int64]:
        return np.array([self._place[r.name] for r in self.enrolled if r.name in self._place])

    def of(self, query: Query, work: str) -> Truth:
        """What a match of a query with an enrolled work is."""
        i, j = self._place[query.row.name], self._place[work]
        if self.table.sha256[i] == self.table.sha256[j]:
            return Truth.RIGHT if query.edit is not None else Truth.EXCUSED
        mine, other = self.table.rows[i], self.table.rows[j]
        same_creator = bool(mine.creator) and mine.creator == other.creator
        if (same_creator and other.source in KITS) or (i, j) in self._alike:
            return Truth.EXCUSED
        return Truth.SIBLING if same_creator else Truth.WRONG

    def baseline(self, query: Query, embedding: NDArray[np.float32]) -> tuple[Scored, ...]:
        """The nearest works by the cosine of the last layer: of float32 [D], unit norm."""
        scores = self.table.features.embedding[self._works] @ embedding
        best = np.argsort(-scores, kind="stable")[:TOP]
        names = [self.table.rows[self._works[i]].name for i in best]
        return tuple(
            Scored(name, float(scores[i]), self.of(query, name))
            for name, i in zip(names, best, strict=True)
        )


def ask(
    queries: Sequence[Query],
    similarity: Search,
    encoder: Encoder,
    truths: Truths,
    materials: Materials,
    *,
    candidates: Candidates | None = None,
) -> Iterator[SearchAnswer]:
    """Search for every query; pictures that cannot be decoded are left out.

    Args:
        queries: What to search for.
        similarity: The search, over the works that the truths know as enrolled.
        encoder: Makes the features.
        truths: Says what is right.
        materials: What edits take.
        candidates: Names what the search looks at closely; None if it does not tell.
    """

    def prepare(query: Query) -> Prepared[NDArray[np.uint8] | None]:
        treatment = CLEAN if query.edit is None else edited(query.edit, materials)
        try:
            view, image = treatment.view(query.row.path.read_bytes(), encoder.size)
        except (ImagingError, OSError):
            return None, None
        return view[None], sketch(image)

    for batch in encode_stream(queries, prepare, encoder):
        for query, drawn, features in batch:
            if features is None or drawn is None:
                continue
            started = time.thread_time()
            evidence = similarity.search(features, drawn, top=TOP)
            milliseconds = 1000 * (time.thread_time() - started)
            looked_at = None if candidates is None else candidates(features, drawn)
            yield SearchAnswer(
                query=query.row.name,
                group=query.row.creator or query.row.source,
                edit="" if query.edit is None else str(query.edit),
                matches=tuple(
                    Scored(
                        match.work,
                        match.score,
                        truths.of(query, match.work),
                        proven=match.verdict is CopyVerdict.COPY,
                    )
                    for match in evidence.copies
                ),
                baseline=truths.baseline(query, features.embedding[0]),
                candidate=None if looked_at is None else query.row.name in looked_at,
                milliseconds=milliseconds,
            )


def backgrounds(rows: Sequence[Row]) -> Callable[[np.random.Generator], Pixels]:
    """Pictures into which copied works are pasted, drawn from rows that are all readable.

    Pictures by AIs, if there are any: those hold no drawing that is enrolled under another name.
    """
    pool = [row for row in rows if row.label == "ai"] or list(rows)

    def draw(rng: np.random.Generator) -> Pixels:
        return decode(pool[int(rng.integers(len(pool)))].path.read_bytes()).pixels

    return draw
