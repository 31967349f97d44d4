"""Readers of what a file says of itself, one kind of statement each (see `evidence.signals`)."""
