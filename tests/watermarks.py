"""The open watermark, written as its package does: a second derivation of what is read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging import Pixels


def letters(text: str) -> list[int]:
    """The bits of a text, the highest of each byte first."""
    return [int(bit) for byte in text.encode() for bit in f"{byte:08b}"]


SDXL = [int(bit) for bit in f"{0b101100111110110010010000011110111011000110011110:b}"]
FLUX = [int(bit) for bit in f"{0b001010101111111010000111100111001111010100101110:b}"]

MESSAGES = {
    "Stable Diffusion XL": SDXL,
    "FLUX": FLUX,
    "InvokeAI": letters("InvokeAI"),
    "Stable Diffusion 1": letters("StableDiffusionV1"),
    "Stable Diffusion 2": letters("SDV2"),
}

# What OpenCV's YUV has for no colour.
BYTES, FLOATS = 128.0, 0.5


def marked(pixels: Pixels, bits: Sequence[int], grey: float = BYTES) -> Pixels:
    """Write the mark as its package does, block by block: slow, obvious, and not shared.

    OpenCV's conversion to YUV and back, with `grey` in the place of no colour, and in between one
    level of the Haar wavelet, of which only the low band changes: so the change of a coefficient
    is half of it in each of its four pixels. (The package also exchanges two of the other bands,
    which nobody reads.)
    """
    red, green, blue = np.moveaxis(pixels.astype(np.float64), -1, 0)
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    colour = 0.492 * (blue - luminance) + grey
    height, width = (side // 4 * 4 for side in colour.shape)
    moved = np.zeros_like(colour)
    count = 0
    for top in range(0, height // 8 * 8, 8):
        for left in range(0, width // 8 * 8, 8):
            block = colour[top : top + 8, left : left + 8]
            low = block.reshape(4, 2, 4, 2).sum(axis=(1, 3)) / 2
            place = np.argmax(np.abs(low.reshape(-1)[1:])) + 1
            y, x = divmod(int(place), 4)
            value = low[y, x]
            size = (abs(value) // 36 + 0.25 + 0.5 * bits[count % len(bits)]) * 36
            change = size * (1 if value >= 0 else -1) - value
            moved[top + 2 * y : top + 2 * y + 2, left + 2 * x : left + 2 * x + 2] = change / 2
            count += 1
    out: NDArray[np.float64] = np.stack([red, green - 0.395 * moved, blue + 2.032 * moved], axis=-1)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)
