"""Bytes to pixels, and back: one file per concern of the containers and their pixels."""
