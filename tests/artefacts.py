"""Small artefacts and features for tests."""

from pathlib import Path

import numpy as np

from models.artefact.artefact import (
    GOLDEN,
    HEAD,
    MANIFEST,
    PATCHES,
    Artefact,
    Calibration,
    DataFacts,
    Manifest,
    OperatingPoint,
    OperatingPoints,
    file_sha256,
    load_artefact,
)
from models.artefact.golden import make_golden
from models.encoder.features import Features, Views
from models.heads import LinearHead
from models.patch_head import PatchHead

ENCODER = "fake:1"


class FakeEncoder:
    """Deterministic features from an image's coarse cells and its fine grain; 8 x 8 patches."""

    def __init__(self, encoder_id: str = ENCODER, size: int = 64) -> None:
        self.id = encoder_id
        self.size = size
        self.views_encoded = 0

    def encode(self, views: Views) -> Features:
        self.views_encoded += len(views)
        n, cell = len(views), self.size // 8
        grey = views.mean(axis=3)
        cells = grey.reshape(n, 8, cell, 8, cell)
        mean = cells.mean(axis=(2, 4)).reshape(n, 64).astype(np.float32)
        grain = cells.std(axis=(2, 4)).reshape(n, 64).astype(np.float32)
        embedding = mean - 127.5 + 1e-3
        embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
        tokens = np.stack([mean, grain], axis=1)
        patches = np.stack([mean / 10, grain, np.full_like(mean, 100)], axis=2).astype(np.float16)
        return Features(
            embedding,
            tokens,
            tokens[:, :1],
            tokens[:, 1:],
            encoder=self.id,
            patch_tokens=patches,
        )


def fake_features(values: list[float], encoder: str = ENCODER) -> Features:
    """One row per value; a head of `fake_head` gives the value back as its score."""
    n = len(values)
    tokens = np.zeros((n, 2, 3), np.float32)
    tokens[:, 1, 2] = values
    zeros = np.zeros((n, 1, 3), np.float32)
    return Features(np.zeros((n, 4), np.float32), tokens, zeros, zeros, encoder=encoder)


def fake_head() -> LinearHead:
    """Scores the last number of the class tokens."""
    weight = np.zeros(6, np.float32)
    weight[5] = 1
    return LinearHead(
        ("class_tokens",), np.zeros(6, np.float32), np.ones(6, np.float32), weight, 0.0
    )


class _SixNumbers:
    """An encoder whose features fit `fake_head`."""

    size = 32

    def __init__(self, encoder_id: str) -> None:
        self.id = encoder_id

    def encode(self, views: Views) -> Features:
        return fake_features([float(v.mean()) for v in views], self.id)


def write_artefact(
    folder: Path,
    *,
    encoder: str = ENCODER,
    ai_threshold: float = 2.0,
    human_threshold: float = -1.0,
    patches: PatchHead | None = None,
) -> Artefact:
    """A complete artefact with a head of `fake_head`, named after its folder."""
    folder.mkdir(parents=True)
    fake_head().save(folder / HEAD)
    if patches is not None:
        patches.save(folder / PATCHES)

    def point(rate: float, threshold: float) -> OperatingPoint:
        return OperatingPoint(
            rate=rate, threshold=threshold, measured=rate, low=rate / 2, high=2 * rate, n=1000
        )

    manifest = Manifest(
        name=folder.name,
        created="2026-01-01T00:00:00+00:00",
        encoder=encoder,
        head="linear",
        head_sha256=file_sha256(folder / HEAD),
        calibration=Calibration(slope=1.5, intercept=-0.5, n_ai=1000, n_human=1000),
        operating_points=OperatingPoints(
            ai=(point(0.01, ai_threshold),), human=(point(0.05, human_threshold),)
        ),
        ai_rate=0.01,
        human_rate=0.05,
        smallest_side=100,
        data=DataFacts(
            sha256="0" * 64,
            images={"ai": 1000, "human": 1000},
            groups={"ai": 10, "human": 10},
            folds=5,
            unreadable=0,
            licences={},
        ),
        metrics={"auroc": 0.9},
        licence="MIT",
        patches_sha256=None if patches is None else file_sha256(folder / PATCHES),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
    golden = make_golden(load_artefact(folder), _SixNumbers(encoder))
    (folder / GOLDEN).write_text(golden.model_dump_json(), "utf-8")
    return load_artefact(folder)
