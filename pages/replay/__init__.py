"""A replay as one page that stands alone."""

from pages.replay.page import replay_page

__all__ = ["replay_page"]
