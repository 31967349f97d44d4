"""The state that follows from the events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PREFIX = "rakkan_records_"

MOMENT = sa.DateTime(timezone=True)
TEXT, BIG, INT, FLOAT = sa.Text(), sa.BigInteger(), sa.Integer(), sa.Float()
FLAG, JSON = sa.Boolean(), sa.JSON()


def upgrade() -> None:
    """Make all tables."""
    _uploads()
    _cases()


def _table(name: str, *parts: Any, indices: tuple[tuple[str, ...], ...] = ()) -> None:
    op.create_table(f"{PREFIX}{name}", *parts)
    for columns in indices:
        op.create_index(f"ix_{PREFIX}{name}_{columns[0]}", f"{PREFIX}{name}", list(columns))


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _maybe(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _uploads() -> None:
    _table(
        "decisions",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("account", BIG),
        _maybe("work", BIG),
        _column("service", TEXT),
        _column("at", MOMENT),
        _column("decided_at", MOMENT),
        _maybe("label", TEXT),
        _column("action", TEXT),
        _column("policy", TEXT),
        _column("policy_sha256", TEXT),
        _column("acts", FLAG),
        _maybe("reversed_at", MOMENT),
        indices=(
            ("account", "at", "sequence"),
            ("work",),
        ),
    )
    _table(
        "posts",
        _key("work", BIG),
        _column("account", BIG),
        _column("service", TEXT),
        _column("at", MOMENT),
        _maybe("deleted_at", MOMENT),
        _maybe("kind", TEXT),
        _maybe("declared_ai", FLAG),
        _maybe("outside_links", INT),
        _maybe("decided", BIG),
        _maybe("verdict", TEXT),
        _maybe("evidence", TEXT),
        _maybe("searched", FLAG),
        _maybe("plain", FLAG),
        indices=(("account", "at"),),
    )
    _table(
        "requests",
        _key("request", BIG),
        _key("creator", BIG),
        _column("client", BIG),
        _column("placed_at", MOMENT),
        _column("same_as", TEXT),
        _maybe("accepted_at", MOMENT),
        _maybe("cancelled_at", MOMENT),
        _maybe("delivered_at", MOMENT),
        indices=(
            ("client",),
            ("creator",),
        ),
    )
    _table(
        "holders",
        _key("work", BIG),
        _key("account", BIG),
        _key("purchased", FLAG),
        _maybe("points", INT),
    )
    _table(
        "reviews",
        _key("id", TEXT),
        _column("sequence", BIG),
        _maybe("decision", TEXT),
        _maybe("account", BIG),
        _maybe("work", BIG),
        _column("about", TEXT),
        _column("opened_at", MOMENT),
        _column("due_at", MOMENT),
        _column("choices", JSON),
        _column("rows", JSON),
        _maybe("signal", TEXT),
        _column("signal_works", JSON),
        _maybe("signal_creator", BIG),
        _column("votes_needed", INT),
        _maybe("claimed_by", BIG),
        _maybe("claimed_until", MOMENT),
        _maybe("resolved_by", BIG),
        _maybe("resolved_at", MOMENT),
        _maybe("confirmed", FLAG),
        _column("actions", JSON),
        indices=(
            ("account",),
            ("decision",),
            ("resolved_at", "due_at"),
        ),
    )
    _table(
        "seconds",
        _key("review", TEXT),
        _key("actor", BIG),
    )
    _table(
        "confirmations",
        _key("sequence", BIG),
        _column("account", BIG),
        _column("at", MOMENT),
        _column("signal", TEXT),
        _column("works", JSON),
        _maybe("creator", BIG),
        indices=(("account",),),
    )
    _table(
        "strikes",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("account", BIG),
        _maybe("decision", TEXT),
        _column("rule", TEXT),
        _column("at", MOMENT),
        _maybe("expires_at", MOMENT),
        _maybe("reversed_at", MOMENT),
        indices=(
            ("account",),
            ("decision",),
        ),
    )
    _table(
        "warnings",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("account", BIG),
        _maybe("decision", TEXT),
        _column("rule", TEXT),
        _column("at", MOMENT),
        _maybe("reversed_at", MOMENT),
        indices=(
            ("account",),
            ("decision",),
        ),
    )


def _cases() -> None:
    _table(
        "suspensions",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("account", BIG),
        _maybe("decision", TEXT),
        _column("proposed_at", MOMENT),
        _maybe("suspended_at", MOMENT),
        _maybe("lifted_at", MOMENT),
        indices=(
            ("account",),
            ("decision",),
        ),
    )
    _table(
        "appeals",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("decision", TEXT),
        _maybe("account", BIG),
        _maybe("work", BIG),
        _column("opened_at", MOMENT),
        _column("due_at", MOMENT),
        _column("evidence", JSON),
        _maybe("claimed_by", BIG),
        _maybe("claimed_until", MOMENT),
        _maybe("resolved_by", BIG),
        _maybe("resolved_at", MOMENT),
        _maybe("granted", FLAG),
        indices=(
            ("account",),
            ("decision",),
            ("resolved_at", "due_at"),
        ),
    )
    _table(
        "proposals",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("service", TEXT),
        _column("policy_sha256", TEXT),
        _column("proposed_by", BIG),
        _column("proposed_at", MOMENT),
        _maybe("approved_by", BIG),
        _maybe("approved_at", MOMENT),
        _maybe("undo_until", MOMENT),
        _maybe("undone_at", MOMENT),
        _maybe("done_at", MOMENT),
    )
    _table(
        "proposed",
        _key("proposal", TEXT),
        _key("decision", TEXT),
        _column("done", FLAG),
        indices=(("decision",),),
    )
    _table(
        "labels",
        _key("sequence", BIG),
        _maybe("work", BIG),
        _maybe("account", BIG),
        _maybe("sha256", TEXT),
        _column("label", TEXT),
        _column("certainty", FLOAT),
        _column("source", TEXT),
        _maybe("decision", TEXT),
        _column("by", BIG),
        _column("at", MOMENT),
        indices=(
            ("sha256",),
            ("work",),
        ),
    )
    _table(
        "outbox",
        _key("id", TEXT),
        _column("sequence", BIG),
        _column("kind", TEXT),
        _column("topic", TEXT),
        _maybe("recipient", BIG),
        _maybe("work", BIG),
        _maybe("decision", TEXT),
        _column("at", MOMENT),
        _maybe("delivered_at", MOMENT),
        _maybe("cancelled_at", MOMENT),
        indices=(
            ("decision",),
            ("delivered_at", "cancelled_at", "sequence"),
            ("recipient",),
            ("work",),
        ),
    )
    _table(
        "norms",
        _key("sequence", BIG),
        _column("service", TEXT),
        _column("at", MOMENT),
        _column("posts_a_day", FLOAT),
        _column("accounts", INT),
        indices=(("service", "at"),),
    )
    _table(
        "activations",
        _key("sequence", BIG),
        _column("policy", TEXT),
        _column("policy_sha256", TEXT),
        _column("at", MOMENT),
        indices=(("policy", "at"),),
    )
