"""The vectors and hashes of a ledger, read in batches: there may be millions."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, func, select

from similarity.description import HASH_BYTES, REGIONS, USABLE_QUALITY
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.codec import HALF
from similarity.gallery.ledger.tables import DESCRIPTIONS

AT_ONCE = 4096
"""Works whose vectors are in memory at once."""

Batches = Iterator[NDArray[Any]]


def read_spaces(
    connection: Connection, identity: Identity, *, after: int = 0
) -> Mapping[str, tuple[NDArray[np.int64], Batches]]:
    """The rows of the three indices: `style`, `copy` and `hash`.

    Args:
        connection: Within a transaction, until the last batch is read.
        identity: Of the ledger.
        after: Works with ids up to this one are left out.

    Returns:
        By space: ids, int64 [N], rising; and batches of rows, float16 [n, S], float16 [n, C] or
        uint8 [n, 32], each to be read once.
    """
    table = DESCRIPTIONS.c
    newer = table.work_id > after
    return {
        "style": (
            _ids(connection, newer),
            _rows(connection, table.style, newer, HALF, identity.style),
        ),
        "copy": (
            region_ids(_ids(connection, newer), _regions(connection, newer, identity.copy)),
            _rows(connection, table.copy, newer, HALF, identity.copy),
        ),
        "hash": read_hashes(connection, newer),
    }


def read_hashes(
    connection: Connection, where: ColumnElement[bool]
) -> tuple[NDArray[np.int64], Batches]:
    """Ids and hashes of the works that a condition chooses, as `read_spaces` gives them.

    Works whose hash says nothing are left out.
    """
    usable = where & (DESCRIPTIONS.c.hash_quality >= USABLE_QUALITY)
    kind = np.dtype(np.uint8)
    return _ids(connection, usable), _rows(
        connection, DESCRIPTIONS.c.hash, usable, kind, HASH_BYTES
    )


def work_ids(connection: Connection, *, after: int = 0) -> NDArray[np.int64]:
    """The ids of all works above one: int64 [N], rising."""
    return _ids(connection, DESCRIPTIONS.c.work_id > after)


def region_ids(works: NDArray[np.int64], regions: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """The ids of the copy vectors of works, each with so many regions: rising with the works."""
    counts = np.broadcast_to(regions, works.shape)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    ids: NDArray[np.int64] = np.repeat(works * REGIONS, counts) + np.arange(counts.sum()) - starts
    return ids


def _ids(connection: Connection, where: ColumnElement[bool]) -> NDArray[np.int64]:
    column = DESCRIPTIONS.c.work_id
    return _integers(connection, column, where)


def _regions(connection: Connection, where: ColumnElement[bool], width: int) -> NDArray[np.int64]:
    lengths = _integers(connection, func.length(DESCRIPTIONS.c.copy), where)
    counts: NDArray[np.int64] = lengths // (HALF.itemsize * width)
    return counts


def _integers(
    connection: Connection, value: ColumnElement[int], where: ColumnElement[bool]
) -> NDArray[np.int64]:
    chosen = select(value).where(where).order_by(DESCRIPTIONS.c.work_id)
    found = connection.execute(chosen, execution_options={"yield_per": AT_ONCE})
    return np.fromiter(found.scalars(), np.int64)


def _rows(
    connection: Connection,
    column: ColumnElement[bytes],
    where: ColumnElement[bool],
    kind: np.dtype[Any],
    width: int,
) -> Batches:
    chosen = select(column).where(where).order_by(DESCRIPTIONS.c.work_id)
    found = connection.execute(chosen, execution_options={"yield_per": AT_ONCE})
    for batch in found.scalars().partitions():
        yield np.frombuffer(b"".join(batch), kind).reshape(-1, width)
