"""The `rakkan` command."""
