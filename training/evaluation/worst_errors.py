"""The worst errors of a detector, as pictures to look at."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence import Verdict
from imaging import ImagingError, decode, thumbnail
from training.data.features import FeatureTable
from training.evaluation.figures import Judged

WORST = 24
"""Errors of each class that are shown."""

SIDE = 240
"""Longest side of a thumbnail in pixels."""

THUMBNAILS = "thumbs"
"""Name of their folder."""


@dataclass(frozen=True)
class Mistake:
    """A picture on the wrong side.

    Attributes:
        name: As in the manifest.
        about: Its kind, maker and source.
        probability: As published.
        verdict: As published.
        thumbnail: Path of its thumbnail, relative to the page.
    """

    name: str
    about: str
    probability: float
    verdict: Verdict
    thumbnail: str


def worst_mistakes(judged: Judged, table: FeatureTable, out: Path, *, label: str) -> list[Mistake]:
    """The images of a class that score most like the other, worst first.

    Args:
        judged: The answers.
        table: The same images.
        out: Folder of the page; their thumbnails go into a folder in it.
        label: The class, `ai` or `human`.
    """
    folder = out / THUMBNAILS
    folder.mkdir(exist_ok=True)
    towards_ai = judged.scores if label == "human" else -judged.scores
    mistakes = []
    for i in np.argsort(-towards_ai, kind="stable"):
        row, wrong = judged.rows[i], (judged.probabilities[i] > 0.5) == (label == "human")
        if row.label != label or not wrong:
            continue
        try:
            picture = thumbnail(decode(row.path.read_bytes(), min_side=SIDE), SIDE)
        except (ImagingError, OSError):
            continue
        place = folder / f"{table.sha256[i]}.jpg"
        place.write_bytes(picture)
        about = ", ".join(t for t in (row.kind, row.generator or row.creator, row.source) if t)
        probability = float(judged.probabilities[i])
        link = f"{THUMBNAILS}/{place.name}"
        mistakes.append(Mistake(row.name, about, probability, judged.verdicts[i], link))
        if len(mistakes) == WORST:
            break
    return mistakes
