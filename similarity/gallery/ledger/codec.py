"""Works as the ledger keeps them: checked, in half precision, with a digest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text import printable
from similarity.description import HASH_BYTES, REGIONS
from similarity.errors import BadName
from similarity.gallery.gallery import Identity, NewWork
from similarity.gallery.names import work_name

HALF = np.dtype("<f2")
"""Vectors are kept in half precision: that moves a cosine by less than 0.001."""

_LONGEST_LOCAL = 1 << 20
_TOLERANCE = 1e-2


@dataclass(frozen=True)
class PackedWork:
    """A new work as bytes; see the tables for what they are."""

    name: str
    sha256: str
    style: bytes
    copy: bytes
    hash: bytes
    hash_quality: int
    local: bytes


def pack(identity: Identity, work: NewWork) -> PackedWork:
    """Check a new work, and pack it.

    Raises:
        BadName: Its name cannot be kept.
        ValueError: Its description is not what the index is made of.
    """
    description = work.description
    style, copy = description.style, description.copy
    if style.shape != (identity.style,):
        raise ValueError(f"a style vector is {style.shape}, not ({identity.style},)")
    if copy.ndim != 2 or copy.shape[1] != identity.copy or not 1 <= len(copy) <= REGIONS:
        raise ValueError(f"copy vectors are {copy.shape}, not (1 to {REGIONS}, {identity.copy})")
    for vectors in (style, copy):
        # Written so that a NaN fails.
        if not np.all(np.abs(np.linalg.norm(vectors, axis=-1) - 1) < _TOLERANCE):
            raise ValueError("a vector is not of unit length")
    if description.hash.shape != (HASH_BYTES,) or description.hash.dtype != np.uint8:
        raise ValueError(f"a hash is not {HASH_BYTES} bytes")
    if not 0 <= description.hash_quality <= 100:
        raise ValueError(f"a hash's quality of {description.hash_quality} is not within 0 to 100")
    if len(work.local) > _LONGEST_LOCAL:
        raise ValueError(f"local features are longer than {_LONGEST_LOCAL:,} bytes")
    if len(work.sha256) != 64 or not set(work.sha256) <= set("0123456789abcdef"):
        raise ValueError(f"no SHA-256 digest: {work.sha256[:80]!r}")
    return PackedWork(
        name=encodable(work_name(work.name)),
        sha256=work.sha256,
        style=style.astype(HALF).tobytes(),
        copy=copy.astype(HALF).tobytes(),
        hash=description.hash.tobytes(),
        hash_quality=int(description.hash_quality),
        local=work.local,
    )


def unpack(vectors: Iterable[bytes], width: int) -> NDArray[np.float32]:
    """Vectors of `width` values out of their bytes: float32 [N, width]."""
    rows: NDArray[np.float32] = np.frombuffer(b"".join(vectors), HALF).astype(np.float32)
    return rows.reshape(-1, width)


def encodable(text: str) -> str:
    """The same text, if a database can keep it.

    Raises:
        BadName: It has a null character, or half a surrogate pair (a file name in no UTF-8).
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadName(f"no valid Unicode: {printable(text)}") from error
    if "\0" in text:
        raise BadName(f"a null character in {printable(text)}")
    return text


def digest(*parts: str | bytes | int) -> bytes:
    """32 bytes that name a row's content."""
    found = hashlib.blake2b(digest_size=32)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        found.update(len(data).to_bytes(8))
        found.update(data)
    return found.digest()
