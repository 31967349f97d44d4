"""The features of a manifest's images, computed once and kept.

The cache holds shards of some hundred images, each written at once, so that an interrupted run
goes on where it stopped. The key is the image's bytes and the encoder's id, which names everything
that changes the features.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from imaging import ImagingError, decode_for_view, global_view
from models import Encoder, Features, Views, encode_stream
from models.features import ARRAYS
from models.files import write_whole
from training.errors import TooFewImages
from training.manifest import Row

SHARD = 256
"""Images per shard: what an interruption can lose."""

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""

_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _Facts:
    """What is known of one image besides its features."""

    short_side: int = 0
    look: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(14, np.uint8))
    error: str = ""


@dataclass(frozen=True)
class FeatureTable:
    """Images with their features, aligned by position.

    Attributes:
        rows: N rows of the manifest, those that could be decoded.
        features: Of one global view per image, N rows.
        sha256: Hex digests of the files.
        short_side: int64 [N], shorter side of the original in pixels.
        looks: uint8 [N, 14], 112 bits of `look`.
        unreadable: The rows left out, each with why.
    """

    rows: tuple[Row, ...]
    features: Features
    sha256: tuple[str, ...]
    short_side: NDArray[np.int64]
    looks: NDArray[np.uint8]
    unreadable: tuple[tuple[Row, str], ...]

    def where(self, mask: NDArray[np.bool_]) -> "FeatureTable":
        """The images where the mask (bool [N]) is true."""
        kept = np.flatnonzero(mask)
        return FeatureTable(
            tuple(self.rows[int(i)] for i in kept),
            self.features[mask],
            tuple(self.sha256[int(i)] for i in kept),
            self.short_side[mask],
            self.looks[mask],
            self.unreadable,
        )


def compute_features(
    rows: Sequence[Row], encoder: Encoder, cache: Path, progress: Progress | None = None
) -> FeatureTable:
    """The features of images, from the cache where it has them.

    Args:
        rows: Rows of a manifest.
        encoder: Encodes what is not in the cache.
        cache: Folder of the cache; made if need be.
        progress: Told how far it is.

    Raises:
        TooFewImages: No image could be decoded.
    """
    # Precisions that share an id still differ enough for a head to tell them apart: a cache filled
    # in two of them, one class in each, would teach it the precision.
    computed_in = getattr(encoder, "precision", "")
    folder = cache / re.sub(r"[^A-Za-z0-9._-]+", "_", f"{encoder.id} {computed_in}".strip())
    folder.mkdir(parents=True, exist_ok=True)
    digests = {row: _digest(row) for row in rows}
    wanted = {d for d in digests.values() if len(d) == 64}
    known = {d for _, ds in _shards(folder, encoder.id) for d in ds} & wanted
    unreadable = {row: d for row, d in digests.items() if len(d) != 64}
    missing: dict[str, Row] = {}
    for row, digest in digests.items():
        if digest in wanted - known:
            missing.setdefault(digest, row)
    failed = _fill(missing, encoder, folder, progress, len(rows) - len(missing), len(rows))
    unreadable |= {row: failed[d] for row, d in digests.items() if d in failed}
    readable = [row for row in rows if row not in unreadable]
    if not readable:
        raise TooFewImages("not one image of the manifest could be decoded")
    return _gather(
        readable, [digests[row] for row in readable], folder, encoder.id, unreadable.items()
    )


def look(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What an image looks like from afar: 112 bits, for near-duplicates.

    Each bit says whether a cell of an 8 x 8 grid of mean luminance is darker than the next one, to
    the right (56 bits) or below (56 bits); the difference hash of Krawetz in both directions.

    Args:
        view: uint8 [S, S, 3], S >= 8.

    Returns:
        uint8 [14].
    """
    side = view.shape[0] // 8
    grey = view[: 8 * side, : 8 * side].astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    cells = grey.reshape(8, side, 8, side).mean(axis=(1, 3))
    right, below = cells[:, 1:] > cells[:, :-1], cells[1:] > cells[:-1]
    return np.packbits(np.concatenate([right.ravel(), below.ravel()]))


def _digest(row: Row) -> str:
    """Hex digest of the file, or one line that says why it cannot be read."""
    try:
        with row.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _fill(
    missing: dict[str, Row],
    encoder: Encoder,
    folder: Path,
    progress: Progress | None,
    done: int,
    total: int,
) -> dict[str, str]:
    """Compute and store what is missing; returns what failed, by digest."""
    failed: dict[str, str] = {}

    def prepare(item: tuple[str, Row]) -> tuple[Views | None, _Facts]:
        try:
            image = decode_for_view(item[1].path.read_bytes(), encoder.size)
        except (ImagingError, OSError) as error:
            return None, _Facts(error=str(error))
        view = global_view(image, encoder.size)
        return view[None], _Facts(min(image.width, image.height), look(view))

    def computed() -> Iterator[tuple[str, _Facts, Features]]:
        nonlocal done
        for batch in encode_stream(missing.items(), prepare, encoder):
            for (digest, _), facts, features in batch:
                if features is None:
                    failed[digest] = facts.error
                else:
                    yield digest, facts, features
            done += len(batch)
            if progress is not None:
                progress(done, total)

    stream = computed()
    while images := list(islice(stream, SHARD)):
        digests, facts, features = zip(*images, strict=True)
        arrays = {name: np.concatenate([getattr(f, name) for f in features]) for name in ARRAYS}
        arrays["sha256"] = np.array([list(bytes.fromhex(d)) for d in digests], np.uint8)
        arrays["short_side"] = np.array([f.short_side for f in facts], np.int64)
        arrays["looks"] = np.stack([f.look for f in facts])
        _write_shard(arrays, folder, encoder.id)
    return failed


def _write_shard(arrays: _Arrays, folder: Path, encoder: str) -> None:
    name = hashlib.sha256(arrays["sha256"].tobytes()).hexdigest()[:16]
    write_whole(folder / f"{name}.safetensors", save(arrays, metadata={"encoder": encoder}))


def _shards(folder: Path, encoder: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The usable shards of an encoder with the digests that they hold."""
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="numpy") as file:
                if (file.metadata() or {}).get("encoder") == encoder:
                    yield path, tuple(bytes(d).hex() for d in file.get_tensor("sha256"))
        except (OSError, SafetensorError):
            path.unlink()  # A damaged shard is computed again.


def _gather(
    rows: Sequence[Row],
    digests: Sequence[str],
    folder: Path,
    encoder: str,
    unreadable: Any,
) -> FeatureTable:
    places: dict[str, list[int]] = {}
    for i, digest in enumerate(digests):
        places.setdefault(digest, []).append(i)
    out: _Arrays = {}
    for path, held in _shards(folder, encoder):
        wanted = [(j, i) for j, d in enumerate(held) for i in places.get(d, ())]
        if not wanted:
            continue
        source, target = (list(side) for side in zip(*wanted, strict=True))
        with safe_open(path, framework="numpy") as file:
            for name in (*ARRAYS, "short_side", "looks"):
                values = file.get_tensor(name)
                if name not in out:
                    out[name] = np.empty((len(rows), *values.shape[1:]), values.dtype)
                out[name][target] = values[source]
    features = Features(**{name: out[name] for name in ARRAYS}, encoder=encoder)
    return FeatureTable(
        tuple(rows), features, tuple(digests), out["short_side"], out["looks"], tuple(unreadable)
    )
