"""Lines for a terminal."""

import textwrap
from collections.abc import Iterator

from core.text import printable

WIDTH = 78

LONGEST = 2000
"""Characters of a text that are shown: a prompt may be a page long."""


def paragraph(text: str) -> list[str]:
    """A text as lines."""
    return textwrap.wrap(text, WIDTH)


def item(text: str) -> list[str]:
    """One point of a list, as lines."""
    words = printable(text, LONGEST)
    words = words[:1].upper() + words[1:]
    return textwrap.wrap(words, WIDTH, initial_indent="- ", subsequent_indent="  ")


def more(text: str, *, hanging: str = "") -> Iterator[str]:
    """What belongs to the point before it, as lines.

    Args:
        text: The words.
        hanging: By how much the lines after the first are indented besides.
    """
    words = printable(text, LONGEST)
    yield from textwrap.wrap(
        words, WIDTH, initial_indent="    ", subsequent_indent="    " + hanging
    )
