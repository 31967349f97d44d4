"""Records as they are read from the tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from similarity.gallery.creators import Consent, Creator, Protection, Standing, Work
from similarity.gallery.ledger.tables import (
    ACCOUNTS,
    COLLABORATORS,
    CREATORS,
    LOCAL_FEATURES,
    WORKS,
)

AT_ONCE = 10_000
"""Ids in one query: databases allow some 30,000."""


def read_creators(
    connection: Connection, where: ColumnElement[bool] | None = None
) -> list[Creator]:
    """Creators by name: all, or those that a condition on their table chooses."""
    chosen = select(CREATORS).order_by(CREATORS.c.name)
    counted = select(WORKS.c.creator_id, func.count()).group_by(WORKS.c.creator_id)
    if where is not None:
        chosen = chosen.where(where)
        counted = counted.where(WORKS.c.creator_id.in_(select(CREATORS.c.id).where(where)))
    accounts = _names(connection, ACCOUNTS, where)
    collaborators = _names(connection, COLLABORATORS, where)
    works: dict[int, int] = dict(iter(connection.execute(counted)))
    return [
        Creator(
            name=row.name,
            consent=Consent(row.consent_by, row.consent_at, row.consent_note),
            protection=Protection(row.protection),
            accounts=tuple(accounts[row.id]),
            collaborators=tuple(collaborators[row.id]),
            works=works.get(row.id, 0),
            standing=_standing(row),
        )
        for row in connection.execute(chosen)
    ]


def read_works(connection: Connection, ids: Sequence[int]) -> dict[int, Work]:
    """Works by id, in the order of the ids; those that are not there are left out."""
    found = {}
    for some in _batches(ids):
        rows = connection.execute(
            select(
                WORKS.c.id,
                CREATORS.c.name.label("creator"),
                WORKS.c.name,
                WORKS.c.sha256,
                WORKS.c.at,
            )
            .join(CREATORS)
            .where(WORKS.c.id.in_(some))
        )
        found.update({row.id: Work(*row) for row in rows})
    return {id_: found[id_] for id_ in ids if id_ in found}


def read_local_features(connection: Connection, ids: Sequence[int]) -> Mapping[int, bytes]:
    """Local features by work id; those that are not there are left out."""
    found: dict[int, bytes] = {}
    for some in _batches(ids):
        rows = connection.execute(select(LOCAL_FEATURES).where(LOCAL_FEATURES.c.work_id.in_(some)))
        found.update({row.work_id: row.features for row in rows})
    return found


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    # Plain integers: drivers refuse those of NumPy.
    plain = [int(id_) for id_ in ids]
    for start in range(0, len(plain), AT_ONCE):
        yield plain[start : start + AT_ONCE]


def _names(
    connection: Connection, table: Table, where: ColumnElement[bool] | None
) -> Mapping[int, list[str]]:
    chosen = select(table.c.creator_id, table.c.name).order_by(table.c.name)
    if where is not None:
        chosen = chosen.where(table.c.creator_id.in_(select(CREATORS.c.id).where(where)))
    names = defaultdict(list)
    for id_, name in connection.execute(chosen):
        names[id_].append(name)
    return names


def _standing(row: Any) -> Standing | None:
    if row.mean is None:
        return None
    return Standing(row.mean, row.deviation, row.own, row.distinct)
