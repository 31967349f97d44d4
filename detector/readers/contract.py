"""The contract of the readers that find signals in a file."""

from abc import ABC, abstractmethod
from typing import ClassVar

from evidence.signals import Signal
from imaging import DecodedImage


class Reader(ABC):
    """Finds one kind of statement in a file. One small file per reader.

    A reader never raises, whatever the bytes: what it cannot read says nothing. Its time and memory
    are bounded by a small multiple of the bytes that it is given.

    Attributes:
        name: Of the reader, for the records.
        what: It reads, in plain words for the documentation.
        where: That stands.
        of: Whom, and what is worth knowing of it.
        settings: Names everything that changes what this one finds besides its rules, which are
            named by `detector.rules`; empty where nothing does.
    """

    name: ClassVar[str]
    what: ClassVar[str]
    where: ClassVar[str]
    of: ClassVar[str]
    settings: str = ""

    @property
    def id(self) -> str:
        """Tells it from the same reader with other settings."""
        return f"{self.name}:{self.settings}" if self.settings else self.name

    @abstractmethod
    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """Read what the file says.

        Args:
            data: The whole file.
            image: The same, decoded: its metadata blocks, format and size. The pixels may be a
                reduced version of the original.
        """
