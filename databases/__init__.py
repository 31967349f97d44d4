"""SQLite and PostgreSQL: connections, columns, migrations, and leaving nothing of what was deleted.

What is kept in them is known above: the index (`similarity`), and the records (`storage`).
"""
