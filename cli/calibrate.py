"""`rakkan models calibrate`: a threshold from a platform's own human works."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.paths import existing, output_folder
from cli.reporting import progress
from imaging import IMAGE_SUFFIXES
from serving.opening import open_judge
from serving.settings import Settings
from serving.sources.files import walk
from training.detector.conformal import Guarantee

if TYPE_CHECKING:
    from training.data.manifest import Row

OfGuarantee = Annotated[
    Guarantee,
    typer.Option(
        "--guarantee",
        help="sample: it holds with 95 % confidence in this sample; average: on average only,"
        " with fewer works.",
    ),
]


def calibrate(
    works: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|MANIFEST",
            callback=existing,
            help="Human works of the platform, drawn at random: a folder with one of each artist,"
            " or a manifest that names the creators.",
        ),
    ],
    rate: Annotated[
        float,
        typer.Option("--rate", help="Largest share of such works that may be called ai: 0.005."),
    ],
    out: Annotated[
        Path, typer.Option("--out", callback=output_folder, help="Folder for the model.")
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
    guarantee: OfGuarantee = Guarantee.SAMPLE,
    all_works: Annotated[
        bool,
        typer.Option(
            "--all-works",
            help="Take several works of one creator; without, one of each that the manifest names.",
        ),
    ] = False,
) -> None:
    """Set a model's threshold by works of a platform's own artists."""
    from training.detector.recalibrate import (  # only here: an extra
        RECORD,
        PlatformRecord,
        described,
        recalibrate,
        score_works,
    )

    settings = Settings.of()
    rows = listed(works)
    with open_judge(settings, model=model) as judge, progress("images") as tell:
        sample = score_works(
            rows,
            detector=judge.detector,
            encoder=judge.encoder,
            cache=settings.features,
            one_per_creator=not all_works,
            progress=tell,
        )
    made = recalibrate(judge.detector.artefact, sample, rate, out, guarantee=guarantee)
    record = PlatformRecord.model_validate_json((made.folder / RECORD).read_bytes())
    typer.echo(
        f"{described(record)}\nModel: {out}\nPut it into use with: rakkan models promote {out}"
    )


def listed(works: Path) -> "tuple[Row, ...]":
    """The works in a folder, as human works without a creator; or the rows of a manifest."""
    from training.data.manifest import Row, read_manifest

    if not works.is_dir():
        return read_manifest(works)
    found = [Path(file.path) for file in walk([works]) if file.error is None]
    return tuple(
        Row(line=i, name=str(path), path=path, label="human")
        for i, path in enumerate(found, start=1)
        if path.suffix.lower() in IMAGE_SUFFIXES
    )
