"""Evaluation of the shipped detector on a manifest: metrics, plots, and a page to look at."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector import Detector, Verdict
from imaging import ImagingError, decode, thumbnail
from models import Encoder
from models.artefact import load_seen
from training.card import as_json, templates
from training.errors import TooFewImages
from training.features import FeatureTable, Progress, compute_features
from training.figures import Figures, Judged, figures, judge
from training.manifest import in_split, read_manifest
from training.plots import draw_all
from training.splits import group_keys, join_groups, near_duplicates

WORST = 24
"""Errors of each class that are shown as pictures."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        figures: All figures.
        seen: Images left out because the detector was made from them.
        unreadable: Rows that could not be decoded.
        report: The page.
    """

    figures: Figures
    seen: int
    unreadable: int
    report: Path


@dataclass(frozen=True)
class Mistake:
    """A picture on the wrong side, for the page."""

    name: str
    about: str
    probability: float
    verdict: Verdict
    thumbnail: str


def evaluate(
    manifest: Path,
    out: Path,
    *,
    detector: Detector,
    encoder: Encoder,
    cache: Path,
    splits: tuple[str, ...] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Judge the images of a manifest by a detector, as shipped, and write what it is worth.

    Images that the detector was made from are left out: it would be judged on what it knows.
    Writes `metrics.json`, `report.html`, three plots and the thumbnails of the worst errors.

    Args:
        manifest: CSV or Parquet.
        out: Folder for the files; made if need be, files of the same names are replaced.
        detector: The detector.
        encoder: The encoder that its artefact was made with.
        cache: Folder of the feature cache.
        splits: Only these splits; None for all rows.
        progress: Told how far the features are.

    Raises:
        EncoderDiffers: The detector was made with another encoder.
        TrainingError: The manifest is not valid, or a class has no image that it has not seen.
    """
    detector.artefact.require(encoder.id)
    rows = read_manifest(manifest)
    if splits is not None:
        rows = in_split(rows, *splits)
    if not rows:
        raise TooFewImages("the manifest has no rows (in the splits asked for)")
    table = compute_features(rows, encoder, cache, progress)
    known = load_seen(detector.artefact)
    fresh = np.array([digest[:16] not in known for digest in table.sha256])
    seen = len(fresh) - int(fresh.sum())
    table = table.where(fresh)
    if {row.label for row in table.rows} != {"ai", "human"}:
        raise TooFewImages(
            f"an evaluation needs AI pictures and human works that {detector.name} has not seen in "
            f"training ({seen} of {len(fresh)} were)"
        )
    groups = join_groups(table.rows, group_keys(table.rows), near_duplicates(table))
    judged = judge(table, groups, detector)
    found = figures(judged)
    out.mkdir(parents=True, exist_ok=True)
    document = {
        "model": detector.name,
        "encoder": detector.encoder,
        "splits": list(splits) if splits is not None else None,
        "seen_in_training": seen,
        "unreadable": [{"path": row.name, "error": why} for row, why in table.unreadable],
        **json.loads(as_json(found)),
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (out / "metrics.json").write_text(text, "utf-8")
    page = templates().get_template("evaluation.html.j2")
    html = page.render(
        f=found,
        m=detector.artefact.manifest,
        splits=splits,
        seen=seen,
        unreadable=table.unreadable,
        plots=draw_all(judged, found, out),
        accused=_worst(judged, table, out, label="human"),
        missed=_worst(judged, table, out, label="ai"),
    )
    (out / "report.html").write_text(html, "utf-8")
    return Evaluation(found, seen, len(table.unreadable), out / "report.html")


def _worst(judged: Judged, table: FeatureTable, out: Path, *, label: str) -> list[Mistake]:
    """The images of a class that score most like the other, worst first."""
    folder = out / "thumbs"
    folder.mkdir(exist_ok=True)
    towards_ai = judged.scores if label == "human" else -judged.scores
    mistakes = []
    for i in np.argsort(-towards_ai, kind="stable"):
        row, wrong = judged.rows[i], (judged.probabilities[i] > 0.5) == (label == "human")
        if row.label != label or not wrong:
            continue
        try:
            picture = thumbnail(decode(row.path.read_bytes(), min_side=240), 240)
        except (ImagingError, OSError):
            continue
        place = folder / f"{table.sha256[i]}.jpg"
        place.write_bytes(picture)
        about = ", ".join(t for t in (row.kind, row.generator or row.creator, row.source) if t)
        mistakes.append(
            Mistake(
                row.name,
                about,
                float(judged.probabilities[i]),
                judged.verdicts[i],
                f"thumbs/{place.name}",
            )
        )
        if len(mistakes) == WORST:
            break
    return mistakes
