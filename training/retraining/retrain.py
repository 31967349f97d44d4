"""A detector in use and a manifest with kept features to a challenger.

What tells a generator is the head, and the head is fitted anew on all labelled images, with its
calibration and thresholds; the distances from the training set, too, so that what is new today is
not unlike everything tomorrow. What asks for the images themselves stays the champion's: the tail,
the heat map and the photo signal. `training.detector.train` makes all of it from the images.

All heads, those of the folds and the final one, learn in one pass over the rows on the disk.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core.extras import require_extra
from core.files import published, write_whole
from models import DetectorArtefact, Encoder
from models.artefact.artefact import CARD, GOLDEN
from models.artefact.detector import (
    HEAD,
    HELD_OUT,
    NOVELTY,
    load_seen,
    load_tail_held_out,
    save_seen,
    save_tail_held_out,
)
from models.artefact.golden import dump_golden, make_golden
from models.artefact.manifest import DataFacts, code_version, images_sha256, now
from models.artefact.writing import check_new, seal
from models.encoder.features import ARRAYS, Features
from models.feature_store.shards import Shards
from models.heads import NetworksHead
from models.tail import Tail
from training.data.checking import require_agreement, require_files
from training.data.features import (
    KeptFeatures,
    Progress,
    Step,
    digest_of,
    in_parts,
    keep_features,
)
from training.data.manifest import Row, read_training_rows
from training.data.splits import assign_folds, group_keys, join_groups, parted, showing_the_same
from training.detector.cross_fit import AI_RATE, HUMAN_RATE, LEARNT, SCORED, answered, calibrated
from training.detector.novelty import fit_novelty
from training.detector.publishable import publishable
from training.detector.recipe import Recipe, image_weights
from training.detector.train import counted, headline
from training.errors import TooFewImages
from training.evaluation.figures import Figures, detector_figures
from training.evaluation.metrics import rounded
from training.labels.suspects import suspected, write_suspects
from training.retraining.view_rows import ViewRows, features_of, write_rows

RECIPE = Recipe(networks=2, hidden=64, epochs=20, batch=256, folds=3, repeats=1, tail=None)
"""How a challenger is made: fewer and smaller fits than for a detector from the ground up."""

MOST_STEPS = 1_500
"""Of each network: more images do not need more of them."""

SAMPLE = 20_000
"""Images, drawn at random, by which the distances are fitted and the figures drawn."""

OF_IMAGE = ("embedding", "hashes", "sides")


@dataclass(frozen=True)
class _Images:
    """N images, aligned by position: what is in memory of all of them."""

    rows: tuple[Row, ...]
    sha256: tuple[str, ...]
    embedding: NDArray[np.float32]
    hashes: NDArray[np.uint8]
    sides: NDArray[np.int64]

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        return np.array([row.label == "ai" for row in self.rows], bool)


def retrain(
    manifest: Path,
    champion: DetectorArtefact,
    out: Path,
    *,
    encoder: Encoder,
    cache: Path,
    name: str | None = None,
    recipe: Recipe = RECIPE,
    progress: Progress | None = None,
    step: Step | None = None,
    allow_missing: bool = False,
    suspects: Path | None = None,
) -> DetectorArtefact:
    """Make a challenger of a detector from labelled images, most of whose features are kept.

    Args:
        manifest: See `training.data.manifest.read_manifest`; images that are gone are learnt from
            in the views that are kept of them, which must have the first.
        champion: The detector.
        out: Folder of the challenger; absent or empty.
        encoder: The champion's; encodes what is not kept yet.
        cache: Folder of the feature cache.
        name: Of the challenger; the folder's name by default.
        recipe: How the head is made.
        progress: Told how far the features are.
        step: Told what is being done.
        allow_missing: Leave out rows whose image is not there, and of which no features are kept.
        suspects: File for the images whose labels are likely wrong; None for none.

    Raises:
        MissingExtra: torch, or cleanlab, is not installed.
        EncoderDiffers: The champion reads another encoder's features.
        TrainingError: The manifest is not valid, or there is too little in it.
        ArtefactError: `out` is taken, or its name is none.
    """
    require_extra("train", "training networks", "torch")
    champion.require(encoder.id)
    name = check_new(out, name)
    rows = read_training_rows(manifest)
    if {row.label for row in rows} != {"ai", "human"}:
        raise TooFewImages("training needs AI pictures and human works (in the split `train`)")
    tell = step or (lambda _: None)
    if not allow_missing:
        require_files(rows)
    said = {} if champion.tail is None else load_tail_held_out(champion)
    fresh = [] if champion.tail is None else _not_among(said, rows)
    part = in_parts(progress, [len(fresh), *[len(rows)] * len(LEARNT)])
    # First, so that what the tail has not judged yet is encoded once, and with its tokens.
    keep_features(fresh, encoder, cache, part(), tokens=True)
    kept = [keep_features(rows, encoder, cache, part(), view) for view in LEARNT]
    if not allow_missing:
        require_files(rows, kept=kept[0].digests.keys())
    images = _images(kept[0])
    tell("looking for images that show the same")
    pairs = showing_the_same(images.embedding, images.hashes, images.sha256)
    groups = join_groups(images.rows, group_keys(images.rows), pairs)
    strata = [f"{row.label} {row.kind}" for row in images.rows]
    folds = assign_folds(groups, strata, recipe.folds, recipe.seed)
    with TemporaryDirectory(dir=cache, prefix=".retraining-") as scratch:
        tell("gathering what the head reads")
        place = {digest: i for i, digest in enumerate(images.sha256)}
        views = [
            (one.shards, {d: place[d] for d in one.digests.values() if d in place}) for one in kept
        ]
        written = write_rows(views, recipe.inputs, Path(scratch))
        tell("fitting the heads, those of the folds and the final one at once")
        *of_folds, head = _fit(written, images, groups, folds, recipe)
        tell("scoring every image by a head that has not seen its group")
        scores = _scores(written, of_folds, folds, recipe, kept[0])
    if champion.tail is not None:
        tell("asking the tail about images that it has not judged yet")
        said |= _judged(champion.tail, said, images.sha256, kept[0].shards, encoder)
        opinions = np.array([said.get(digest[:16], np.nan) for digest in images.sha256])
        # Of an image that is gone and has left no tokens, the tail is as sure as the first view.
        opinions = np.where(np.isnan(opinions), scores[:, 0], opinions)
        scores = np.column_stack([scores, opinions])
    answers = answered(images.rows, groups, folds, scores)
    if suspects is not None:
        tell("looking for labels that are likely wrong")
        digests = dict(zip(images.rows, images.sha256, strict=True))
        write_suspects(suspected(answers, digests), suspects)
    calibration = calibrated(images.rows, scores)
    sample = _sample(len(images.rows), recipe.seed)
    tell("fitting the distances")
    arrays = kept[0].shards.gather([images.sha256[i] for i in sample], ARRAYS)
    novelty = fit_novelty(
        Features(**arrays, encoder=encoder.id), images.is_ai[sample], folds[sample]
    )
    summary = detector_figures(answers.of(sample))
    old = champion.manifest
    # Between precisions the logits differ alike; the scores of another head by its slope.
    width = old.numerical_width * (old.calibration.slope / calibration.calibration.slope)
    made = old.model_copy(
        update={
            "name": name,
            "created": now(),
            "made_by": code_version(),
            "head": head.kind,
            "calibration": calibration.calibration,
            "operating_points": calibration.points.within(width),
            "ai_rate": AI_RATE,
            "human_rate": HUMAN_RATE,
            "smallest_side": int(images.sides.min()),
            "doubt": calibration.doubt,
            "numerical_width": width,
            "novelty": novelty.model.threshold,
            "data": _facts(images, groups, kept[0], recipe),
            "metrics": headline(summary),
        }
    )
    with published(out) as folder:
        for file in old.files:
            shutil.copyfile(champion.path(file), folder / file)
        head.save(folder / HEAD)
        (folder / NOVELTY).unlink(missing_ok=True)
        novelty.model.save(folder)
        held_out = json.dumps({"detector": rounded(asdict(summary))}, indent=1)
        write_whole(folder / HELD_OUT, held_out.encode() + b"\n")
        save_seen(folder, load_seen(champion) | set(images.sha256))
        if champion.tail is not None:
            save_tail_held_out(folder, said)
        write_whole(folder / GOLDEN, dump_golden(make_golden(head, encoder, champion.tail)))
        card = champion.path(CARD).read_text("utf-8")
        about = described(champion, summary, len(images.rows), len(sample))
        write_whole(folder / CARD, publishable(above(about, card), made).encode())
        seal(folder, made)
    return DetectorArtefact.load(out)


def _not_among(said: Mapping[str, float], rows: Sequence[Row]) -> list[Row]:
    """The rows, of images that are there, of which nothing was said yet."""
    found = []
    for row in rows:
        digest = digest_of(row) if row.path.exists() else None
        if isinstance(digest, str) and digest[:16] not in said:
            found.append(row)
    return found


def _judged(
    tail: Tail,
    said: Mapping[str, float],
    digests: Sequence[str],
    shards: Shards,
    encoder: Encoder,
) -> dict[str, float]:
    """What a tail says of the images of which nothing was said yet, and whose tokens are kept."""
    kept = shards.digests(tokens=True)
    fresh = [digest for digest in digests if digest[:16] not in said and digest in kept]
    if not fresh:
        return {}
    tokens, arrays = shards.tokens(fresh), shards.gather(fresh, ARRAYS)
    features = Features(**arrays, encoder=encoder.id)
    found = {}
    for i, digest in enumerate(fresh):
        one = replace(features[i : i + 1], patch_tokens=tokens.read(np.array([i])))
        found[digest[:16]] = float(tail.score(one)[0])
    return found


def above(about: str, card: str) -> str:
    """A card with a paragraph before it, but after the head that it may have."""
    head, rule, body = card.partition("\n---\n") if card.startswith("---\n") else ("", "", card)
    return f"{head}{rule}\n{about}\n\n{body.lstrip()}"


def described(champion: DetectorArtefact, figures: Figures, images: int, sample: int) -> str:
    """What a challenger is, in a paragraph for people."""
    auroc, overall = figures.auroc_by_group, figures.overall
    name, tail = champion.name, "" if champion.tail is None else "tail, "
    wrong = overall.humans_called_ai
    called = "" if wrong is None else f", and of human works {100 * wrong.value:.2f} % called ai"
    return (
        f"Made from {name}: its head, calibration, thresholds and distances were fitted anew on"
        f" {images:,} labelled images, its {tail}heat map and photo signal are those of {name}. On"
        f" {sample:,} of these images, by heads that had not seen their groups: AUROC"
        f" {auroc.value:.4f} ({auroc.low:.4f} to {auroc.high:.4f}){called}. What follows tells of"
        f" {name}."
    )


def _images(kept: KeptFeatures) -> _Images:
    """The images by their first view, each once."""
    require_agreement(kept.digests)
    once = {digest: row for row, digest in reversed(list(kept.digests.items()))}
    digests = tuple(reversed(once))
    if not digests:
        raise TooFewImages("not one image of the manifest could be decoded")
    arrays = kept.shards.gather(digests, OF_IMAGE)
    return _Images(tuple(once[d] for d in digests), digests, **arrays)


def _fit(
    written: ViewRows,
    images: _Images,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    recipe: Recipe,
) -> list[NetworksHead]:
    """The heads of the folds in order, and the one of all images last."""
    from training.detector.networks import fit_streamed  # only here: torch is slow to load

    kept = [*(kept for _, kept in parted(images.rows, groups, folds)), np.arange(len(groups))]
    every = [_row_weights(written, images, some, recipe) for some in kept]
    steps = min(MOST_STEPS, max(100, recipe.epochs * len(images.rows) // recipe.batch))
    rng = np.random.default_rng(recipe.seed)
    blocks = chain.from_iterable(written.blocks(rng) for _ in repeat(None))
    positive = images.is_ai[written.image]
    return fit_streamed(blocks, positive, every, _standard(written, every[-1]), recipe, steps)


def _row_weights(
    written: ViewRows, images: _Images, kept: NDArray[np.int64], recipe: Recipe
) -> NDArray[np.float32]:
    """What every row counts for: an image as much as by the recipe, in however many views."""
    of_image = np.zeros(len(images.rows))
    of_image[kept] = image_weights([images.rows[i] for i in kept], images.is_ai[kept], recipe)
    weights = (of_image / np.maximum(np.bincount(written.image, minlength=len(of_image)), 1))[
        written.image
    ]
    return np.asarray(weights * len(weights) / weights.sum(), np.float32)


def _standard(
    written: ViewRows, weights: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and scale of the features of the first view, in one pass."""
    total, sums, squares = 0.0, np.zeros(written.width), np.zeros(written.width)
    for rows, x in written.chunks():
        share = np.where(written.view[rows] == 0, weights[rows], 0)
        total += float(share.sum())
        sums += share @ x
        squares += share @ np.square(x)
    mean = sums / total
    scale = np.sqrt(np.maximum(squares / total - mean**2, 0))
    scale[scale < 1e-6] = 1.0
    return mean.astype(np.float32), scale.astype(np.float32)


