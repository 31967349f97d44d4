"""What the console needs: people, answers that wait, pictures, and verdicts beside decisions."""

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
    _table(
        "submitted",
        sa.Column("review", sa.Text(), primary_key=True),
        sa.Column("person", NAME, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("account", NAME),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("code", sa.Text()),
        sa.Column("detail", sa.Text()),
        indices=("person", "account", "due_at"),
    )
    _table(
        "previews",
        sa.Column("decision", sa.Text(), primary_key=True),
        sa.Column("account", NAME),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        indices=("account", "at"),
    )
    of_postgres = op.get_bind().dialect.name == "postgresql"
    decisions = f"{PREFIX}decisions"
    for name in ("verdict", "evidence"):
        op.add_column(decisions, sa.Column(name, sa.Text()))
        said = f"e.data::json ->> '{name}'" if of_postgres else f"json_extract(e.data, '$.{name}')"
        op.execute(
            f"UPDATE {decisions} SET {name} = (SELECT {said} FROM {PREFIX}events e"  # noqa: S608
            f" WHERE e.sequence = {decisions}.sequence)"
        )
    op.create_index(f"ix_{decisions}_service", decisions, ["service"])
    if of_postgres:
        # Its statistics outlive the rows.
        for table, column in (
            ("submitted", "answer"),
            ("submitted", "account"),
            ("previews", "account"),
            ("previews", "image"),
        ):
            op.execute(f"ALTER TABLE {PREFIX}{table} ALTER COLUMN {column} SET STATISTICS 0")


def _table(name: str, *columns: "sa.Column[object]", indices: tuple[str, ...] = ()) -> None:
    op.create_table(PREFIX + name, *columns)
    for column in indices:
        op.create_index(f"ix_{PREFIX}{name}_{column}", PREFIX + name, [column])
