"""Records as they are read from the tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, func, select

from similarity.gallery.creators import (
    Consent,
    Creator,
    Protection,
    Standing,
    Withdrawal,
    Work,
)
from similarity.gallery.gallery import CreatorStyles
from similarity.gallery.ledger.codec import unpack
from similarity.gallery.ledger.tables import (
    ACCOUNTS,
    ALIASES,
    COLLABORATORS,
    CREATORS,
    DERIVED,
    DESCRIPTIONS,
    LOCAL_FEATURES,
    LOG,
    WORKS,
)

AT_ONCE = 10_000
"""Ids in one query: databases allow some 30,000."""

WITHDRAWN = "withdrawn"
"""What the log calls a withdrawal."""

Value = TypeVar("Value", int, str)


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
    aliases = _names(connection, ALIASES, where)
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
            id=row.id,
            aliases=tuple(aliases[row.id]),
        )
        for row in connection.execute(chosen)
    ]


def read_works(connection: Connection, ids: Sequence[int]) -> dict[int, Work]:
    """Works by id, in the order of the ids; those that are not there are left out."""
    found: dict[int, Work] = {}
    for some in _batches([int(id_) for id_ in ids]):
        found.update((work.id, work) for work in _works(connection, WORKS.c.id.in_(some)))
    return {id_: found[id_] for id_ in ids if id_ in found}


def read_works_of(connection: Connection, creator_id: int) -> tuple[Work, ...]:
    """The works of a creator, by id."""
    return tuple(_works(connection, WORKS.c.creator_id == creator_id))


def read_works_by_content(connection: Connection, digests: Sequence[str]) -> tuple[Work, ...]:
    """The works whose files have one of these SHA-256 digests, by id."""
    found = [
        work
        for some in _batches(sorted(set(digests)))
        for work in _works(connection, WORKS.c.sha256.in_(some))
    ]
    return tuple(sorted(found, key=lambda work: work.id))


def read_styles(
    connection: Connection, creators: Sequence[Creator], width: int, upto: int
) -> Iterator[CreatorStyles]:
    """The style vectors of those creators who have works, by name.

    Args:
        connection: Within a transaction, until the last is read.
        creators: Who, at most `AT_ONCE`.
        width: Of a vector.
        upto: Works with ids above this one are left out.
    """
    by_id = {creator.id: creator for creator in creators}
    found = connection.execute(
        select(WORKS.c.creator_id, WORKS.c.id, DESCRIPTIONS.c.style)
        .join(DESCRIPTIONS, DESCRIPTIONS.c.work_id == WORKS.c.id)
        .join(CREATORS, CREATORS.c.id == WORKS.c.creator_id)
        .where(WORKS.c.creator_id.in_(by_id), WORKS.c.id <= upto)
        .order_by(CREATORS.c.name, WORKS.c.sha256)
    )
    for id_, rows in groupby(found, key=lambda row: row[0]):
        mine = list(rows)
        yield CreatorStyles(
            by_id[id_],
            np.array([row[1] for row in mine], np.int64),
            unpack((row[2] for row in mine), width),
        )


def read_local_features(connection: Connection, ids: Sequence[int]) -> Mapping[int, bytes]:
    """Local features by work id; those that are not there are left out."""
    found: dict[int, bytes] = {}
    for some in _batches([int(id_) for id_ in ids]):
        rows = connection.execute(select(LOCAL_FEATURES).where(LOCAL_FEATURES.c.work_id.in_(some)))
        found.update({row.work_id: row.features for row in rows})
    return {id_: found[id_] for id_ in ids if id_ in found}


def read_withdrawals(
    connection: Connection, where: ColumnElement[bool] | None = None
) -> tuple[Withdrawal, ...]:
    """Withdrawals, the oldest first: all, or those that a condition on the log chooses."""
    chosen = select(LOG.c.creator, LOG.c.at).where(LOG.c.what == WITHDRAWN).order_by(LOG.c.id)
    if where is not None:
        chosen = chosen.where(where)
    return tuple(Withdrawal(row.creator, row.at) for row in connection.execute(chosen))


def read_derived(connection: Connection, state: str, name: str) -> bytes | None:
    """What was kept of a state under a name."""
    mine = (DERIVED.c.name == name) & (DERIVED.c.state == state)
    found: bytes | None = connection.scalar(select(DERIVED.c.value).where(mine))
    return found


def _works(connection: Connection, where: ColumnElement[bool]) -> Iterator[Work]:
    columns = (
        WORKS.c.id,
        CREATORS.c.name.label("creator"),
        WORKS.c.name,
        WORKS.c.sha256,
        WORKS.c.at,
    )
    chosen = select(*columns).join(CREATORS).where(where).order_by(WORKS.c.id)
    return (Work(*row) for row in connection.execute(chosen))


def _batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


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
