"""The moderators' console: pages under `/console`, for people who sign in."""

from api.console.application import console

__all__ = ["console"]
