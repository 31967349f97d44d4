"""Manifest to similarity artefact: features in several views, heads, cohort, figures, card."""

import hashlib
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import Encoder
from models.artefact.artefact import NAME
from similarity.artefact import (
    Heads,
    SimilarityArtefact,
    SimilarityManifest,
    load_artefact,
    save_artefact,
    save_heads,
)
from similarity.styles.open_set import Cohort
from training.data.augmentation import CLEAN, Treatment, augmented, detail, restyled
from training.data.features import FeatureTable, Progress, Step, compute_features
from training.data.manifest import TRAIN, Row, in_split, read_manifest
from training.errors import TooFewImages, TrainingError
from training.similarity.card import write_card
from training.similarity.copy_fit import fit_copy
from training.similarity.style_figures import StyleFigures, cross_fit_style
from training.similarity.style_fit import RECIPE, StyleRecipe
from training.similarity.trials import TrainingSet, fit_style_head

VIEWS: tuple[Treatment, ...] = (CLEAN, augmented(1), detail(0), restyled(1), restyled(2))
"""In which works are learnt from: as they are, degraded, in detail, and twice restyled."""

BY_AI = 1_000
"""Pictures by AIs in the cohort, at most."""

COPY_GATE = 0.22
"""Cosine of copy vectors below which a work is no candidate: hardly any copy lies below it."""


def train_similarity(
    manifest: Path,
    out: Path,
    *,
    encoder: Encoder,
    cache: Path,
    name: str | None = None,
    progress: Progress | None = None,
    step: Step | None = None,
    recipe: StyleRecipe = RECIPE,
) -> SimilarityArtefact:
    """Make a similarity artefact from the split `train`, or from all rows if there are no splits.

    Figures come from creators that the head has not seen (`training.similarity.style_figures`);
    what is kept is fitted on all.

    Args:
        manifest: CSV or Parquet, see `training.data.manifest.read_manifest`; human works need a
            `creator`.
        out: Folder of the artefact; absent or empty.
        encoder: Whose features the heads shall read.
        cache: Folder of the feature cache.
        name: Name of the artefact; the folder's name by default.
        progress: Told how far the features are.
        step: Told what is being done once the features are there.
        recipe: How the style head is made.

    Raises:
        TrainingError: The manifest is not valid, there is too little in it, or `out` is taken.
    """
    name = name or out.resolve().name
    if not re.fullmatch(NAME, name):
        raise TrainingError(f"{name!r} is no name for a model: a-z, 0-9, dot, dash and underscore")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TrainingError(f"{out} exists and is not empty: choose another folder")
    rows = in_split(read_manifest(manifest), TRAIN)
    if not any(row.creator for row in rows if row.label == "human"):
        raise TooFewImages("styles are learnt from human works whose creators are named")
    tell = step or (lambda _: None)
    table = compute_features(rows, encoder, cache, progress, CLEAN, tokens=True)
    works = _training_set(named_works(table), encoder, cache, progress)
    imitations = _training_set(_imitations(table), encoder, cache, progress)
    tell("judging heads on creators that they have not seen")
    figures = cross_fit_style(works, imitations, table.features[table.is_ai], recipe)
    tell("fitting the heads")
    style = fit_style_head(works, imitations, recipe)
    heads = Heads(style, fit_copy(table), _cohort(table, style(table.features)))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".train-") as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        digest = save_heads(folder, heads)
        record = _record(name, encoder.id, digest, table, works, figures, recipe)
        save_artefact(folder, record)
        write_card(folder, record, figures, recipe)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    return load_artefact(out)


def named_works(table: FeatureTable) -> FeatureTable:
    """The human works whose creators are named."""
    named = [row.label == "human" and bool(row.creator) for row in table.rows]
    return table.where(np.array(named))


def _imitations(table: FeatureTable) -> FeatureTable:
    """The pictures by AIs that were asked for in the style of a named artist."""
    return table.where(np.array([bool(row.prompted_artist) for row in table.rows]) & table.is_ai)


def _training_set(
    clean: FeatureTable, encoder: Encoder, cache: Path, progress: Progress | None
) -> TrainingSet:
    """Pictures in every view, those that are readable in all."""
    if not clean.rows:
        return TrainingSet((), tuple(clean.features for _ in VIEWS))
    others = (compute_features(clean.rows, encoder, cache, progress, t) for t in VIEWS[1:])
    views = [clean, *others]
    common = set.intersection(*(set(view.rows) for view in views))
    kept = [view.where(np.array([row in common for row in view.rows])) for view in views]
    return TrainingSet(kept[0].rows, tuple(view.features for view in kept))


def _cohort(table: FeatureTable, styles: NDArray[np.float32]) -> Cohort:
    """All human works, and some pictures by AIs; persons by number, the nameless each their own."""
    human = ~table.is_ai
    by_ai = np.random.default_rng(0).permutation(np.flatnonzero(table.is_ai))[:BY_AI]
    rows = [row for row in table.rows if row.label == "human"]
    people = _numbers([row.creator or f"nameless {i}" for i, row in enumerate(rows)])
    return Cohort(
        np.concatenate([styles[human], styles[by_ai]]),
        np.concatenate([people, np.full(len(by_ai), -1, np.int64)]),
    )


def _numbers(names: list[str]) -> NDArray[np.int64]:
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def _record(
    name: str,
    encoder: str,
    digest: str,
    table: FeatureTable,
    works: TrainingSet,
    figures: StyleFigures,
    recipe: StyleRecipe,
) -> SimilarityManifest:
    return SimilarityManifest(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        encoder=encoder,
        members=tuple(recipe.members),
        heads_sha256=digest,
        optimism=figures.correction,
        copy_gate=COPY_GATE,
        images=len(table.rows),
        creators=len({row.creator for row in works.rows}),
        data_sha256=hashlib.sha256("\n".join(sorted(table.sha256)).encode()).hexdigest(),
        licences=dict(_licences(table.rows)),
        metrics=figures.metrics(),
        licence="MIT",
    )


def _licences(rows: tuple[Row, ...]) -> list[tuple[str, int]]:
    return Counter(row.licence or "not stated" for row in rows).most_common()
