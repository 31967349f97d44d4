"""Features of uploads, kept by a running service for labels that may come later.

answered upload -> some together in memory -> a shard on the disk -> deleted after some days,
                                              or at once where its account is erased

What lies in memory is lost where a process dies: at most `TOGETHER` uploads, or those since the
last time that it was tidied.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from imaging import sketch
from models.encoder.features import ARRAYS
from models.feature_store.shards import folder_name
from models.feature_store.uploads import UploadFeatures
from serving.online import JudgedUpload
from similarity.copies.pdq import hash_of

TOGETHER = 64
"""Uploads that are written at once: 4 MB in memory with CLIP ViT-B/16."""

_Row = dict[str, np.ndarray]
_Place = tuple[str, str]
"""Id of an encoder, and the name of its folder."""


class FeatureKeeper:
    """Keeps features of uploads; called with each one that is answered, by many threads."""

    def __init__(
        self,
        store: UploadFeatures,
        cache: Path,
        *,
        labelled: Callable[[], Collection[str]],
        together: int = TOGETHER,
    ) -> None:
        """Begin with nothing in memory.

        Args:
            store: Where they are kept.
            cache: Feature cache of training: what has a label when its days are over stays there.
            labelled: Gives hex digests of images that have a label.
            together: Uploads that are written at once.
        """
        self._store = store
        self._cache = cache
        self._labelled = labelled
        self._together = together
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[_Place, dict[str, _Row]] = defaultdict(dict)

    def __call__(self, upload: JudgedUpload) -> None:
        """Keep the features of an upload's first view."""
        encoder = upload.judge.encoder
        place = encoder.id, folder_name(encoder)
        row = _row(upload)
        with self._lock:
            self._waiting[place][upload.judgement.image.sha256] = row
            full = len(self._waiting[place]) >= self._together
        if full:
            self.write()

    def write(self) -> None:
        """Write what is in memory."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, defaultdict(dict)
            today = datetime.now(UTC).date()
            for (encoder, name), rows in waiting.items():
                first = next(iter(rows.values()))
                arrays = {key: np.stack([row[key] for row in rows.values()]) for key in first}
                self._store.keep(encoder, name, list(rows), arrays, today)

    def forget(self, digests: Collection[str]) -> None:
        """Delete what is kept of images, by the hex digests of their files."""
        self.write()
        self._store.forget(digests)

    def tidy(self) -> None:
        """Write what is in memory, and delete what was kept long enough."""
        self.write()
        if self._store.expiring():
            self._store.collect(self._labelled(), self._cache)
            self._store.expire()


def _row(upload: JudgedUpload) -> _Row:
    """What is kept of an upload, as the feature cache of training has it; holds no more than it."""
    seen = upload.prepared.measures.information
    drawn = upload.prepared.sketch
    facts = upload.judgement.image
    return {
        **{name: getattr(upload.features, name)[0].copy() for name in ARRAYS},
        "sides": np.array([facts.width, facts.height], np.int64),
        "hashes": hash_of(sketch(upload.image) if drawn is None else drawn)[0],
        "information": np.array([seen.ground, seen.detail]),
    }
