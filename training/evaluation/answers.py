"""A table of features to a detector's answers, exactly as it is shipped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector import Detector, Measures
from evidence import Information
from models import Encoder
from models.encoder.features import join
from training.data.augmentation import Treatment, recompressed, with_details
from training.data.features import FeatureTable, compute_features
from training.evaluation.figures import Judged

_UNMEASURED = Information(ground=0.0, detail=1.0, too_plain=False)
"""Stands for the measures of pixels, which a table of features does not keep."""


def judge(
    table: FeatureTable,
    groups: Sequence[str],
    detector: Detector,
    others: Sequence[FeatureTable] = (),
) -> Judged:
    """Let a detector answer.

    Only what it says of plain images is not asked for: that is measured on the pixels.

    Args:
        table: N images by their first view.
        groups: The group of each.
        detector: The detector.
        others: The other views of those that are in doubt, see `doubtful_views`.

    Raises:
        EncoderDiffers: The features are another encoder's.
    """
    places = [{row: i for i, row in enumerate(other.rows)} for other in others]
    answers = []
    for i, row in enumerate(table.rows):
        further = [
            other.image(at[row]) for other, at in zip(others, places, strict=True) if row in at
        ]
        # A view that could not be made leaves the first one alone.
        complete = further if len(further) == len(others) else []
        answers.append(
            detector.assess(
                join(table.image(i), *complete), Measures(int(table.short_side[i]), _UNMEASURED)
            )
        )
    return Judged(
        table.rows,
        groups,
        np.array([a.score for a in answers]),
        np.array([a.probability for a in answers]),
        [a.verdict for a in answers],
    )


def doubtful_views(
    table: FeatureTable,
    treatment: Treatment,
    detector: Detector,
    encoder: Encoder,
    cache: Path,
) -> list[FeatureTable]:
    """The other views of the images that the first view leaves in doubt, in their order.

    Args:
        table: Images by their first view.
        treatment: What degraded them.
        detector: Says which are in doubt.
        encoder: Encodes the views.
        cache: Folder of the feature cache.
    """
    doubtful = [row for i, row in enumerate(table.rows) if detector.in_doubt(table.image(i))]
    if not doubtful:
        return []
    return [
        compute_features(doubtful, encoder, cache, treatment=view)
        for view in (*with_details(treatment), recompressed(treatment))
    ]
