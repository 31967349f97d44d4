"""Policies as documents: their schema, how they are read, checked, inherited and shown."""
