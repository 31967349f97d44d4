"""Manifest to artefact: features, folds, heads, calibration, figures, model card."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.extras import require_extra
from core.files import published, write_whole
from models import DetectorArtefact, DetectorManifest, Encoder
from models.artefact.artefact import GOLDEN
from models.artefact.detector import HEAD, PATCHES, PHOTO, TAIL, save_seen, save_tail_held_out
from models.artefact.golden import dump_golden, make_golden
from models.artefact.manifest import DataFacts, code_version, images_sha256, now
from models.artefact.writing import check_new, seal
from models.tail import LastBlocks, Tail
from training.data.augmentation import CLEAN
from training.data.checking import require_files, require_one_label
from training.data.features import FeatureTable, Progress, Step, compute_views
from training.data.manifest import Row, read_training_rows
from training.detector.card import Made, write_card
from training.detector.cross_fit import (
    AI_RATE,
    HUMAN_RATE,
    LEARNT,
    TAIL_LEARNT,
    HeldOut,
    Tables,
    Tune,
    cross_fit,
    fit_head,
)
from training.detector.heat import fit_heat
from training.detector.novelty import fit_novelty
from training.detector.numerical_width import measure_numerical_width
from training.detector.photo import fit_photo
from training.detector.recipe import Recipe, image_weights, in_use
from training.errors import TooFewImages
from training.evaluation.figures import Figures, detector_figures
from training.labels.suspects import suspected, write_suspects


def train(
    manifest: Path,
    out: Path,
    *,
    encoder: Encoder,
    cache: Path,
    name: str | None = None,
    progress: Progress | None = None,
    step: Step | None = None,
    recipe: Recipe | None = None,
    device: str = "cpu",
    others: Sequence[Encoder] = (),
    start: LastBlocks | None = None,
    allow_missing: bool = False,
    suspects: Path | None = None,
) -> DetectorArtefact:
    """Make a detector from the rows of the split `train`, or from all if there are no splits.

    Calibration, thresholds and figures come from cross-fitting (`training.detector.cross_fit`).
    What is kept is fitted on all images, by the same recipe: the head, and beside it the patch
    head of the heat map, the photo head and the distances from the training set.

    Args:
        manifest: CSV or Parquet, see `training.data.manifest.read_manifest`.
        out: Folder of the artefact; absent or empty.
        encoder: Whose features the head shall read.
        cache: Folder of the feature cache.
        name: Name of the artefact; the folder's name by default.
        progress: Told how far the features are.
        step: Told what is being done once the features are there.
        recipe: How the head is made.
        device: Where torch trains the networks: `cpu`, `cuda`, ...
        others: The encoder in other precisions, by which `numerical_width` is measured; without
            any it stays 0.
        start: The encoder's last blocks, of which a tail is made; without them there is none.
        allow_missing: Leave out rows whose image is not there, and of which no features are kept.
        suspects: File for the images whose labels are likely wrong; None for none.

    Raises:
        MissingExtra: torch, or cleanlab, is not installed.
        MissingFiles: Images are not there; names the rows.
        ContradictoryLabels: The same image is called both `ai` and `human`; names the rows.
        TrainingError: The manifest is not valid, or there is too little in it.
        ArtefactError: `out` is taken, or its name is none.
    """
    recipe = recipe or Recipe()
    name = check_new(out, name)
    rows = read_training_rows(manifest)
    if {row.label for row in rows} != {"ai", "human"}:
        raise TooFewImages("training needs AI pictures and human works (in the split `train`)")
    if not allow_missing:
        require_files(rows)
    tuned = start is not None and recipe.tail is not None
    # The heat map is learnt from tokens, too.
    tokens = TAIL_LEARNT if tuned else (CLEAN,)
    tables = compute_views(rows, encoder, cache, LEARNT, progress, tokens=tokens)
    table = tables[CLEAN.name]
    if not allow_missing:
        require_files(rows, kept=set(table.rows))
    require_one_label(table)
    tell = step or (lambda _: None)
    tail = None
    with _tuning(tables, recipe, start, cache, device) as tune:
        tell("scoring every image by heads that have not seen its group")
        held_out = cross_fit(tables, recipe, device=device, tune=tune)
        if tune is not None:
            tell("tuning the tail")
            tail = tune(np.arange(len(table.rows)))
    groups, folds = held_out.groups, held_out.folds
    if suspects is not None:
        tell("looking for labels that are likely wrong")
        digests = dict(zip(table.rows, table.sha256, strict=True))
        write_suspects(suspected(held_out.answers, digests), suspects)
    tell("fitting the head")
    head = fit_head(tables, recipe, device=device)
    summary = detector_figures(held_out.answers)
    today = held_out.answers.of(np.flatnonzero(in_use(held_out.answers.rows)))
    tell("fitting the heat map")
    heat = fit_heat(table, groups, folds, encoder, recipe)
    tell("fitting the photo signal and the distances")
    photo = fit_photo(table.rows, table.features, groups, folds)
    novelty = fit_novelty(table.features, table.is_ai, folds)
    tell("comparing precisions")
    width = measure_numerical_width(head, table.rows, (encoder, *others), cache, tail)
    record = DetectorManifest(
        name=name,
        created=now(),
        made_by=code_version(),
        encoder=encoder.id,
        licence="MIT",
        head=head.kind,
        calibration=held_out.calibration.calibration,
        operating_points=held_out.calibration.points.within(width.width),
        ai_rate=AI_RATE,
        human_rate=HUMAN_RATE,
        smallest_side=int(table.short_side.min()),
        doubt=held_out.calibration.doubt,
        numerical_width=width.width,
        photo=None if photo is None else photo.thresholds,
        novelty=novelty.model.threshold,
        data=_data_facts(table, held_out, recipe),
        metrics=headline(summary),
    )
    made = Made(
        manifest=record,
        recipe=recipe,
        figures=summary,
        in_use=detector_figures(today).overall,
        localisation=heat.localisation,
        photo=photo.figures if photo is not None else None,
        far=novelty.far,
        width=width,
        tail=tail,
    )
    with published(out) as folder:
        head.save(folder / HEAD)
        heat.head.save(folder / PATCHES)
        novelty.model.save(folder)
        if photo is not None:
            photo.head.save(folder / PHOTO)
        if tail is not None and held_out.of_tail is not None:
            tail.save(folder / TAIL)
            said = dict(zip(table.sha256, held_out.of_tail.tolist(), strict=True))
            save_tail_held_out(folder, said)
        save_seen(folder, table.sha256)
        write_whole(folder / GOLDEN, dump_golden(make_golden(head, encoder, tail)))
        write_card(folder, made)
        seal(folder, record)
    return DetectorArtefact.load(out)


@contextmanager
def _tuning(
    tables: Tables, recipe: Recipe, start: LastBlocks | None, cache: Path, device: str
) -> Iterator[Tune | None]:
    """What makes tails of the images, while their tokens lie side by side on the disk."""
    if start is None or recipe.tail is None:
        yield None
        return
    require_extra("train", "training networks", "torch")
    from training.detector.tail import fit_tail, gathered  # only here: torch is slow to load

    of_tail, table = recipe.tail, tables[CLEAN.name]
    with gathered([tables[one.name] for one in TAIL_LEARNT], start.block, cache) as tokens:

        def tune(kept: NDArray[np.int64]) -> Tail:
            is_ai = table.is_ai[kept]
            weights = image_weights([table.rows[i] for i in kept], is_ai, recipe)
            return fit_tail(
                tokens, kept, is_ai, weights, start, of_tail, seed=recipe.seed, device=device
            )

        yield tune


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


def _data_facts(table: FeatureTable, held_out: HeldOut, recipe: Recipe) -> DataFacts:
    images = (f"{row.label} {d}" for row, d in zip(table.rows, table.sha256, strict=True))
    sha256 = images_sha256(images)
    return counted(table.rows, held_out.groups, sha256, recipe.folds, len(table.unreadable))


def counted(
    rows: Sequence[Row], groups: Sequence[str], sha256: str, folds: int, unreadable: int
) -> DataFacts:
    """What a detector was made from.

    Args:
        rows: N rows.
        groups: The group of each.
        sha256: Of all images; see `DataFacts`.
        folds: Of the cross-fitting.
        unreadable: Rows left out.
    """
    labels = [row.label for row in rows]
    members = set(zip(labels, groups, strict=True))
    return DataFacts(
        sha256=sha256,
        images=dict(sorted(Counter(labels).items())),
        groups=dict(sorted(Counter(label for label, _ in members).items())),
        folds=folds,
        unreadable=unreadable,
        licences=dict(Counter(row.licence or "not stated" for row in rows).most_common()),
    )
