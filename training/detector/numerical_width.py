"""How far raw scores move between the precisions of one encoder: a detector's `numerical_width`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import Encoder
from models.heads import Head
from models.tail import Tail
from training.data.features import compute_features
from training.data.manifest import Row
from training.detector.cross_fit import score_tail

SAMPLE = 200
"""Images that it is measured on."""
QUANTILE = 0.99
"""Share of images that move less."""


@dataclass(frozen=True)
class NumericalWidth:
    """What was measured.

    Attributes:
        width: On the raw score: all but 1 % of the images move less between any two precisions; 0
            where there is only one.
        images: How many were scored.
    """

    width: float = 0.0
    images: int = 0


def measure_numerical_width(
    head: Head,
    rows: Sequence[Row],
    encoders: Sequence[Encoder],
    cache: Path,
    tail: Tail | None = None,
) -> NumericalWidth:
    """Score some images in every precision of an encoder.

    With a tail it is the wider of two: of the head alone, which judges images without doubt, and
    of the mean of both, as if all were in doubt.

    Args:
        head: The head.
        rows: The images to choose from, all of them readable.
        encoders: Of one id, in different precisions.
        cache: Folder of the feature cache.
        tail: Of the detector, if it has one.
    """
    if len(encoders) < 2:
        return NumericalWidth()
    chosen = np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(int)
    sample = tuple(rows[i] for i in chosen)
    tables = [
        compute_features(sample, encoder, cache, tokens=tail is not None) for encoder in encoders
    ]
    alone = np.stack([head.score(table.features) for table in tables])
    width = width_of(alone)
    if tail is not None:
        images = np.arange(len(sample))
        second = np.stack([score_tail(tail, table, images) for table in tables])
        width = max(width, width_of((alone + second) / 2))
    return NumericalWidth(width, len(sample))


def width_of(scores: NDArray[np.floating]) -> float:
    """The width that raw scores call for.

    Args:
        scores: float [K, N], of N images on K kinds of CPU or in K precisions.

    Returns:
        The quantile of the images' ranges, rounded up to a hundredth.
    """
    return math.ceil(100 * float(np.quantile(np.ptp(scores, axis=0), QUANTILE))) / 100
