"""The open invisible watermark of Stable Diffusion, FLUX and InvokeAI ("dwtDct").

The blue-difference channel goes through one level of the Haar wavelet; of each 4x4 block of its
low band, the largest coefficient but the first is moved to one of two places within a step of 36.
Block after block carries the next bit of the message, over and over. (The name promises a cosine
transform; there is none.)
Source: https://github.com/ShieldMnt/invisible-watermark (imwatermark/maxDct.py)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from detector.readers.contract import Reader
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal
from imaging import DecodedImage, ImagingError, Limits, Pixels, decode

FALSE_HIT_CHANCE = 1e-8
"""Most chance that one message is found in an image of random bits, for one way of looking.

There are six messages and four ways, so it is below 1e-6 for an image.
"""

_HALF = 0.5
_STEP = 36.0
_BLOCK = 4
_FEWEST_PIXELS = 256 * 256  # the writers leave smaller images unmarked
# Enough for a thousand votes a bit; the rest of a large image would only cost time.
_MOST_PIXELS = 2_000_000

# Of blue less luminance, as OpenCV has it.
_WEIGHT = 0.492

# Where grey lies in the low band: OpenCV adds 128 to bytes and 0.5 to floats, the band doubles it.
_GREYS = (256.0, 1.0)


@dataclass(frozen=True)
class Message:
    """One message that is known.

    Attributes:
        bits: Text of 0 and 1.
        generator: Who writes it, as people know it.
        claim: What its writer does.
    """

    bits: str
    generator: str
    claim: Claim = Claim.AI_MADE


def _letters(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in text.encode())


_MESSAGES = (
    Message("101100111110110010010000011110111011000110011110", "Stable Diffusion XL"),
    # 48 bits by design, but its two leading zeros are lost on the way into the image.
    Message("1010101111111010000111100111001111010100101110", "FLUX"),
    Message(_letters("InvokeAI"), "InvokeAI"),
    Message(_letters("StableDiffusionV1"), "Stable Diffusion 1"),
    Message(_letters("StableDiffusionV1-Inpainting"), "Stable Diffusion 1", Claim.AI_EDITED),
    Message(_letters("SDV2"), "Stable Diffusion 2"),
)


@cache
def least_matches(length: int) -> int:
    """How many bits of a message must agree so that chance does it less than `FALSE_HIT_CHANCE`."""
    tail, needed = 0, length + 1
    while needed > 0 and tail + comb(length, needed - 1) <= FALSE_HIT_CHANCE * 2**length:
        needed -= 1
        tail += comb(length, needed)
    return needed


class WatermarkReader(Reader):
    """Decodes the open watermark, which needs pixels of the original size, or exactly half of it.

    Half is as good, since the low band of the wavelet is the image at half its size; of JPEGs
    with halved colour, it is better: they store just this band, and nothing has to be guessed
    between its samples. So a JPEG that was decoded at half its size costs nothing here.

    Args:
        decode_again: Decode a JPEG once more where it was decoded at another size. Without, the
            reader takes it as it is where that is possible, and passes over it where it is not.
        limits: Of that second decoding.
    """

    name = "watermark"
    what = "the open watermark"
    where = "pixels, of images of 256 x 256 and more"
    of = "Stable Diffusion 1, 2 and XL, FLUX, InvokeAI"

    def __init__(self, *, decode_again: bool = True, limits: Limits | None = None) -> None:
        self._decode_again = decode_again
        self.settings = "" if decode_again else "decoded-once"
        self._limits = limits or Limits()

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """See `Reader`."""
        if image.width * image.height < _FEWEST_PIXELS:
            return ()
        if self._decode_again and image.format == "jpeg" and image.scale != _HALF:
            try:
                half = min(image.width, image.height) // 2
                image = decode(data, limits=self._limits, min_side=half)
            except ImagingError:
                return ()
        if image.scale not in (1.0, _HALF):
            return ()
        found = decoded(image.pixels, half_size=image.scale == _HALF)
        if found is None:
            return ()
        message, matches = found
        return (
            Signal(
                reader=self.name,
                kind=EvidenceKind.PROVEN,
                claim=message.claim,
                reason=reason(
                    "watermark",
                    generator=message.generator,
                    matches=matches,
                    bits=len(message.bits),
                ),
                generator=message.generator,
            ),
        )


def decoded(pixels: Pixels, *, half_size: bool = False) -> tuple[Message, int] | None:
    """The message in these pixels and how many of its bits agree; None where there is none.

    Args:
        pixels: uint8 [H, W, 3], sRGB.
        half_size: They are the image at half its size.
    """
    best: tuple[Message, int] | None = None
    for bits in _votes(pixels, half_size):
        for message in _MESSAGES:
            length = len(message.bits)
            matches = int((_majority(bits, length) == _wanted(message)).sum())
            if matches >= least_matches(length) and (
                best is None or matches / length > best[1] / len(best[0].bits)
            ):
                best = message, matches
    return best


def _votes(pixels: Pixels, half_size: bool) -> list[NDArray[np.bool_]]:
    """One bit a block, for each way in which the channel may have been made."""
    found = []
    for band in _low_bands(pixels, half_size):
        rows, columns = (side // _BLOCK * _BLOCK for side in band.shape)
        blocks = band[:rows, :columns]
        # The first of a block is never moved, so its neighbour stands in for it.
        blocks[::_BLOCK, ::_BLOCK] = blocks[::_BLOCK, 1::_BLOCK]
        most, least = _over_blocks(np.maximum, blocks), _over_blocks(np.minimum, blocks)
        for grey in _GREYS:
            largest = np.maximum(most + np.float32(grey), -(least + np.float32(grey)))
            found.append((largest % _STEP > _STEP / 2).reshape(-1))
    return found


def _over_blocks(extreme: np.ufunc, band: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest or smallest of each block: first over its rows, which is the faster order."""
    rows = extreme.reduce([band[n::_BLOCK] for n in range(_BLOCK)])
    whole: NDArray[np.float32] = extreme.reduce([rows[:, n::_BLOCK] for n in range(_BLOCK)])
    return whole


