"""Creators, their consent and accounts, works and their vectors, the log, and the state."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.exc import DBAPIError

from similarity.errors import BrokenIndex

revision = "0001"
down_revision = None

PREFIX = "rakkan_index_"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)

NO_STATISTICS = {
    "creators": ("name", "consent_by", "consent_note", "digest"),
    "accounts": ("name",),
    "collaborators": ("name",),
    "works": ("name", "sha256", "digest"),
    "descriptions": ("style", "copy", "hash"),
    "local_features": ("features",),
    "log": ("creator", "by", "note"),
    "style_rows": ("row",),
    "copy_rows": ("row",),
    "hash_rows": ("row",),
}
"""Columns of which PostgreSQL must not keep samples: its statistics outlive the rows."""


def upgrade() -> None:
    """Make all tables."""
    _creators()
    _works()
    _state_and_log()
    if op.get_bind().dialect.name == "postgresql":
        _vectors()
        for table, columns in NO_STATISTICS.items():
            for column in columns:
                op.execute(f'ALTER TABLE {PREFIX}{table} ALTER COLUMN "{column}" SET STATISTICS 0')


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, sa.Identity(), primary_key=True)


def _creator() -> sa.Column[int]:
    creators = sa.ForeignKey(f"{PREFIX}creators.id", ondelete="CASCADE")
    return sa.Column("creator_id", ID, creators, nullable=False)


def _work(*, key: bool = True) -> sa.Column[int]:
    works = sa.ForeignKey(f"{PREFIX}works.id", ondelete="CASCADE")
    return sa.Column("work_id", ID, works, primary_key=key, autoincrement=False, nullable=False)


def _creators() -> None:
    op.create_table(
        f"{PREFIX}creators",
        _id(),
        sa.Column("name", NAME, nullable=False, unique=True),
        sa.Column("protection", sa.Text, nullable=False),
        sa.Column("consent_by", sa.Text, nullable=False),
        sa.Column("consent_at", MOMENT, nullable=False),
        sa.Column("consent_note", sa.Text),
        sa.Column("mean", sa.Float),
        sa.Column("deviation", sa.Float),
        sa.Column("own", sa.Float),
        sa.Column("distinct", sa.Boolean),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        f"{PREFIX}accounts",
        _creator(),
        sa.Column("name", NAME, nullable=False),
        sa.UniqueConstraint("creator_id", "name"),
    )
    op.create_table(
        f"{PREFIX}collaborators",
        _creator(),
        sa.Column("name", NAME, nullable=False, index=True),
        sa.UniqueConstraint("creator_id", "name"),
    )


def _works() -> None:
    op.create_table(
        f"{PREFIX}works",
        _id(),
        _creator(),
        sa.Column("name", NAME, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False, index=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("creator_id", "name"),
        sa.UniqueConstraint("creator_id", "sha256"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        f"{PREFIX}descriptions",
        _work(),
        sa.Column("style", sa.LargeBinary, nullable=False),
        sa.Column("copy", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("hash_quality", sa.Integer, nullable=False),
    )
    op.create_table(
        f"{PREFIX}local_features",
        _work(),
        sa.Column("features", sa.LargeBinary, nullable=False),
    )


def _state_and_log() -> None:
    op.create_table(
        f"{PREFIX}state",
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("heads", sa.Text, nullable=False),
        sa.Column("style", sa.Integer, nullable=False),
        sa.Column("copy", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("removed", sa.BigInteger, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("upto", sa.BigInteger, nullable=False),
        sa.Column("unclean", sa.BigInteger, nullable=False),
    )
    op.create_table(
        f"{PREFIX}gone",
        sa.Column("work_id", ID, primary_key=True, autoincrement=False),
    )
    op.create_table(
        f"{PREFIX}log",
        _id(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("creator", NAME, nullable=False, index=True),
        sa.Column("by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("works", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_table(
        f"{PREFIX}derived",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def _vectors() -> None:
    from pgvector.sqlalchemy import BIT, HALFVEC  # only here: an extra

    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DBAPIError as error:
        line = " ".join(str(error.orig).split())
        raise BrokenIndex(f"the database needs the extension pgvector: {line}") from error
    identity = context.config.attributes["identity"]
    kinds: dict[str, Any] = {
        "style": HALFVEC(identity.style),
        "copy": HALFVEC(identity.copy),
        "hash": BIT(256),
    }
    for space, kind in kinds.items():
        op.create_table(
            f"{PREFIX}{space}_rows",
            sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column(
                "work_id",
                sa.BigInteger,
                sa.ForeignKey(f"{PREFIX}works.id", ondelete="CASCADE"),
                nullable=False,
                index=True,
            ),
            sa.Column("row", kind, nullable=False),
        )
