"""Edits that leave little of what copies are found by: colours of one lightness, other grounds.

Perturbations as in `imaging.perturbations.copy_edits`, which has what is usually done.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imaging.ground import plain_ground
from imaging.types import Pixels

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""

_LUMA = np.array([0.299, 0.587, 0.114])
"""ITU-R BT.601, as `imaging.sketch` sees it."""

_EDGE = 0.7
"""Standard deviation in pixels of the soft edge of what is cut out."""


@dataclass(frozen=True)
class Stretch:
    """Stretch the whole picture along its sides, keeping its area.

    Attributes:
        factor: By which its width grows against its height.
    """

    factor: float

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give another shape."""
        picture, along = Image.fromarray(pixels), float(np.sqrt(self.factor))
        size = max(1, round(picture.width * along)), max(1, round(picture.height / along))
        return np.array(picture.resize(size, Image.Resampling.BICUBIC))


@dataclass(frozen=True)
class Duotone:
    """Print the picture's lightness in two inks, and in what lies between them.

    Attributes:
        dark: What is printed for black.
        light: What is printed for white. Inks of one luma leave a grey picture nothing to see.
    """

    dark: Colour
    light: Colour

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape; the picture's own darkest and lightest per cent are the inks."""
        luma = pixels @ _LUMA
        low, high = np.percentile(luma, (1, 99))
        part = np.clip((luma - low) / max(high - low, 1), 0, 1)[..., None]
        printed = (1 - part) * np.array(self.dark) + part * np.array(self.light)
        return np.asarray(np.rint(printed.clip(0, 255)), np.uint8)


@dataclass(frozen=True)
class Reground:
    """Put what stands on a plain ground on another one, as art on transparency is shown.

    Attributes:
        colour: Of the new ground.
    """

    colour: Colour

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape; a picture that stands on no ground keeps its pixels, nearly."""
        opaque = _opaque(pixels)[..., None]
        ground = np.broadcast_to(np.array(self.colour), pixels.shape)
        return np.asarray(np.rint(opaque * pixels + (1 - opaque) * ground), np.uint8)


@dataclass(frozen=True)
class Sticker:
    """Cut out what stands on a plain ground, and paste it over another picture.

    Attributes:
        host: The other picture.
        area: Of the box around what is pasted, as a part of the host's, 0 to 1.
        place: Where: the parts of the room left over that are left of and above it.
    """

    host: Pixels = field(repr=False)
    area: float
    place: tuple[float, float]

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the host's shape, with the figure in it."""
        opaque = np.rint(255 * _opaque(pixels)).astype(np.uint8)
        rows, columns = (np.flatnonzero((opaque > 127).any(axis=axis)) for axis in (1, 0))
        sheet = Image.fromarray(self.host)
        if not len(rows):
            return np.array(sheet)
        box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        width, height = box[2] - box[0], box[3] - box[1]
        room = self.area * sheet.width * sheet.height
        width = min(sheet.width, max(1, round(np.sqrt(room * width / height))))
        size = width, min(sheet.height, max(1, round(room / width)))
        figure, mask = (
            Image.fromarray(layer).resize(size, Image.Resampling.BICUBIC, box=box)
            for layer in (pixels, opaque)
        )
        left, top = (
            round(part * (whole - own))
            for part, whole, own in zip(self.place, sheet.size, size, strict=True)
        )
        sheet.paste(figure, (left, top), mask)
        return np.array(sheet)


def _opaque(pixels: Pixels) -> NDArray[np.float32]:
    """How opaque each pixel is, 0 to 1, if the plain ground were transparent."""
    ground = plain_ground(pixels)
    if ground is None:
        return np.ones(pixels.shape[:2], np.float32)
    # A pixel more: at its edge the figure is mixed with the ground.
    mask = Image.fromarray((255 * ground).astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
    return np.asarray(1 - np.array(mask.filter(ImageFilter.GaussianBlur(_EDGE))) / 255, np.float32)
