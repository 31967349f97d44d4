"""The worst errors of a detector, as pictures to look at."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence import Verdict
from imaging import ImagingError, decode, thumbnail
from training.data.features import FeatureTable
from training.evaluation.figures import Answers

WORST = 24
"""Errors of each class that are shown."""

SIDE = 240
"""Longest side of a thumbnail in pixels."""

THUMBNAILS = "thumbs"
"""Name of their folder."""


@dataclass(frozen=True)
class WorstError:
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


def worst_errors(
    answers: Answers, table: FeatureTable, out: Path, *, label: str
) -> list[WorstError]:
    """The images of a class that score most like the other, worst first.

    Args:
        answers: The answers.
        table: The same images.
        out: Folder of the page; their thumbnails go into a folder in it.
        label: The class, `ai` or `human`.
    """
    folder = out / THUMBNAILS
    folder.mkdir(exist_ok=True)
    towards_ai = answers.scores if label == "human" else -answers.scores
    errors = []
    for i in np.argsort(-towards_ai, kind="stable"):
        row, wrong = answers.rows[i], (answers.probabilities[i] > 0.5) == (label == "human")
        if row.label != label or not wrong:
            continue
        try:
            picture = thumbnail(decode(row.path.read_bytes(), min_side=SIDE), SIDE)
        except (ImagingError, OSError):
            continue
        place = folder / f"{table.sha256[i]}.jpg"
        place.write_bytes(picture)
        about = ", ".join(t for t in (row.kind, row.generator or row.creator, row.source) if t)
        probability = float(answers.probabilities[i])
        link = f"{THUMBNAILS}/{place.name}"
        errors.append(WorstError(row.name, about, probability, answers.verdicts[i], link))
        if len(errors) == WORST:
            break
    return errors
