"""Manifest to similarity artefact: features in several views, heads, cohort, figures, card."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files import published, write_whole
from models import Encoder
from models.artefact.artefact import GOLDEN, open_artefact
from models.artefact.detector import save_seen
from models.artefact.golden import dump_golden
from models.artefact.manifest import (
    CohortFacts,
    CopyThresholds,
    SimilarityManifest,
    StyleRates,
    code_version,
    images_sha256,
    now,
)
from models.artefact.registry import SHIPPED
from models.artefact.writing import check_new, seal
from similarity.artefact import HEADS, Heads, SimilarityArtefact, load_heads, save_heads
from similarity.golden import make_golden
from similarity.styles.open_set import Cohort
from training.data.augmentation import CLEAN, Treatment, augmented, detail, restyled
from training.data.features import FeatureTable, Progress, Step, compute_features, compute_views
from training.data.manifest import Row, read_training_rows
from training.errors import TooFewImages
from training.similarity.card import write_card
from training.similarity.copy_fit import fit_copy
from training.similarity.style_figures import StyleFigures, cross_fit_style
from training.similarity.style_fit import RECIPE, StyleRecipe
from training.similarity.trials import HeldOut, TrainingSet, deals, draw_trial, fit_style_head

VIEWS: tuple[Treatment, ...] = (CLEAN, augmented(1), detail(0), restyled(1), restyled(2))
"""In which works are learnt from: as they are, degraded, in detail, and twice restyled."""

BY_AI = 1_000
"""Pictures by AIs in the cohort, at most."""

LEAST_COSINE = 0.22
"""Of copy vectors, below which a work is no candidate: hardly any copy lies below it."""

PROVEN_BY = "similarity-v3-int8"
"""The shipped model whose proof of copies others begin with: it looks at pixels, not at features.
`python -m training.similarity.proof_fit` fits another one."""


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

    Figures come from creators that the head has not seen, and from sources that it has not seen
    (`training.similarity.style_figures`); what is kept is fitted on all. The shares by which
    verdicts are stated are those of the worse ground of both.

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
        TrainingError: The manifest is not valid, or there is too little in it.
        ArtefactError: `out` is taken, or its name is none.
    """
    name = check_new(out, name)
    rows = read_training_rows(manifest)
    if not any(row.creator for row in rows if row.label == "human"):
        raise TooFewImages("styles are learnt from human works whose creators are named")
    tell = step or (lambda _: None)
    table = compute_features(rows, encoder, cache, progress, CLEAN, tokens=True)
    works = _training_set(named_works(table), encoder, cache, progress)
    imitations = _training_set(imitations_of(table), encoder, cache, progress)
    tell("judging heads on creators that they have not seen")
    by_ai = table.features[table.is_ai]
    trials = {
        held_out: cross_fit_style(works, imitations, by_ai, recipe, held_out)
        for held_out in _grounds(works.rows)
    }
    correction = max(one.correction() for one in trials.values())
    figures = {held_out: one.figures(correction) for held_out, one in trials.items()}
    tell("fitting the heads")
    style = fit_style_head(works, imitations, recipe)
    heads = Heads(style, fit_copy(table), _cohort(table, style(table.features)))
    record = _record(name, encoder.id, table, works, correction, figures, recipe)
    with published(out) as folder:
        save_heads(folder, heads)
        # As they will be read: they are kept rounded.
        kept = load_heads(folder / HEADS, record.members, record.cohort_correction)
        write_whole(folder / GOLDEN, dump_golden(make_golden(kept, record.copies, encoder)))
        save_seen(folder, table.sha256)
        write_card(folder, record, figures, recipe)
        seal(folder, record)
    return SimilarityArtefact.load(out)


def named_works(table: FeatureTable) -> FeatureTable:
    """The human works whose creators are named."""
    named = [row.label == "human" and bool(row.creator) for row in table.rows]
    return table.where(np.array(named))


def imitations_of(table: FeatureTable) -> FeatureTable:
    """The pictures by AIs that were asked for in the style of a named artist."""
    return table.where(np.array([bool(row.prompted_artist) for row in table.rows]) & table.is_ai)


def _grounds(rows: Sequence[Row]) -> tuple[HeldOut, ...]:
    """What heads can be judged on: sources only where there are enough to hold some out."""
    try:
        for deal in deals(rows, HeldOut.SOURCES):
            if not deal.seen.any():
                raise TooFewImages("no source is left to learn from")
            names = np.array([row.creator for row in rows], object)
            draw_trial(names, deal.held, np.random.default_rng(deal.seed))
    except TooFewImages:
        return (HeldOut.CREATORS,)
    return tuple(HeldOut)


def _training_set(
    clean: FeatureTable, encoder: Encoder, cache: Path, progress: Progress | None
) -> TrainingSet:
    """Pictures in every view, those that are readable in all."""
    if not clean.rows:
        return TrainingSet((), tuple(clean.features for _ in VIEWS))
    views = list(compute_views(clean.rows, encoder, cache, VIEWS, progress).values())
    return TrainingSet(views[0].rows, tuple(view.features for view in views))


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
    table: FeatureTable,
    works: TrainingSet,
    correction: float,
    figures: Mapping[HeldOut, StyleFigures],
    recipe: StyleRecipe,
) -> SimilarityManifest:
    return SimilarityManifest(
        name=name,
        created=now(),
        made_by=code_version(),
        encoder=encoder,
        licence="MIT",
        members=tuple(recipe.members),
        cohort_correction=correction,
        copies=_copies(),
        styles=StyleRates(),
        data=CohortFacts(
            sha256=images_sha256(table.sha256),
            images=len(table.rows),
            creators=len({row.creator for row in works.rows}),
            licences=dict(_licences(table.rows)),
        ),
        metrics=figures[HeldOut.CREATORS].metrics(),
    )


def _copies() -> CopyThresholds:
    shipped = open_artefact(SHIPPED / PROVEN_BY, SimilarityManifest).manifest.copies
    return shipped.model_copy(update={"least_cosine": LEAST_COSINE})


def _licences(rows: tuple[Row, ...]) -> list[tuple[str, int]]:
    return Counter(row.licence or "not stated" for row in rows).most_common()