def _scores(
    written: ViewRows,
    heads: Sequence[NetworksHead],
    folds: NDArray[np.int64],
    recipe: Recipe,
    kept: KeptFeatures,
) -> NDArray[np.float64]:
    """Raw scores of every image in every view that is scored: float64 [N, V].

    A view that is not kept scores as the first does.
    """
    one = kept.shards.gather([next(iter(kept.digests.values()))], recipe.inputs)
    shapes = {name: values.shape[1:] for name, values in one.items()}
    names = [view.name for view in LEARNT]
    column = {names.index(view.name): i for i, view in enumerate(SCORED)}
    scores = np.full((len(folds), len(SCORED)), np.nan)
    numbers = np.unique(folds)
    for rows, x in written.chunks():
        image, view = written.image[rows], written.view[rows]
        scored = np.isin(view, list(column))
        for number, head in zip(numbers, heads, strict=True):
            mine = scored & (folds[image] == number)
            if mine.any():
                values = head.score(features_of(x[mine], recipe.inputs, shapes))
                scores[image[mine], [column[v] for v in view[mine].tolist()]] = values
    return np.where(np.isnan(scores), scores[:, :1], scores)


def _sample(n: int, seed: int) -> NDArray[np.int64]:
    chosen = np.random.default_rng(seed).permutation(n)[:SAMPLE]
    return np.sort(chosen)


def _facts(images: _Images, groups: Sequence[str], kept: KeptFeatures, recipe: Recipe) -> DataFacts:
    lines = (f"{row.label} {d}" for row, d in zip(images.rows, images.sha256, strict=True))
    return counted(images.rows, groups, images_sha256(lines), recipe.folds, len(kept.unreadable))
