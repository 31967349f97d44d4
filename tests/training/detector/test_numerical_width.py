from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models import Features
from models.encoder.features import Views
from models.heads import LinearHead
from tests.artefacts import FakeEncoder
from training.data.manifest import in_split, read_manifest
from training.detector.numerical_width import NumericalWidth, measure_numerical_width, width_of

HEAD = LinearHead(
    ("class_tokens",),
    np.zeros(128, np.float32),
    np.ones(128, np.float32),
    np.full(128, 0.5, np.float32),
    0.0,
)


@dataclass
class Shifted:
    """An encoder in a precision in which every class token is off by a set amount."""

    precision: str
    by: float
    id: str = "fake:1"
    size: int = 64

    def encode(self, views: Views) -> Features:
        features = FakeEncoder().encode(views)
        return replace(features, class_tokens=features.class_tokens + np.float32(self.by))


def test_the_widest_pair_of_precisions_counts(small_manifest: Path, tmp_path: Path) -> None:
    rows = in_split(read_manifest(small_manifest), "dev")
    encoders = [Shifted("fp32", 0.0), Shifted("bf16", 0.0078125), Shifted("fp16", -0.0078125)]
    # 128 numbers, each half a point: every score moves by 0.5 up or down.
    found = measure_numerical_width(HEAD, rows, encoders, tmp_path)
    assert found.images == 60
    assert abs(found.width - 1) <= 0.0101


def test_one_precision_says_nothing(small_manifest: Path, tmp_path: Path) -> None:
    rows = in_split(read_manifest(small_manifest), "dev")
    found = measure_numerical_width(HEAD, rows, [Shifted("fp32", 0.0)], tmp_path)
    assert found == NumericalWidth(0, 0)


def test_one_image_in_a_hundred_may_move_further() -> None:
    scores = np.zeros((2, 1000))
    scores[1] = 0.101
    scores[1, :9] = 5
    assert width_of(scores) == 0.11
    scores[1, :11] = 5
    assert width_of(scores) == 5
