"""Evaluation of the shipped detector on a manifest: metrics, plots, and a page to look at."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector import Detector
from imaging.perturbations.web import Tier
from models import Encoder
from models.artefact.detector import load_seen
from pages.environment import render
from training.data.augmentation import TIERS
from training.data.features import (
    FeatureTable,
    Progress,
    Step,
    compute_features,
    in_parts,
    readable_in_all,
)
from training.data.manifest import TRAIN, Row, in_split, read_manifest
from training.data.splits import group_keys, join_groups, near_duplicates
from training.detector.card import figure, percent
from training.errors import TooFewImages
from training.evaluation.answers import answers_of, doubtful_views
from training.evaluation.baselines import (
    Baseline,
    Tables,
    format_cross_fitted,
    format_trained,
    standard_recipes,
)
from training.evaluation.by_tier import TierFigures, compare
from training.evaluation.figures import Answers, Figures
from training.evaluation.metrics import rounded
from training.evaluation.plots import save_all
from training.evaluation.worst_errors import worst_errors


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        tiers: All figures, by tier, mildest first.
        notes: What was left out, and why.
        seen: Images left out because the detector was made from them.
        unreadable: Rows that could not be decoded, each with why.
        report: The page.
    """

    tiers: tuple[TierFigures, ...]
    notes: tuple[str, ...]
    seen: int
    unreadable: tuple[tuple[Row, str], ...]
    report: Path

    @property
    def figures(self) -> Figures:
        """The detector's figures of the first tier."""
        return self.tiers[0].detector


def evaluate(
    manifest: Path,
    out: Path,
    *,
    detector: Detector,
    encoder: Encoder,
    cache: Path,
    splits: tuple[str, ...] | None = None,
    tiers: Sequence[Tier] = tuple(Tier),
    baselines: bool = True,
    progress: Progress | None = None,
    step: Step | None = None,
) -> Evaluation:
    """Judge the images of a manifest by a detector, as shipped, and write what it is worth.

    Images that the detector was made from are left out: it would be judged on what it knows.
    Writes `report.html` with its plots and the thumbnails of the worst errors, and `metrics.json`:

    - `model`, `encoder`, `splits` (null for all), `seen_in_training` (images left out),
      `unreadable` (`path`, `error`), `notes` (what was left out besides, and why);
    - `tiers`: by name (`clean`, `web`, `hard`), the fields of `by_tier.TierFigures`: `detector`
      (`figures.Figures`), `auroc_lost`, and `baselines` by name (`all_blocks`, `last_layer`,
      `format`, `format_here`; `by_tier.BaselineFigures`). A figure with an interval is `value`,
      `low`, `high` and `n`; null where there is nothing to count.

    Args:
        manifest: CSV or Parquet. The baselines are fitted on its rows of the split `train`, as far
            as they are not judged.
        out: Folder for the files; made if need be, files of the same names are replaced.
        detector: The detector.
        encoder: The encoder that its artefact was made with.
        cache: Folder of the feature cache.
        splits: Only these splits; None for all rows.
        tiers: What is reported. Clean images are always judged: thresholds come from them.
        baselines: Also fit the baselines.
        progress: Told how far the features are.
        step: Told what is being done besides.

    Raises:
        EncoderDiffers: The detector was made with another encoder.
        TrainingError: The manifest is not valid, or a class has no image that it has not seen.
    """
    detector.artefact.require(encoder.id)
    every = read_manifest(manifest)
    rows = every if splits is None else in_split(every, *splits)
    if not rows:
        raise TooFewImages("the manifest has no rows (in the splits asked for)")
    training = [row for row in every if row.split == TRAIN] if baselines else []
    wanted = [tier for tier in Tier if tier in tiers or tier is Tier.CLEAN]
    tell = in_parts(progress, [len(rows)] * len(wanted) + [len(training)])
    clean, seen = _fresh(compute_features(rows, encoder, cache, tell()), detector)
    treated = {
        tier: compute_features(clean.rows, encoder, cache, tell(), TIERS[tier])
        for tier in wanted
        if tier is not Tier.CLEAN
    }
    unreadable = dict(pair for t in (clean, *treated.values()) for pair in t.unreadable)
    tables = readable_in_all({Tier.CLEAN: clean} | treated)
    clean = tables[Tier.CLEAN]
    groups = join_groups(clean.rows, group_keys(clean.rows), near_duplicates(clean))
    fitted_on = compute_features(training, encoder, cache, tell()) if training else None
    say = step or (lambda _: None)
    say("judging the images, and looking again at those in doubt")
    answers = {
        tier: answers_of(
            table, groups, detector, doubtful_views(table, TIERS[tier], detector, encoder, cache)
        )
        for tier, table in tables.items()
    }
    others: list[Baseline] = []
    notes: list[str] = []
    if baselines:
        say("fitting the baselines")
        others, notes = _baselines(fitted_on, tables, groups)
    say("drawing the report")
    compared = [t for t in compare(answers, others) if t.tier in tiers]
    found = Evaluation(
        tuple(compared), tuple(notes), seen, tuple(unreadable.items()), out / "report.html"
    )
    out.mkdir(parents=True, exist_ok=True)
    _write_metrics(out / "metrics.json", found, detector, splits)
    shown = {t.tier: answers[t.tier] for t in compared}
    _write_page(found, detector, splits, tables, shown, others)
    return found


