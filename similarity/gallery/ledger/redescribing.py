"""Other descriptions for the works of a ledger, whose ids, names and creators stay as they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select, update

from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.codec import PackedWork, digest
from similarity.gallery.ledger.reading import AT_ONCE
from similarity.gallery.ledger.state import change_state
from similarity.gallery.ledger.tables import (
    CREATORS,
    DERIVED,
    DESCRIPTIONS,
    GONE,
    LOCAL_FEATURES,
    WORKS,
)
from similarity.gallery.ledger.writing import STANDING, Change, LedgerWork, drop_works

Described = Mapping[str, PackedWork]
"""Works by the digests of their files; whose they are, and their names, do not count."""

DESCRIBED = ("style", "copy", "hash", "hash_quality")


def read_described(connection: Connection, digests: Sequence[str]) -> Described:
    """What a ledger has of files, by their digests; those that it does not have are left out."""
    columns = (WORKS.c.name, WORKS.c.sha256, *(DESCRIPTIONS.c[name] for name in DESCRIBED))
    chosen = (
        select(*columns, LOCAL_FEATURES.c.features)
        .join(DESCRIPTIONS, DESCRIPTIONS.c.work_id == WORKS.c.id)
        .join(LOCAL_FEATURES, LOCAL_FEATURES.c.work_id == WORKS.c.id)
        .where(WORKS.c.sha256.in_(digests))
    )
    rows: Iterable[Any] = connection.execute(chosen)
    return {row.sha256: PackedWork(*row) for row in rows}


def redescribe(change: Change, identity: Identity, source: Connection) -> list[str]:
    """Describe all works of a ledger as another one does, and have it of that one's identity.

    Args:
        change: Of the ledger.
        identity: Of the other one.
        source: Within a transaction in the other one.

    Returns:
        Digests of the files that the other one does not have: these works are dropped.
    """
    connection = change.connection
    missing: list[str] = []
    for works in _batches(connection):
        found = read_described(source, [work.sha256 for work in works])
        missing += _replace(change, works, found)
    connection.execute(update(CREATORS).values(**dict.fromkeys(STANDING)))
    connection.execute(delete(DERIVED))
    connection.execute(delete(GONE))
    change_state(connection, **vars(identity), snapshot="", upto=0)
    return missing


def _batches(connection: Connection) -> Iterator[Sequence[Any]]:
    columns = (WORKS.c.id, WORKS.c.name, WORKS.c.sha256, WORKS.c.digest)
    chosen = select(*columns, CREATORS.c.name.label("creator")).join(CREATORS).order_by(WORKS.c.id)
    last = 0
    while some := connection.execute(chosen.where(WORKS.c.id > last).limit(AT_ONCE)).all():
        yield some
        last = some[-1].id


def _replace(change: Change, works: Sequence[Any], found: Described) -> list[str]:
    connection = change.connection
    known = [work for work in works if work.sha256 in found]
    absent = [work for work in works if work.sha256 not in found]
    drop_works(change, [LedgerWork(w.id, w.name, w.sha256, w.digest) for w in absent])
    rows = []
    for work in known:
        new = found[work.sha256]
        named = digest(work.creator, *vars(replace(new, name=work.name)).values())
        change.subtract(work.digest)
        change.add(named)
        described = {f"new_{name}": getattr(new, name) for name in DESCRIBED}
        rows.append({"mine": work.id, "named": named, "local": new.local, **described})
    if rows:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in DESCRIBED}
        changes: tuple[tuple[Table, ColumnElement[int], dict[str, Any]], ...] = (
            (DESCRIPTIONS, DESCRIPTIONS.c.work_id, values),
            (LOCAL_FEATURES, LOCAL_FEATURES.c.work_id, {"features": bindparam("local")}),
            (WORKS, WORKS.c.id, {"digest": bindparam("named")}),
        )
        for table, id_, new_values in changes:
            mine = id_ == bindparam("mine")
            connection.execute(update(table).where(mine).values(**new_values), rows)
    return [work.sha256 for work in absent]
