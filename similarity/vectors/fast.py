"""The fast index of vectors, by FAISS: compares with all of few rows, and with likely ones of many.

Many rows are dealt into lists, each around a centroid (IVF). A search probes the lists nearest to
the query, where the rows stand in 8 bits a value, and then compares the best of them exactly with
what is kept on the disk. How many lists are probed is found by measuring, when the index is built.

Inverted lists: Jégou, Douze, Schmid, "Product quantization for nearest neighbor search", 2011.
"""

from pathlib import Path
from typing import Any, Literal, Self

import faiss
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from similarity.errors import BrokenIndex
from similarity.vectors.base import (
    MISSING,
    Neighbours,
    Rows,
    best,
    check_search,
    contained,
    nothing_found,
    require,
    unit,
)
from similarity.vectors.exact import inner_products, search_all

FLAT_UP_TO = 100_000
"""Rows that are all compared with every query."""

GOAL = 0.995
"""Recall at 10 and at 100 that a plan must reach when it is measured; the promise is 0.99."""

SAMPLE = 256
"""Queries that recall is measured with."""

BATCH = 64
"""Queries rescored at once: the candidates of each are some 100 kB."""

MOVE = 1.3
"""How far they are moved: the cosine to where they stood is 0.61, as near as a stranger comes."""

OVERSAMPLING, SPARE = 3, 20
"""Candidates per neighbour that is wanted, and a few more."""

_SEED = 20230531
_POINTS_PER_LIST = 40
_ROUNDS = 8
_ADDED_AT_ONCE = 8_192


class Plan(BaseModel):
    """How an index is searched.

    Attributes:
        kind: `flat`: compare with all rows. `ivf`: probe some lists.
        lists: How many lists there are.
        probes: How many of them are probed.
        oversampling: Candidates that are compared exactly, per neighbour that is wanted.
        recall: Share of the true k nearest rows that it found when it was built, by k.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["flat", "ivf"]
    lists: int = Field(default=0, ge=0)
    probes: int = Field(default=0, ge=0)
    oversampling: int = Field(default=1, ge=1)
    recall: dict[int, float] = {}


class FaissIndex:
    """Unit vectors that never change.

    Searches read only and may run in many threads at once, but not after a fork, after which
    FAISS hangs.
    """

    def __init__(
        self, ids: NDArray[np.int64], rows: NDArray[np.floating[Any]], plan: Plan, index: Any
    ) -> None:
        """Put together what `build` or `open` made."""
        self.plan = plan
        self._ids, self._rows, self._index = ids, rows, index

    @classmethod
    def build(
        cls,
        ids: NDArray[np.int64],
        rows: NDArray[np.floating[Any]],
        *,
        flat_up_to: int = FLAT_UP_TO,
    ) -> Self:
        """Build an index.

        Args:
            ids: int64 [N], rising.
            rows: float16 or float32 [N, D], unit norm; may be memory-mapped, and is kept.
            flat_up_to: How many rows are all compared.
        """
        if len(rows) <= flat_up_to:
            return cls(ids, rows, Plan(kind="flat"), _flat(rows))
        index = _inverted(rows)
        return cls(ids, rows, _measured(rows, index), index)

    @classmethod
    def open(
        cls,
        ids: NDArray[np.int64],
        rows: NDArray[np.floating[Any]],
        plan: Plan,
        path: Path,
    ) -> Self:
        """Open what `write` wrote for the same rows.

        Args:
            ids: int64 [N], rising.
            rows: float16 or float32 [N, D], unit norm; may be memory-mapped.
            plan: That of the index that was written.
            path: The file, if the plan has lists. It must be known to be whole: the parser of FAISS
                trusts what it reads.

        Raises:
            BrokenIndex: It is no index of such rows.
        """
        if plan.kind == "flat":
            return cls(ids, rows, plan, _flat(rows))
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise BrokenIndex(f"{path.name} cannot be read") from error
        if not isinstance(index, faiss.IndexIVF) or plan.lists != index.nlist:
            raise BrokenIndex(f"{path.name} is another index than the one that was written")
        if (index.ntotal, index.d) != rows.shape:
            raise BrokenIndex(f"{path.name} is no index of these rows")
        # It would start 32 threads to read ahead, for every search.
        lists: Any = faiss.downcast_InvertedLists(index.invlists)  # type: ignore[arg-type]
        lists.prefetch_nthread = 0
        return cls(ids, rows, plan, index)

    def write(self, path: Path) -> None:
        """Write the lists to a file; a flat index has none."""
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; see `VectorIndex`."""
        check_search(queries, np.float32, self._rows.shape[1], k)
        if not len(self._ids) or not len(queries):
            return nothing_found(len(queries), k)
        parts = [
            self._search(np.ascontiguousarray(queries[start : start + BATCH]), k)
            for start in range(0, len(queries), BATCH)
        ]
        return Neighbours(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids; see `VectorIndex`."""
        return self._rows[require(self._ids, ids)].astype(np.float32)

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        return contained(self._ids, ids)

    def _search(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        places = _candidates(self._index, self.plan, queries, k)
        # Exactly, and of equal ones the lower id.
        likely = self._rows[places].astype(np.float32)
        scores = (likely @ queries[:, :, None])[:, :, 0]
        ids = np.where(places == MISSING, MISSING, self._ids[places])
        return best(ids, scores, k)


def _candidates(index: Any, plan: Plan, queries: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Places of rows that are likely to be among the k nearest; at least k if there are k."""
    total = index.ntotal
    wanted = min(plan.oversampling * k + SPARE, total)
    if plan.kind == "flat":
        found: NDArray[np.int64] = index.search(queries, wanted)[1]
        return found
    probes = plan.probes
    while True:
        parameters = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]
        found = index.search(queries, wanted, params=parameters)[1]
        # The lists that were probed may hold fewer rows than are wanted.
        if probes >= plan.lists or (found != MISSING).sum(axis=1).min() >= min(k, total):
            return found
        probes = min(4 * probes, plan.lists)


