"""The features of a manifest's images, computed once and kept.

An interrupted run goes on where it stopped. The key is the image's bytes, the treatment that it
was given, and the encoder's id, which names everything that changes the features.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detector import Measures, measure
from detector.pixels.information import information
from imaging import ImagingError, sketch
from models import Encoder, Features, Views, encode_stream
from models.encoder.features import ARRAYS
from models.feature_store.shards import FULL, Shards, StoredTokens, folder_name
from similarity.copies.pdq import hash_of
from training.data.augmentation import CLEAN, Treatment
from training.data.manifest import Row
from training.errors import TooFewImages, TrainingError

Key = TypeVar("Key")

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""

Step = Callable[[str], None]
"""Told what is being done."""


OF_IMAGE = ("sides", "hashes", "information")
"""Arrays that are kept besides the features; see `FeatureTable`."""


@dataclass(frozen=True)
class _Prepared:
    """What is known of one image besides its features, by the names in `OF_IMAGE`."""

    sides: NDArray[np.int64]
    hashes: NDArray[np.uint8]
    information: NDArray[np.float64]


@dataclass(frozen=True)
class Unreadable:
    """Why an image cannot be used, in one line."""

    why: str


@dataclass(frozen=True)
class FeatureTable:
    """Images with their features, aligned by position.

    Attributes:
        rows: N rows of the manifest, those that could be decoded.
        features: Of one view per image, N rows, without patch tokens.
        sha256: Hex digests of the files.
        sides: int64 [N, 2], width and height in pixels of the image, as treated.
        hashes: uint8 [N, 32], PDQ of the image, as treated, for near-duplicates.
        information: float64 [N, 2], `ground` and `detail` of `evidence.Information`, as treated.
        unreadable: The rows left out, each with why.
        stored: Where the patch tokens are; None if they were not asked for.
    """

    rows: tuple[Row, ...]
    features: Features
    sha256: tuple[str, ...]
    sides: NDArray[np.int64]
    hashes: NDArray[np.uint8]
    information: NDArray[np.float64]
    unreadable: tuple[tuple[Row, str], ...]
    stored: StoredTokens | None = None

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)

    @property
    def short_side(self) -> NDArray[np.int64]:
        """Shorter side in pixels of each image, as treated: int64 [N]."""
        return np.asarray(self.sides.min(axis=1), np.int64)

    def measures(self, i: int) -> Measures:
        """What a detector asks to be told of an image besides its features."""
        ground, detail = self.information[i].tolist()
        return Measures(int(self.sides[i].min()), information(ground, detail))

    def where(self, mask: NDArray[np.bool_]) -> "FeatureTable":
        """The images where the mask (bool [N]) is true."""
        kept = np.flatnonzero(mask)
        return FeatureTable(
            tuple(self.rows[int(i)] for i in kept),
            self.features[mask],
            tuple(self.sha256[int(i)] for i in kept),
            self.sides[mask],
            self.hashes[mask],
            self.information[mask],
            self.unreadable,
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
    kept = keep_features(rows, encoder, cache, progress, treatment, tokens=tokens)
    readable = tuple(row for row in rows if row in kept.digests)
    if not readable:
        raise TooFewImages("not one image of the manifest could be decoded")
    digests = tuple(kept.digests[row] for row in readable)
    arrays = kept.shards.gather(digests, (*ARRAYS, *OF_IMAGE))
    return FeatureTable(
        rows=readable,
        features=Features(**{name: arrays[name] for name in ARRAYS}, encoder=encoder.id),
        sha256=digests,
        **{name: arrays[name] for name in OF_IMAGE},
        unreadable=tuple(kept.unreadable.items()),
        stored=kept.shards.tokens(digests) if tokens else None,
    )


@dataclass(frozen=True)
class KeptFeatures:
    """Images whose features are in the cache.

    Attributes:
        shards: Where.
        digests: Hex digests of their files, by row.
        unreadable: The rows left out, each with why.
    """

    shards: Shards
    digests: Mapping[Row, str]
    unreadable: Mapping[Row, str]


def keep_features(
    rows: Sequence[Row],
    encoder: Encoder,
    cache: Path,
    progress: Progress | None = None,
    treatment: Treatment = CLEAN,
    *,
    tokens: bool = False,
) -> KeptFeatures:
    """Compute the features that the cache lacks, without reading those that it has.

    Args:
        rows: See `compute_features`; so the following.
        encoder: Encodes.
        cache: Folder.
        progress: Told how far it is.
        treatment: Of each image.
        tokens: Also keep the patch tokens.
    """
    folder = cache / folder_name(encoder, "" if treatment is CLEAN else treatment.name)
    folder.mkdir(parents=True, exist_ok=True)
    shards = Shards(folder, encoder.id)
    opened = {row: digest_of(row) for row in rows}
    digests = {row: found for row, found in opened.items() if isinstance(found, str)}
    unreadable = {row: one.why for row, one in opened.items() if isinstance(one, Unreadable)}
    known = shards.digests(tokens=tokens)
    missing: dict[str, Row] = {}
    for row, digest in digests.items():
        if digest not in known:
            missing.setdefault(digest, row)
    done = len(rows) - len(missing)
    tell = (lambda new: progress(done + new, len(rows))) if progress is not None else None
    failed = _fill(missing, encoder, shards, treatment, tokens, tell)
    if missing:
        shards.merge()
    unreadable |= {row: failed[d] for row, d in digests.items() if d in failed}
    readable = {row: digest for row, digest in digests.items() if row not in unreadable}
    return KeptFeatures(shards, readable, unreadable)


def compute_views(
    rows: Sequence[Row],
    encoder: Encoder,
    cache: Path,
    treatments: Sequence[Treatment],
    progress: Progress | None = None,
    *,
    tokens: Sequence[Treatment] = (CLEAN,),
) -> dict[str, FeatureTable]:
    """The features of images under several treatments, of those that are readable in all.

    Args:
        rows: Rows of a manifest.
        encoder: Encodes what is not in the cache.
        cache: Folder of the cache.
        treatments: What is done to each image.
        progress: Told how far it is, over all of them together.
        tokens: The treatments of which the patch tokens are kept, too.

    Returns:
        By the name of the treatment, the same images in the same order.

    Raises:
        TooFewImages: No image could be decoded.
        TrainingError: The encoder gives no patch tokens.
    """
    part = in_parts(progress, [len(rows)] * len(treatments))
    return readable_in_all(
        {
            one.name: compute_features(rows, encoder, cache, part(), one, tokens=one in tokens)
            for one in treatments
        }
    )


def readable_in_all(tables: Mapping[Key, FeatureTable]) -> dict[Key, FeatureTable]:
    """The images that could be read in every table."""
    common = set.intersection(*(set(table.rows) for table in tables.values()))
    return {
        key: table.where(np.array([row in common for row in table.rows]))
        for key, table in tables.items()
    }


def in_parts(progress: Progress | None, sizes: Sequence[int]) -> Callable[[], Progress | None]:
    """One bar for work in several parts: each call gives the next part its way of telling."""
    begun, total = 0, sum(sizes)
    remaining = iter(sizes)

    def part() -> Progress | None:
        nonlocal begun
        before, begun = begun, begun + next(remaining)
        if progress is None:
            return None
        tell = progress
        return lambda done, _: tell(before + done, total)

    return part


def digest_of(row: Row) -> str | Unreadable:
    """Hex SHA-256 digest of an image's file; of one that is gone, as the manifest says."""
    try:
        with row.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return row.sha256 or Unreadable(f"cannot be read: {error.strerror}")


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

    def prepare(item: tuple[str, Row]) -> tuple[Views | None, _Prepared | Unreadable]:
        try:
            view, image = treatment.view(item[1].path.read_bytes(), encoder.size)
        except (ImagingError, OSError) as error:
            return None, Unreadable(str(error))
        seen = measure(image).information
        return view[None], _Prepared(
            sides=np.array([image.width, image.height], np.int64),
            hashes=hash_of(sketch(image))[0],
            information=np.array([seen.ground, seen.detail]),
        )

    def computed() -> Iterator[tuple[str, _Prepared, Features]]:
        done = 0
        for batch in encode_stream(missing.items(), prepare, encoder):
            for (digest, _), prepared, features in batch:
                if isinstance(prepared, Unreadable):
                    failed[digest] = prepared.why
                elif features is not None:
                    # Else a shard's worth of tokens would wait in memory for nothing.
                    kept = features if tokens else replace(features, patch_tokens=None)
                    yield digest, prepared, kept
            done += len(batch)
            if tell is not None:
                tell(done)

    stream = computed()
    while images := list(islice(stream, FULL)):
        digests, prepared, features = zip(*images, strict=True)
        arrays = {name: np.concatenate([getattr(f, name) for f in features]) for name in ARRAYS}
        arrays |= {name: np.stack([getattr(one, name) for one in prepared]) for name in OF_IMAGE}
        shards.write(digests, arrays, _tokens(features) if tokens else None)
    return failed


def _tokens(features: Sequence[Features]) -> NDArray[np.float16]:
    parts = [f.patch_tokens for f in features if f.patch_tokens is not None]
    if len(parts) < len(features):
        raise TrainingError("this encoder gives no patch tokens")
    return np.concatenate(parts)
