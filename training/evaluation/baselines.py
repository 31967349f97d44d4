"""What a detector has to beat: file format alone, and the two standard recipes.

The format-only baseline sees no pixel. Where it does well, the images of the classes differ in how
they were stored, and a detector may owe its figures to that. The standard recipes are linear heads
on the same features: on the last layer (Ojha, Li and Lee, Towards universal fake image detectors
that generalize across generative models, CVPR 2023 - https://arxiv.org/abs/2302.10174), and on the
class tokens of all blocks (Koutlis and Papadopoulos, RINE, ECCV 2024 -
https://arxiv.org/abs/2402.19091, without its learned projections).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from imaging import ImagingError
from imaging.codecs.encoding import EncodingFacts, encoding_facts
from imaging.codecs.formats import FORMATS
from imaging.perturbations.web import Tier
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.data.splits import assign_folds
from training.detector.linear import fit_linear
from training.detector.recipe import Recipe, image_weights

Columns = NDArray[np.float64]
Tables = Mapping[Tier, FeatureTable]

FOLDS = 5
_GEOMETRY = 7
"""How many of the columns are about the sides alone; they come first."""


@dataclass(frozen=True)
class Baseline:
    """A simple way of scoring the images that a detector is judged on.

    Attributes:
        name: Stable, for programs.
        title: For people, short.
        about: What it is, in one sentence.
        scores: For each tier float64 [N], higher is more AI-like.
    """

    name: str
    title: str
    about: str
    scores: Mapping[Tier, NDArray[np.float64]]


def standard_recipes(training: FeatureTable, tables: Tables) -> tuple[Baseline, ...]:
    """Linear heads on the same features, fitted on clean training images.

    Args:
        training: Images to fit on, none of which is in the other tables.
        tables: Images to score, by tier.

    Raises:
        TooFewImages: The training images are of one class.
    """
    recipes = (
        ("all_blocks", "all blocks", "class tokens of all blocks", "class_tokens"),
        ("last_layer", "last layer", "embedding of the last layer", "embedding"),
    )
    found = []
    for name, title, what, array in recipes:
        recipe = Recipe(inputs=(array,))
        weights = image_weights(training.rows, training.is_ai, recipe)
        head = fit_linear(training.features, training.is_ai, weights, recipe)
        scores = {t: head.score(table.features).astype(np.float64) for t, table in tables.items()}
        about = f"Linear head on the {what}, fitted on the clean training images."
        found.append(Baseline(name, title, about, scores))
    return tuple(found)


def format_trained(training: FeatureTable, tables: Tables) -> Baseline:
    """Format alone, as far as it tells the classes apart among the training images.

    Raises:
        TooFewImages: The training images are of one class.
    """
    weights = image_weights(training.rows, training.is_ai, Recipe())
    known = format_columns(file_facts(training.rows))
    scores = {
        tier: _fitted(known, training.is_ai, weights, columns)
        for tier, columns in _columns(tables).items()
    }
    return Baseline(
        "format",
        "format (train)",
        "File format alone (container, sides, bytes per pixel, quantisation tables), fitted on the "
        "training images.",
        scores,
    )


def format_cross_fitted(tables: Tables, groups: Sequence[str]) -> Baseline:
    """Format alone, as far as it tells the classes apart among the very images to be judged.

    Fitted on four fifths of the groups and applied to the rest, in turn.

    Args:
        tables: Images to score, by tier; the same N in each.
        groups: What belongs together, of each of N.

    Raises:
        TooFewImages: There are too few groups to hold some out.
    """
    table = next(iter(tables.values()))
    strata = [row.label for row in table.rows]
    folds = assign_folds(groups, strata, FOLDS, 0)
    columns = _columns(tables)
    scores = {tier: np.zeros(len(groups)) for tier in tables}
    for fold in np.unique(folds):
        held = folds == fold
        rows = [row for row, out in zip(table.rows, held, strict=True) if not out]
        weights = image_weights(rows, table.is_ai[~held], Recipe())
        for tier, x in columns.items():
            scores[tier][held] = _fitted(x[~held], table.is_ai[~held], weights, x[held])
    return Baseline(
        "format_here",
        "format (here)",
        "File format alone, fitted on other groups of the very images judged here: how much these "
        "files give away.",
        scores,
    )


def file_facts(rows: Sequence[Row]) -> list[EncodingFacts | None]:
    """How each file is encoded; None where its header cannot be read."""

    def read(row: Row) -> EncodingFacts | None:
        try:
            return encoding_facts(row.path.read_bytes())
        except (ImagingError, OSError):
            return None

    return [read(row) for row in rows]


def format_columns(facts: Sequence[EncodingFacts | None]) -> Columns:
    """What the format-only baseline sees: float64 [N, K], NaN for what is not known."""
    return np.array([_describe(f) for f in facts], np.float64)


def _describe(facts: EncodingFacts | None) -> list[float]:
    nan = float("nan")
    if facts is None:
        return [nan] * (_GEOMETRY + len(FORMATS) + 6)
    width, height = facts.width, facts.height
    known = bool(facts.format)
    per_pixel = facts.bytes / (width * height)
    return [
        float(np.log2(width)),
        float(np.log2(height)),
        float(np.log2(width / height)),
        float(abs(np.log2(width / height))),
        float(width == height),
        float(width % 64 == 0) + float(height % 64 == 0),
        float(width % 8 == 0) + float(height % 8 == 0),
        *(float(facts.format == name) if known else nan for name in FORMATS),
        float(np.log2(per_pixel)) if known else nan,
        nan if facts.luma is None else facts.luma,
        nan if facts.chroma is None else facts.chroma,
        nan if facts.luma is None or facts.chroma is None else facts.luma - facts.chroma,
        nan if facts.subsampling is None else float(facts.subsampling),
        float(facts.progressive) if known else nan,
    ]


def _columns(tables: Tables) -> dict[Tier, Columns]:
    """Of the files as they are; of a degraded image, which is no file, the sides alone."""
    found: dict[Tier, Columns] = {}
    for tier, table in tables.items():
        if tier is Tier.CLEAN:
            found[tier] = format_columns(file_facts(table.rows))
        else:
            sides = [EncodingFacts("", int(w), int(h), 0) for w, h in table.sides]
            found[tier] = format_columns(sides)[:, :_GEOMETRY]
    return found


def _fitted(
    known: Columns, is_ai: NDArray[np.bool_], weights: NDArray[np.float64], asked: Columns
) -> NDArray[np.float64]:
    """Scores of the asked files by a random forest on the columns that they have."""
    # What no file to learn from has, such as quantisation tables among PNGs, cannot be learnt.
    used = np.flatnonzero(~np.isnan(known[:, : asked.shape[1]]).all(axis=0))
    model = RandomForestClassifier(100, min_samples_leaf=5, random_state=0)
    model.fit(known[:, used], is_ai, sample_weight=weights)
    return np.asarray(model.predict_proba(asked[:, used])[:, 1], np.float64)
