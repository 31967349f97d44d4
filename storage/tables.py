"""The tables of what is told: events, and what can be erased from beside them.

All names begin with `rakkan_records_`, so that the records can live in a database beside the
index's ledger (`rakkan_index_`) and the tables of a service. The tables of the state that follows
from the events are in `storage.state`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from databases.columns import NAME, NUMBER, Moment, metadata

PREFIX = "rakkan_records_"

VERSION_TABLE = f"{PREFIX}revision"
"""Where Alembic keeps the revision."""

REVISION = "0009"
"""Of these tables and those of the state: the last migration in `migrations/versions`."""

METADATA = metadata()

HEAD = Table(
    f"{PREFIX}head",
    METADATA,
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("names", BigInteger, nullable=False),
    Column("unclean", Boolean, nullable=False),
    Index(None, "sequence", unique=True),
)
"""One row: the last event and its hash, the last number that a name was given, and whether
something that was erased may still lie in a file. Whoever appends has the records to itself. The
row is found by the index: while somebody reads for long, PostgreSQL keeps every row that it was."""

EVENTS = Table(
    f"{PREFIX}events",
    METADATA,
    Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("type", Text, nullable=False),
    Column("account", BigInteger),
    Column("work", BigInteger),
    Column("actor", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("names", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("key", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    Index(None, "account", "sequence"),
    Index(None, "actor", "sequence"),
    Index(None, "work", "sequence"),
    Index(None, "type", "sequence"),
    Index(None, "key"),
)
"""See `storage.events.StoredEvent`; the database itself refuses to change or delete a row."""

NAMES = Table(
    f"{PREFIX}names",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", NAME, nullable=False),
    UniqueConstraint("kind", "name"),
)
"""What the numbers in events stand for. Numbers are never given again."""

PRIVATE = Table(
    f"{PREFIX}private",
    METADATA,
    Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    Column("part", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Texts and documents of events, as JSON (`storage.private`)."""

NEARNESS = Table(
    f"{PREFIX}nearness",
    METADATA,
    Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""The private part of decisions that says whom an upload is near to: apart from the larger ones,
since a history reads it of every post."""

POLICIES = Table(
    f"{PREFIX}policies",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("documents", Text, nullable=False),
)
"""Policies whole, with all that they inherit, by their digest."""

DELIVERIES = Table(
    f"{PREFIX}deliveries",
    METADATA,
    Column("message", Text, primary_key=True),
    Column("leased_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Moment),
    Column("error", Text),
    Column("dead", Boolean, nullable=False),
)
"""How far the delivery of messages has come (`storage.outbox`): no event, and not derived."""

KEYS = Table(
    f"{PREFIX}keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
"""Keys of the service, by a hash of each (`storage.keys`): no event, and not derived."""

ACCEPTED = Table(
    f"{PREFIX}accepted",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("account", NAME, index=True),
    Column("at", Moment, nullable=False),
    Column("context", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("image", LargeBinary),
    Column("worker", Text),
    Column("leased_until", Moment, index=True),
    Column("attempts", Integer, nullable=False),
    Column("code", Text),
    Column("detail", Text),
)
"""Uploads that were answered before they are decided about (`storage.accepted`), with the account's
own name: no event, and not derived."""

PEOPLE = Table(
    f"{PREFIX}people",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text),
    Column("account", NAME),
    Column("language", Text),
    Column("pictures", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)
"""Who may sign in to the console (`storage.people`): no event, and not derived."""

SESSIONS = Table(
    f"{PREFIX}sessions",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("person", NAME, nullable=False, index=True),
    Column("expires_at", Moment, nullable=False, index=True),
)
"""Who is signed in, by a hash of what their browser shows: no event, and not derived."""

FAILED_SIGN_INS = Table(
    f"{PREFIX}failed_sign_ins",
    METADATA,
    Column("name", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""How often a sign-in failed of late, by a hash of the name, whether or not there is one."""

FORGOTTEN = Table(
    f"{PREFIX}forgotten",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Images of which nothing is to be kept beside the records either (`storage.forgotten`): no event,
and not derived."""

ATTACHMENTS = Table(
    f"{PREFIX}attachments",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("decision", Text, nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("account", NAME, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("layers", Integer),
    Column("content", LargeBinary, nullable=False),
    Column("preview", LargeBinary),
)
"""Files that were handed in with an appeal (`storage.attachments`), with the account's own name: no
event, and not derived."""

SUBMITTED = Table(
    f"{PREFIX}submitted",
    METADATA,
    Column("review", Text, primary_key=True),
    Column("person", NAME, nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("account", NAME, index=True),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, index=True),
    Column("code", Text),
    Column("detail", Text),
)
"""Answers that may still be taken back (`storage.submitted`): no event, and not derived."""

PREVIEWS = Table(
    f"{PREFIX}previews",
    METADATA,
    Column("decision", Text, primary_key=True),
    Column("account", NAME, index=True),
    Column("at", Moment, nullable=False, index=True),
    Column("image", LargeBinary, nullable=False),
)
"""Small pictures of uploads that people look at (`storage.previews`): no event, not derived."""
