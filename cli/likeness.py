"""`rakkan creators calibrate`: a stated rate that holds for a platform's own strangers."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.calibrate import OfGuarantee, listed
from cli.database import Address, records
from cli.index import IndexPlace
from cli.labels import Since
from cli.paths import existing, output_folder
from cli.reporting import Tell, progress
from imaging import ImagingError
from models import Kind, Registry
from serving.errors import SourceError
from serving.opening import open_searcher
from serving.search import Searcher
from serving.settings import Settings
from serving.sources.files import read_file
from similarity.artefact import SimilarityArtefact
from similarity.gallery.gallery import State
from training.data.manifest import Row
from training.detector.conformal import Guarantee
from training.detector.recalibrate import RECORD, SEEN, PlatformSample
from training.likeness.calibrate import (
    LikenessRecord,
    described,
    recalibrate_likeness,
    seen_by,
)
from training.likeness.labels import recorded_likeness
from training.likeness.strangers import (
    ENROLLED,
    Stranger,
    live_strangers,
    sample_of,
    share_of,
)

UNREADABLE = "could not be read"


def calibrate(
    index: IndexPlace,
    rate: Annotated[
        float,
        typer.Option("--rate", help="Largest share of strangers that may be called close: 0.01."),
    ],
    out: Annotated[
        Path, typer.Option("--out", callback=output_folder, help="Folder for the model.")
    ],
    works: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER|MANIFEST]",
            help="Works by artists of the platform who are not enrolled, drawn at random: a folder"
            " with one of each artist, or a manifest that names them. Without, the uploads that"
            " are recorded.",
        ),
    ] = None,
    since: Since = None,
    database: Address = None,
    guarantee: OfGuarantee = Guarantee.SAMPLE,
    all_works: Annotated[
        bool,
        typer.Option(
            "--all-works",
            help="Take several works of one artist; without, one of each that the manifest names.",
        ),
    ] = False,
) -> None:
    """Set how near is close by works of a platform's own artists, or by its uploads."""
    rows = None if works is None else listed(existing(works))
    settings = Settings.of()
    with open_searcher(settings, index) as searcher:
        in_use = Registry(settings.models).in_use(Kind.SIMILARITY, searcher.judge.encoder.id)
        artefact = SimilarityArtefact.load(in_use)
        state = searcher.similarity.gallery.state(newest=True)
        if rows is not None:
            with progress("images") as tell:
                sample = _searched(rows, searcher, state, artefact, all_works, tell)
        else:
            start = (since or datetime.min).replace(tzinfo=UTC)
            with records(database) as store:
                with store.reading() as reader:
                    labels = recorded_likeness(reader)
                sample = live_strangers(
                    store.decisions(since=start), labels, artefact, seen_by(artefact)
                )
        made = recalibrate_likeness(
            artefact, sample, rate, out, index=state.name, guarantee=guarantee
        )
    record = LikenessRecord.model_validate_json((made.folder / RECORD).read_bytes())
    typer.echo(
        f"{described(record)}\nModel: {out}\nPut it into use with: rakkan models promote {out}"
    )


def _searched(
    rows: Sequence[Row],
    searcher: Searcher,
    state: State,
    artefact: SimilarityArtefact,
    all_works: bool,
    tell: Tell,
) -> PlatformSample:
    """What works of artists who are not enrolled reach against a state of the index."""
    left_out: Counter[str] = Counter()
    enrolled = {one.name for one in state.creators()}
    seen, correction = seen_by(artefact), artefact.manifest.cohort_correction
    found: list[Stranger] = []
    human = [row for row in rows if row.label == "human"]
    for done, row in enumerate(human, start=1):
        tell(done, len(human))
        try:
            data = read_file(str(row.path), searcher.judge.limits)
            one = None if data is None else searcher.one(data)
        except (SourceError, ImagingError, OSError):
            one = None
        if one is None:
            left_out[UNREADABLE] += 1
        elif row.creator in enrolled or state.works_by_content([one.image.sha256]):
            left_out[ENROLLED] += 1
        elif one.image.sha256[:16] in seen:
            left_out[SEEN] += 1
        else:
            person = "" if all_works else row.creator
            share = share_of(one.evidence, correction)
            found.append(Stranger(one.image.sha256, share, person))
    return sample_of(found, left_out)