def headline(found: Evaluation) -> list[str]:
    """The first figures of every tier, a line each, for a terminal."""
    return [
        f"{one.tier.value}: AUROC {figure(one.detector.auroc_by_group)}; human works called ai "
        f"{percent(of.humans_called_ai)}, AI pictures called ai {percent(of.ai_called_ai)}, "
        f"no verdict {percent(of.inconclusive)}"
        for one in found.tiers
        for of in (one.detector.overall,)
    ]


def _fresh(table: FeatureTable, detector: Detector) -> tuple[FeatureTable, int]:
    """The images that the detector has not seen in training, and how many it has."""
    known = load_seen(detector.artefact)
    fresh = np.array([digest[:16] not in known for digest in table.sha256])
    seen = len(fresh) - int(fresh.sum())
    kept = table.where(fresh)
    if {row.label for row in kept.rows} != {"ai", "human"}:
        raise TooFewImages(
            f"an evaluation needs AI pictures and human works that {detector.name} has not seen in "
            f"training ({seen} of {len(fresh)} were)"
        )
    return kept, seen


def _baselines(
    training: FeatureTable | None, tables: Tables, groups: Sequence[str]
) -> tuple[list[Baseline], list[str]]:
    """The baselines that can be fitted, and why others cannot."""
    found: list[Baseline] = []
    notes: list[str] = []
    if training is not None:
        judged = set(tables[Tier.CLEAN].sha256)
        training = training.where(np.array([d not in judged for d in training.sha256]))
    if training is not None and {row.label for row in training.rows} == {"ai", "human"}:
        found += [*standard_recipes(training, tables), format_trained(training, tables)]
    else:
        notes.append(
            "The standard recipes and the format baseline need labelled rows of the split "
            f"`{TRAIN}` that are not judged; the manifest has none, so they are left out."
        )
    try:
        found.append(format_cross_fitted(tables, groups))
    except TooFewImages as error:
        notes.append(f"What the format gives away here cannot be told: {error}.")
    return found, notes


def _write_metrics(
    path: Path,
    found: Evaluation,
    detector: Detector,
    splits: tuple[str, ...] | None,
) -> None:
    def tier(figures: TierFigures) -> dict[str, object]:
        fields = dataclasses.asdict(figures)
        del fields["tier"]
        return fields | {"baselines": {b["name"]: b for b in fields["baselines"]}}

    document = {
        "model": detector.name,
        "encoder": detector.encoder,
        "splits": list(splits) if splits is not None else None,
        "seen_in_training": found.seen,
        "unreadable": [{"path": row.name, "error": why} for row, why in found.unreadable],
        "notes": list(found.notes),
        "tiers": {t.tier.value: tier(t) for t in found.tiers},
    }
    text = json.dumps(rounded(document), indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, "utf-8")


def _write_page(
    found: Evaluation,
    detector: Detector,
    splits: tuple[str, ...] | None,
    tables: Tables,
    answers: dict[Tier, Answers],
    baselines: Sequence[Baseline],
) -> None:
    out = found.report.parent
    first = found.tiers[0].tier
    html = render(
        "evaluation/page.html.j2",
        e=found,
        m=detector.artefact.manifest,
        splits=splits,
        first=first,
        about={tier: _ABOUT[tier] for tier in answers},
        plots=save_all(answers, found.tiers, baselines, out),
        accused_works=worst_errors(answers[first], tables[first], out, label="human"),
        missed=worst_errors(answers[first], tables[first], out, label="ai"),
    )
    found.report.write_text(html, "utf-8")


_ABOUT = {
    Tier.CLEAN: "the files as they are",
    Tier.WEB: "uploaded once: long side at most 1024 pixels, JPEG at a quality of 60 to 80",
    Tier.HARD: "reposted: compressed twice at a quality of 30 to 50, halved, and shown in a "
    "screenshot in between",
}
