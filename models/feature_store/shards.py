"""The files of a feature cache: shards of some hundred images, each written at once.

A shard is one safetensors file of arrays with one row per image; `sha256` says of which. The patch
tokens, ten times as large as all the rest, stand in a file of the same name in the folder `tokens`,
and are read row by row. `index.json` says which shard holds which images, so that no shard is
opened that is not asked for. It is made of the shards alone: one that it does not know, or knows
with another size, is opened and entered, and the index may be deleted at any time.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from core.files import write_whole
from models.encoder.features import Encoder

TOKENS = "tokens"
"""Name of the folder of the patch tokens."""

PATCH_TOKENS = "patch_tokens"

INDEX = "index.json"

LAYOUT = "2"
"""Of the arrays in a shard; shards of another layout are passed over."""

FULL = 256
"""Images of a full shard: what an interruption can lose."""

FEW = 8
"""Small shards that do no harm; more are merged."""

Arrays = dict[str, NDArray[Any]]


def folder_name(encoder: Encoder, treatment: str = "") -> str:
    """Of the cache's folder for an encoder and what is done to each image; empty for nothing."""
    # Precisions that share an id still differ enough for a head to tell them apart: a cache filled
    # in two of them, one class in each, would teach it the precision.
    parts = [encoder.id, getattr(encoder, "precision", ""), treatment]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", " ".join(part for part in parts if part))


def encoder_of(folder: Path) -> str | None:
    """Id of the encoder whose shards lie in a folder; None where there are none."""
    for path in sorted(folder.glob("*.safetensors")):
        with suppress(OSError, SafetensorError), safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if "encoder" in metadata:
                return str(metadata["encoder"])
    return None


def forget(cache: Path, digests: Collection[str]) -> int:
    """Delete what is kept of images, of every encoder and view.

    Args:
        cache: Folder of the feature cache; need not exist.
        digests: Hex digests of the files.

    Returns:
        How many of them anything was kept of.
    """
    gone: set[str] = set()
    for folder in sorted(cache.glob("*/")):
        gone |= _remove(folder, digests)
    return len(gone)


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
class _Entry:
    """One shard in the index.

    Attributes:
        size: Of its file in bytes, by which a damaged one is found.
        tokens: Size of the file of its patch tokens; 0 where they are not stored.
        sha256: Hex digests of its images, in the order of its rows.
    """

    size: int
    tokens: int
    sha256: tuple[str, ...]


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
        return {d for entry in self._found(tokens=tokens).values() for d in entry.sha256}

    def write(
        self, digests: Sequence[str], arrays: Arrays, tokens: NDArray[np.float16] | None
    ) -> str:
        """Store images.

        Args:
            digests: Hex digests of N files.
            arrays: Arrays of N rows, by name.
            tokens: Their patch tokens, if they are to be kept.

        Returns:
            Name of the shard.
        """
        own = {"sha256": np.array([list(bytes.fromhex(d)) for d in digests], np.uint8)}
        name = f"{hashlib.sha256(own['sha256'].tobytes()).hexdigest()[:16]}.safetensors"
        if tokens is not None:  # First, so that a shard says truly that its tokens are there.
            (self.folder / TOKENS).mkdir(exist_ok=True)
            self._write(self.folder / TOKENS / name, own | {PATCH_TOKENS: tokens})
        self._write(self.folder / name, own | arrays)
        return name

    def gather(self, digests: Sequence[str], names: Sequence[str]) -> Arrays:
        """The arrays of images that are all stored, one row per digest."""
        out: Arrays = {}
        for positions, arrays in self.blocks(digests, names):
            for name, values in arrays.items():
                if name not in out:
                    out[name] = np.empty((len(digests), *values.shape[1:]), values.dtype)
                out[name][positions] = values
        return out

    def blocks(
        self, digests: Sequence[str], names: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], Arrays]]:
        """The arrays of images that are all stored, shard by shard, so that memory stays flat.

        Args:
            digests: Hex digests.
            names: Of the arrays.

        Yields:
            int64 [n], positions among the digests, and the arrays of n rows.
        """
        for path, source, target in self._places(digests, tokens=False):
            with safe_open(path, framework="numpy") as file:
                arrays = {name: file.get_tensor(name)[source] for name in names}
            yield np.array(target, np.int64), arrays

    def names(self) -> tuple[str, ...]:
        """The names of the arrays in the shards, but for the digests; none where there are none."""
        for name, entry in self._found(tokens=False).items():
            if entry.sha256:
                with safe_open(self.folder / name, framework="numpy") as file:
                    return tuple(sorted(set(file.keys()) - {"sha256"}))
        return ()

    def merge(self) -> None:
        """Make full shards of small ones, as images that came one by one leave them."""
        small = {
            name: entry
            for name, entry in self._found(tokens=False).items()
            if entry.sha256 and len(entry.sha256) < FULL // 2
        }
        for with_tokens in (False, True):
            names = [name for name, entry in small.items() if bool(entry.tokens) is with_tokens]
            if len(names) < FEW:
                continue
            group, rows = [], 0
            for name in names:
                group.append(name)
                rows += len(small[name].sha256)
                if rows >= FULL or name == names[-1]:
                    self._merge(group, tokens=with_tokens)
                    group, rows = [], 0

    def _merge(self, names: Sequence[str], *, tokens: bool) -> None:
        parts = [load_file(self.folder / name) for name in names]
        every = [bytes(one).hex() for part in parts for one in part.pop("sha256")]
        _, first = np.unique(every, return_index=True)
        arrays = {key: np.concatenate([part[key] for part in parts])[first] for key in parts[0]}
        stored = None
        if tokens:
            of = [load_file(self.folder / TOKENS / name)[PATCH_TOKENS] for name in names]
            stored = np.concatenate(of)[first]
        written = self.write([every[i] for i in first], arrays, stored)
        # Last, and not what was just written: whoever reads meanwhile finds all images.
        for name in set(names) - {written}:
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / TOKENS / name).unlink(missing_ok=True)

    def tokens(self, digests: Sequence[str]) -> StoredTokens:
        """Where the patch tokens of images are, which are all stored."""
        files: list[Path] = []
        file, row = np.zeros((2, len(digests)), np.int64)
        for path, source, target in self._places(digests, tokens=True):
            file[target], row[target] = len(files), source
            files.append(self.folder / TOKENS / path.name)
        return StoredTokens(tuple(files), file, row)

    def _found(self, *, tokens: bool) -> Mapping[str, _Entry]:
        """The usable shards by the names of their files; the index is brought up to date."""
        known = self._read_index()
        sizes, of_tokens = _sizes(self.folder), _sizes(self.folder / TOKENS)
        found: dict[str, _Entry] = {}
        for name, size in sizes.items():
            entry = known.get(name)
            if entry is None or (entry.size, entry.tokens) != (size, of_tokens.get(name, 0)):
                entry = self._entry(name)
            if entry is not None:
                found[name] = entry
        if found != known:
            document = {name: vars(entry) for name, entry in found.items()}
            write_whole(self.folder / INDEX, json.dumps(document).encode())
        return {
            name: one for name, one in found.items() if one.sha256 and (one.tokens or not tokens)
        }

    def _read_index(self) -> dict[str, _Entry]:
        with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
            document = json.loads((self.folder / INDEX).read_bytes())
            return {
                name: _Entry(int(one["size"]), int(one["tokens"]), tuple(one["sha256"]))
                for name, one in document.items()
            }
        return {}

    def _entry(self, name: str) -> _Entry | None:
        """What a shard holds; None for a damaged file, which is deleted and computed again.

        A shard of another encoder or layout is entered as holding nothing.
        """
        path, tokens = self.folder / name, self.folder / TOKENS / name
        digests = _digests(path, self._metadata)
        if digests is None:
            return None
        stored = tokens.is_file() and bool(_digests(tokens, self._metadata))
        size = tokens.stat().st_size if stored else 0
        return _Entry(path.stat().st_size, size, digests)

    @property
    def _metadata(self) -> dict[str, str]:
        return {"encoder": self.encoder, "layout": LAYOUT}

    def _places(
        self, digests: Iterable[str], *, tokens: bool
    ) -> Iterator[tuple[Path, list[int], list[int]]]:
        """The files that hold any of the images: which rows of them, and for which positions."""
        positions: dict[str, list[int]] = {}
        for i, digest in enumerate(digests):
            positions.setdefault(digest, []).append(i)
        for name, entry in self._found(tokens=tokens).items():
            wanted = [(j, i) for j, d in enumerate(entry.sha256) for i in positions.get(d, ())]
            if wanted:
                source, target = (list(side) for side in zip(*wanted, strict=True))
                yield self.folder / name, source, target

    def _write(self, path: Path, arrays: Arrays) -> None:
        write_whole(path, save(arrays, metadata=self._metadata))


