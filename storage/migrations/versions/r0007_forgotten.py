"""Images of which nothing is to be kept beside the records either."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLE = "rakkan_records_forgotten"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        TABLE,
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=f"pk_{TABLE}"),
    )
