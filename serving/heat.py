"""The heat map of one image: which regions look like those of AI pictures."""

from detector.pixels.heat import draw_heat_map, heat_map
from imaging import global_view
from serving.judge import Examined, Judge

FINENESS = 2
"""The picture is drawn this many times larger than the encoder's view."""


def drawn_heat_map(examined: Examined, judge: Judge) -> bytes:
    """Draw the heat map of an image's global view, beside the view.

    Args:
        examined: The image with its features.
        judge: What examined it.

    Returns:
        A PNG file.

    Raises:
        NoPatchHead: The model has no heat map.
    """
    (values,) = heat_map(examined.features[:1], judge.detector.artefact)
    view = global_view(examined.image, FINENESS * judge.encoder.size)
    return draw_heat_map(view, values)
