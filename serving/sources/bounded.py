"""Reading an archive forward, with bounds on what it may expand to."""

import bz2
import gzip
import io
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

from serving.errors import SourceError
from serving.sources.item import File, Readable

PIECE = 1 << 20
"""Most bytes asked for at once. More is asked for only by headers that are made to harm."""

RATIO = 200
"""Bytes that one byte of an archive may become. Images are compressed already; bombs give 1000."""

FLOOR = 1 << 30
"""Bytes that any archive may become."""

HEAD = 4096
"""Bytes by which it is told how a file is compressed."""

XZ_MEMORY = 256 << 20
"""Bytes of dictionary that an xz stream may ask for; `xz -9` asks for 64 MiB."""


@dataclass
class Allowance:
    """Bytes that may still come out of one archive."""

    left: int

    @classmethod
    def of(cls, size: int | None) -> "Allowance":
        """The allowance of an archive of `size` bytes; None where its length is not known."""
        return cls(max(FLOOR, RATIO * (size or 0)))

    def spend(self, length: int) -> None:
        """Count bytes that came out.

        Raises:
            SourceError: There have been too many.
        """
        self.left -= length
        if self.left < 0:
            raise SourceError("The archive expands without end: the rest of it is not read.")


class ForwardStream:
    """A stream that is only read forward, in pieces, within an allowance.

    Seeking forward reads; that is all that `tarfile` needs.

    Args:
        stream: What is read.
        allowance: Bytes that may come out.
        position: Where in its archive the stream stands.

    Attributes:
        last: The piece read last.
    """

    def __init__(self, stream: Readable, allowance: Allowance, position: int = 0) -> None:
        self.last = b""
        self._stream = stream
        self._allowance = allowance
        self._position = position

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes.

        Raises:
            SourceError: More is asked for than a sound archive ever needs, or came out.
        """
        if not 0 <= size <= PIECE:
            raise SourceError("The archive is damaged: a header in it is too long.")
        self.last = self._stream.read(size)
        self._position += len(self.last)
        self._allowance.spend(len(self.last))
        return self.last

    def tell(self) -> int:
        """How far it was read."""
        return self._position

    def seek(self, position: int, /) -> int:
        """Read on to a position.

        Raises:
            OSError: The position lies behind.
        """
        if position < self._position:
            raise OSError("a stream has no way back")
        while self._position < position:
            if not self.read(min(PIECE, position - self._position)):
                break
        return self._position

    def close(self) -> None:
        """Whoever opened the stream underneath closes it."""

    def write(self, _data: bytes, /) -> int:
        """Not possible."""
        raise OSError("read only")


@contextmanager
def open_stream(file: File, allowance: Allowance, start: int = 0) -> Iterator[ForwardStream]:
    """Open a file, decompressed if its content is gzip, bzip2 or xz.

    Args:
        file: The file.
        allowance: Bytes that may come out of it.
        start: Where to begin, in bytes. What is compressed begins at 0 nevertheless.

    Raises:
        SourceError: It cannot be decompressed within bounds.
        OSError: It cannot be opened.
    """
    with (
        file.open(forward=start == 0) as raw,
        io.BufferedReader(cast("io.RawIOBase", raw)) as stream,
    ):
        # `peek`, since what lies behind an address may have no way back.
        inside = _decompressed(stream, stream.peek(HEAD)[:HEAD])
        if inside is not None:
            yield ForwardStream(inside, allowance)
            return
        if start:
            stream.seek(start)
        yield ForwardStream(stream, allowance, start)


def _decompressed(stream: IO[bytes], head: bytes) -> Readable | None:
    """What lies in a stream that begins so; None for one that is not compressed."""
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(stream)
    if head.startswith(b"BZh"):
        return bz2.open(stream)
    if head.startswith(b"\xfd7zXZ\0"):
        try:
            lzma.LZMADecompressor(memlimit=XZ_MEMORY).decompress(head, max_length=1)
        except lzma.LZMAError as error:
            raise SourceError("This is not a readable tar archive.") from error
        return lzma.open(stream)
    return None