def _measured(rows: NDArray[np.floating[Any]], index: Any) -> Plan:
    """The plan with the fewest probes that reaches the goal.

    The queries are rows, moved as far as works of people lie who are not in the index. Rows where
    they stand would be too easy: the centroids were fitted to them, and a fraction of the probes
    finds what lies around them.
    """
    rng = np.random.default_rng(_SEED)
    own, one, other = (
        rows[np.sort(rng.choice(len(rows), SAMPLE))].astype(np.float32) for _ in range(3)
    )
    moves = unit(one - other[rng.permutation(SAMPLE)])
    queries = unit(own + MOVE * moves)
    truth = {
        k: search_all(inner_products, np.arange(len(rows)), rows, queries, k) for k in (10, 100)
    }
    lists = index.nlist
    for probes in sorted({min(lists, round(2 ** (step / 4))) for step in range(100)}):
        plan = Plan(kind="ivf", lists=lists, probes=probes, oversampling=OVERSAMPLING)
        trial = FaissIndex(np.arange(len(rows)), rows, plan, index)
        recall = {k: recalled(trial.search(queries, k), true) for k, true in truth.items()}
        if min(recall.values()) >= GOAL or probes == lists:
            break
    return plan.model_copy(update={"recall": recall})


def recalled(found: Neighbours, true: Neighbours) -> float:
    """Share of the true neighbours that were found; as good ones count as well."""
    bar = true.scores.min(axis=1, keepdims=True) - 1e-5
    return float((found.scores >= bar).sum() / np.isfinite(true.scores).sum())


def _flat(rows: NDArray[np.floating[Any]]) -> Any:
    # Half the memory of float32, in half the time; what is kept of the rows has no more digits.
    index = faiss.IndexScalarQuantizer(
        rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    _add(index, rows)
    return index


def _inverted(rows: NDArray[np.floating[Any]]) -> Any:
    """Train centroids on a sample, and deal all rows into their lists."""
    width = rows.shape[1]
    lists = max(1, int(min(2 * np.sqrt(len(rows)), len(rows) / _POINTS_PER_LIST)))
    rng = np.random.default_rng(_SEED)
    # Sorted, to read a memory-mapped file from its beginning to its end.
    chosen = np.sort(rng.choice(len(rows), min(len(rows), _POINTS_PER_LIST * lists), replace=False))
    sample = rows[chosen].astype(np.float32)
    means = faiss.Kmeans(width, lists, niter=_ROUNDS, seed=_SEED, spherical=True)
    means.train(sample)
    quantizer = faiss.IndexFlatIP(width)
    quantizer.add(np.asarray(means.centroids))
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, width, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(sample)
    _add(index, rows)
    return index


def _add(index: Any, rows: NDArray[np.floating[Any]]) -> None:
    """Add all rows, few at once: in single precision they take twice their memory."""
    for start in range(0, len(rows), _ADDED_AT_ONCE):
        index.add(rows[start : start + _ADDED_AT_ONCE].astype(np.float32))
