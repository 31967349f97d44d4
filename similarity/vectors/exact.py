"""The exact index: compares every query with every row. It defines what the others must find."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from similarity.vectors.base import (
    Neighbours,
    Rows,
    best,
    check,
    check_search,
    contained,
    nothing_found,
    require,
)

BLOCK = 16_384
"""Rows compared at once, so that memory does not grow with the index."""


class ExactIndex:
    """Unit vectors in memory, compared by the inner product.

    Searches may run in other threads while one thread adds and removes: they see the rows of
    before or of after, never some of each.
    """

    kind: ClassVar[type[np.generic]] = np.float32
    """Type of the rows."""

    def __init__(self, width: int) -> None:
        """An empty index of rows of `width` values."""
        self.width = width
        self._room = (np.empty(0, np.int64), np.empty((0, width), self.kind))
        # Replaced as a whole by every change, and what it shows is never written again.
        self._held: tuple[NDArray[np.int64], NDArray[Any]] = self._room

    def __len__(self) -> int:
        return len(self._held[0])

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; see `VectorIndex`."""
        check_search(queries, self.kind, self.width, k)
        return search_all(self._compare, *self._held, queries, k)

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids; see `VectorIndex`."""
        held, rows = self._held
        found: Rows = rows[require(held, ids)]
        return found

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        return contained(self._held[0], ids)

    def view(self) -> Self:
        """What is there now, and stays there whatever is added or removed later."""
        view = type(self)(self.width)
        view._room = view._held = self._held
        return view

    def add(self, ids: NDArray[np.int64], rows: Rows) -> None:
        """Add rows of new ids; see `MutableVectorIndex`."""
        check(rows, self.kind, self.width)
        if len(ids) != len(rows):
            raise ValueError(f"{len(ids)} ids for {len(rows)} rows")
        order = np.argsort(ids, kind="stable")
        ids, rows = ids[order], rows[order]
        if (np.diff(ids) == 0).any() or self.contains(ids).any():
            raise ValueError("an id is there already, or comes twice")
        held, had = self._held
        count, total = len(held), len(held) + len(ids)
        if count and len(ids) and ids[0] < held[-1]:  # Rare: ids mostly rise with time.
            held, had = np.concatenate([held, ids]), np.concatenate([had, rows])
            order = np.argsort(held)
            self._room = self._held = (held[order], had[order])
            return
        if total > len(self._room[0]):
            self._room = (
                np.empty(2 * total, np.int64),
                np.empty((2 * total, self.width), self.kind),
            )
            self._room[0][:count], self._room[1][:count] = held, had
        # Behind what searches that are under way can see.
        self._room[0][count:total], self._room[1][count:total] = ids, rows
        self._held = (self._room[0][:total], self._room[1][:total])

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove rows; ids that are not there are passed over."""
        held, rows = self._held
        kept = np.isin(held, ids, invert=True)
        # Copies, so that nothing of what was removed stays in memory.
        self._room = self._held = (held[kept], rows[kept])

    def _compare(self, queries: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float32]:
        return inner_products(queries, rows)


def inner_products(queries: NDArray[Any], rows: NDArray[Any]) -> NDArray[np.float32]:
    """Inner products of float32 [Q, D] and float16 or float32 [N, D]: float32 [Q, N]."""
    scores: NDArray[np.float32] = queries @ rows.astype(np.float32, copy=False).T
    return scores


def search_all(
    compare: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float32]],
    ids: NDArray[np.int64],
    rows: NDArray[Any],
    queries: NDArray[Any],
    k: int,
) -> Neighbours:
    """Compare every query with every row.

    Args:
        compare: Queries [Q, D] and rows [n, D] -> scores [Q, n].
        ids: int64 [N], rising.
        rows: [N, D]; may be memory-mapped.
        queries: [Q, D].
        k: How many neighbours of each.
    """
    found = nothing_found(len(queries), k)
    for start in range(0, len(ids) if len(queries) else 0, BLOCK):
        scores = compare(queries, rows[start : start + BLOCK])
        places = np.stack([_highest(line, k) for line in scores])
        found = best(
            np.concatenate([found.ids, ids[start + places]], axis=1),
            np.concatenate([found.scores, np.take_along_axis(scores, places, 1)], axis=1),
            k,
        )
    return found


def _highest(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Places of the k highest of N scores, in any order; of equal ones the first."""
    if k >= len(scores):
        return np.arange(len(scores))
    bar = np.partition(scores, -k)[-k]
    above = np.flatnonzero(scores > bar)
    return np.concatenate([above, np.flatnonzero(scores == bar)[: k - len(above)]])
