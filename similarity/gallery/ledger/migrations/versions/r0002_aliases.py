"""Other names that prompts know creators by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ALIASES = "rakkan_index_aliases"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        ALIASES,
        sa.Column(
            "creator_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("rakkan_index_creators.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.UniqueConstraint("creator_id", "name"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Its statistics are samples that outlive the rows: none are kept of names.
        op.execute(f'ALTER TABLE {ALIASES} ALTER COLUMN "name" SET STATISTICS 0')
