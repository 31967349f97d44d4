"""The features of a manifest's images, computed once and kept.

An interrupted run goes on where it stopped. The key is the image's bytes, the treatment that it
was given, and the encoder's id, which names everything that changes the features.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging import ImagingError
from models import Encoder, Features, Views, encode_stream
from models.encoder.features import ARRAYS
from training.data.augmentation import CLEAN, Treatment
from training.data.manifest import Row
from training.data.shards import Shards, StoredTokens
from training.errors import TooFewImages, TrainingError

SHARD = 256
"""Images per shard: what an interruption can lose."""

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""


@dataclass(frozen=True)
class _Facts:
    """What is known of one image besides its features."""

    sides: tuple[int, int] = (0, 0)
    look: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(14, np.uint8))
    error: str = ""


@dataclass(frozen=True)
class FeatureTable:
    """Images with their features, aligned by position.

    Attributes:
        rows: N rows of the manifest, those that could be decoded.
        features: Of one view per image, N rows, without patch tokens.
        sha256: Hex digests of the files.
        short_side: int64 [N], shorter side in pixels of the image, as treated.
        looks: uint8 [N, 14], 112 bits of `look`.
        unreadable: The rows left out, each with why.
        sides: int64 [N, 2], width and height in pixels of the image, as treated; None where an
            earlier version that did not keep them has filled the cache.
        stored: Where the patch tokens are; None if they were not asked for.
    """

    rows: tuple[Row, ...]
    features: Features
    sha256: tuple[str, ...]
    short_side: NDArray[np.int64]
    looks: NDArray[np.uint8]
    unreadable: tuple[tuple[Row, str], ...]
    sides: NDArray[np.int64] | None = None
    stored: StoredTokens | None = None

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)

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
            None if self.sides is None else self.sides[mask],
            None if self.stored is None else self.stored.where(mask),
        )

    def patch_tokens(self, images: NDArray[np.int64]) -> NDArray[np.float16]:
        """Read the patch tokens of images from the cache.

        Args:
            images: int64 [n], positions in the table.

        Returns:
            float16 [n, P, C]; see `Features.patch_tokens`.

        Raises:
            ValueError: The features were computed without tokens.
        """
        if self.stored is None:
            raise ValueError("the features were computed without patch tokens")
        return self.stored.read(images)

    def image(self, i: int) -> Features:
        """All features of one image, with its patch tokens if they are stored."""
        features = self.features[i : i + 1]
        if self.stored is None:
            return features
        return replace(features, patch_tokens=self.stored.read(np.array([i])))


def compute_features(
    rows: Sequence[Row],
    encoder: Encoder,
    cache: Path,
    progress: Progress | None = None,
    treatment: Treatment = CLEAN,
    *,
    tokens: bool = False,
) -> FeatureTable:
    """The features of images, from the cache where it has them.

    Args:
        rows: Rows of a manifest.
        encoder: Encodes what is not in the cache.
        cache: Folder of the cache; made if need be.
        progress: Told how far it is.
        treatment: What is done to each image before it is encoded.
        tokens: Also keep the patch tokens, on the disk (300 kB an image). Images that are cached
            without are encoded again.

    Raises:
        TooFewImages: No image could be decoded.
        TrainingError: The encoder gives no patch tokens.
    """
    folder = cache / _folder_name(encoder, treatment)
    folder.mkdir(parents=True, exist_ok=True)
    shards = Shards(folder, encoder.id)
    digests = {row: _digest(row) for row in rows}
    unreadable = {row: d for row, d in digests.items() if len(d) != 64}
    known = shards.digests(tokens=tokens)
    missing: dict[str, Row] = {}
    for row, digest in digests.items():
        if digest not in known and row not in unreadable:
            missing.setdefault(digest, row)
    done = len(rows) - len(missing)
    tell = (lambda new: progress(done + new, len(rows))) if progress is not None else None
    failed = _fill(missing, encoder, shards, treatment, tokens, tell)
    unreadable |= {row: failed[d] for row, d in digests.items() if d in failed}
    readable = tuple(row for row in rows if row not in unreadable)
    if not readable:
        raise TooFewImages("not one image of the manifest could be decoded")
    kept = tuple(digests[row] for row in readable)
    arrays = shards.gather(kept, (*ARRAYS, "short_side", "looks", "sides"))
    return FeatureTable(
        rows=readable,
        features=Features(**{name: arrays[name] for name in ARRAYS}, encoder=encoder.id),
        sha256=kept,
        short_side=arrays["short_side"],
        looks=arrays["looks"],
        unreadable=tuple(unreadable.items()),
        sides=arrays.get("sides"),
        stored=shards.tokens(kept) if tokens else None,
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


def _folder_name(encoder: Encoder, treatment: Treatment) -> str:
    # Precisions that share an id still differ enough for a head to tell them apart: a cache filled
    # in two of them, one class in each, would teach it the precision.
    parts = [encoder.id, getattr(encoder, "precision", "")]
    if treatment.name != CLEAN.name:
        parts.append(treatment.name)
    return re.sub(r"[^A-Za-z0-9._-]+", "_", " ".join(part for part in parts if part))


def _fill(
    missing: Mapping[str, Row],
    encoder: Encoder,
    shards: Shards,
    treatment: Treatment,
    tokens: bool,
    tell: Callable[[int], None] | None,
) -> dict[str, str]:
    """Compute and store what is missing; returns what failed, by digest."""
    failed: dict[str, str] = {}

    def prepare(item: tuple[str, Row]) -> tuple[Views | None, _Facts]:
        try:
            view, image = treatment.view(item[1].path.read_bytes(), encoder.size)
        except (ImagingError, OSError) as error:
            return None, _Facts(error=str(error))
        return view[None], _Facts((image.width, image.height), look(view))

    def computed() -> Iterator[tuple[str, _Facts, Features]]:
        done = 0
        for batch in encode_stream(missing.items(), prepare, encoder):
            for (digest, _), facts, features in batch:
                if features is None:
                    failed[digest] = facts.error
                else:
                    # Else a shard's worth of tokens would wait in memory for nothing.
                    yield (
                        digest,
                        facts,
                        features if tokens else replace(features, patch_tokens=None),
                    )
            done += len(batch)
            if tell is not None:
                tell(done)

    stream = computed()
    while images := list(islice(stream, SHARD)):
        digests, facts, features = zip(*images, strict=True)
        arrays = {name: np.concatenate([getattr(f, name) for f in features]) for name in ARRAYS}
        arrays["sides"] = np.array([f.sides for f in facts], np.int64)
        arrays["short_side"] = arrays["sides"].min(axis=1)
        arrays["looks"] = np.stack([f.look for f in facts])
        shards.write(digests, arrays, _tokens(features) if tokens else None)
    return failed


def _tokens(features: Sequence[Features]) -> NDArray[np.float16]:
    parts = [f.patch_tokens for f in features if f.patch_tokens is not None]
    if len(parts) < len(features):
        raise TrainingError("this encoder gives no patch tokens")
    return np.concatenate(parts)
