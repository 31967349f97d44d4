"""The steps of a change: a few rows each, within its transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from core.text import printable
from similarity.errors import BadName, CreatorNotFound
from similarity.gallery.creators import Consent, Protection, Standing
from similarity.gallery.ledger.codec import digest
from similarity.gallery.ledger.reading import WITHDRAWN, read_creators
from similarity.gallery.ledger.state import LedgerState, change_state
from similarity.gallery.ledger.tables import COLLABORATORS, CREATORS, GONE, LOG, WORKS
from similarity.gallery.names import creator_name

STANDING = tuple(field.name for field in fields(Standing))
"""Columns of a creator that are derived from the works."""


@dataclass
class Change:
    """A transaction that changes a ledger.

    Attributes:
        connection: In it.
        before: The state as it was.
        content: The sum that becomes the content of the state.
        removes: Whether it takes works away.
    """

    connection: Connection
    before: LedgerState
    content: int
    removes: bool = False

    @property
    def sequence(self) -> int:
        """Of the state that it leads to."""
        return self.before.sequence + 1

    def add(self, digest: bytes) -> None:
        """Count a row that is new."""
        self.content += int.from_bytes(digest)

    def subtract(self, digest: bytes) -> None:
        """Count a row that is deleted."""
        self.content -= int.from_bytes(digest)

    def finish(self) -> None:
        """Write the state."""
        change_state(
            self.connection,
            sequence=self.sequence,
            content=f"{self.content % (1 << 256):064x}",
            removed=self.sequence if self.removes else self.before.removed,
        )


def find(connection: Connection, creator: str) -> tuple[int, str]:
    """A creator's id, and the name as it is kept.

    Raises:
        CreatorNotFound: There is none of that name.
    """
    try:
        name = creator_name(creator)
    except BadName as error:
        raise CreatorNotFound(f"no creator is enrolled as {printable(creator)}") from error
    id_ = connection.scalar(select(CREATORS.c.id).where(CREATORS.c.name == name))
    if id_ is None:
        raise CreatorNotFound(f"no creator is enrolled as {printable(name)}")
    return id_, name


def put_creator(change: Change, name: str, consent: Consent, protection: Protection | None) -> int:
    """The id of a creator, who is new or has given consent anew."""
    id_ = change.connection.scalar(select(CREATORS.c.id).where(CREATORS.c.name == name))
    values: dict[str, Any] = {
        "consent_by": consent.by,
        "consent_at": consent.at,
        "consent_note": consent.note,
    }
    if protection is not None or id_ is None:
        values["protection"] = protection or Protection.PROTECTED
    if id_ is not None:
        change.connection.execute(update(CREATORS).where(CREATORS.c.id == id_).values(**values))
    else:
        new = insert(CREATORS).values(name=name, digest=b"", **values).returning(CREATORS.c.id)
        id_ = change.connection.execute(new).scalar_one()
    return int(id_)


def put_names(change: Change, table: Table, id_: int, names: Iterable[str]) -> None:
    """Add accounts, collaborators or aliases that a creator does not have yet."""
    known = change.connection.scalars(select(table.c.name).where(table.c.creator_id == id_))
    new = sorted(set(names) - set(known))
    if new:
        rows = [{"creator_id": id_, "name": name} for name in new]
        change.connection.execute(insert(table), rows)


def clear_standing(change: Change, id_: int) -> None:
    """Forget how a creator's works stood out: they are others now."""
    none = dict.fromkeys(STANDING)
    change.connection.execute(update(CREATORS).where(CREATORS.c.id == id_).values(**none))


def renew_digests(change: Change, ids: Sequence[int]) -> None:
    """Count creators as they are now."""
    for creator in read_creators(change.connection, CREATORS.c.id.in_(ids)):
        mine = CREATORS.c.name == creator.name
        old = change.connection.scalars(select(CREATORS.c.digest).where(mine)).one()
        names = [*creator.accounts, *creator.collaborators]
        # Nothing where there are none: as it was before there were aliases.
        aliases = (str(len(creator.collaborators)), *creator.aliases) if creator.aliases else ()
        new = digest(creator.name, creator.protection, len(creator.accounts), *names, *aliases)
        change.connection.execute(update(CREATORS).where(mine).values(digest=new))
        change.subtract(old)
        change.add(new)


class LedgerWork(NamedTuple):
    """A work that is in the ledger; see the table."""

    id: int
    name: str
    sha256: str
    digest: bytes


def works_of(connection: Connection, id_: int) -> list[LedgerWork]:
    """The works of a creator."""
    columns = [WORKS.c[name] for name in LedgerWork._fields]
    rows = connection.execute(select(*columns).where(WORKS.c.creator_id == id_))
    return [LedgerWork(*row) for row in rows]


def drop_works(change: Change, works: Sequence[LedgerWork]) -> None:
    """Remove works, and remember which of them the snapshot has."""
    if not works:
        return
    change.removes = True
    for row in works:
        change.subtract(row.digest)
    dead = delete(WORKS).where(WORKS.c.id == bindparam("dead"))
    change.connection.execute(dead, [{"dead": row.id} for row in works])
    gone = [{"work_id": row.id} for row in works if row.id <= change.before.upto]
    if gone:
        change.connection.execute(insert(GONE), gone)


def forget(change: Change, id_: int, name: str) -> None:
    """Remove a creator from wherever the name stands; the works are gone already."""
    connection = change.connection
    mine = CREATORS.c.id == id_
    change.subtract(connection.scalars(select(CREATORS.c.digest).where(mine)).one())
    connection.execute(delete(CREATORS).where(mine))
    named = COLLABORATORS.c.name == name
    others = connection.scalars(select(COLLABORATORS.c.creator_id).where(named)).all()
    connection.execute(delete(COLLABORATORS).where(named))
    renew_digests(change, others)
    connection.execute(delete(LOG).where(LOG.c.creator == name, LOG.c.what != WITHDRAWN))
