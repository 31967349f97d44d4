"""What a head reads of many images in several views, on the disk and in half precision.

100,000 images in four views are 15 GB as the cache has them. Here they are half as large, and are
read in blocks that mix chunks from everywhere, so that a step of training still meets images of
many sources, and no more than a block is ever in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Features
from models.feature_store.shards import Shards
from models.heads import select

CHUNK = 128
"""Rows that are read at once."""

MIXED = 32
"""Chunks of a block."""

FILE = "rows.f16"


@dataclass(frozen=True)
class ViewRows:
    """Rows of features on the disk: each is one image in one view.

    Attributes:
        file: float16 [M, D].
        image: int64 [M], which of the N images a row shows.
        view: int64 [M], in which of the views.
        width: D.
    """

    file: Path
    image: NDArray[np.int64]
    view: NDArray[np.int64]
    width: int

    def __len__(self) -> int:
        return len(self.image)

    def chunks(
        self, which: Sequence[int] | None = None
    ) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Rows in order, chunk by chunk.

        Args:
            which: Numbers of chunks; None for all.

        Yields:
            Which rows, and float32 [n, D].
        """
        with self.file.open("rb") as file:
            for number in range(self.count) if which is None else which:
                rows = slice(number * CHUNK, min((number + 1) * CHUNK, len(self)))
                file.seek(rows.start * self.width * 2)
                data = np.fromfile(file, np.float16, (rows.stop - rows.start) * self.width)
                yield rows, data.reshape(-1, self.width).astype(np.float32)

    def blocks(
        self, rng: np.random.Generator
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """All rows once, in mixed order: int64 [n], which rows, and float32 [n, D]."""
        order = rng.permutation(self.count)
        for start in range(0, self.count, MIXED):
            found = list(self.chunks(order[start : start + MIXED].tolist()))
            rows = np.concatenate([np.arange(rows.start, rows.stop) for rows, _ in found])
            mixed = rng.permutation(len(rows))
            yield rows[mixed], np.concatenate([values for _, values in found])[mixed]

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return -(-len(self) // CHUNK)


def write_rows(
    kept: Sequence[tuple[Shards, Mapping[str, int]]], inputs: tuple[str, ...], folder: Path
) -> ViewRows:
    """Write what a head reads into one file.

    Args:
        kept: Of each view, where its features are, and which image each digest is.
        inputs: Arrays of `Features` that the head reads.
        folder: Of the file.
    """
    images, views, width = [], [], 0
    with (folder / FILE).open("wb") as file:
        for view, (shards, places) in enumerate(kept):
            digests = list(places)
            for positions, arrays in shards.blocks(digests, inputs):
                one = rows_of(arrays, inputs)
                width = one.shape[1]
                file.write(one.astype(np.float16).tobytes())
                images.append(np.array([places[digests[i]] for i in positions], np.int64))
                views.append(np.full(len(positions), view))
    return ViewRows(folder / FILE, np.concatenate(images), np.concatenate(views), width)


def rows_of(
    arrays: Mapping[str, NDArray[np.float32]], inputs: tuple[str, ...]
) -> NDArray[np.float32]:
    """The chosen arrays side by side, as a head reads them: float32 [n, D]."""
    return select(_features(arrays), inputs)


def features_of(
    rows: NDArray[np.float32], inputs: tuple[str, ...], shapes: Mapping[str, tuple[int, ...]]
) -> Features:
    """Rows (float32 [n, D]) as features, of which a head reads no more than its inputs."""
    arrays, begin = {}, 0
    for name in inputs:
        end = begin + int(np.prod(shapes[name]))
        arrays[name] = rows[:, begin:end].reshape(-1, *shapes[name])
        begin = end
    return _features(arrays)


def _features(arrays: Mapping[str, NDArray[np.float32]]) -> Features:
    n = len(next(iter(arrays.values())))
    none = np.zeros((n, 0), np.float32)
    return Features(
        embedding=arrays.get("embedding", none),
        class_tokens=arrays.get("class_tokens", none),
        patch_mean=arrays.get("patch_mean", none),
        patch_std=arrays.get("patch_std", none),
        encoder="",
    )
