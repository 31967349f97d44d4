"""Files that uploaders hand in with an appeal, and indices by which the trail is asked."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

PREFIX = "rakkan_records_"
TABLE = f"{PREFIX}attachments"
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

INDICES = (
    ("events", "actor", ("actor", "sequence")),
    ("events", "work", ("work", "sequence")),
    ("events", "type", ("type", "sequence")),
    ("decisions", "decided_at", ("decided_at",)),
    ("labels", "at", ("at",)),
    ("reviews", "signal_creator", ("signal_creator",)),
)


def upgrade() -> None:
    """Make the table and the indices."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account", NAME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("layers", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("preview", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    for column in ("decision", "account"):
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])
    for table, first, columns in INDICES:
        op.create_index(f"ix_{PREFIX}{table}_{first}", PREFIX + table, list(columns))
    if op.get_bind().dialect.name == "postgresql":
        # Its statistics outlive the rows.
        for column in ("account", "name", "sha256", "content", "preview"):
            op.execute(f'ALTER TABLE {TABLE} ALTER COLUMN "{column}" SET STATISTICS 0')
