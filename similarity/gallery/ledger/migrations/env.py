"""Alembic's way into the migrations: `similarity.gallery.ledger.migrate` calls it."""

from alembic import context

from similarity.gallery.ledger.migrate import VERSION_TABLE
from similarity.gallery.ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
