"""The heat map of one image, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from core.files import write_whole
from detector.pixels.heat import draw_heat_map, heat_map
from imaging import DecodedImage, global_view
from models import Features
from serving.opening import Opened

FINENESS = 2
"""The picture is drawn this many times larger than the encoder's view."""


def _is_png(path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() != ".png":
        raise typer.BadParameter("the heat map is a PNG: name a file that ends in .png")
    return path


HeatMapPath = Annotated[
    Path | None,
    typer.Option(
        "--heat-map",
        metavar="OUT.png",
        dir_okay=False,
        callback=_is_png,
        help="Also draw which regions look like those of AI pictures.",
    ),
]


def require_another_file(out: Path | None, image: Path, option: str = "--heat-map") -> None:
    """Refuse to write over the image itself.

    Raises:
        BadParameter: They are the same file.
    """
    if out is not None and out.exists() and out.samefile(image):
        raise typer.BadParameter("it would replace the image", param_hint=option)


def write_heat_map(out: Path, image: DecodedImage, features: Features, opened: Opened) -> None:
    """Draw the heat map of an image's global view.

    Args:
        out: The PNG file; replaced if it is there.
        image: The image.
        features: Of its views, the global one first.
        opened: What judges.

    Raises:
        NoPatchHead: The model has no heat map.
        OSError: The file cannot be written.
    """
    (values,) = heat_map(features[:1], opened.detector.artefact)
    view = global_view(image, FINENESS * opened.encoder.size)
    write_whole(out, draw_heat_map(view, values))
