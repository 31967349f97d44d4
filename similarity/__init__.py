"""Whose style an upload imitates, and which works it copies: a search over enrolled works."""
