"""Migrations of the tables of a ledger."""
