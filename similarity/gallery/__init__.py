"""Enrolled creators and their works, in a folder or on PostgreSQL."""