def _remove(folder: Path, digests: Collection[str]) -> set[str]:
    """Delete rows of images from all shards of a folder, of whatever encoder and layout."""
    gone: set[str] = set()
    for path in (*folder.glob(f"{TOKENS}/*.safetensors"), *folder.glob("*.safetensors")):
        try:
            gone |= _remove_from(path, digests)
        except FileNotFoundError:
            continue  # another process has deleted it
        except SafetensorError:
            path.unlink(missing_ok=True)  # what cannot be read cannot be told to hold none of them
    return gone


def _remove_from(path: Path, digests: Collection[str]) -> set[str]:
    with safe_open(path, framework="numpy") as file:
        metadata, held = file.metadata(), file.get_tensor("sha256")
        out = np.array([bytes(one).hex() in digests for one in held])
        if not out.any():
            return set()
        arrays = {name: file.get_tensor(name)[~out] for name in file.keys()}  # noqa: SIM118
    if out.all():
        path.unlink()
    else:
        write_whole(path, save(arrays, metadata=metadata))
    return {bytes(one).hex() for one in held[out]}


def _sizes(folder: Path) -> dict[str, int]:
    """The shards in a folder, by name in order, with the sizes of their files in bytes."""
    return {path.name: path.stat().st_size for path in sorted(folder.glob("*.safetensors"))}


def _digests(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...] | None:
    """The images of a file, none if it is another encoder's; None if it was damaged, and goes."""
    try:
        with safe_open(path, framework="numpy") as file:
            if file.metadata() != metadata:
                return ()
            return tuple(bytes(digest).hex() for digest in file.get_tensor("sha256"))
    except (OSError, SafetensorError):
        path.unlink(missing_ok=True)
        return None
