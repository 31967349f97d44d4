"""A replay as one page that stands alone."""

from pages.replay.page import matrix, replay_page

__all__ = ["matrix", "replay_page"]
