"""An index that never changes, with what has come and gone since it was made."""

import numpy as np
from numpy.typing import NDArray

from similarity.vectors.base import MISSING, MutableVectorIndex, Neighbours, Rows, VectorIndex, best


class WithDelta:
    """A base, a delta of rows that came later, and tombstones of rows of the base that went.

    Tombstones never make fewer than k neighbours of what is there.
    """

    def __init__(
        self, base: VectorIndex, delta: MutableVectorIndex, gone: NDArray[np.int64]
    ) -> None:
        """Lay them over each other.

        Args:
            base: Never changes.
            delta: Rows that came later; no id of it is in the base, unless it is gone from there.
            gone: int64 [n], ids of the base that count no more; others are passed over.
        """
        self._base, self._delta = base, delta
        gone = np.unique(gone)
        self._gone = gone[base.contains(gone)]

    def __len__(self) -> int:
        return len(self._base) - len(self._gone) + len(self._delta)

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; see `VectorIndex`."""
        delta = self._delta.search(queries, k)
        base = self._search_base(queries, k)
        return best(
            np.concatenate([base.ids, delta.ids], axis=1),
            np.concatenate([base.scores, delta.scores], axis=1),
            k,
        )

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids; see `VectorIndex`."""
        new = self._delta.contains(ids)
        gone = ~new & np.isin(ids, self._gone)
        if gone.any():
            raise KeyError(f"no row has the id {ids[gone][0]}")
        newer, older = self._delta.rows(ids[new]), self._base.rows(ids[~new])
        found = np.empty((len(ids), newer.shape[1]), newer.dtype)
        found[new], found[~new] = newer, older
        return found

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        return self._delta.contains(ids) | (
            self._base.contains(ids) & np.isin(ids, self._gone, invert=True)
        )

    def _search_base(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of the base that are not gone."""
        # Seldom is any of the nearest gone, and never more than all that are.
        most = min(k + len(self._gone), len(self._base))
        wanted = min(k + min(k, len(self._gone)), most)
        while True:
            found = self._base.search(queries, max(wanted, k))
            ids = np.where(np.isin(found.ids, self._gone), MISSING, found.ids)
            if wanted >= most or ((ids != MISSING).sum(axis=1) >= k).all():
                return best(ids, found.scores, k)
            wanted = min(4 * wanted, most)
