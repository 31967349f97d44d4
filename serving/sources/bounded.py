"""Reading an archive forward, with bounds on what it may expand to."""

import bz2
import gzip
import lzma
from dataclasses import dataclass
from pathlib import Path

from serving.errors import SourceError
from serving.sources.item import Readable

PIECE = 1 << 20
"""Most bytes asked for at once. More is asked for only by headers that are made to harm."""

RATIO = 200
"""Bytes that one byte of an archive may become. Images are compressed already; bombs give 1000."""

FLOOR = 1 << 30
"""Bytes that any archive may become."""

XZ_MEMORY = 256 << 20
"""Bytes of dictionary that an xz stream may ask for; `xz -9` asks for 64 MiB."""


@dataclass
class Allowance:
    """Bytes that may still come out of one archive."""

    left: int

    @classmethod
    def of(cls, size: int) -> "Allowance":
        """The allowance of an archive of `size` bytes."""
        return cls(max(FLOOR, RATIO * size))

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

    Attributes:
        last: The piece read last.
    """

    def __init__(self, stream: Readable, allowance: Allowance) -> None:
        self.last = b""
        self._stream = stream
        self._allowance = allowance
        self._position = 0

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
        """Bytes read so far."""
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

    def write(self, _data: bytes, /) -> int:
        """Not possible."""
        raise OSError("read only")

    def close(self) -> None:
        """Close the stream underneath."""
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


def open_stream(path: str, allowance: Allowance) -> ForwardStream:
    """Open a file, decompressed if its content is gzip, bzip2 or xz."""
    with Path(path).open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"\x1f\x8b"):
        return ForwardStream(gzip.open(path, "rb"), allowance)
    if head.startswith(b"BZh"):
        return ForwardStream(bz2.open(path, "rb"), allowance)
    if head.startswith(b"\xfd7zXZ\0"):
        try:
            lzma.LZMADecompressor(memlimit=XZ_MEMORY).decompress(head, max_length=1)
        except lzma.LZMAError as error:
            raise SourceError("This is not a readable tar archive.") from error
        return ForwardStream(lzma.open(path, "rb"), allowance)
    return ForwardStream(Path(path).open("rb"), allowance)
