"""Whose style: works propose creators, all their works decide."""
