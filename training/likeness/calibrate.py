"""A similarity model whose stated rate holds for a platform's own strangers.

The share that an answer tells is that of a shipped cohort's works, times a correction. Setting that
one number by a platform's own strangers makes the share honest for them, and leaves the heads as
they are: an index that was made with them stays as it is.
"""

import math
from pathlib import Path

from core.files import write_whole
from models.artefact.detector import SEEN, load_seen, save_seen
from models.artefact.manifest import OperatingPoint, code_version, now
from models.artefact.writing import check_new, derived, seal
from similarity.artefact import SimilarityArtefact
from training.detector.conformal import Guarantee
from training.detector.recalibrate import (
    RECORD,
    PlatformRecord,
    PlatformSample,
    promise_of,
    promised_point,
    recorded,
)

BEYOND = 1e-9
"""Part by which the correction is larger, so that what ties with the threshold is not accused."""


class LikenessRecord(PlatformRecord):
    """Where the correction of a platform's similarity model comes from.

    Attributes:
        index: Names the state of the index that the strangers were held against.
        correction: The cohort's correction that follows.
    """

    index: str
    correction: float


def recalibrate_likeness(
    artefact: SimilarityArtefact,
    sample: PlatformSample,
    rate: float,
    out: Path,
    *,
    index: str,
    guarantee: Guarantee = Guarantee.SAMPLE,
    name: str | None = None,
) -> SimilarityArtefact:
    """Make a model with the same heads, which calls at most `rate` of a platform's strangers close.

    The pictures of the sample count as seen from then on.

    Args:
        artefact: Whose heads it shall have.
        sample: The platform's strangers; `training.likeness.strangers` scores them.
        rate: Largest share of them that may be called `close` to anybody.
        out: Folder of the new artefact; absent or empty.
        index: Names the state of the index that they were held against.
        guarantee: What is promised.
        name: Name of the new artefact; the folder's name by default.

    Raises:
        TooFewImages: The sample does not allow any promise at this rate; says how many do.
        TrainingError: The rate is not above 0 and below 1.
        ArtefactError: `out` is taken, or its name is none.
    """
    name = check_new(out, name)
    point = promised_point(sample, rate, guarantee)
    old = artefact.manifest
    correction = correction_of(point)
    styles = old.styles.model_copy(update={"close": rate, "review": max(rate, old.styles.review)})
    manifest = old.model_copy(
        update={
            "name": name,
            "created": now(),
            "made_by": code_version(),
            "heads": old.heads or old.name,
            "cohort_correction": correction,
            "styles": styles,
        }
    )
    where = recorded(artefact, sample, point, guarantee)
    record = LikenessRecord(**dict(where), index=index, correction=correction)
    with derived(artefact, out, described(record)) as folder:
        write_whole(folder / RECORD, record.model_dump_json(indent=2).encode() + b"\n")
        save_seen(folder, seen_by(artefact) | set(sample.sha256))
        seal(folder, manifest)
    return SimilarityArtefact.load(out)


def correction_of(point: OperatingPoint) -> float:
    """What shares are multiplied by, so that those beyond a point's threshold are its rate or less.

    Args:
        point: Whose scores are negative logarithms of shares.
    """
    return point.rate * math.exp(point.threshold) * (1 + BEYOND)


def seen_by(artefact: SimilarityArtefact) -> frozenset[str]:
    """What `load_seen` gives; of older models, which say nothing of it, nothing."""
    return load_seen(artefact) if SEEN in artefact.manifest.files else frozenset()


def described(record: LikenessRecord) -> str:
    """What is promised, in a paragraph for people."""
    point = record.point
    return (
        f"Made from {record.derived_from}, with a threshold of its own: at most "
        f"{100 * point.rate:g} % of pictures by people who are not enrolled are called close to an "
        f"enrolled creator, {promise_of(record)}, if pictures judged later come from the same place"
        f" as the {point.n} of the sample, and as long as the index holds about the same creators. "
        f"Of the sample, {100 * point.measured:.2f} % are called close. Shares are multiplied by "
        f"{record.correction:.4g}. All other figures are those of the model that it was made from."
    )
