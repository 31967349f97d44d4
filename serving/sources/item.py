"""One thing that may be an image, wherever it lies."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from core.text import valid
from imaging import IMAGE_SUFFIXES, Limits, sniff
from serving.errors import SourceError

HEAD = 64
"""Bytes that `sniff` looks at."""

APPLE_DOUBLE = b"\x00\x05\x16\x07"
"""Begins the `._name.jpg` files that macOS leaves beside images; they hold no image."""


REASONS = {
    errno.ELOOP: "A symbolic link that leads back to itself.",
    errno.ENOENT: "A symbolic link that leads nowhere, or a file that has gone.",
    errno.EACCES: "Permission to read it is denied.",
    errno.EPERM: "Permission to read it is denied.",
    errno.ENAMETOOLONG: "The name is too long for this system.",
}


@dataclass(frozen=True)
class Locator:
    """Where bytes lie, so that another process can read them; may be pickled.

    Attributes:
        path: Of the file, or of the archive that holds the member, as the system knows it.
        member: The member's path as `Item.path` shows it, which no other member bears; None for a
            file.
    """

    path: str
    member: str | None = None


@dataclass(frozen=True)
class Item:
    """A file or archive member, found and not yet read.

    Attributes:
        path: As shown to a person, valid UTF-8.
        size: Length in bytes, where known.
        stamp: Modification time in ns of the file, or of the archive that it lies in; None when
            nothing could be learnt about it.
        read: Gives the bytes, or None if this is no image. Raises `SourceError`.
        streamed: Whether `read` works only until the next item is asked for, and only in the
            thread that asks.
        locator: For `serving.sources.find_again.read_at`; None where nothing can be read.
    """

    path: str
    size: int | None
    stamp: int | None
    read: Callable[[], bytes | None] = field(repr=False)
    streamed: bool = False
    locator: Locator | None = None


class Readable(Protocol):
    """What is needed of an open file."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes; none at the end."""
        ...


def reason(error: OSError) -> str:
    """An operating system's error in one plain line, without the path."""
    known = REASONS.get(error.errno or 0)
    return known or f"It cannot be read: {(error.strerror or 'unknown error').lower()}."


def broken(path: str, reason: str, size: int | None = None) -> Item:
    """An item whose reading fails for a known reason."""

    def read() -> bytes | None:
        raise SourceError(reason)

    return Item(valid(path), size, None, read)


def read_image(stream: Readable, name: str, size: int, limits: Limits) -> bytes | None:
    """Read a file if it is an image, by its content or else by its name.

    Args:
        stream: The open file, at its beginning.
        name: Its name, for the suffix.
        size: Its length as declared; not trusted.
        limits: `limits.bytes` bounds what is read.

    Returns:
        The bytes; None if neither the content nor the name is that of an image.

    Raises:
        SourceError: It is longer than the limit, whatever was declared.
    """
    head = stream.read(HEAD)
    if sniff(head) is None:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in IMAGE_SUFFIXES or head.startswith(APPLE_DOUBLE):
            return None
    if size > limits.bytes:
        raise SourceError(_too_long(limits))
    parts, length = [head], len(head)
    while part := stream.read(1 << 20):
        parts.append(part)
        length += len(part)
        if length > limits.bytes:
            raise SourceError(_too_long(limits))
    return b"".join(parts)


def _too_long(limits: Limits) -> str:
    return f"The file is larger than the limit of {limits.bytes / 2**20:.0f} MiB."
