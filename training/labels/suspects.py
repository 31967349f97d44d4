"""Labels that are likely wrong, for a person to look at again.

By confident learning, as cleanlab has it: an image is suspected where heads that have not seen its
group are surer of the other class than they are, on average, of images that are labelled so.
Nothing is changed by it: a model that corrects its own labels confirms its own errors.

"Confident Learning: Estimating Uncertainty in Dataset Labels", Northcutt, Jiang and Chuang 2021 -
https://arxiv.org/abs/1911.00068
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.extras import require_extra
from core.files import write_whole
from training.data.manifest import LABELS, Row
from training.evaluation.figures import Answers
from training.labels.formats.table import dump_csv

COLUMNS = ("path", "sha256", "label", "probability", "source", "generator", "creator", "kind")


@dataclass(frozen=True)
class Suspect:
    """An image whose label is likely wrong.

    Attributes:
        row: Of the manifest.
        sha256: Hex digest of its file.
        probability: That an AI made it, by heads that have not seen its group, 0 to 1.
    """

    row: Row
    sha256: str
    probability: float


def suspected(answers: Answers, digests: Mapping[Row, str]) -> tuple[Suspect, ...]:
    """The images whose labels are likely wrong, the likeliest first.

    Args:
        answers: By heads that have not seen an image's group; several to an image count together.
        digests: Hex digests of the files, by row.

    Raises:
        MissingExtra: cleanlab is not installed.
    """
    require_extra("train", "the search for wrong labels", "cleanlab")
    from cleanlab.filter import find_label_issues  # only here: it takes long to load

    of_row: dict[Row, list[float]] = defaultdict(list)
    for row, probability in zip(answers.rows, answers.probabilities, strict=True):
        of_row[row].append(float(probability))
    rows = list(of_row)
    ai = np.array([np.mean(found) for found in of_row.values()])
    columns = {"ai": ai, "human": 1 - ai}
    order = find_label_issues(
        np.array([LABELS.index(row.label) for row in rows]),
        np.stack([columns[label] for label in LABELS], axis=1),
        filter_by="confident_learning",
        return_indices_ranked_by="self_confidence",
        n_jobs=1,
    )
    return tuple(Suspect(rows[i], digests[rows[i]], float(ai[i])) for i in order)


def write_suspects(found: Iterable[Suspect], path: Path) -> None:
    """Write suspects as a table that a person goes through, and `rakkan labels import` reads."""
    rows = [
        {
            "path": one.row.name,
            "sha256": one.sha256,
            "probability": f"{one.probability:.4f}",
            **{name: getattr(one.row, name) for name in ("label", *COLUMNS[4:])},
        }
        for one in found
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, dump_csv(rows, COLUMNS))
