"""The contract of the readers that find signals in a file."""

from typing import Protocol

from evidence.signals import Signal
from imaging import DecodedImage


class Reader(Protocol):
    """Finds one kind of statement in a file. One small file per reader.

    A reader never raises, whatever the bytes: what it cannot read says nothing. Its time and memory
    are bounded by a small multiple of the bytes that it is given.

    Attributes:
        name: Of the reader, for the records.
        id: Names everything that changes what the reader finds; its name where nothing does.
    """

    @property
    def name(self) -> str:
        """See above."""
        ...

    @property
    def id(self) -> str:
        """See above."""
        ...

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """Read what the file says.

        Args:
            data: The whole file.
            image: The same, decoded: its metadata blocks, format and size. The pixels may be a
                reduced version of the original.
        """
        ...
