"""Which picture of several is judged: the one that people see."""

import numpy as np
from PIL import Image, TiffImagePlugin

from evidence.reasons import Reason, reason
from imaging.detail import GRID, LEAST_DETAIL, detail, on_grid

_MOST_LOOKED_AT = 64
_MOST_PIXELS = 256_000_000  # decoded in search of a frame that shows something
_REDUCED = 1  # bit of TIFF's NewSubfileType: a smaller version of another page
_NEW_SUBFILE_TYPE = 254

_COUNTED = {"tiff": "first_page", "jpeg": "first_picture", "heic": "first_picture"}
_ANIMATED = frozenset({"gif", "png", "webp", "avif"})


def choose_frame(image: Image.Image, name: str, frames: int, notes: list[Reason]) -> None:
    """Go to the picture that is judged, and note which it is.

    Of an animation the first frame, unless it shows next to nothing and a later one more; never a
    PNG's default picture that is no part of its animation, which only viewers without animations
    show. Of a TIFF the first page that is no smaller version of another.

    Args:
        image: Opened, at its first frame; afterwards at the chosen one.
        name: The format as `sniff` names it.
        frames: How many there are, a hidden default picture included.
        notes: Appended to.
    """
    if frames < 2:
        return
    first = 0
    if name == "png" and image.info.get("default_image"):
        first, frames = 1, frames - 1
        image.seek(first)
        notes.append(reason("hidden_default"))
        if frames < 2:
            return
    if name == "tiff":
        chosen = _first_full_page(image, frames)
    elif name in _ANIMATED:
        chosen = _first_with_content(image, first, frames)
    else:
        chosen = 0
    image.seek(first + chosen)
    if not chosen:
        notes.append(reason(_COUNTED.get(name, "first_frame"), count=frames))
    else:
        code = "page_of" if name == "tiff" else "frame_of"
        notes.append(reason(code, number=chosen + 1, count=frames))


def _first_full_page(image: Image.Image, pages: int) -> int:
    for page in range(min(pages, _MOST_LOOKED_AT)):
        image.seek(page)
        if not isinstance(image, TiffImagePlugin.TiffImageFile):
            break
        kind = image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)
        if not (isinstance(kind, int) and kind & _REDUCED):
            return page
    return 0


def _first_with_content(image: Image.Image, first: int, frames: int) -> int:
    """The first frame, or where that shows next to nothing the fullest of those that follow."""
    best, most = 0, _detail(image)
    if most >= LEAST_DETAIL:
        return 0
    width, height = image.size
    looked_at = min(frames, _MOST_LOOKED_AT, max(_MOST_PIXELS // (width * height), 1))
    for frame in range(1, looked_at):
        try:
            image.seek(first + frame)
            more = _detail(image)
        except (EOFError, OSError, SyntaxError):  # what follows is damaged or cut off
            break
        if more > most:
            best, most = frame, more
    return best


def _detail(image: Image.Image) -> float:
    """How much there is to see in the frame at which an animation stands."""
    small = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    small.thumbnail((GRID, GRID), Image.Resampling.NEAREST)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert("RGB")
    return detail(on_grid(np.asarray(small)))
