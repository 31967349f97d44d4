"""Names of creators and works: what they may be."""

import unicodedata

from core.text import UNSHOWABLE, printable
from similarity.errors import BadName

LONGEST_CREATOR = 200
"""Characters of a creator's name."""

LONGEST_WORK = 2_000
"""Bytes of a work's name in UTF-8: what a database can still index."""


def creator_name(text: str) -> str:
    """A creator's name as it is kept: composed (NFC), without space around it.

    Composed, since the same folder is named differently by macOS and by others.

    Args:
        text: As it was given.

    Raises:
        BadName: It is empty, too long, no valid Unicode, or has control characters.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise BadName("a creator needs a name")
    if len(name) > LONGEST_CREATOR:
        raise BadName(f"a creator's name has at most {LONGEST_CREATOR} characters, not {len(name)}")
    if any(character in UNSHOWABLE or "\ud800" <= character <= "\udfff" for character in name):
        raise BadName(f"the creator's name {printable(name)} has characters that cannot be shown")
    return name


def work_name(text: str) -> str:
    """A work's name as it is kept.

    Args:
        text: A path or a platform's id; valid UTF-8.

    Raises:
        BadName: It is empty, too long, or has a character that databases refuse.
    """
    if not text:
        raise BadName("a work needs a name")
    if len(text.encode("utf-8", "backslashreplace")) > LONGEST_WORK:
        raise BadName(f"the path is longer than {LONGEST_WORK:,} bytes")
    if "\0" in text:
        raise BadName("the path has a null character")
    return text
