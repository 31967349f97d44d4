"""HTML for people: one environment, one base, one style for reports, pages and the console.

What a page shows comes in from above; nothing here asks for anything.
"""

from pages.environment import STYLE, environment, render

__all__ = ["STYLE", "environment", "render"]
