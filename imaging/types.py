"""What decoding needs and what it gives."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason
from imaging.metadata.texts import Metadata

Pixels = NDArray[np.uint8]
"""uint8 [H, W, 3], sRGB, rows from the top, after EXIF orientation."""


@dataclass(frozen=True)
class Limits:
    """What a decoder accepts; the one place where these limits stand.

    Attributes:
        bytes: Longest file, in bytes.
        pixels: Most pixels of one frame (width x height), counted before any is decoded.
        frames: Most frames of an animation or pages of a document.
        min_side: Shortest side that is still judged, in pixels.
    """

    bytes: int = 256 * 1024 * 1024
    pixels: int = 128_000_000
    frames: int = 10_000
    min_side: int = 16


@dataclass(frozen=True)
class DecodedImage:
    """An image as everything later sees it.

    Attributes:
        pixels: uint8 [h, w, 3], sRGB, upright, transparency on an opaque ground; read-only. May be
            a reduced version of the original (`h <= height`), never an enlarged one.
        width: Width of the original in pixels, after orientation.
        height: Height of the original in pixels, after orientation.
        format: Lower-case name of the container: `jpeg`, `png`, `webp`, `gif`, `bmp`, `tiff`,
            `avif` or `heic`.
        sha256: Hex digest of the file's bytes.
        notes: What the decoder did that changes what is seen, as "transparency composited on
            white" or "first of 12 frames".
        metadata: The metadata blocks.
        had_alpha: It had pixels that are not all opaque: others stand in the file than are seen.
        scale: Size of `pixels` against the original's, 1 where not reduced.
        origin: Where the original's top left corner lies in `pixels`, as (x, y). A reduced
            version has a whole number of rows and columns, which the original's sides times
            `scale` need not give: a point of the original at (x, y) lies at exactly
            (origin[0] + scale * x, origin[1] + scale * y), in the coordinates of pixel edges.
    """

    pixels: Pixels = field(repr=False)
    width: int
    height: int
    format: str
    sha256: str
    notes: tuple[Reason, ...] = ()
    metadata: Metadata = field(default=Metadata(), repr=False)
    had_alpha: bool = False
    scale: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
