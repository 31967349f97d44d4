"""One thing that may be an image, wherever it lies."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

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
        path: Of the file, or of the archive that holds the member, as the system knows it; or an
            address, whole: it may hold a secret.
        member: The member's path as `Item.path` shows it, which no other member bears; None for a
            file.
        position: Where the member begins, as its kind of archive counts: the byte of its header in
            a tar, its number in a zip, its row in Parquet. None where only its path is known.
        column: Of a Parquet file that holds the images; None for the one that is found there.
    """

    path: str = field(repr=False)
    member: str | None = None
    position: int | None = None
    column: str | None = None


class Opener(Protocol):
    """Opens a path or an address."""

    def __call__(self, path: str, /, *, forward: bool) -> IO[bytes]:
        """Open it; `forward`: it is read only forward."""
        ...


def open_here(path: str, /, *, forward: bool) -> IO[bytes]:
    """Open a file of this machine."""
    return Path(path).open("rb")


@dataclass(frozen=True)
class File:
    """A file, here or behind an address, or the reason why what stands there is none.

    May be pickled, so that another machine can read it.

    Attributes:
        name: As shown to a person.
        path: As the system knows it; or an address, whole: it may hold a secret.
        size: Length in bytes, where known.
        stamp: Changes when the file does; None when nothing could be learnt about it.
        error: Why there is nothing to be read.
        opener: Opens the path.
    """

    name: str
    path: str = field(repr=False)
    size: int | None = None
    stamp: int | None = None
    error: str | None = None
    opener: Opener = field(default=open_here, repr=False)

    def open(self, *, forward: bool = False) -> IO[bytes]:
        """Open it, at its beginning.

        Args:
            forward: It is read only forward, which any server can give.

        Raises:
            SourceError: What lies behind an address cannot be read.
            OSError: A file of this machine cannot be read.
        """
        return self.opener(self.path, forward=forward)


@dataclass(frozen=True)
class Item:
    """A file or archive member, found and not yet read.

    Attributes:
        path: As shown to a person, valid UTF-8.
        size: Length in bytes, where known.
        stamp: Of the file, or of the archive that it lies in; see `File`.
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


def read_image(stream: Readable, name: str, size: int | None, limits: Limits) -> bytes | None:
    """Read a file if it is an image, by its content or else by its name.

    Args:
        stream: The open file, at its beginning.
        name: Its name, for the suffix.
        size: Its length as declared, where it is; not trusted.
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
    require_length(size or 0, limits)
    parts, length = [head], len(head)
    while part := stream.read(1 << 20):
        parts.append(part)
        length += len(part)
        require_length(length, limits)
    return b"".join(parts)


def require_length(length: int, limits: Limits) -> None:
    """Refuse a file of too many bytes.

    Raises:
        SourceError: It is longer than the limit.
    """
    if length > limits.bytes:
        raise SourceError(f"The file is larger than the limit of {limits.bytes / 2**20:.0f} MiB.")
