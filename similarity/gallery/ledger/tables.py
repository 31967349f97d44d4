"""The tables of a ledger, the same on SQLite and PostgreSQL.

All names begin with `rakkan_index_`, so that an index can live in a database beside other tables,
those of the service included. A prefix and not a schema of its own: it is the same on SQLite, and
needs no privilege to make schemas. Two indices in one PostgreSQL database each take a schema, which
their addresses name: `postgresql://.../database?options=-csearch_path%3Dindex_a`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import Identity as Numbered

from databases.columns import NAME, NUMBER, Moment, metadata

PREFIX = "rakkan_index_"

REVISION = "0002"
"""Of these tables: the last migration in `migrations/versions`."""

METADATA = metadata()

STATE = Table(
    f"{PREFIX}state",
    METADATA,
    Column("encoder", Text, nullable=False),
    Column("heads", Text, nullable=False),
    Column("style", Integer, nullable=False),
    Column("copy", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("removed", BigInteger, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("unclean", BigInteger, nullable=False),
)
"""One row: what the ledger says of itself; see `similarity.gallery.ledger.state.LedgerState`."""

CREATORS = Table(
    f"{PREFIX}creators",
    METADATA,
    Column("id", NUMBER, Numbered(), primary_key=True),
    Column("name", NAME, nullable=False, unique=True),
    Column("protection", Text, nullable=False),
    Column("consent_by", Text, nullable=False),
    Column("consent_at", Moment, nullable=False),
    Column("consent_note", Text),
    Column("mean", Float),
    Column("deviation", Float),
    Column("own", Float),
    Column("distinct", Boolean),
    Column("digest", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)


def _creator() -> Column[int]:
    return Column(
        "creator_id",
        NUMBER,
        ForeignKey(f"{PREFIX}creators.id", ondelete="CASCADE"),
        nullable=False,
    )


ACCOUNTS = Table(
    f"{PREFIX}accounts",
    METADATA,
    _creator(),
    Column("name", NAME, nullable=False),
    UniqueConstraint("creator_id", "name"),
)

COLLABORATORS = Table(
    f"{PREFIX}collaborators",
    METADATA,
    _creator(),
    Column("name", NAME, nullable=False, index=True),
    UniqueConstraint("creator_id", "name"),
)

ALIASES = Table(
    f"{PREFIX}aliases",
    METADATA,
    _creator(),
    Column("name", NAME, nullable=False),
    UniqueConstraint("creator_id", "name"),
)
"""Other names that prompts know creators by."""

WORKS = Table(
    f"{PREFIX}works",
    METADATA,
    Column("id", NUMBER, Numbered(), primary_key=True),
    _creator(),
    Column("name", NAME, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("creator_id", "name"),
    UniqueConstraint("creator_id", "sha256"),
    # Ids are never given again: snapshots know works by them alone.
    sqlite_autoincrement=True,
)


def _work() -> Column[int]:
    return Column(
        "work_id",
        NUMBER,
        ForeignKey(f"{PREFIX}works.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


DESCRIPTIONS = Table(
    f"{PREFIX}descriptions",
    METADATA,
    _work(),
    Column("style", LargeBinary, nullable=False),
    Column("copy", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("hash_quality", Integer, nullable=False),
)
"""Vectors are little-endian float16: style [S], copy [R, C]."""

LOCAL_FEATURES = Table(
    f"{PREFIX}local_features", METADATA, _work(), Column("features", LargeBinary, nullable=False)
)
"""Apart from the vectors, since they are read for a few works only, and are longer."""

GONE = Table(
    f"{PREFIX}gone",
    METADATA,
    Column("work_id", NUMBER, primary_key=True, autoincrement=False),
)
"""Ids of works that went since the last snapshot was made."""

LOG = Table(
    f"{PREFIX}log",
    METADATA,
    Column("id", NUMBER, Numbered(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("creator", NAME, nullable=False, index=True),
    Column("by", Text),
    Column("note", Text),
    Column("works", Integer),
    sqlite_autoincrement=True,
)
"""Enrolments, removals and withdrawals. After a withdrawal, only that it was, and when."""

DERIVED = Table(
    f"{PREFIX}derived",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""What was computed from a whole state, of each name the last: kept to be computed once."""
