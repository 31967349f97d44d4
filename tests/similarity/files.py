"""Looking for what was withdrawn, byte by byte, in all files of a folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from similarity.gallery.gallery import NewWork

PIECE = 12
"""Bytes that are looked for at once, so that half a vector is found too."""


def traces(folder: Path, works: Sequence[NewWork]) -> list[str]:
    """What files of a folder still hold of the works' vectors, hashes and local features."""
    wanted = [(kind, piece) for work in works for kind, piece in _pieces(work)]
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            found += [f"{file.name}: {kind}" for kind, piece in wanted if piece in data]
    return found


def _pieces(work: NewWork) -> Iterator[tuple[str, bytes]]:
    description = work.description
    vectors = {"style": description.style, "copy": description.copy}
    for name, vector in vectors.items():
        for kind in (np.float16, np.float32):
            for piece in _cut(vector.astype(kind).tobytes()):
                yield f"{name} of {work.name} as {np.dtype(kind)}", piece
        # Half precision, as an index that computes in single precision keeps it.
        for piece in _cut(vector.astype(np.float16).astype(np.float32).tobytes()):
            yield f"{name} of {work.name}, rounded", piece
    yield f"digest of {work.name}", work.sha256.encode()
    for piece in _cut(description.hash.tobytes()):
        yield f"hash of {work.name}", piece
    for piece in _cut(work.local):
        yield f"local features of {work.name}", piece


def _cut(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data) - PIECE + 1, PIECE):
        yield data[start : start + PIECE]
