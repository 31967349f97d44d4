"""Whether a generator that a detector does not know raises an alarm, and whether none does.

    RAKKAN_DATA=... python -m benchmarks.new_generators --out out/alarms.json

Of the images of the split `train`, by features that are kept, those that the detector was not made
from pass for uploads: human works over four weeks, each by its creator's account, and, in the last
week alone, 100 pictures of one generator after the other, by 30 accounts. Told is for each whether
`training.monitoring.alarms` raises an alarm that shows its pictures, and of how many others; and
the same without any generator.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import numpy as np
import typer

from benchmarks.command import Data, Out, run, write
from detector import Detector
from models import DetectorArtefact, Registry, load_encoder
from models.artefact.detector import load_seen
from serving.settings import Settings
from training.data.features import FeatureTable, compute_features
from training.data.manifest import in_split, read_manifest
from training.monitoring.alarms import clusters, odd_and_sure
from training.monitoring.seen import Seen

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
PICTURES, ACCOUNTS = 100, 30


@dataclass(frozen=True)
class Found:
    """What came of a generator.

    Attributes:
        generator: Which; empty for none.
        pictures: Of it.
        odd: Of these, how many are odd and surely judged.
        right: Alarms whose examples are mostly by it.
        wrong: Other alarms.
    """

    generator: str
    pictures: int
    odd: int
    right: int
    wrong: int


def uploads_of(table: FeatureTable, detector: Detector) -> list[Seen]:
    """The images as uploads of whichever day, by their creators' accounts."""
    manifest, head = detector.artefact.manifest, detector.artefact.head
    scores = head.score(table.features)
    found = []
    for i, row in enumerate(table.rows):
        novelty = detector.novelty.read(table.features[i : i + 1]) if detector.novelty else None
        found.append(
            Seen(
                decision=row.name,
                work=row.name,
                service="",
                at=SINCE,
                sha256=table.sha256[i],
                model=manifest.name,
                model_sha256="",
                probability=manifest.calibration.probability(float(scores[i])),
                distance=None if novelty is None else novelty.distance,
                far=novelty is not None and novelty.far,
                account=row.creator or row.source,
            )
        )
    return found


def try_generator(
    table: FeatureTable, uploads: Sequence[Seen], generator: str, rng: np.random.Generator
) -> Found:
    """Let a generator come in the last week; none where its name is empty."""
    human = np.flatnonzero(~table.is_ai)
    mine = np.flatnonzero([bool(generator) and row.generator == generator for row in table.rows])
    mine = rng.permutation(mine)[:PICTURES]
    posted = [
        replace(uploads[i], at=SINCE + timedelta(days=float(rng.uniform(-21, 7))))
        for i in human.tolist()
    ]
    new = [
        replace(uploads[i], account=f"new {k % ACCOUNTS}", at=SINCE + timedelta(days=k % 7))
        for k, i in enumerate(mine.tolist())
    ]
    features = {
        table.sha256[i]: table.features.class_tokens[i] for i in np.concatenate([human, mine])
    }
    odd = odd_and_sure([*posted, *new], SINCE)
    own = {one.sha256 for one in new}
    shares = [
        np.mean([digest in own for digest in one.examples])
        for one in clusters(odd, features, SINCE)
        if one.alarm
    ]
    right = int(np.sum(np.array(shares) > 0.5))
    return Found(
        generator, len(mine), len(own & {one.sha256 for one in odd}), right, len(shares) - right
    )


def main(
    data: Data,
    out: Out = None,
    model: Annotated[
        str, typer.Option("--model", help="That does not know the generators.")
    ] = "networks-v2-int8",
    least: Annotated[int, typer.Option("--least", help="Pictures of a generator.")] = 70,
) -> None:
    """Let generators come, one after the other."""
    settings = Settings.of()
    detector = Detector.of(DetectorArtefact.load(Registry(settings.models).find(model)))
    seen = load_seen(detector.artefact)
    rows = [
        row
        for row in in_split(read_manifest(data / "manifest.csv"), "train")
        if hashlib.sha256(row.path.read_bytes()).hexdigest()[:16] not in seen
    ]
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    table = compute_features(rows, encoder, settings.features)
    uploads = uploads_of(table, detector)
    counts = Counter(row.generator for row in table.rows if row.label == "ai")
    names = ["", *(name for name, n in counts.most_common() if name and n >= least)]
    found = [try_generator(table, uploads, name, np.random.default_rng(0)) for name in names]
    for one in found:
        typer.echo(
            f"{one.generator or 'none'}: {one.pictures} pictures, {one.odd} odd; alarms of it"
            f" {one.right}, others {one.wrong}"
        )
    write(out, {"model": model, "generators": [asdict(one) for one in found]})


if __name__ == "__main__":
    run(main)
