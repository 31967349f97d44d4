"""What a gallery in a folder searches: a snapshot, and in memory what has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from similarity.description import HASH_BYTES, REGIONS
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.state import LedgerState, read_state
from similarity.gallery.ledger.tables import GONE
from similarity.gallery.ledger.vectors import read_spaces, region_ids, work_ids
from similarity.gallery.state import RecordedState, Records
from similarity.vectors.base import Neighbours, VectorIndex
from similarity.vectors.exact import ExactIndex
from similarity.vectors.hamming import HammingIndex
from similarity.vectors.snapshot import Snapshot, open_snapshot
from similarity.vectors.with_delta import WithDelta

_Ids = NDArray[np.int64]


class FolderState(RecordedState):
    """Implements `similarity.gallery.gallery.State`; its vectors are in memory and never change."""

    def __init__(
        self, ledger: Ledger, records: Records, indices: Mapping[str, VectorIndex]
    ) -> None:
        """With what to search, by space."""
        super().__init__(ledger, records)
        self._indices = indices

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style; see `State`."""
        return self._indices["style"].search(queries, k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content; see `State`."""
        return self._indices["copy"].search(queries, k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash; see `State`."""
        return self._indices["hash"].search(queries, k)


@dataclass(frozen=True)
class Layers:
    """A state, and what the next one is made from.

    Attributes:
        state: What is searched.
        snapshot: None before the first.
        deltas: By space: the rows of works that are newer than the snapshot. The next state's are
            made by changing them; this state has views of its own.
        newer: Ids of those works, int64 [n], rising.
    """

    state: FolderState
    snapshot: Snapshot | None
    deltas: Mapping[str, ExactIndex]
    newer: _Ids


@dataclass(frozen=True)
class Difference:
    """What the ledger has beyond a state before, read at once.

    Attributes:
        records: Of the new state.
        held: Ids of the works whose rows are in memory already.
        newer: Ids of all works that are newer than the snapshot.
        rows: By space: ids and rows of those that are not in memory.
        gone: Ids of works of the snapshot that count no more.
    """

    records: Records
    held: _Ids
    newer: _Ids
    rows: Mapping[str, tuple[_Ids, NDArray[Any]]]
    gone: _Ids


def read_difference(
    connection: Connection, identity: Identity, before: Layers | None
) -> Layers | Difference:
    """What has changed since a state; or that state, if nothing has.

    Args:
        connection: To the ledger, within a transaction.
        identity: Of the index.
        before: The last state, or None.
    """
    now = read_state(connection)
    if before is not None and _is_current(before.state.recorded, now):
        return before
    held = np.empty(0, np.int64)
    if before is not None and _has_base(before, now):
        held = before.newer
    after = int(held[-1]) if len(held) else now.upto
    rows = {
        space: (ids, np.concatenate(list(batches)))
        for space, (ids, batches) in read_spaces(connection, identity, after=after).items()
        if len(ids)
    }
    return Difference(
        Records(connection, now),
        held,
        work_ids(connection, after=now.upto),
        rows,
        np.fromiter(connection.scalars(select(GONE.c.work_id)), np.int64),
    )


def follow(ledger: Ledger, snapshots: Path, before: Layers | None, new: Difference) -> Layers:
    """The state after a difference.

    Args:
        ledger: Of the state.
        snapshots: The folder where they lie.
        before: The state that the difference is to; its deltas are changed, what it shows is not.
        new: The difference.

    Raises:
        BrokenIndex: The snapshot is damaged; or it has been deleted, because the ledger has
            gone on to another.
    """
    now, identity = new.records.state, ledger.identity
    if before is not None and _has_base(before, now):
        snapshot, deltas = before.snapshot, before.deltas
    else:
        snapshot = open_snapshot(snapshots / now.snapshot, identity) if now.snapshot else None
        deltas = {
            "style": ExactIndex(identity.style),
            "copy": ExactIndex(identity.copy),
            "hash": HammingIndex(HASH_BYTES),
        }
    dropped = np.setdiff1d(new.held, new.newer)
    indices: dict[str, VectorIndex] = {}
    for space, delta in deltas.items():
        if len(dropped):
            delta.remove(_all_rows(space, dropped))
        if space in new.rows:
            ids, rows = new.rows[space]
            # Some may be there, if an error cut an earlier attempt short.
            absent = ~delta.contains(ids)
            delta.add(ids[absent], rows[absent].astype(delta.kind, copy=False))
        view = delta.view()
        gone = _all_rows(space, new.gone)
        base = None if snapshot is None else snapshot.indices[space]
        indices[space] = view if base is None else WithDelta(base, view, gone)
    state = FolderState(ledger, new.records, indices)
    return Layers(state, snapshot, deltas, new.newer)


def _is_current(was: LedgerState, now: LedgerState) -> bool:
    return (was.sequence, was.snapshot) == (now.sequence, now.snapshot)


def _has_base(before: Layers, now: LedgerState) -> bool:
    was = before.state.recorded
    return (was.snapshot, was.upto) == (now.snapshot, now.upto)


def _all_rows(space: str, works: _Ids) -> _Ids:
    """The ids of all rows that works may have."""
    return region_ids(works, REGIONS) if space == "copy" else works