def _low_bands(pixels: Pixels, half_size: bool) -> Iterator[NDArray[np.float32]]:
    """The Haar wavelet's low band of the blue difference, float32 [H / 2, W / 2], grey at 0.

    Sums of 2 x 2 pixels, halved; once for pixels in the right order, once for red as blue. The
    sums come first, since all of it is linear.
    """
    height, width = pixels.shape[:2]
    if half_size:
        rows = max(_MOST_PIXELS // 4 // width, _BLOCK)
    else:
        rows = max(_MOST_PIXELS // max(width, 1) // 8, 1) * 8
        rows, width = min(rows, height // 4 * 4), width // 4 * 4
    kept = pixels[:rows, :width]
    red, green, blue = (_halved(kept[..., channel], half_size) for channel in range(3))
    for first, last in ((blue, red), (red, blue)):
        luminance = np.float32(0.299) * last + np.float32(0.587) * green + np.float32(0.114) * first
        yield np.float32(_WEIGHT) * (first - luminance)


def _halved(channel: NDArray[np.uint8], half_size: bool) -> NDArray[np.float32]:
    """Half the sums of 2 x 2 samples, of one channel at a time: that is five times as fast."""
    channel = np.ascontiguousarray(channel)
    if half_size:
        return channel.astype(np.float32) * 2
    tall = channel[0::2].astype(np.uint16) + channel[1::2]
    return (tall[:, 0::2] + tall[:, 1::2]).astype(np.float32) * np.float32(0.5)


def _majority(votes: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """What most blocks say of each bit of a message of this length."""
    whole = votes[: len(votes) // length * length].reshape(-1, length)
    ones = whole.sum(axis=0, dtype=np.int64)
    rest = votes[len(whole) * length :]
    ones[: len(rest)] += rest
    total = np.full(length, len(whole))
    total[: len(rest)] += 1
    majority: NDArray[np.bool_] = ones * 255 > 127 * total
    return majority


@cache
def _wanted(message: Message) -> NDArray[np.bool_]:
    return np.array([bit == "1" for bit in message.bits])
