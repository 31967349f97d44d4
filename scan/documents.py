"""Documents as the journal keeps them: JSON, packed with what most of them share.

The documents of one scan are much alike: the same words, models and enrolled works. So the first of
them are the dictionary with which all are compressed, which halves them.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from evidence import Judgement
from evidence.document import dump_judgement

WINDOW = 32 << 10
"""Bytes of a dictionary that count: how far back zlib looks."""


@dataclass(frozen=True)
class Packer:
    """Packs documents, and unpacks those that were packed with the same dictionary.

    Attributes:
        dictionary: What documents share, the most common last.
    """

    dictionary: bytes = field(repr=False)

    @classmethod
    def of(cls, examples: Iterable[Judgement]) -> "Packer":
        """A packer for documents that are like some examples."""
        return cls(b"".join(map(dump_judgement, examples))[-WINDOW:])

    def pack(self, document: bytes) -> bytes:
        """A document, compressed."""
        packing = zlib.compressobj(level=9, zdict=self.dictionary)
        return packing.compress(document) + packing.flush()

    def unpack(self, data: bytes) -> bytes:
        """What `pack` packed.

        Raises:
            zlib.error: It was packed with another dictionary, or is damaged.
        """
        unpacking = zlib.decompressobj(zdict=self.dictionary)
        return unpacking.decompress(data) + unpacking.flush()
