"""Rows to search in, and what it means that two indices agree."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.vectors.base import MISSING, Rows, VectorIndex
from similarity.vectors.exact import ExactIndex
from similarity.vectors.hamming import HammingIndex

WIDTH = 32
BYTES = 32

Maker = Callable[[NDArray[np.int64], Rows], VectorIndex]
"""Makes an index of ids and rows."""


def vectors(count: int, seed: int, *, clusters: int = 30) -> NDArray[np.float32]:
    """Unit vectors in clusters, some of them twice; as fp16 keeps them."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((clusters, WIDTH))
    found = centres[rng.integers(clusters, size=count)] + 0.5 * rng.standard_normal((count, WIDTH))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[count // 2 :: 7] = found[: len(found[count // 2 :: 7])]
    return found.astype(np.float16).astype(np.float32)


def hashes(count: int, seed: int) -> NDArray[np.uint8]:
    """Hashes near to some others."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(2).integers(0, 256, (20, BYTES), np.uint8)
    flipped = np.packbits(rng.random((count, 8 * BYTES)) < 0.1, axis=1)
    return centres[rng.integers(20, size=count)] ^ flipped


def ids_of(count: int) -> NDArray[np.int64]:
    """Rising ids with gaps."""
    return np.arange(count, dtype=np.int64) * 3 + 5


def definition(ids: NDArray[np.int64], rows: Rows) -> VectorIndex:
    """The exact index of these rows."""
    kind = HammingIndex if rows.dtype == np.uint8 else ExactIndex
    index = kind(rows.shape[1])
    index.add(ids, rows)
    return index


def agree(index: VectorIndex, defined: VectorIndex, queries: Any, k: int) -> float:
    """Check that what an index finds is true; returns the recall.

    Another row of the same score is as good. What must hold of any index: it gives as many as there
    are, each once, best first, with their true scores.
    """
    found, true = index.search(queries, k), defined.search(queries, k)
    assert found.ids.dtype == np.int64
    assert found.scores.dtype == np.float32
    assert found.ids.shape == found.scores.shape == (len(queries), k)
    there = min(k, len(defined))
    assert ((found.ids != MISSING).sum(axis=1) == there).all()
    assert (found.ids[:, there:] == MISSING).all()
    assert (found.scores[:, there:] == -np.inf).all()
    for query, ids, scores in zip(queries, found.ids, found.scores, strict=True):
        ids, scores = ids[:there], scores[:there]
        assert len(set(ids.tolist())) == there
        assert (np.diff(scores) <= 0).all()
        rows = defined.rows(ids)
        if rows.dtype == np.uint8:
            right = -np.unpackbits(rows ^ query, axis=1).sum(axis=1).astype(np.float32)
        else:
            right = rows @ query
        np.testing.assert_allclose(scores, right, atol=1e-5)
        level = np.flatnonzero(np.diff(scores) == 0)
        assert (ids[level] < ids[level + 1]).all(), "of equal ones the lower id comes first"
    bar = true.scores[:, :there].min(axis=1, keepdims=True, initial=np.inf) - 1e-5
    return float((found.scores[:, :there] >= bar).mean()) if there and len(queries) else 1.0
