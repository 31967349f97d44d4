"""The worst errors of a detector, as pictures to look at."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence import Verdict
from imaging import ImagingError, decode, thumbnail
from training.data.features import FeatureTable
from training.data.manifest import Row
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
    (out / THUMBNAILS).mkdir(exist_ok=True)
    towards_ai = answers.scores if label == "human" else -answers.scores
    errors = []
    for i in np.argsort(-towards_ai, kind="stable"):
        row, wrong = answers.rows[i], (answers.probabilities[i] > 0.5) == (label == "human")
        if row.label != label or not wrong:
            continue
        link = picture(row, table.sha256[i], out)
        if link is None:
            continue
        about = ", ".join(t for t in (row.kind, row.generator or row.creator, row.source) if t)
        probability = float(answers.probabilities[i])
        errors.append(WorstError(row.name, about, probability, answers.verdicts[i], link))
        if len(errors) == WORST:
            break
    return errors


def picture(row: Row, sha256: str, out: Path) -> str | None:
    """Write a thumbnail of an image.

    Args:
        row: Of the image.
        sha256: Hex digest of its file.
        out: Folder of the page, in which the folder of thumbnails is.

    Returns:
        Its path, relative to the page; None where the image is gone or cannot be read.
    """
    try:
        made = thumbnail(decode(row.path.read_bytes(), min_side=SIDE), SIDE)
    except (ImagingError, OSError):
        return None
    (out / THUMBNAILS / f"{sha256}.jpg").write_bytes(made)
    return f"{THUMBNAILS}/{sha256}.jpg"
