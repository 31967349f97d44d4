"""Indices of hashes, by the number of bits that differ: an exact one, and a fast one by FAISS."""

from typing import Any, ClassVar

import faiss
import numpy as np
from numpy.typing import NDArray

from similarity.vectors.base import (
    Neighbours,
    Rows,
    best,
    check_search,
    contained,
    nothing_found,
    require,
)
from similarity.vectors.exact import ExactIndex


class HammingIndex(ExactIndex):
    """Hashes in memory; the score is the negative Hamming distance in bits."""

    kind: ClassVar[type[np.generic]] = np.uint8

    def _compare(self, queries: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float32]:
        scores = np.empty((len(queries), len(rows)), np.float32)
        for query, line in zip(queries, scores, strict=True):
            line[:] = np.bitwise_count(query ^ rows).sum(axis=1, dtype=np.uint16)
        return -scores


class FaissHammingIndex:
    """Hashes that never change, compared with every query by FAISS (`IndexBinaryFlat`).

    A million hashes of 32 bytes take about 2 ms a query. Not to be used after a fork.
    """

    def __init__(self, ids: NDArray[np.int64], rows: NDArray[np.uint8]) -> None:
        """An index of int64 [N] rising ids and uint8 [N, B] hashes."""
        self._ids, self._rows = ids, rows
        self._index = faiss.IndexBinaryFlat(8 * rows.shape[1])
        self._index.add(np.ascontiguousarray(rows))

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; see `VectorIndex`."""
        check_search(queries, np.uint8, self._rows.shape[1], k)
        if not len(self._ids) or not len(queries):
            return nothing_found(len(queries), k)
        distances, places = self._index.search(
            np.ascontiguousarray(queries), min(k, len(self._ids))
        )
        return best(self._ids[places], -distances.astype(np.float32), k)

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids; see `VectorIndex`."""
        return np.asarray(self._rows[require(self._ids, ids)])

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        return contained(self._ids, ids)
