"""Graphs that others search by: HNSW.

Malkov and Yashunin 2016 - https://arxiv.org/abs/1603.09320. Each with 16 links a work and 200
looked at while it is built, its makers' usual numbers, and with as many looked at in a search as
reach the asked recall, which is found by doubling.
"""

from collections.abc import Callable

import faiss
import hnswlib
import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from similarity.vectors.base import Neighbours, Rows
from similarity.vectors.fast import recalled

LINKS, BUILDING = 16, 200
RECALL = 0.995
"""What every graph has to reach; the figure that an index of a million works is held to."""

MOST = 4096
"""Looked at in one search, at the most."""


class Usearch:
    """`usearch`, with vectors of 16 bits."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        """Of float16 [N, D]; the ids are the places."""
        self._index = Index(
            ndim=rows.shape[1],
            metric="ip",
            dtype="f16",
            connectivity=LINKS,
            expansion_add=BUILDING,
        )
        self._index.add(np.arange(len(rows)), rows, threads=1)

    def look_at(self, count: int) -> None:
        """Set how many works a search looks at."""
        self._index.expansion_search = count

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest."""
        found = self._index.search(queries.astype(np.float16), k, threads=1)
        keys = found.keys.reshape(len(queries), -1).astype(np.int64)
        return Neighbours(keys, 1 - found.distances.reshape(keys.shape))


class Hnswlib:
    """`hnswlib`, with vectors of 32 bits."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        """Of float16 [N, D]; the ids are the places."""
        self._index = hnswlib.Index(space="ip", dim=rows.shape[1])
        self._index.init_index(max_elements=len(rows), M=LINKS, ef_construction=BUILDING)
        self._index.set_num_threads(1)
        self._index.add_items(rows.astype(np.float32), np.arange(len(rows)))

    def look_at(self, count: int) -> None:
        """Set how many works a search looks at."""
        self._index.set_ef(count)

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest."""
        ids, distances = self._index.knn_query(queries, k)
        return Neighbours(ids.astype(np.int64), 1 - distances)


class FaissGraph:
    """`faiss.IndexHNSWFlat`, with vectors of 32 bits."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        """Of float16 [N, D]; the ids are the places."""
        self._index = faiss.IndexHNSWFlat(rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = BUILDING
        self._index.add(rows.astype(np.float32))

    def look_at(self, count: int) -> None:
        """Set how many works a search looks at."""
        self._index.hnsw.efSearch = count

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest."""
        scores, ids = self._index.search(np.ascontiguousarray(queries), k)
        return Neighbours(ids, scores)


Graph = Usearch | Hnswlib | FaissGraph

GRAPHS: dict[str, Callable[[NDArray[np.float16]], Graph]] = {
    "usearch": Usearch,
    "hnswlib": Hnswlib,
    "FAISS, HNSW": FaissGraph,
}


def tuned(graph: Graph, queries: Rows, true: Neighbours) -> int:
    """Let a graph look at as many works as it takes for the recall, and say how many."""
    k = true.ids.shape[1]
    count = 16
    graph.look_at(count)
    while count < MOST and recalled(graph.search(queries, k), true) < RECALL:
        count *= 2
        graph.look_at(count)
    return count
