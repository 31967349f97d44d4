"""What a gallery on a disk searches: a snapshot, and in memory what has changed since."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from similarity.description import HASH_BYTES, REGIONS
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.state import Facts
from similarity.gallery.ledger.tables import GONE
from similarity.gallery.ledger.vectors import read_spaces, region_ids, work_ids
from similarity.vectors.base import MutableVectorIndex, VectorIndex
from similarity.vectors.exact import ExactIndex
from similarity.vectors.hamming import HammingIndex
from similarity.vectors.snapshot import Snapshot, open_snapshot
from similarity.vectors.with_delta import Layered


@dataclass(frozen=True)
class Layers:
    """One state of the index; replaced as a whole.

    Attributes:
        facts: Of the ledger in this state.
        snapshot: None before the first.
        deltas: By space: the rows of works that came later. The states that share a snapshot
            share them: what is added to them is searched at once.
        newer: Ids of those works, int64 [n].
        indices: By space: what to search.
    """

    facts: Facts
    snapshot: Snapshot | None
    deltas: Mapping[str, MutableVectorIndex]
    newer: NDArray[np.int64]
    indices: Mapping[str, VectorIndex]


def follow(
    connection: Connection,
    now: Facts,
    identity: Identity,
    snapshots: Path,
    before: Layers | None,
) -> Layers:
    """The state that the ledger is in now.

    Args:
        connection: To the ledger, within a transaction.
        now: The facts as they are in it.
        identity: Of the index.
        snapshots: The folder where they lie.
        before: The last state, or None.

    Raises:
        BrokenIndex: The snapshot is damaged; or it has been deleted, because the ledger has
            gone on to another.
    """
    if before is not None and _is_current(before.facts, now):
        return before
    if before is None or (before.facts.snapshot, before.facts.upto) != (now.snapshot, now.upto):
        snapshot = open_snapshot(snapshots / now.snapshot, identity) if now.snapshot else None
        deltas: Mapping[str, MutableVectorIndex] = {
            "style": ExactIndex(identity.style),
            "copy": ExactIndex(identity.copy),
            "hash": HammingIndex(HASH_BYTES),
        }
        held = np.empty(0, np.int64)
    else:
        snapshot, deltas, held = before.snapshot, before.deltas, before.newer
    newer = work_ids(connection, after=now.upto)
    _drop(deltas, np.setdiff1d(held, newer))
    _add(connection, identity, deltas, after=int(held[-1]) if len(held) else now.upto)
    gone = np.fromiter(connection.scalars(select(GONE.c.work_id)), np.int64)
    indices = dict(deltas) if snapshot is None else dict(_layered(snapshot, deltas, gone))
    return Layers(now, snapshot, deltas, newer, indices)


def _is_current(was: Facts, now: Facts) -> bool:
    return (was.sequence, was.snapshot) == (now.sequence, now.snapshot)


def _drop(deltas: Mapping[str, MutableVectorIndex], works: NDArray[np.int64]) -> None:
    if len(works):
        for space, delta in deltas.items():
            delta.remove(_all_rows(space, works))


def _add(
    connection: Connection,
    identity: Identity,
    deltas: Mapping[str, MutableVectorIndex],
    *,
    after: int,
) -> None:
    for space, (ids, batches) in read_spaces(connection, identity, after=after).items():
        if len(ids):
            rows = np.concatenate(list(batches))
            if space != "hash":
                rows = rows.astype(np.float32)
            # Some may be there, if an error cut an earlier attempt short.
            new = ~deltas[space].contains(ids)
            deltas[space].add(ids[new], rows[new])


def _layered(
    snapshot: Snapshot, deltas: Mapping[str, MutableVectorIndex], gone: NDArray[np.int64]
) -> Iterator[tuple[str, VectorIndex]]:
    for space, delta in deltas.items():
        yield space, Layered(snapshot.indices[space], delta, _all_rows(space, gone))


def _all_rows(space: str, works: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ids of all rows that works may have."""
    return region_ids(works, REGIONS) if space == "copy" else works
