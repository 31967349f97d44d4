"""What an index of vectors does. The exact NumPy one defines what is right."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

MISSING = -1
"""Fills the ids of a row that has fewer than k neighbours; its score is -inf."""

Rows = NDArray[np.float32] | NDArray[np.uint8]
"""Unit vectors (float32 [N, D]), or hashes (uint8 [N, B])."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of Q queries, best first; ties by the lower id.

    Attributes:
        ids: int64 [Q, k].
        scores: float32 [Q, k]: the inner product, which for unit vectors is the cosine; for
            hashes the negative Hamming distance in bits.
    """

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]


class VectorIndex(Protocol):
    """Rows of unit vectors (float32 [N, D]), or of hashes (uint8 [N, B]), each with a unique id.

    It may be searched by many threads at once.
    """

    def __len__(self) -> int:
        """Count the rows."""
        ...

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; `queries` has the type and width of the rows.

        Raises:
            ValueError: The queries have another type or width, or k is below 1.
        """
        ...

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids.

        Raises:
            KeyError: An id is not there.
        """
        ...

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        ...


class MutableVectorIndex(VectorIndex, Protocol):
    """An index that rows can be added to and removed from; by one thread at a time."""

    def add(self, ids: NDArray[np.int64], rows: Rows) -> None:
        """Add rows (of int64 [n] ids that are not there yet).

        Raises:
            ValueError: An id is there or comes twice, or the rows have another type or width.
        """
        ...

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove rows; ids that are not there are passed over."""
        ...


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors along the last axis at length one; those of length zero stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)


def best(ids: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Neighbours:
    """The k best of c candidates per query, padded with `MISSING` where there are fewer.

    Args:
        ids: int64 [Q, c], without duplicates in a row; `MISSING` is passed over.
        scores: float32 [Q, c].
        k: How many.
    """
    scores = np.where(ids == MISSING, np.float32(-np.inf), scores)
    order = np.lexsort((ids, -scores), axis=-1)[:, :k]
    lacking = ((0, 0), (0, k - order.shape[1]))
    return Neighbours(
        np.pad(np.take_along_axis(ids, order, 1), lacking, constant_values=MISSING),
        np.pad(np.take_along_axis(scores, order, 1), lacking, constant_values=-np.inf),
    )


def nothing_found(queries: int, k: int) -> Neighbours:
    """What a search of an empty index finds."""
    return Neighbours(
        np.full((queries, k), MISSING, np.int64), np.full((queries, k), -np.inf, np.float32)
    )


def find(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where ids stand in a rising list of them; `MISSING` for those that are not in it."""
    if not len(ids):
        return np.full(len(wanted), MISSING, np.int64)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[places] == wanted, places, MISSING)


def contained(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which ids are in a rising list of them: bool [n]."""
    there: NDArray[np.bool_] = find(ids, wanted) != MISSING
    return there


def require(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where ids stand in a rising list of them.

    Raises:
        KeyError: One is not in it.
    """
    places = find(ids, wanted)
    if (places == MISSING).any():
        raise KeyError(f"no row has the id {wanted[places == MISSING][0]}")
    return places


def check(rows: NDArray[Any], kind: type[np.generic], width: int) -> None:
    """Check the type and width of rows or queries.

    Raises:
        ValueError: They are not [n, width] of that type.
    """
    if rows.ndim != 2 or rows.shape[1] != width or rows.dtype != kind:
        raise ValueError(
            f"wanted {np.dtype(kind)} [n, {width}], not {rows.dtype} {list(rows.shape)}"
        )


def check_search(queries: NDArray[Any], kind: type[np.generic], width: int, k: int) -> None:
    """Check the arguments of a search.

    Raises:
        ValueError: The queries are not [Q, width] of that type, or k is below 1.
    """
    check(queries, kind, width)
    if k < 1:
        raise ValueError(f"cannot look for {k} neighbours")
