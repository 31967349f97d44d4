"""Check or renew golden values of artefacts: `python -m training.detector.goldens FOLDER...`."""

from pathlib import Path
from typing import Annotated

import typer

from models import Encoder, Precision, load_encoder
from models.artefact.artefact import GOLDEN, Artefact, load_artefact
from models.artefact.golden import check_rows, check_views, make_golden
from models.errors import EncoderDiffers, ModelsError


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Artefacts.")],
    cache: Annotated[Path, typer.Option("--cache", help="Folder of the fetched encoder.")],
    update: Annotated[bool, typer.Option("--update", help="Write them anew.")] = False,
) -> None:
    """Check the golden values of artefacts with the encoder that they were made with."""
    for folder in folders:
        try:
            artefact = load_artefact(folder)
            encoder = _encoder_of(artefact, cache)
            if update:
                golden = make_golden(artefact, encoder)
                (folder / GOLDEN).write_text(golden.model_dump_json(indent=2) + "\n", "utf-8")
            check_rows(artefact)
            check_views(artefact, encoder)
        except ModelsError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        typer.echo(f"{artefact.manifest.name}: {'written' if update else 'as stored'}")


def _encoder_of(artefact: Artefact, cache: Path) -> Encoder:
    for precision in (Precision.FP32, Precision.INT8):
        encoder = load_encoder(cache, precision=precision)
        if encoder.id == artefact.manifest.encoder:
            return encoder
    raise EncoderDiffers(f"no encoder in {cache} has the id {artefact.manifest.encoder}")


if __name__ == "__main__":
    typer.run(main)
