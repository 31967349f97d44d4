"""Tables of the records, made and changed by Alembic."""
