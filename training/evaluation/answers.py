"""A table of features to a detector's answers, exactly as it is shipped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector import Detector
from models import Encoder
from models.encoder.features import join
from training.data.augmentation import CLEAN, Treatment, recompressed, with_details
from training.data.features import FeatureTable, compute_features
from training.data.manifest import Row
from training.data.splits import group_keys, join_groups, near_duplicates
from training.evaluation.figures import Answers


def judge_rows(
    rows: Sequence[Row], detector: Detector, encoder: Encoder, cache: Path
) -> tuple[FeatureTable, Answers]:
    """Judge images as they are, looking again at those in doubt.

    Args:
        rows: Rows of a manifest.
        detector: The detector.
        encoder: The encoder that its artefact was made with.
        cache: Folder of the feature cache.

    Returns:
        Those that could be decoded, by their first view, and what is answered to each.

    Raises:
        EncoderDiffers: The detector was made with another encoder.
        TooFewImages: No image could be decoded.
    """
    detector.artefact.require(encoder.id)
    table = compute_features(rows, encoder, cache)
    groups = join_groups(table.rows, group_keys(table.rows), near_duplicates(table))
    further = doubtful_views(table, CLEAN, detector, encoder, cache)
    return table, answers_of(table, groups, detector, further)


def answers_of(
    table: FeatureTable,
    groups: Sequence[str],
    detector: Detector,
    doubtful: Sequence[FeatureTable] = (),
) -> Answers:
    """Let a detector answer, with everything that it asks to be told of an image.

    Args:
        table: N images by their first view.
        groups: The group of each.
        detector: The detector.
        doubtful: All views of those that are in doubt, see `doubtful_views`.

    Raises:
        EncoderDiffers: The features are another encoder's.
    """
    places = [{row: i for i, row in enumerate(view.rows)} for view in doubtful]
    found = []
    for i, row in enumerate(table.rows):
        views = [
            view.image(at[row]) for view, at in zip(doubtful, places, strict=True) if row in at
        ]
        # A view that could not be made leaves the first one alone.
        complete = join(*views) if views and len(views) == len(doubtful) else table.image(i)
        found.append(detector.assess(complete, table.measures(i)))
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
    """All views of the images that the first view leaves in doubt, in their order.

    With patch tokens, if the detector has a tail: 300 kB of cache for each.

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
    tokens = detector.artefact.tail is not None
    return [
        compute_features(doubtful, encoder, cache, treatment=view, tokens=tokens)
        for view in (treatment, *with_details(treatment), recompressed(treatment))
    ]
