"""Whom uploads are near to, apart from the larger private parts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLE = "rakkan_records_nearness"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and move there what is kept already."""
    op.create_table(
        TABLE,
        sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    columns = ("sequence", "salt", "content")
    kept = sa.table("rakkan_records_private", *map(sa.column, (*columns, "part")))
    nearness = kept.c.part == "nearness"
    moved = sa.select(*(kept.c[name] for name in columns)).where(nearness)
    apart = sa.table(TABLE, *map(sa.column, columns))
    op.execute(sa.insert(apart).from_select(columns, moved))
    op.execute(sa.delete(kept).where(nearness))
    if op.get_bind().dialect.name == "postgresql":
        # Its statistics outlive the rows.
        for column in ("salt", "content"):
            op.execute(f"ALTER TABLE {TABLE} ALTER COLUMN {column} SET STATISTICS 0")
