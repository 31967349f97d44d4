"""Manifest to artefact: features, folds, head, calibration, figures, model card."""

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.calibration import fit_platt, operating_points, probability
from detector.pixels import publish
from models import Artefact, Encoder, Manifest, load_artefact
from models.artefact import (
    GOLDEN,
    HEAD,
    MANIFEST,
    NAME,
    Calibration,
    DataFacts,
    OperatingPoint,
    file_sha256,
    save_seen,
)
from models.golden import make_golden
from training.card import write_card
from training.errors import TooFewImages, TrainingError
from training.features import FeatureTable, Progress, compute_features
from training.figures import Figures, Judged, figures
from training.fit import Recipe, cross_fit, fit_head, image_weights
from training.manifest import in_split, read_manifest
from training.splits import (
    assign_folds,
    group_keys,
    join_groups,
    near_duplicates,
    require_no_leak,
)

SPLIT = "train"
"""The only split that a head is ever made from, in a manifest that has splits."""

AI_RATE, HUMAN_RATE = 0.005, 0.05
"""Stated rates of the published verdicts: of human works called `ai`, of AI pictures `human`.

The first is half of the one percent that may be accused, because on sources of a new kind more than
the stated rate is measured.
"""


def train(
    manifest: Path,
    out: Path,
    *,
    encoder: Encoder,
    cache: Path,
    name: str | None = None,
    progress: Progress | None = None,
    recipe: Recipe | None = None,
) -> Artefact:
    """Make an artefact from the rows of the split `train`, or from all if there are no splits.

    Calibration, thresholds and figures come from cross-fitting: every image is scored by a head
    that was fitted without its fold, and folds part no source, creator, generator, pair or
    near-duplicate. The head that is kept is fitted on all images, by the same recipe.

    Args:
        manifest: CSV or Parquet, see `training.manifest.read_manifest`.
        out: Folder of the artefact; absent or empty.
        encoder: Whose features the head shall read.
        cache: Folder of the feature cache.
        name: Name of the artefact; the folder's name by default.
        progress: Told how far the features are.
        recipe: How the head is made.

    Raises:
        TrainingError: The manifest is not valid, there is too little in it, or `out` is taken.
    """
    recipe = recipe or Recipe()
    name = name or out.resolve().name
    if not re.fullmatch(NAME, name):
        raise TrainingError(f"{name!r} is no name for a model: a-z, 0-9, dot, dash and underscore")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TrainingError(f"{out} exists and is not empty: choose another folder")
    rows = in_split(read_manifest(manifest), SPLIT)
    if {row.label for row in rows} != {"ai", "human"}:
        raise TooFewImages("training needs AI pictures and human works (in the split `train`)")
    table = compute_features(rows, encoder, cache, progress)
    held_out = cross_validate(table, recipe)
    is_ai = held_out.judged.is_ai
    head = fit_head(table.features, is_ai, image_weights(table.rows, recipe), recipe)
    summary = figures(held_out.judged)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".train-") as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        head.save(folder / HEAD)
        save_seen(folder, table.sha256)
        record = Manifest(
            name=name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=encoder.id,
            head=head.kind,
            head_sha256=file_sha256(folder / HEAD),
            calibration=held_out.calibration,
            operating_points=held_out.points,
            ai_rate=AI_RATE,
            human_rate=HUMAN_RATE,
            smallest_side=int(table.short_side.min()),
            data=_data_facts(table, held_out, recipe),
            metrics=headline(summary),
            licence="MIT",
        )
        (folder / MANIFEST).write_text(record.model_dump_json(indent=2) + "\n", "utf-8")
        golden = make_golden(load_artefact(folder), encoder)
        (folder / GOLDEN).write_text(golden.model_dump_json(indent=2) + "\n", "utf-8")
        write_card(folder, record, summary, recipe)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    return load_artefact(out)


@dataclass(frozen=True)
class HeldOut:
    """What cross-fitting says.

    Attributes:
        judged: Every image scored by a head without its fold, and answered with thresholds that
            were set without its fold too.
        calibration: Fitted on all held-out scores; the one that is shipped.
        points: Operating points on all held-out scores; those that are shipped.
    """

    judged: Judged
    calibration: Calibration
    points: tuple[OperatingPoint, ...]


