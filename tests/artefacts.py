"""Small artefacts and features for tests."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from core.files import published, write_whole
from detector.pixels.novelty import NoveltyModel
from models.artefact.artefact import CARD, GOLDEN
from models.artefact.detector import HEAD, PATCHES, PHOTO, DetectorArtefact, save_seen
from models.artefact.golden import dump_golden, make_golden
from models.artefact.manifest import (
    Calibration,
    DataFacts,
    DetectorManifest,
    OperatingPoint,
    OperatingPoints,
    PhotoThresholds,
)
from models.artefact.writing import seal
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


def operating_point(threshold: float, rate: float = 0.01, n: int = 1000) -> OperatingPoint:
    return OperatingPoint(
        rate=rate, threshold=threshold, measured=rate, low=rate / 2, high=2 * rate, n=n
    )


def write_artefact(
    folder: Path,
    *,
    encoder: str = ENCODER,
    ai_threshold: float = 2.0,
    human_threshold: float = -1.0,
    patches: PatchHead | None = None,
    photo: PhotoThresholds | None = None,
    novelty: NoveltyModel | None = None,
    seen: Iterable[str] = (),
    numerical_width: float = 0.0,
) -> DetectorArtefact:
    """A complete detector with a head of `fake_head`, named after its folder."""
    manifest = DetectorManifest(
        name=folder.name,
        created="2026-01-01T00:00:00+00:00",
        made_by="0.0.1",
        encoder=encoder,
        licence="MIT",
        head="linear",
        calibration=Calibration(slope=1.5, intercept=-0.5, n_ai=1000, n_human=1000),
        operating_points=OperatingPoints(
            ai=(operating_point(ai_threshold),),
            human=(operating_point(human_threshold, 0.05),),
        ),
        ai_rate=0.01,
        human_rate=0.05,
        smallest_side=100,
        numerical_width=numerical_width,
        photo=photo,
        novelty=None if novelty is None else novelty.threshold,
        data=DataFacts(
            sha256="0" * 64,
            images={"ai": 1000, "human": 1000},
            groups={"ai": 10, "human": 10},
            folds=5,
            unreadable=0,
            licences={},
        ),
        metrics={"auroc": 0.9},
    )
    with published(folder) as draft:
        fake_head().save(draft / HEAD)
        if patches is not None:
            patches.save(draft / PATCHES)
        if photo is not None:
            fake_head().save(draft / PHOTO)
        if novelty is not None:
            novelty.save(draft)
        save_seen(draft, seen)
        golden = make_golden(fake_head(), _SixNumbers(encoder))
        write_whole(draft / GOLDEN, dump_golden(golden))
        write_whole(draft / CARD, b"# The card\n")
        seal(draft, manifest)
    return DetectorArtefact.load(folder)
