"""A map of numbers drawn over the picture that it is about, with its scale and a caption."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from imaging.types import Pixels

# Of the palette of Okabe and Ito, which people with any kind of colour vision can tell apart:
# https://jfly.uni-koeln.de/color/
_LOW = (0, 114, 178)
_HIGH = (213, 94, 0)
_OPACITY = 0.65
"""Of a colour at the end of the scale; in the middle the picture shows through untinted."""

_MARGIN = 16
_BAR = 14
_TEXT = 14
_LINE = 19
_INK = (32, 32, 32)
_PAPER = (255, 255, 255)


def overlay(
    view: Pixels,
    values: NDArray[np.float32],
    *,
    limit: float,
    scale: Sequence[str],
    caption: str,
) -> bytes:
    """Draw a map over a picture, beside the picture itself.

    The picture is shown in grey under the map, so that its own colours are not taken for values.

    Args:
        view: uint8 [S, S, 3], S >= 64.
        values: float32 [h, w], covering the whole view.
        limit: Where the colours end: values at `limit` and above have the full warm colour, at
            `-limit` and below the full cold one, and 0 has none.
        scale: Labels under the scale, spread evenly from its cold end to its warm end.
        caption: What the map is, and is not; ASCII.

    Returns:
        A PNG file, without metadata.
    """
    side = view.shape[0]
    heat = Image.fromarray(values).resize((side, side), Image.Resampling.BICUBIC)
    grey = np.asarray(Image.fromarray(view).convert("L"), np.float64)
    # Neither black nor white takes on a colour.
    tinted = _tint(40 + grey * (180 / 255), np.asarray(heat) / limit)
    font = ImageFont.load_default(_TEXT)
    width = 2 * side + 3 * _MARGIN
    lines = _wrapped(caption, font, width - 2 * _MARGIN)
    top = _MARGIN + side + _MARGIN
    sheet = Image.new("RGB", (width, top + _BAR + _LINE * (len(lines) + 2)), _PAPER)
    sheet.paste(Image.fromarray(view), (_MARGIN, _MARGIN))
    sheet.paste(tinted, (2 * _MARGIN + side, _MARGIN))
    ramp = np.linspace(-1, 1, side)[None].repeat(_BAR, axis=0)
    sheet.paste(_tint(np.full(ramp.shape, 160.0), ramp), (2 * _MARGIN + side, top))
    draw = ImageDraw.Draw(sheet)
    for i, label in enumerate(scale):
        place = i / max(len(scale) - 1, 1)
        x = 2 * _MARGIN + side + place * (side - font.getlength(label))
        draw.text((x, top + _BAR + 2), label, _INK, font)
    for i, line in enumerate(lines):
        draw.text((_MARGIN, top + _BAR + _LINE * (i + 1.5)), line, _INK, font)
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _tint(grey: NDArray[np.float64], values: NDArray[np.float64]) -> Image.Image:
    """Grey (0 to 255) coloured by values of which -1 and 1 are the ends of the scale."""
    opacity = (_OPACITY * np.minimum(np.abs(values), 1))[..., None]
    colour = np.where((values > 0)[..., None], np.array(_HIGH), np.array(_LOW))
    mixed = (1 - opacity) * grey[..., None] + opacity * colour
    return Image.fromarray(np.asarray(np.rint(mixed), np.uint8))
