"""Images of which nothing is to be kept beside the records either: features, answers of models.

These lie in files, of every machine of its own. What an erasure or a withdrawal takes out of the
records or the index is named here, by the digest of its file, so that each process finds it and
deletes what it has. After some months, when all have looked, the digest leaves, too.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from storage.decisions import JUDGEMENT
from storage.private import unseal
from storage.tables import EVENTS, FORGOTTEN, PRIVATE

NAMED = timedelta(days=90)
"""For which a digest is named."""


def images_of(connection: Connection, account: int) -> frozenset[str]:
    """Hex digests of the images that were decided about, by the number of their account."""
    mine = select(EVENTS.c.sequence).where(EVENTS.c.account == account)
    judgements = select(PRIVATE.c.content).where(
        PRIVATE.c.part == JUDGEMENT, PRIVATE.c.sequence.in_(mine)
    )
    return frozenset(
        json.loads(unseal(content))["image"]["sha256"] for content in connection.scalars(judgements)
    )


def name_forgotten(connection: Connection, digests: Collection[str], at: datetime) -> None:
    """Name images of which nothing is to be kept.

    Args:
        connection: Within a transaction that nobody writes beside.
        digests: Hex digests of their files.
        at: Now, with a time zone.
    """
    old = FORGOTTEN.c.at < at - NAMED
    connection.execute(delete(FORGOTTEN).where(old | FORGOTTEN.c.sha256.in_(digests)))
    if digests:
        rows = [{"sha256": digest, "at": at} for digest in sorted(digests)]
        connection.execute(insert(FORGOTTEN), rows)


def read_forgotten(connection: Connection) -> Mapping[str, datetime]:
    """All images that are named, with when."""
    return {row.sha256: row.at for row in connection.execute(select(FORGOTTEN))}
