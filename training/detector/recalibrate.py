"""An artefact with the `ai` threshold of one platform, from a sample of its own human works."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import write_whole
from detector import Detector
from models import DetectorArtefact, Encoder
from models.artefact.artefact import Artefact
from models.artefact.detector import load_seen, save_seen
from models.artefact.manifest import (
    OperatingPoint,
    OperatingPoints,
    Record,
    code_version,
    images_sha256,
    now,
)
from models.artefact.writing import check_new, derived, seal
from training.data.augmentation import CLEAN
from training.data.features import Progress, compute_features
from training.data.manifest import Row
from training.detector.conformal import CONFIDENCE, Guarantee, TooFewWorks, conformal_point
from training.errors import TooFewImages, TrainingError
from training.evaluation.answers import answers_of, doubtful_views

RECORD = "platform.json"

SEEN = "in the training set already"
REPEATED = "with the bytes of another"
SAME_CREATOR = "by the creator of another"


@dataclass(frozen=True)
class PlatformSample:
    """Scores of a platform's own human works.

    Attributes:
        scores: float64 [N], raw, of different works that the model was not made from.
        sha256: Hex digests of their files.
        left_out: Files left out, by why.
    """

    scores: NDArray[np.float64]
    sha256: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)


class PlatformRecord(Record):
    """Where the threshold of a platform's artefact comes from.

    Attributes:
        schema_version: Of this document.
        derived_from: Name of the artefact that it was made from; the head is the same.
        manifest_sha256: Hex digest of that artefact's manifest.
        guarantee: What is promised.
        confidence: In the sample; None where the promise does without.
        point: The operating point of the verdict `ai`.
        works_sha256: Hash over the content hashes of the works, sorted.
        left_out: Files left out of the sample, by why.
    """

    schema_version: int = 1
    derived_from: str
    manifest_sha256: str
    guarantee: Guarantee
    confidence: float | None
    point: OperatingPoint
    works_sha256: str
    left_out: dict[str, int]


def score_works(
    rows: Sequence[Row],
    *,
    detector: Detector,
    encoder: Encoder,
    cache: Path,
    one_per_creator: bool = True,
    progress: Progress | None = None,
) -> PlatformSample:
    """Score human works as the detector scores uploads.

    Args:
        rows: The works; rows with the label `ai` are passed over.
        one_per_creator: Of each creator that the rows name, score one work, drawn by its hash.
            Works of one artist are alike, so that many of a few artists promise too much for the
            others: thresholds from all works of half of 443 creators, set for 2 % and 95 %
            confidence, were exceeded by more than 2 % of the others' works in 48 % of 400 draws,
            and those from one work of each in 4 %.
        detector: The detector.
        encoder: The encoder that its artefact was made with.
        cache: Folder of the feature cache.
        progress: Told how far the features are.

    Raises:
        EncoderDiffers: The detector was made with another encoder.
        TooFewImages: Not one work could be decoded.
    """
    detector.artefact.require(encoder.id)
    rows = [row for row in rows if row.label == "human"]
    if not rows:
        raise TooFewImages("there are no human works to set a threshold by")
    table = compute_features(rows, encoder, cache, progress)
    known = load_seen(detector.artefact)
    left_out = {"could not be read": len(table.unreadable)}
    left_out |= dict.fromkeys((SEEN, REPEATED, SAME_CREATOR), 0)
    kept: dict[str, int] = {}
    creators: set[str] = set()
    # In order of the hashes, which know nothing of the scores.
    for digest, i in sorted(zip(table.sha256, range(len(table.sha256)), strict=True)):
        creator = table.rows[i].creator if one_per_creator else ""
        if digest in kept:
            left_out[REPEATED] += 1
        elif digest[:16] in known:
            left_out[SEEN] += 1
        elif creator and creator in creators:
            left_out[SAME_CREATOR] += 1
        else:
            kept[digest] = i
            creators.add(creator)
    sample = table.where(np.isin(np.arange(len(table.rows)), list(kept.values())))
    further = doubtful_views(sample, CLEAN, detector, encoder, cache)
    answers = answers_of(sample, [""] * len(kept), detector, further)
    found = {why: count for why, count in left_out.items() if count}
    return PlatformSample(answers.scores, sample.sha256, found)


def recalibrate(
    artefact: DetectorArtefact,
    sample: PlatformSample,
    rate: float,
    out: Path,
    *,
    guarantee: Guarantee = Guarantee.SAMPLE,
    name: str | None = None,
) -> DetectorArtefact:
    """Make an artefact with the same head, which calls at most `rate` of a platform's works `ai`.

    The works of the sample count as seen from then on, so that the new artefact is not judged by
    what its threshold was set on.

    Args:
        artefact: Whose head it shall have.
        sample: The platform's works, scored by that artefact.
        rate: Largest share of the platform's human works that may be called `ai`.
        out: Folder of the new artefact; absent or empty.
        guarantee: What is promised.
        name: Name of the new artefact; the folder's name by default.

    Raises:
        TooFewImages: The sample does not allow any promise at this rate; says how many works do.
        TrainingError: The rate is not above 0 and below 1.
        ArtefactError: `out` is taken, or its name is none.
    """
    name = check_new(out, name)
    old = artefact.manifest
    promised = OperatingPoints(ai=(promised_point(sample, rate, guarantee),), human=())
    (point,) = promised.within(old.numerical_width).ai
    manifest = old.model_copy(
        update={
            "name": name,
            "created": now(),
            "made_by": code_version(),
            "ai_rate": rate,
            "operating_points": OperatingPoints(
                ai=(*(p for p in old.operating_points.ai if p.rate != rate), point),
                human=old.operating_points.human,
            ),
        }
    )
    record = recorded(artefact, sample, point, guarantee)
    with derived(artefact, out, described(record)) as folder:
        write_whole(folder / RECORD, record.model_dump_json(indent=2).encode() + b"\n")
        save_seen(folder, load_seen(artefact) | set(sample.sha256))
        seal(folder, manifest)
    return DetectorArtefact.load(out)


def promised_point(sample: PlatformSample, rate: float, guarantee: Guarantee) -> OperatingPoint:
    """The operating point that holds a rate on a platform's works; see `conformal_point`.

    Raises:
        TooFewImages: The sample does not allow any promise at this rate; says how many works do.
        TrainingError: The rate is not above 0 and below 1.
    """
    try:
        return conformal_point(sample.scores, rate, guarantee)
    except TooFewWorks as error:
        raise TooFewImages(_left_out(str(error), sample)) from error
    except ValueError as error:
        raise TrainingError(str(error)) from error


def recorded(
    artefact: Artefact[Any], sample: PlatformSample, point: OperatingPoint, guarantee: Guarantee
) -> PlatformRecord:
    """Where a threshold comes from that a platform's sample sets for an artefact."""
    return PlatformRecord(
        derived_from=artefact.name,
        manifest_sha256=artefact.sha256,
        guarantee=guarantee,
        confidence=CONFIDENCE if guarantee is Guarantee.SAMPLE else None,
        point=point,
        works_sha256=images_sha256(sample.sha256),
        left_out=sample.left_out,
    )


def described(record: PlatformRecord) -> str:
    """What is promised, in a paragraph for people."""
    point = record.point
    return (
        f"Made from {record.derived_from}, with a threshold of its own: at most "
        f"{100 * point.rate:g} % of works by the platform's artists are called ai, "
        f"{promise_of(record)}, if "
        f"works judged later come from the same place as the {point.n} of the sample. "
        f"Of these, {100 * point.measured:.2f} % are; the threshold is {point.threshold:.4g}. "
        "All other figures are those of the artefact that it was made from, at its own thresholds."
    )


def promise_of(record: PlatformRecord) -> str:
    """How sure it is, in words that follow on what is promised."""
    if record.guarantee is Guarantee.SAMPLE:
        return f"with {100 * (record.confidence or 0):g} % confidence in the sample"
    return "on average over samples of this size"


def _left_out(message: str, sample: PlatformSample) -> str:
    reasons = ", ".join(f"{count} {why}" for why, count in sample.left_out.items())
    return f"{message} (left out: {reasons})" if reasons else message
