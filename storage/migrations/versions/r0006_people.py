"""Who may sign in to the console, and who is signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PREFIX = "rakkan_records_"
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _table(
        "people",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("account", NAME),
        sa.Column("language", sa.Text()),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
    )
    _table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("person", NAME, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        indices=("person", "expires_at"),
    )
    _table(
        "failed_sign_ins",
        sa.Column("name", sa.LargeBinary(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        indices=("at",),
    )


def _table(name: str, *columns: "sa.Column[object]", indices: tuple[str, ...] = ()) -> None:
    op.create_table(PREFIX + name, *columns)
    for column in indices:
        op.create_index(f"ix_{PREFIX}{name}_{column}", PREFIX + name, [column])
