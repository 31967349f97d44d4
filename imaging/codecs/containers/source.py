"""What the walks over all containers have in common."""

from typing import NamedTuple

from imaging.errors import ImageTooLarge

LONGEST_BLOCK = 16 * 1024 * 1024
"""Longest metadata block that is kept, and most text of one file, in bytes."""

Block = tuple[str, bytes]
"""A piece of metadata: `exif`, `xmp` or `iptc` with its bytes, or a keyword with its text."""


class Source(NamedTuple):
    """A file as its decoder wants it.

    Attributes:
        data: The bytes to decode.
        whole: Whether the file had its end; if not, `data` was given one.
    """

    data: bytes
    whole: bool


def too_many_frames(most: int) -> ImageTooLarge:
    """The error for an animation or document beyond the limit."""
    return ImageTooLarge(f"The image has more than the {most:,} frames that are accepted.")
