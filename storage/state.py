"""The tables of the state: what follows from the events, for questions.

They hold numbers for names, as events do, and nothing that is not in an event: `Store.rebuild`
makes them anew. `sequence` is that of the event from which a row came.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, Table, Text, text

from databases.columns import Moment
from storage.tables import METADATA, PREFIX


def _table(name: str, *rest: Any) -> Table:
    return Table(f"{PREFIX}{name}", METADATA, *rest)


def _id() -> Column[str]:
    return Column("id", Text, primary_key=True)


def _sequence() -> Column[int]:
    return Column("sequence", BigInteger, nullable=False)


DECISIONS = _table(
    "decisions",
    _id(),
    _sequence(),
    # Nobody's is 0, so that all can be read in the order of accounts.
    Column("account", BigInteger, nullable=False),
    Column("work", BigInteger),
    Column("service", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("label", Text),
    Column("action", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    Column("acts", Boolean, nullable=False),
    Column("reversed_at", Moment),
    Column("verdict", Text),
    Column("evidence", Text),
    Index(None, "account", "at", "sequence"),
    Index(None, "work"),
    Index(None, "decided_at"),
    Index(None, "service"),
)

POSTS = _table(
    "posts",
    Column("work", BigInteger, primary_key=True, autoincrement=False),
    Column("account", BigInteger, nullable=False),
    Column("service", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("deleted_at", Moment),
    Column("kind", Text),
    Column("declared_ai", Boolean),
    Column("outside_links", Integer),
    Column("decided", BigInteger),
    Column("verdict", Text),
    Column("evidence", Text),
    Column("searched", Boolean),
    Column("plain", Boolean),
    Index(None, "account", "at"),
)
"""`decided` is the event whose private part `nearness` has the likenesses."""

REQUESTS = _table(
    "requests",
    Column("request", BigInteger, primary_key=True, autoincrement=False),
    Column("creator", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("client", BigInteger, nullable=False, index=True),
    Column("placed_at", Moment, nullable=False),
    Column("same_as", Text, nullable=False),
    Column("accepted_at", Moment),
    Column("cancelled_at", Moment),
    Column("delivered_at", Moment),
)

HOLDERS = _table(
    "holders",
    Column("work", BigInteger, primary_key=True, autoincrement=False),
    Column("account", BigInteger, primary_key=True, autoincrement=False),
    Column("purchased", Boolean, primary_key=True),
    Column("points", Integer),
)
"""Who bought or downloaded a work."""

REVIEWS = _table(
    "reviews",
    _id(),
    _sequence(),
    Column("decision", Text),
    Column("account", BigInteger),
    Column("work", BigInteger),
    Column("about", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("rows", JSON, nullable=False),
    Column("signal", Text),
    Column("signal_works", JSON, nullable=False),
    Column("signal_creator", BigInteger),
    Column("votes_needed", Integer, nullable=False),
    Column("claimed_by", BigInteger),
    Column("claimed_until", Moment),
    Column("resolved_by", BigInteger),
    Column("resolved_at", Moment),
    Column("confirmed", Boolean),
    Column("actions", JSON, nullable=False),
    Index(None, "resolved_at", "due_at"),
    Index(None, "decision"),
    Index(None, "account"),
    Index(None, "signal_creator"),
)
"""`signal_works` are numbers."""

SECONDS = _table(
    "seconds",
    Column("review", Text, primary_key=True),
    Column("actor", BigInteger, primary_key=True, autoincrement=False),
)
"""Who answered a review that another has to answer too."""

CONFIRMATIONS = _table(
    "confirmations",
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("account", BigInteger, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("signal", Text, nullable=False),
    Column("works", JSON, nullable=False),
    Column("creator", BigInteger),
)
"""`works` are numbers."""

STRIKES = _table(
    "strikes",
    _id(),
    _sequence(),
    Column("account", BigInteger, nullable=False, index=True),
    Column("decision", Text, index=True),
    Column("rule", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("reversed_at", Moment),
)

WARNINGS = _table(
    "warnings",
    _id(),
    _sequence(),
    Column("account", BigInteger, nullable=False, index=True),
    Column("decision", Text, index=True),
    Column("rule", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reversed_at", Moment),
)

SUSPENSIONS = _table(
    "suspensions",
    _id(),
    _sequence(),
    Column("account", BigInteger, nullable=False, index=True),
    Column("decision", Text, index=True),
    Column("proposed_at", Moment, nullable=False),
    Column("suspended_at", Moment),
    Column("lifted_at", Moment),
)

APPEALS = _table(
    "appeals",
    _id(),
    _sequence(),
    Column("decision", Text, nullable=False, index=True),
    Column("account", BigInteger, index=True),
    Column("work", BigInteger),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("claimed_by", BigInteger),
    Column("claimed_until", Moment),
    Column("resolved_by", BigInteger),
    Column("resolved_at", Moment),
    Column("granted", Boolean),
    Index(None, "resolved_at", "due_at"),
)

PROPOSALS = _table(
    "proposals",
    _id(),
    _sequence(),
    Column("service", Text, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    Column("proposed_by", BigInteger, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("approved_by", BigInteger),
    Column("approved_at", Moment),
    Column("undo_until", Moment),
    Column("undone_at", Moment),
    Column("done_at", Moment),
)

PROPOSED = _table(
    "proposed",
    Column("proposal", Text, primary_key=True),
    Column("decision", Text, primary_key=True, index=True),
    Column("done", Boolean, nullable=False),
)
"""The decisions that a proposal would carry out."""

LABELS = _table(
    "labels",
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("work", BigInteger, index=True),
    Column("account", BigInteger),
    Column("sha256", Text, index=True),
    Column("label", Text, nullable=False),
    Column("certainty", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("decision", Text),
    Column("by", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""For training."""

_WAITS = text("delivered_at IS NULL AND cancelled_at IS NULL")

OUTBOX = _table(
    "outbox",
    _id(),
    _sequence(),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("recipient", BigInteger),
    Column("work", BigInteger),
    Column("decision", Text, index=True),
    Column("at", Moment, nullable=False),
    Column("delivered_at", Moment),
    Column("cancelled_at", Moment),
    Index(None, "sequence", postgresql_where=_WAITS, sqlite_where=_WAITS),
    Index(None, "recipient"),
    Index(None, "work"),
)
"""What is to be sent; the id is the message's idempotency key."""

NORMS = _table(
    "norms",
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("service", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("posts_a_day", Float, nullable=False),
    Column("accounts", Integer, nullable=False),
    Index(None, "service", "at"),
)

ACTIVATIONS = _table(
    "activations",
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("policy_sha256", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "policy", "at"),
)
"""Which policy was in force from when on."""

STATE = (
    DECISIONS,
    POSTS,
    REQUESTS,
    HOLDERS,
    REVIEWS,
    SECONDS,
    CONFIRMATIONS,
    STRIKES,
    WARNINGS,
    SUSPENSIONS,
    APPEALS,
    PROPOSALS,
    PROPOSED,
    LABELS,
    OUTBOX,
    NORMS,
    ACTIVATIONS,
)
