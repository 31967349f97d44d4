"""What a search says of an image, as columns of its row."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evidence.similarity import CopyVerdict, CreatorVerdict, SimilarityEvidence
from models import Features
from scan.worker import Found

NEAREST = 5
"""Creators that a row names."""


class Searcher(Protocol):
    """What searches an index: `similarity.search.Similarity`, or a fake; used by many threads."""

    @property
    def name(self) -> str:
        """Names the state of the index."""
        ...

    def search(
        self,
        features: Features,
        sketch: NDArray[np.uint8],
        *,
        sha256: str | None = None,
        account: str | None = None,
        top: int = NEAREST,
    ) -> SimilarityEvidence:
        """Search for an image by the features of its first view and its sketch."""
        ...


class Searches:
    """Searches an index for the images of a batch, several at once.

    Args:
        searcher: The index.
        account: Whose uploads they are; works of its own creator do not count.
        pool: Where searches run.
    """

    def __init__(self, searcher: Searcher, account: str | None, pool: ThreadPoolExecutor) -> None:
        self._searcher = searcher
        self._account = account
        self._pool = pool

    def __call__(
        self, batch: Sequence[tuple[Found, Features | None]]
    ) -> Iterator[SimilarityEvidence | None]:
        """What is found of each image; None for what is no new image."""
        return self._pool.map(self._search, batch)

    def _search(self, one: tuple[Found, Features | None]) -> SimilarityEvidence | None:
        found, features = one
        if found.facts is None or found.facts.sketch is None or features is None:
            return None
        return self._searcher.search(
            features[:1],
            found.facts.sketch,
            sha256=found.facts.sha256,
            account=self._account,
            top=NEAREST,
        )


def likeness_columns(evidence: SimilarityEvidence) -> dict[str, Any]:
    """The columns of a row, but for its reasons."""
    proven = [one for one in evidence.copies if one.verdict is CopyVerdict.COPY]
    alike = [one for one in evidence.copies if one.verdict is CopyVerdict.REVIEW]
    nearest = evidence.creators[0] if evidence.creators else None
    return {
        "copy_of": proven[0].work if proven else None,
        "copy_creator": proven[0].creator if proven else None,
        "copy_score": proven[0].score if proven else None,
        "copy_to_review": alike[0].work if alike else None,
        "nearest_creators": tuple(one.creator for one in evidence.creators[:NEAREST]),
        "creator_score": nearest.score if nearest else None,
        "creator_verdict": (nearest.verdict if nearest else CreatorVerdict.NONE).value,
        "index_name": evidence.index,
    }
