"""The report of a scan: one page, and the scripts with which its list is filtered and looked at."""

from pathlib import Path

SCRIPTS = tuple(Path(__file__).parent / name for name in ("rows.js", "cards.js", "report.js"))
"""The scripts, in the order in which they are loaded; classic ones, for a page from a folder."""

__all__ = ["SCRIPTS"]
