"""Features of uploads that may get a label later: kept for some days, and within some space.

A folder for each day (UTC), in it one for each encoder, as the feature cache of training has them.
Numbers are kept in half precision, as retraining reads them: 32 kB an upload with CLIP ViT-B/16.
What gets a label in time is copied into the cache of training, and stays there.
"""

import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import ARRAYS
from models.feature_store.shards import Arrays, Shards, encoder_of, forget


@dataclass(frozen=True)
class UploadFeatures:
    """The features of uploads in a folder.

    Attributes:
        folder: Need not exist.
        days: For which they are kept.
        most_bytes: That they may take together; the oldest days leave first.
    """

    folder: Path
    days: int = 30
    most_bytes: int = 10 << 30

    def keep(
        self, encoder: str, name: str, digests: Sequence[str], arrays: Arrays, today: date
    ) -> None:
        """Keep the features of uploads, all or none.

        Args:
            encoder: Id of the encoder.
            name: Of its folder, see `models.feature_store.shards.folder_name`.
            digests: Hex digests of N files.
            arrays: Arrays of N rows, by name, as the feature cache of training has them.
            today: The day.
        """
        folder = self.folder / today.isoformat() / name
        folder.mkdir(parents=True, exist_ok=True)
        half = {key: arrays[key].astype(np.float16) for key in ARRAYS}
        Shards(folder, encoder).write(digests, arrays | half, None)

    def collect(self, digests: Collection[str], cache: Path) -> int:
        """Copy what is kept of images into the feature cache of training.

        Args:
            digests: Hex digests of their files.
            cache: Folder of the cache; made if need be.

        Returns:
            Images whose features are new there.
        """
        wanted, copied = set(digests), 0
        for day in self._days():
            for folder in sorted(day.glob("*/")):
                encoder = encoder_of(folder)
                if encoder is None:
                    continue
                source = Shards(folder, encoder)
                found = sorted(source.digests(tokens=False) & wanted)
                if found:
                    copied += _copy(source, found, cache / folder.name)
        return copied

    def read(
        self, digests: Collection[str], encoder: str, name: str
    ) -> dict[str, NDArray[np.float32]]:
        """One array of images, of those that are kept.

        Args:
            digests: Hex digests of their files.
            encoder: Id of the encoder.
            name: Of the array, one of `Features`.

        Returns:
            float32, a row by the digest.
        """
        wanted = set(digests)
        found: dict[str, NDArray[np.float32]] = {}
        for day in self._days():
            for folder in sorted(day.glob("*/")):
                if encoder_of(folder) != encoder:
                    continue
                source = Shards(folder, encoder)
                there = sorted(source.digests(tokens=False) & wanted)
                if there:
                    rows = source.gather(there, [name])[name].astype(np.float32)
                    found |= dict(zip(there, rows, strict=True))
        return found

    def forget(self, digests: Collection[str]) -> int:
        """Delete what is kept of images; says of how many anything was."""
        return sum(forget(day, digests) for day in self._days()) if digests else 0

    def expire(self, today: date | None = None) -> None:
        """Delete the days that are over, and the oldest ones beyond the space that they may take.

        Args:
            today: The day; None for now.
        """
        first = (today or datetime.now(UTC).date()) - timedelta(days=self.days)
        sizes = {day: _size(day) for day in self._days()}
        total = sum(sizes.values())
        for day in sorted(sizes):
            if date.fromisoformat(day.name) > first and total <= self.most_bytes:
                break
            shutil.rmtree(day, ignore_errors=True)
            total -= sizes[day]

    def expiring(self, today: date | None = None) -> bool:
        """Whether `expire` would delete anything."""
        first = (today or datetime.now(UTC).date()) - timedelta(days=self.days)
        days = self._days()
        over = any(date.fromisoformat(day.name) <= first for day in days)
        return over or sum(map(_size, days)) > self.most_bytes

    def _days(self) -> list[Path]:
        found = []
        for folder in sorted(self.folder.glob("*/")):
            with suppress(ValueError):
                date.fromisoformat(folder.name)
                found.append(folder)
        return found


def _copy(source: Shards, digests: Sequence[str], folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    target = Shards(folder, source.encoder)
    known = target.digests(tokens=False)
    new = [digest for digest in digests if digest not in known]
    if new:
        arrays: Mapping[str, np.ndarray] = source.gather(new, source.names())
        whole = {name: arrays[name].astype(np.float32) for name in ARRAYS}
        target.write(new, dict(arrays) | whole, None)
        target.merge()
    return len(new)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # another process may be deleting it
            total += path.stat().st_size if path.is_file() else 0
    return total
