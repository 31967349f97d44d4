"""A table of features to a detector's answers, exactly as it is shipped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector import Detector
from models import Encoder
from models.encoder.features import join
from training.data.augmentation import Treatment, recompressed, with_details
from training.data.features import FeatureTable, compute_features
from training.evaluation.figures import Answers


def answers_of(
    table: FeatureTable,
    groups: Sequence[str],
    detector: Detector,
    others: Sequence[FeatureTable] = (),
) -> Answers:
    """Let a detector answer, with everything that it asks to be told of an image.

    Args:
        table: N images by their first view.
        groups: The group of each.
        detector: The detector.
        others: The other views of those that are in doubt, see `doubtful_views`.

    Raises:
        EncoderDiffers: The features are another encoder's.
    """
    places = [{row: i for i, row in enumerate(other.rows)} for other in others]
    found = []
    for i, row in enumerate(table.rows):
        further = [
            other.image(at[row]) for other, at in zip(others, places, strict=True) if row in at
        ]
        # A view that could not be made leaves the first one alone.
        complete = further if len(further) == len(others) else []
        found.append(detector.assess(join(table.image(i), *complete), table.measures(i)))
    return Answers(
        table.rows,
        groups,
        np.array([one.score for one in found]),
        np.array([one.probability for one in found]),
        [one.verdict for one in found],
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
