"""The heat map of one image, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from core.files import write_whole
from detector.pixels.heat import draw_heat_map, heat_map
from imaging import global_view
from serving.judge import Examined, Judge

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


def write_heat_map(out: Path, examined: Examined, judge: Judge) -> None:
    """Draw the heat map of an image's global view.

    Args:
        out: The PNG file; replaced if it is there.
        examined: The image with its features.
        judge: What examined it.

    Raises:
        NoPatchHead: The model has no heat map.
        OSError: The file cannot be written.
    """
    (values,) = heat_map(examined.features[:1], judge.detector.artefact)
    view = global_view(examined.image, FINENESS * judge.encoder.size)
    write_whole(out, draw_heat_map(view, values))
