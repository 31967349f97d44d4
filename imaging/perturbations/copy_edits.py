"""What people do to a picture that they copy: written over, turned, worked into another picture.

Perturbations as in `imaging.perturbations.web`; what the web does to a picture stands there.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from imaging.perturbations.web import Blur
from imaging.types import Pixels

_SOFTENED = 480
"""Long side in pixels for which the radius of `Soften` is stated."""


@dataclass(frozen=True)
class Turn:
    """Turn by quarters.

    Attributes:
        quarters: How many, counter-clockwise.
    """

    quarters: int

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same pixels; an odd number of quarters swaps the sides."""
        return np.rot90(pixels, self.quarters)


@dataclass(frozen=True)
class Tilt:
    """Turn about the middle on a larger sheet that shows in the corners.

    Attributes:
        degrees: Counter-clockwise.
        sheet: Its colour.
    """

    degrees: float
    sheet: tuple[int, int, int] = (255, 255, 255)

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the sheet, as large as the turned picture needs it."""
        turned = Image.fromarray(pixels).rotate(
            self.degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=self.sheet
        )
        return np.array(turned)


@dataclass(frozen=True)
class Soften:
    """Blur with a Gaussian whose radius grows with the picture.

    Attributes:
        radius: Standard deviation in pixels where the longer side is 480 pixels.
    """

    radius: float

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, blurred."""
        return Blur(self.radius * max(pixels.shape[:2]) / _SOFTENED)(pixels)


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes:
        text: In the letters of Pillow's own font (Latin).
        centre: Its middle, as parts of the picture's width and height.
        height: Of the letters, as a part of the picture's shorter side.
        colour: Of the letters.
        opacity: 0 to 1.
        degrees: Turn, counter-clockwise.
    """

    text: str
    centre: tuple[float, float]
    height: float
    colour: tuple[int, int, int] = (255, 255, 255)
    opacity: float = 1.0
    degrees: float = 0.0


@dataclass(frozen=True)
class Lettering:
    """Captions and watermarks over the picture.

    Attributes:
        lines: In the order in which they are written.
    """

    lines: tuple[Line, ...]

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, written over."""
        picture = Image.fromarray(pixels)
        for line in self.lines:
            ink = Image.new("RGB", picture.size, line.colour)
            picture.paste(ink, mask=Image.fromarray(_letters(line, picture.width, picture.height)))
        return np.array(picture)


@dataclass(frozen=True)
class Inset:
    """Paste the picture over another one.

    Attributes:
        host: The other picture.
        area: Of the pasted picture, as a part of the host's, 0 to 1.
        place: Where: the parts of the room left over that are left of and above it.
        elongated: Keep the picture's own shape as far as it fits; else it takes the host's.
    """

    host: Pixels = field(repr=False)
    area: float
    place: tuple[float, float]
    elongated: bool = True

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the host's shape, with the picture in it."""
        sheet = Image.fromarray(self.host)
        shape = pixels.shape[1] / pixels.shape[0] if self.elongated else sheet.width / sheet.height
        room = self.area * sheet.width * sheet.height
        width = min(sheet.width, round(np.sqrt(room * shape)))
        height = min(sheet.height, round(room / width))
        picture = Image.fromarray(pixels).resize((width, max(1, height)), Image.Resampling.BICUBIC)
        corner = (
            round(self.place[0] * (sheet.width - picture.width)),
            round(self.place[1] * (sheet.height - picture.height)),
        )
        sheet.paste(picture, corner)
        return np.array(sheet)


@dataclass(frozen=True)
class Quarters:
    """Put the picture together with three others: two by two, a quarter of the area each.

    Attributes:
        others: Three other pictures.
        corner: Of the picture: 0 top left, 1 top right, 2 bottom left, 3 bottom right.
        side: Of the whole, in pixels.
    """

    others: tuple[Pixels, Pixels, Pixels] = field(repr=False)
    corner: int
    side: int = 512

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give [side, side, 3]; every picture is cut to a square about its middle."""
        cells = list(self.others)
        cells.insert(self.corner, pixels)
        half = self.side // 2
        whole = Image.new("RGB", (self.side, self.side), (255, 255, 255))
        for number, cell in enumerate(cells):
            square = Image.fromarray(_middle(cell)).resize((half, half), Image.Resampling.BICUBIC)
            whole.paste(square, (number % 2 * half, number // 2 * half))
        return np.array(whole)


def _middle(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])


def _letters(line: Line, width: int, height: int) -> NDArray[np.uint8]:
    """How opaque each pixel of a picture is under a line: uint8 [height, width]."""
    font = ImageFont.load_default(max(1.0, line.height * min(width, height)))
    x, y = line.centre[0] * width, line.centre[1] * height
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).text((x, y), line.text, round(255 * line.opacity), font, anchor="mm")
    return np.array(mask.rotate(line.degrees, Image.Resampling.BILINEAR, center=(x, y)))
