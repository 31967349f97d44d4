"""Names of creators and works: what they may be, and how they are shown."""

import unicodedata

from similarity.errors import BadName

LONGEST_CREATOR = 200
"""Characters of a creator's name."""

LONGEST_WORK = 2_000
"""Bytes of a work's name in UTF-8: what a database can still index."""

LONGEST_SHOWN = 300
"""Characters of a name that are shown."""

_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Code points that turn the direction of what follows: a name must not rewrite its surroundings."""

_VISIBLE: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(32)},
    127: 0x2421,
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    **{code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *_TURNING)},
}

_REFUSED = frozenset(map(chr, _VISIBLE))


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
    if any(character in _REFUSED or "\ud800" <= character <= "\udfff" for character in name):
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


def printable(name: str, longest: int = LONGEST_SHOWN) -> str:
    """A name as valid UTF-8 with visible control characters, without the middle if very long."""
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(name) > longest:
        half = longest // 2
        name = f"{name[:half]} … {name[-half:]}"
    return name.translate(_VISIBLE)
