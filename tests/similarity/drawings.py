"""Pictures that tests draw: the same seed gives the same one."""

import numpy as np
from PIL import Image, ImageDraw


def drawing(seed, width=320, height=240, shapes=70):
    """A grey picture of overlapping shapes, uint8 [height, width]."""
    rng = np.random.default_rng(seed)
    picture = Image.new("L", (width, height), int(rng.integers(120, 256)))
    draw = ImageDraw.Draw(picture)
    for i in range(shapes):
        x, y = rng.uniform(-10, width), rng.uniform(-10, height)
        w, h = rng.uniform(6, width / 5), rng.uniform(6, height / 5)
        grey, line = (int(v) for v in rng.integers(0, 256, 2))
        match i % 3:
            case 0:
                draw.ellipse((x, y, x + w, y + h), grey, line)
            case 1:
                draw.rectangle((x, y, x + w, y + h), grey, line)
            case _:
                draw.polygon([(x, y), (x + w, y + h / 3), (x + w / 4, y + h)], grey, line)
    return np.array(picture)


def icon(seed, side=128):
    """A flat drawing: three white shapes in a black circle, uint8 [side, side]."""
    rng = np.random.default_rng(seed)
    large = 4 * side
    picture = Image.new("L", (large, large), 255)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0.05 * large, 0.05 * large, 0.95 * large, 0.95 * large), 20)
    for _ in range(3):
        x, y = rng.uniform(0.25 * large, 0.6 * large, 2)
        w, h = rng.uniform(0.08 * large, 0.3 * large, 2)
        points = [(x, y), (x + w, y + h / 4), (x + w, y + h), (x + w / 3, y + h / 2)]
        draw.polygon(points, 255)
    return np.array(picture.resize((side, side), Image.Resampling.LANCZOS))


def resized(picture, width, height):
    """Scaled to a size."""
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def rotated(picture, degrees):
    """Turned counter-clockwise about the middle, with grey corners, of the same size."""
    turned = Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=128)
    return np.array(turned)
