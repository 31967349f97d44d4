"""Check or renew the golden values of artefacts: `python -m training.goldens FOLDER... [--update]`.

With `--update` the manifest is written anew, too, so that it names the files as they are then. With
`--seal` that alone is done: after a card or a number in the manifest was edited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from core.errors import RakkanError
from core.files import write_whole
from models import DetectorArtefact, Encoder, Kind, Precision, load_encoder
from models.artefact import golden as of_detector
from models.artefact.artefact import GOLDEN, open_any, read_manifest
from models.artefact.golden import dump_golden
from models.artefact.manifest import Record
from models.artefact.writing import seal
from models.errors import ArtefactError, EncoderDiffers
from similarity import golden as of_similarity
from similarity.artefact import SimilarityArtefact


@dataclass(frozen=True)
class Keeper:
    """How golden values of one kind of artefact are made and checked, by its folder."""

    make: Callable[[Path, Encoder], Record]
    check: Callable[[Path, Encoder], None]


def _make_detector(folder: Path, encoder: Encoder) -> Record:
    artefact = DetectorArtefact.load(folder)
    artefact.require(encoder.id)
    return of_detector.make_golden(artefact.head, encoder, artefact.tail)


def _check_detector(folder: Path, encoder: Encoder) -> None:
    artefact = DetectorArtefact.load(folder)
    of_detector.check_rows(artefact)
    of_detector.check_views(artefact, encoder)


def _make_similarity(folder: Path, encoder: Encoder) -> Record:
    artefact = SimilarityArtefact.load(folder)
    artefact.require(encoder.id)
    return of_similarity.make_golden(artefact.heads, artefact.manifest.copies, encoder)


def _check_similarity(folder: Path, encoder: Encoder) -> None:
    artefact = SimilarityArtefact.load(folder)
    of_similarity.check_rows(artefact)
    of_similarity.check_views(artefact, encoder)


KEEPERS = {
    Kind.DETECTOR: Keeper(_make_detector, _check_detector),
    Kind.SIMILARITY: Keeper(_make_similarity, _check_similarity),
}


def renew(folder: Path, encoder: Encoder) -> None:
    """Write the golden values of an artefact anew.

    Raises:
        ModelsError: It cannot be read, is made for another encoder, or is of a kind without any.
    """
    manifest = open_any(folder).manifest
    golden = _keeper(manifest.kind).make(folder, encoder)
    write_whole(folder / GOLDEN, dump_golden(golden))
    seal(folder, manifest)


def check(folder: Path, encoder: Encoder) -> None:
    """Check the golden values of an artefact with its encoder.

    Raises:
        ModelsError: They differ; or as `renew`.
    """
    _keeper(open_any(folder).manifest.kind).check(folder, encoder)


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Artefacts.")],
    cache: Annotated[Path, typer.Option("--cache", help="Folder of the fetched encoder.")],
    update: Annotated[bool, typer.Option("--update", help="Write them anew.")] = False,
    reseal: Annotated[
        bool, typer.Option("--seal", help="Write the manifests anew, and check then.")
    ] = False,
) -> None:
    """Check the golden values of artefacts with the encoder that they were made with."""
    for folder in folders:
        try:
            if update or reseal:
                seal(folder, read_manifest(folder))
            artefact = open_any(folder)
            encoder = _encoder_of(artefact.manifest.encoder, cache)
            if update:
                renew(folder, encoder)
            check(folder, encoder)
        except RakkanError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        typer.echo(f"{artefact.name}: {'written anew' if update else 'as stored'}")


def _keeper(kind: Kind) -> Keeper:
    if kind not in KEEPERS:
        raise ArtefactError(f"there are no golden values of the kind {kind}")
    return KEEPERS[kind]


def _encoder_of(encoder_id: str, cache: Path) -> Encoder:
    for precision in (Precision.FP32, Precision.INT8):
        encoder = load_encoder(cache, precision=precision)
        if encoder.id == encoder_id:
            return encoder
    raise EncoderDiffers(f"no encoder in {cache} has the id {encoder_id}")


if __name__ == "__main__":
    typer.run(main)
