"""Events, what can be erased from beside them, and how far messages have come."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

PREFIX = "rakkan_records_"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TEXT, BIG, INT = sa.Text(), sa.BigInteger(), sa.Integer()
FLAG, BYTES = sa.Boolean(), sa.LargeBinary()

NO_STATISTICS = {
    "names": ("name",),
    "private": ("salt", "content"),
    "deliveries": ("error",),
}
"""Columns of which PostgreSQL must not keep samples: its statistics outlive the rows."""


def upgrade() -> None:
    """Make all tables."""
    _told()
    head = sa.table(f"{PREFIX}head", *map(sa.column, ("sequence", "hash", "names", "unclean")))
    op.bulk_insert(head, [{"sequence": 0, "hash": bytes(32), "names": 0, "unclean": False}])
    _refuse_changes()
    if _on_postgres():
        for table, columns in NO_STATISTICS.items():
            for column in columns:
                op.execute(f'ALTER TABLE {PREFIX}{table} ALTER COLUMN "{column}" SET STATISTICS 0')


def _on_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


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


def _refuse_changes() -> None:
    """Have the database itself refuse to change or delete an event."""
    events, words = f"{PREFIX}events", "events are never changed"
    if not _on_postgres():
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {events}_{what.lower()} BEFORE {what} ON {events}"
                f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {events}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    for name, what in (("rows", "UPDATE OR DELETE"), ("all", "TRUNCATE")):
        each = "STATEMENT" if what == "TRUNCATE" else "ROW"
        op.execute(
            f"CREATE TRIGGER {events}_{name} BEFORE {what} ON {events}"
            f" FOR EACH {each} EXECUTE FUNCTION {events}_refuse()"
        )


def _told() -> None:
    _table(
        "head",
        _column("sequence", BIG),
        _column("hash", BYTES),
        _column("names", BIG),
        _column("unclean", FLAG),
    )
    _table(
        "events",
        _key("sequence", NUMBER),
        _column("at", MOMENT),
        _column("type", TEXT),
        _maybe("account", BIG),
        _maybe("work", BIG),
        _column("actor", BIG),
        _column("data", TEXT),
        _column("names", TEXT),
        _column("sealed", TEXT),
        _maybe("key", BYTES),
        _column("hash", BYTES),
        indices=(
            ("account", "sequence"),
            ("key",),
        ),
    )
    _table(
        "names",
        _key("number", NUMBER),
        _column("kind", TEXT),
        _column("name", NAME),
        sa.UniqueConstraint("kind", "name"),
    )
    _table(
        "private",
        _key("sequence", NUMBER),
        _key("part", TEXT),
        _column("salt", BYTES),
        _column("content", BYTES),
    )
    _table(
        "policies",
        _key("sha256", TEXT),
        _column("name", TEXT),
        _column("documents", TEXT),
    )
    _table(
        "deliveries",
        _key("message", TEXT),
        _maybe("leased_until", MOMENT),
        _column("attempts", INT),
        _maybe("retry_at", MOMENT),
        _maybe("error", TEXT),
        _column("dead", FLAG),
    )
