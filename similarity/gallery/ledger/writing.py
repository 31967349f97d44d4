"""The steps of a change: a few rows each, within its transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from core.text import printable
from similarity.errors import BadName, CreatorNotFound
from similarity.gallery.creators import Consent, Protection
from similarity.gallery.ledger import state as facts
from similarity.gallery.ledger.codec import digest
from similarity.gallery.ledger.reading import read_creators
from similarity.gallery.ledger.state import Facts
from similarity.gallery.ledger.tables import COLLABORATORS, CREATORS, GONE, LOG, WORKS
from similarity.gallery.names import creator_name


@dataclass
class Change:
    """A transaction that changes a ledger.

    Attributes:
        connection: In it.
        before: The facts as they were.
        content: What becomes of the fact of that name.
    """

    connection: Connection
    before: Facts
    content: int

    def came(self, digest: bytes) -> None:
        """Count a row that came."""
        self.content += int.from_bytes(digest)

    def went(self, digest: bytes) -> None:
        """Count a row that went."""
        self.content -= int.from_bytes(digest)

    def finish(self) -> None:
        """Write the facts."""
        facts.change(
            self.connection,
            sequence=self.before.sequence + 1,
            content=self.content % (1 << 256),
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
    """Add accounts or collaborators that a creator does not have yet."""
    known = change.connection.scalars(select(table.c.name).where(table.c.creator_id == id_))
    new = sorted(set(names) - set(known))
    if new:
        rows = [{"creator_id": id_, "name": name} for name in new]
        change.connection.execute(insert(table), rows)


def renew_digests(change: Change, ids: Sequence[int]) -> None:
    """Count creators as they are now."""
    for creator in read_creators(change.connection, CREATORS.c.id.in_(ids)):
        mine = CREATORS.c.name == creator.name
        old = change.connection.scalars(select(CREATORS.c.digest).where(mine)).one()
        names = [*creator.accounts, *creator.collaborators]
        new = digest(creator.name, creator.protection, len(creator.accounts), *names)
        change.connection.execute(update(CREATORS).where(mine).values(digest=new))
        change.went(old)
        change.came(new)


class Kept(NamedTuple):
    """A work that is in the ledger; see the table."""

    id: int
    name: str
    sha256: str
    digest: bytes


def works_of(connection: Connection, id_: int) -> list[Kept]:
    """The works of a creator."""
    columns = [WORKS.c[name] for name in Kept._fields]
    rows = connection.execute(select(*columns).where(WORKS.c.creator_id == id_))
    return [Kept(*row) for row in rows]


def drop_works(change: Change, works: Sequence[Kept]) -> None:
    """Remove works, and remember which of them the snapshot has."""
    if not works:
        return
    for row in works:
        change.went(row.digest)
    dead = delete(WORKS).where(WORKS.c.id == bindparam("dead"))
    change.connection.execute(dead, [{"dead": row.id} for row in works])
    gone = [{"work_id": row.id} for row in works if row.id <= change.before.upto]
    if gone:
        change.connection.execute(insert(GONE), gone)


def forget(change: Change, id_: int, name: str) -> None:
    """Remove a creator from wherever the name stands; the works are gone already."""
    connection = change.connection
    mine = CREATORS.c.id == id_
    change.went(connection.scalars(select(CREATORS.c.digest).where(mine)).one())
    connection.execute(delete(CREATORS).where(mine))
    named = COLLABORATORS.c.name == name
    others = connection.scalars(select(COLLABORATORS.c.creator_id).where(named)).all()
    connection.execute(delete(COLLABORATORS).where(named))
    renew_digests(change, others)
    connection.execute(delete(LOG).where(LOG.c.creator == name, LOG.c.what != "withdrawn"))
