"""Indices of vectors and hashes: exact, fast, layered, on PostgreSQL; and snapshots of them."""
