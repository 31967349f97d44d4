"""Any mode of Pillow to 8-bit sRGB on an opaque ground."""

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from evidence.reasons import Reason, reason
from imaging.detail import LEAST_DETAIL, detail, on_grid
from imaging.types import Pixels

ON_WHITE, ON_BLACK = reason("transparency_on_white"), reason("transparency_on_black")
"""The notes on an image that is not all opaque."""

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.createProfile("LAB")

# What Pillow raises on a damaged profile, or on one for other colours than the image has.
_UNUSABLE = (ImageCms.PyCMSError, OSError, ValueError, TypeError)

_BITS_PER_SAMPLE = 258
_SAMPLE_FORMAT = 339
_SIGNED = 2

# Share of visible steps that black must show, at least, to be taken in place of white.
_LEAST_GAIN = 0.002

# A profile that moves no colour by more than this is sRGB under whatever name.
_SAME_COLOUR = 2


def to_srgb(image: Image.Image, icc: bytes | None, notes: list[Reason]) -> Pixels:
    """Convert a loaded image to sRGB, with transparency composited on a ground.

    Args:
        image: In any mode of Pillow.
        icc: Its ICC profile. Colours without one are taken as sRGB (CMYK: as plain inks).
        notes: What was done that changes what is seen is appended here.

    Returns:
        uint8 [height, width, 3].
    """
    image = _eight_bit(image, notes)
    image = _plain(image)
    if image.mode not in ("LA", "RGBA"):
        return np.asarray(_profiled(image, icc, notes))
    alpha = image.getchannel("A")
    opaque = _profiled(image.convert(image.mode[:-1]), icc, notes)
    if alpha.getextrema() == (255, 255):
        return np.asarray(opaque)
    return _composited(opaque, alpha, notes)


def _composited(opaque: Image.Image, alpha: Image.Image, notes: list[Reason]) -> Pixels:
    """On white; on black where white shows next to nothing and black does.

    White line art on transparency is made for dark grounds, and shown on them.
    """

    def on(ground: str) -> Pixels:
        return np.asarray(Image.composite(opaque, Image.new("RGB", opaque.size, ground), alpha))

    white = on("white")
    seen = detail(on_grid(white))
    if seen < LEAST_DETAIL:
        black = on("black")
        if detail(on_grid(black)) > max(2 * seen, _LEAST_GAIN):
            notes.append(ON_BLACK)
            return black
    notes.append(ON_WHITE)
    return white


def is_srgb(icc: bytes) -> bool:
    """Whether an ICC profile leaves RGB pixels as they are; False where it cannot be read."""
    try:
        return _transform(icc, "RGB") is None
    except _UNUSABLE:
        return False


def _plain(image: Image.Image) -> Image.Image:
    """Without palette, premultiplied alpha or a transparent key colour."""
    transparent = "transparency" in image.info
    match image.mode:
        case "P" | "PA":
            return image.convert("RGBA" if transparent or image.mode == "PA" else "RGB")
        case "1" | "L" if transparent:
            return image.convert("LA") if image.mode == "L" else image.convert("RGBA")
        case "RGB" if transparent:
            return image.convert("RGBA")
        case "1":
            return image.convert("L")
        case "La":
            return image.convert("LA")
        case "RGBa":
            return image.convert("RGBA")
        case "L" | "LA" | "RGB" | "RGBA" | "CMYK" | "LAB":
            return image
        case _:
            return image.convert("RGB")


def _eight_bit(image: Image.Image, notes: list[Reason]) -> Image.Image:
    """Scale samples of 16 and 32 bits and floats to 8 bits; others are returned as they are."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.asarray(image)
    levels = _unit_range(values, notes) if image.mode == "F" else _full_scale(values, image)
    grey = Image.fromarray(levels)
    key = image.info.get("transparency")
    if isinstance(key, int):
        grey.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
    return grey


def _full_scale(values: NDArray[np.integer], image: Image.Image) -> NDArray[np.uint8]:
    """Integers as a part of the largest that their stated depth can hold, in levels of 255."""
    tags = getattr(image, "tag_v2", {})
    bits = int(tags.get(_BITS_PER_SAMPLE, (16,))[0])
    signed = tags.get(_SAMPLE_FORMAT, (1,))[0] == _SIGNED
    most = 2 ** (bits - signed) - 1
    if values.dtype.itemsize == 2:
        table = _levels(np.arange(2**16, dtype=np.float32) / most)
        return table.take(values)
    return _levels((values if signed else values.view(np.uint32)).astype(np.float32) / most)


def _unit_range(values: NDArray[np.generic], notes: list[Reason]) -> NDArray[np.uint8]:
    """Floats within 0 to 1 in levels of 255; others stretched over them, and noted."""
    finite: NDArray[np.float64] = np.nan_to_num(
        values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0
    )
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 1:
        return _levels(finite)
    notes.append(reason("floats_stretched"))
    return _levels((finite - low) / max(high - low, np.finfo(np.float64).tiny))


def _levels(parts: NDArray[np.floating]) -> NDArray[np.uint8]:
    rounded: NDArray[np.floating] = np.rint(parts.clip(0, 1) * 255)
    return rounded.astype(np.uint8)


def _profiled(image: Image.Image, icc: bytes | None, notes: list[Reason]) -> Image.Image:
    """Grey, RGB, CMYK or Lab to sRGB by the profile, or by convention where it is of no use."""
    if image.mode == "LAB":
        return _applied(ImageCms.buildTransform(_LAB, _SRGB, "LAB", "RGB"), image)
    if icc:
        try:
            space = _colour_space(icc)
            if image.mode == "L" and space == "RGB":
                image = image.convert("RGB")
            transform = _transform(icc, image.mode)
            return _rgb(image) if transform is None else _applied(transform, image)
        except _UNUSABLE:
            notes.append(reason("profile_unusable"))
    if image.mode == "CMYK":
        notes.append(reason("cmyk_approximate"))
    return _rgb(image)


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")  # which would copy


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:  # pragma: no cover - only for conversions in place
        raise ValueError("the colour conversion gave no image")
    return converted


def _colour_space(icc: bytes) -> str:
    return ImageCms.ImageCmsProfile(BytesIO(icc)).profile.xcolor_space.strip()


@lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The conversion of a profile to sRGB; None where it would change nothing.

    Archives share a handful of profiles, and building a conversion costs as much as decoding
    a small picture.
    """
    profile = ImageCms.ImageCmsProfile(BytesIO(icc))
    transform = ImageCms.buildTransform(profile, _SRGB, mode, "RGB")
    if mode == "RGB":
        probe = _probe()
        moved = np.asarray(_applied(transform, probe), np.int16) - np.asarray(probe, np.int16)
        if np.abs(moved).max() <= _SAME_COLOUR:
            return None
    return transform


def _probe() -> Image.Image:
    """Colours on a grid of 9 levels a channel."""
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    return Image.fromarray(grid)
