"""The files of a feature cache: shards of some hundred images, each written at once.

A shard is one safetensors file of arrays with one row per image; `sha256` says of which. The patch
tokens, ten times as large as all the rest, stand in a file of the same name in the folder `tokens`,
and are read row by row.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.files import write_whole

TOKENS = "tokens"
"""Name of the folder of the patch tokens."""

PATCH_TOKENS = "patch_tokens"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class StoredTokens:
    """Where the patch tokens of N images are stored.

    Attributes:
        files: The files.
        file: int64 [N], which of them holds each image.
        row: int64 [N], which row of it.
    """

    files: tuple[Path, ...]
    file: NDArray[np.int64]
    row: NDArray[np.int64]

    def where(self, mask: NDArray[np.bool_]) -> "StoredTokens":
        """The images where the mask (bool [N]) is true."""
        return StoredTokens(self.files, self.file[mask], self.row[mask])

    def read(self, images: NDArray[np.int64]) -> NDArray[np.float16]:
        """Read the tokens of some images: float16 [n, P, C], for int64 [n] of positions."""
        with safe_open(self.files[0], framework="numpy") as file:
            shape = file.get_slice(PATCH_TOKENS).get_shape()[1:]
        out = np.empty((len(images), *shape), np.float16)
        for number in np.unique(self.file[images]):
            with safe_open(self.files[number], framework="numpy") as file:
                stored = file.get_slice(PATCH_TOKENS)
                for i in np.flatnonzero(self.file[images] == number):
                    out[i] = stored[int(self.row[images[i]])]
        return out


@dataclass(frozen=True)
class Shards:
    """The shards in one folder.

    Attributes:
        folder: The folder; it exists.
        encoder: Id of the encoder; files of any other are passed over.
    """

    folder: Path
    encoder: str

    def digests(self, *, tokens: bool) -> set[str]:
        """Hex digests of the images that are stored, with their tokens if these are needed."""
        return {d for path, held in self._files() if not tokens or self._has(path) for d in held}

    def write(
        self, digests: Sequence[str], arrays: Arrays, tokens: NDArray[np.float16] | None
    ) -> None:
        """Store images.

        Args:
            digests: Hex digests of N files.
            arrays: Arrays of N rows, by name.
            tokens: Their patch tokens, if they are to be kept.
        """
        own = {"sha256": np.array([list(bytes.fromhex(d)) for d in digests], np.uint8)}
        name = f"{hashlib.sha256(own['sha256'].tobytes()).hexdigest()[:16]}.safetensors"
        if tokens is not None:  # First, so that a shard says truly that its tokens are there.
            (self.folder / TOKENS).mkdir(exist_ok=True)
            self._write(self.folder / TOKENS / name, own | {PATCH_TOKENS: tokens})
        self._write(self.folder / name, own | arrays)

    def gather(self, digests: Sequence[str], names: Sequence[str]) -> Arrays:
        """The arrays of images, one row per digest.

        An array that not every shard has is left out: earlier versions stored fewer.
        """
        out: Arrays = {}
        missing: set[str] = set()
        for path, source, target in self._places(digests, self._files()):
            with safe_open(path, framework="numpy") as file:
                stored = set(file.keys())
                missing |= set(names) - stored
                for name in (name for name in names if name in stored):
                    values = file.get_tensor(name)
                    if name not in out:
                        out[name] = np.empty((len(digests), *values.shape[1:]), values.dtype)
                    out[name][target] = values[source]
        return {name: values for name, values in out.items() if name not in missing}

    def tokens(self, digests: Sequence[str]) -> StoredTokens:
        """Where the patch tokens of images are, which are all stored."""
        files: list[Path] = []
        file, row = np.zeros((2, len(digests)), np.int64)
        with_tokens = ((path, held) for path, held in self._files() if self._has(path))
        for path, source, target in self._places(digests, with_tokens):
            file[target], row[target] = len(files), source
            files.append(self.folder / TOKENS / path.name)
        return StoredTokens(tuple(files), file, row)

    def _files(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """The usable shards with the digests that they hold."""
        for path in sorted(self.folder.glob("*.safetensors")):
            if self._usable(path):
                with safe_open(path, framework="numpy") as file:
                    yield path, tuple(bytes(d).hex() for d in file.get_tensor("sha256"))

    def _has(self, path: Path) -> bool:
        """Whether the tokens of a shard are stored."""
        return self._usable(self.folder / TOKENS / path.name)

    def _usable(self, path: Path) -> bool:
        if not path.is_file():
            return False
        try:
            with safe_open(path, framework="numpy") as file:
                return (file.metadata() or {}).get("encoder") == self.encoder
        except (OSError, SafetensorError):
            path.unlink()  # A damaged file is computed again.
            return False

    def _places(
        self, digests: Sequence[str], files: Iterator[tuple[Path, tuple[str, ...]]]
    ) -> Iterator[tuple[Path, list[int], list[int]]]:
        """The files that hold any of the images: which rows of them, and for which positions."""
        positions: dict[str, list[int]] = {}
        for i, digest in enumerate(digests):
            positions.setdefault(digest, []).append(i)
        for path, held in files:
            wanted = [(j, i) for j, d in enumerate(held) for i in positions.get(d, ())]
            if wanted:
                source, target = (list(side) for side in zip(*wanted, strict=True))
                yield path, source, target

    def _write(self, path: Path, arrays: Arrays) -> None:
        write_whole(path, save(arrays, metadata={"encoder": self.encoder}))
