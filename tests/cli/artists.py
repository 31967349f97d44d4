"""Works of two made-up artists, drawn in two styles."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def dots(seed: int, side: int = 320) -> Image.Image:
    """Warm discs on cream."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (side + 40, side), (250, 240, 215))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, r = draw.integers(0, side), draw.integers(0, side), draw.integers(4, 36)
        colour = (200 + int(draw.integers(0, 55)), *map(int, draw.integers(20, 140, 2)))
        pen.ellipse((x - r, y - r, x + r, y + r), colour, (90, 30, 20), 2)
    return image


def lines(seed: int, side: int = 320) -> Image.Image:
    """Ink strokes on white."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (side, side + 60), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(90):
        x, y = map(int, draw.integers(0, side, 2))
        dx, dy = map(int, draw.integers(-90, 90, 2))
        pen.line((x, y, x + dx, y + dy), (10, 10, 30), int(draw.integers(1, 4)))
    return image


def png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def write_artists(folder: Path, works: int = 5) -> Path:
    """A folder for each artist."""
    for name, style in (("Dot", dots), ("Lyn", lines)):
        place = folder / name
        place.mkdir(parents=True)
        for number in range(works):
            (place / f"{number}.png").write_bytes(png(style(number)))
    return folder
