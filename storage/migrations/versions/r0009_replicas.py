"""What many processes on one PostgreSQL ask for: see docs/replicas.md."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PREFIX = "rakkan_records_"
HEAD, OUTBOX = f"{PREFIX}head", f"{PREFIX}outbox"

GROWING = (
    "events",
    "names",
    "private",
    "nearness",
    "decisions",
    "posts",
    "labels",
    "outbox",
    "deliveries",
)
"""Tables with a row or more of every decision. PostgreSQL looks after a table when a fifth of it is
new: of a billion rows, after weeks, and then for hours."""

SHARE = 0.02


def upgrade() -> None:
    """Find the end of the chain, and messages that wait, without passing what is over."""
    op.create_index(f"ix_{HEAD}_sequence", HEAD, ["sequence"], unique=True)
    op.drop_index(f"ix_{OUTBOX}_delivered_at", OUTBOX)
    waiting = sa.text("delivered_at IS NULL AND cancelled_at IS NULL")
    op.create_index(
        f"ix_{OUTBOX}_sequence",
        OUTBOX,
        ["sequence"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in GROWING:
            op.execute(
                f"ALTER TABLE {PREFIX}{table} SET ("
                f"autovacuum_vacuum_scale_factor = {SHARE},"
                f" autovacuum_vacuum_insert_scale_factor = {SHARE},"
                f" autovacuum_analyze_scale_factor = {SHARE})"
            )
        # Room for what a claim makes of a row, on the row's own page: no index is written then.
        op.execute(f"ALTER TABLE {PREFIX}deliveries SET (fillfactor = 50)")
