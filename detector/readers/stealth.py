"""Parameters hidden in the lowest bits of the pixels, as NovelAI and some web UIs do.

Column by column from the top left, one bit of alpha or three of red, green and blue a pixel:
a signature of 15 letters, the length in bits (32 bits), then the text, plain or gzipped.
Source: https://github.com/ashen-sensored/sd_webui_stealth_pnginfo
"""

import zlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detector.json_text import json_object
from detector.readers.contract import Reader
from detector.readers.generation import Texts
from detector.readers.parameters import parameter_signals
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage, Limits
from imaging.codecs.raw_samples import exact_pixels
from imaging.metadata.unicode import decode_text

_SIGNATURES = {
    b"stealth_pnginfo": False,
    b"stealth_pngcomp": True,
    b"stealth_rgbinfo": False,
    b"stealth_rgbcomp": True,
}
_SIGNATURE_BITS = 15 * 8
_LENGTH_BITS = 32

LONGEST = 4 * 1024 * 1024
"""Longest hidden text, in bytes, before and after decompression."""

_GZIP = 16 + zlib.MAX_WBITS


class StealthReader(Reader):
    """Finds parameters in the lowest bits of a PNG or WebP.

    Without transparency, the pixels that were decoded already are looked at, which costs nothing.
    With it, the file is decoded once more, since the decoded image has no alpha channel.

    Args:
        limits: Of that second decoding.
    """

    name = "stealth"
    what = "hidden parameters"
    where = "lowest bits of PNG and WebP, with alpha or without"
    of = "NovelAI, stealth PNG info"

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        if image.format not in ("png", "webp") or image.scale != 1:
            return ()
        pixels: NDArray[np.uint8] | None = image.pixels
        if image.had_alpha:
            pixels = exact_pixels(data, limits=self._limits)
        text = hidden_text(pixels) if pixels is not None else None
        if text is None:
            return ()
        found = parameter_signals(_texts(text), hidden=True)
        unknown = Signal(
            reader=self.name,
            kind=EvidenceKind.STATED,
            claim=Claim.AI_MADE,
            reason=reason("hidden_note"),
        )
        return tuple(replace(one, reader=self.name) for one in found) or (unknown,)


def hidden_text(pixels: NDArray[np.uint8]) -> str | None:
    """The text hidden in these pixels, or None.

    Args:
        pixels: uint8 [H, W, 3] or [H, W, 4], as stored.
    """
    columns = pixels.swapaxes(0, 1)  # [W, H, channels]: a view, so that nothing is copied yet
    planes = [columns[..., :3]]
    if pixels.shape[2] == 4:
        planes.insert(0, columns[..., 3:])
    for plane in planes:
        signature = _bits(plane, 0, _SIGNATURE_BITS)
        compressed = _SIGNATURES.get(signature)
        if compressed is None:
            continue
        length = int.from_bytes(_bits(plane, _SIGNATURE_BITS, _LENGTH_BITS))
        if not 0 < length <= 8 * LONGEST:
            continue
        body = _bits(plane, _SIGNATURE_BITS + _LENGTH_BITS, length - length % 8)
        plain = _inflated(body) if compressed else body
        if plain:
            return decode_text(plain)
    return None


def _bits(plane: NDArray[np.uint8], start: int, count: int) -> bytes:
    """So many lowest bits from the one at `start`, packed; fewer where the image ends."""
    height, channels = plane.shape[1:]
    column = height * channels
    first, last = start // column, -(-(start + count) // column)
    values = plane[first:last].reshape(-1)
    offset = start - first * column
    return np.packbits(values[offset : offset + count] & 1).tobytes()


def _inflated(body: bytes) -> bytes | None:
    """The gzipped text, at most `LONGEST` of it: what goes on beyond that is cut off."""
    try:
        return zlib.decompressobj(_GZIP).decompress(body, LONGEST)
    except zlib.error:
        return None


def _texts(text: str) -> Texts:
    """The hidden text as the texts of a file: NovelAI hides all of its own as one JSON object."""
    values = json_object(text)
    if values is None:
        return (("parameters", text),)
    fields = [(key, value) for key, value in values.items() if isinstance(value, str)]
    return (*fields, ("parameters", text))