def cross_validate(table: FeatureTable, recipe: Recipe) -> HeldOut:
    """Score, calibrate and answer every image without its fold.

    Raises:
        TooFewImages: There are fewer groups than folds, or a fold leaves one class alone.
        LeakageError: The folds part what belongs together (a fault of this package).
    """
    pairs = near_duplicates(table)
    groups = join_groups(table.rows, group_keys(table.rows), pairs)
    strata = [f"{row.label} {row.kind}" for row in table.rows]
    folds = assign_folds(groups, strata, recipe.folds, recipe.seed)
    require_no_leak(table, folds, pairs)
    is_ai = np.array([row.label == "ai" for row in table.rows])
    for fold in range(recipe.folds):
        kept = is_ai[folds != fold]
        if kept.all() or not kept.any():
            raise TooFewImages(
                "too few sources to hold some out: each label needs images of several sources, "
                "creators or generators"
            )
    scores = cross_fit(table.rows, table.features, groups, folds, recipe).astype(np.float64)
    probabilities = np.zeros(len(scores))
    verdicts = np.empty(len(scores), object)
    for fold in range(recipe.folds):
        held = folds == fold
        calibration, points = _calibrate(scores[~held], is_ai[~held])
        ai, human = _published(points)
        probabilities[held] = [probability(s, calibration) for s in scores[held]]
        verdicts[held] = [publish(s, ai, human)[0] for s in scores[held]]
    judged = Judged(table.rows, groups, scores, probabilities, list(verdicts))
    return HeldOut(judged, *_calibrate(scores, is_ai))


def headline(summary: Figures) -> dict[str, float]:
    """The figures that the manifest carries and the scan's report shows."""
    overall = summary.overall
    found: dict[str, float] = {}
    for name, estimate in (
        ("auroc", summary.auroc_by_group),
        ("tpr_at_1_percent_fpr", summary.tpr_at_1_percent_fpr),
        ("humans_called_ai", overall.humans_called_ai),
        ("ai_called_ai", overall.ai_called_ai),
        ("ai_called_human", overall.ai_called_human),
        ("inconclusive", overall.inconclusive),
    ):
        if estimate is not None:
            found |= {
                name: round(estimate.value, 6),
                f"{name}_low": round(estimate.low, 6),
                f"{name}_high": round(estimate.high, 6),
            }
    return found | {"calibration_error": round(summary.calibration_error, 6)}


def _calibrate(
    scores: NDArray[np.float64], is_ai: NDArray[np.bool_]
) -> tuple[Calibration, tuple[OperatingPoint, ...]]:
    ai, human = scores[is_ai], scores[~is_ai]
    try:
        calibration = fit_platt(ai, human)
    except ValueError as error:
        raise TooFewImages(f"the head tells nothing on held-out images: {error}") from error
    return calibration, operating_points(ai, human, ai_rate=AI_RATE, human_rate=HUMAN_RATE)


def _published(points: Sequence[OperatingPoint]) -> tuple[OperatingPoint, OperatingPoint]:
    ai = next(p for p in points if p.verdict == "ai" and p.rate == AI_RATE)
    human = next(p for p in points if p.verdict == "human" and p.rate == HUMAN_RATE)
    return ai, human


def _data_facts(table: FeatureTable, held_out: HeldOut, recipe: Recipe) -> DataFacts:
    images = sorted(f"{row.label} {d}" for row, d in zip(table.rows, table.sha256, strict=True))
    labels = [row.label for row in table.rows]
    members = {(label, g) for label, g in zip(labels, held_out.judged.groups, strict=True)}
    return DataFacts(
        sha256=hashlib.sha256("\n".join(images).encode()).hexdigest(),
        images=dict(sorted(Counter(labels).items())),
        groups=dict(sorted(Counter(label for label, _ in members).items())),
        folds=recipe.folds,
        unreadable=len(table.unreadable),
        licences=dict(Counter(row.licence or "not stated" for row in table.rows).most_common()),
    )
