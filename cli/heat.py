"""The heat map of one image, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from cli.paths import writable_as
from core.files import write_whole
from serving.heat import drawn_heat_map
from serving.judge import Examined, Judge

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
    write_whole(out, drawn_heat_map(examined, judge))
