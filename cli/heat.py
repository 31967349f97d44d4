"""The heat map of one image, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from cli.paths import writable_as
from core.files import write_whole
from detector.pixels.heat import draw_heat_map, heat_map
from imaging import global_view
from serving.judge import Examined, Judge

FINENESS = 2
"""The picture is drawn this many times larger than the encoder's view."""

HeatMapPath = Annotated[
    Path | None,
    typer.Option(
        "--heat-map",
        metavar="OUT.png",
        dir_okay=False,
        callback=writable_as("the heat map is a PNG", ".png"),
        help="Also draw which regions look like those of AI pictures; of one image.",
    ),
]


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
