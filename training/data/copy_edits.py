"""What people do to a picture that they copy, for learning and evaluating the search for copies.

An edit is drawn from a generator, so that the same file and edit always give the same copy. What
it takes besides the picture (other people's pictures, autoencoders) is passed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from imaging import Pixels
from imaging.perturbations.copy_edits import Inset, Lettering, Line, Quarters, Soften, Tilt, Turn
from imaging.perturbations.evasive_edits import Duotone, Reground, Sticker, Stretch
from imaging.perturbations.web import (
    Chain,
    Crop,
    Fit,
    Jpeg,
    Mirror,
    Perturbation,
    Recolour,
    Resize,
    Rotate,
    Screenshot,
)
from training.data.augmentation import Treatment


class Edit(StrEnum):
    """One way to change a picture that is copied; see `draw_edit`."""

    CROP = "crop"
    ROTATE = "rotate"
    MIRROR = "mirror"
    RECOLOUR = "recolour"
    TEXT = "text"
    JPEG30 = "jpeg30"
    BLUR = "blur"
    COLLAGE = "collage"
    REDRAW = "redraw"
    SMALL = "small"
    FRAME = "frame"
    TWICE = "twice"
    ISOLUMINANT = "isoluminant"
    NINTH = "ninth"
    STRETCH = "stretch"
    SQUEEZED = "squeezed"
    STICKER = "sticker"
    DARK = "dark"


GROUNDED = frozenset({Edit.STICKER, Edit.DARK})
"""Edits of what stands on a plain ground (`imaging.ground`)."""

HARD = (Edit.ISOLUMINANT, Edit.NINTH, Edit.STRETCH, Edit.SQUEEZED, Edit.STICKER, Edit.DARK)
"""Edits that leave little of what copies are found by; judged apart, and learnt from by nothing."""

EDITS = tuple(edit for edit in Edit if edit not in HARD)

_WORDS = (
    "FREE DOWNLOAD", "SALE", "Follow me!", "when you see it", "@reposts", "NEW 2024", "Sample",
    "my art :)", "do not steal", "Chapter 12", "HAPPY BIRTHDAY", "coming soon", "www.example.com",
    "lol", "Wallpaper HD", "commission open", "good morning", "Vol. 3",
)  # fmt: skip
_INKS = ((255, 255, 255), (0, 0, 0), (230, 30, 40), (250, 220, 40), (40, 80, 220), (128, 128, 128))
_CHROMA = 60.0
"""How far the inks of a duotone lie from grey: as far as both are colours that a screen shows."""


@dataclass(frozen=True)
class Materials:
    """What edits take besides the picture.

    Attributes:
        backgrounds: Draws a picture of somebody else, into which the work is pasted.
        redraw: Autoencoders: pixels to pixels of the same shape.
    """

    backgrounds: Callable[[np.random.Generator], Pixels]
    redraw: Sequence[Perturbation]


def edited(edit: Edit, materials: Materials, k: int = 0) -> Treatment:
    """The k-th copy of a picture by an edit, as something that is done before it is encoded."""
    return Treatment(f"{edit}-{k}", lambda rng: draw_edit(edit, rng, materials))


def draw_edit(edit: Edit, rng: np.random.Generator, materials: Materials) -> Perturbation:
    """Draw one copy; the same generator state gives the same one.

    `CROP`: a box of half the area, anywhere. `ROTATE`: by 5 to 30 degrees either way, cut to a box
    (half of them) or on a larger sheet, or by a quarter (a fifth of all). `MIRROR`. `RECOLOUR`:
    grey (a quarter), or other hue, saturation, brightness and contrast. `TEXT`: lines that take up
    5 to 25 % of the area. `JPEG30`: compressed at quality 30. `BLUR`: by 1 to 2.5 pixels at a long
    side of 480. `COLLAGE`: on a quarter of the area of somebody else's picture, or beside three
    others. `REDRAW`: through an autoencoder at a long side of 256 to 512. `SMALL`: half the size.
    `FRAME`: a screenshot with a margin. `TWICE`: two of these, one after the other.

    `ISOLUMINANT`: printed in two inks of one luma. `NINTH`: on a ninth of the area of somebody
    else's picture. `STRETCH`: the whole, 2.5 to 4 times wider or higher than it was. `SQUEEZED`:
    the same, on 30 % of the area of somebody else's picture. `STICKER`: without its plain ground,
    on a ninth of somebody else's picture. `DARK`: on a dark ground in place of a plain one.

    All but `JPEG30` are then saved as a JPEG of quality 70 to 95.
    """
    steps = _draw_twice(rng, materials) if edit is Edit.TWICE else (_draw(edit, rng, materials),)
    quality = 30 if edit is Edit.JPEG30 else int(rng.integers(70, 96))
    return Chain((*steps, Jpeg(quality)))


def _draw_twice(rng: np.random.Generator, materials: Materials) -> tuple[Perturbation, ...]:
    single = [edit for edit in EDITS if edit not in (Edit.TWICE, Edit.COLLAGE)]
    first, second = (single[i] for i in rng.choice(len(single), 2, replace=False))
    if rng.random() < 0.15:
        second = Edit.COLLAGE  # comes last: who edits a collage edits the other pictures, too
    return _draw(first, rng, materials), _draw(second, rng, materials)


def _draw(edit: Edit, rng: np.random.Generator, materials: Materials) -> Perturbation:
    match edit:
        case Edit.CROP:
            return _draw_crop(rng)
        case Edit.ROTATE:
            return _draw_rotation(rng)
        case Edit.MIRROR:
            return Mirror()
        case Edit.RECOLOUR:
            return _draw_recolouring(rng)
        case Edit.TEXT:
            return _draw_lettering(rng)
        case Edit.JPEG30:
            return Jpeg(30)
        case Edit.BLUR:
            return Soften(float(rng.uniform(1, 2.5)))
        case Edit.COLLAGE:
            return _draw_collage(rng, materials)
        case Edit.REDRAW:
            autoencoder = materials.redraw[int(rng.integers(len(materials.redraw)))]
            return Chain((Fit(int(rng.integers(256, 513))), autoencoder))
        case Edit.SMALL:
            return Resize(0.5)
        case Edit.FRAME:
            return _draw_frame(rng)
        case Edit.TWICE:
            return Chain(_draw_twice(rng, materials))
        case Edit.ISOLUMINANT:
            return _draw_duotone(rng)
        case Edit.NINTH:
            return Inset(materials.backgrounds(rng), 1 / 9, _draw_place(rng))
        case Edit.STRETCH:
            return _draw_stretch(rng)
        case Edit.SQUEEZED:
            pasted = Inset(materials.backgrounds(rng), 0.3, _draw_place(rng))
            return Chain((_draw_stretch(rng), pasted))
        case Edit.STICKER:
            return Sticker(materials.backgrounds(rng), 1 / 9, _draw_place(rng))
        case Edit.DARK:
            return _draw_ground(rng)


def _draw_crop(rng: np.random.Generator) -> Crop:
    shape = float(np.exp(rng.uniform(-0.25, 0.25)))
    width, height = np.sqrt(0.5) * shape, np.sqrt(0.5) / shape
    left, top = float(rng.uniform(0, 1 - width)), float(rng.uniform(0, 1 - height))
    return Crop((left, top, left + float(width), top + float(height)))


def _draw_rotation(rng: np.random.Generator) -> Perturbation:
    if rng.random() < 0.2:
        return Turn(int(rng.choice([1, 3])))
    degrees = float(rng.uniform(5, 30) * rng.choice([-1, 1]))
    if rng.random() < 0.5:
        return Rotate(degrees)
    grey = int(rng.choice([0, 255]))
    return Tilt(degrees, (grey, grey, grey))


def _draw_recolouring(rng: np.random.Generator) -> Recolour:
    brightness, contrast = (float(factor) for factor in rng.uniform(0.7, 1.3, 2))
    if rng.random() < 0.25:
        return Recolour(brightness, contrast, saturation=0.0)
    saturation, hue = float(rng.uniform(0.3, 1.8)), float(rng.uniform(-0.5, 0.5))
    return Recolour(brightness, contrast, saturation, hue)


def _draw_lettering(rng: np.random.Generator) -> Lettering:
    share, covered, lines = float(rng.uniform(0.05, 0.25)), 0.0, []
    while covered < share:
        text = _WORDS[int(rng.integers(len(_WORDS)))]
        height = float(rng.uniform(0.05, 0.16))
        lines.append(
            Line(
                text,
                centre=(float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.05, 0.95))),
                height=height,
                colour=_INKS[int(rng.integers(len(_INKS)))],
                opacity=float(rng.choice([1.0, 1.0, 0.5])),
                degrees=float(rng.choice([0.0, 0.0, 0.0, 30.0, -20.0])),
            )
        )
        covered += height * min(1.0, 0.55 * height * len(text))  # a letter is about half as wide
    return Lettering(tuple(lines))


def _draw_collage(rng: np.random.Generator, materials: Materials) -> Perturbation:
    if rng.random() < 0.5:
        others = (
            materials.backgrounds(rng),
            materials.backgrounds(rng),
            materials.backgrounds(rng),
        )
        return Quarters(others, corner=int(rng.integers(4)))
    x, y = (float(part) for part in rng.random(2))
    return Inset(materials.backgrounds(rng), 0.25, (x, y), elongated=bool(rng.random() < 0.7))


def _draw_frame(rng: np.random.Generator) -> Screenshot:
    return Screenshot(
        scale=float(rng.uniform(0.6, 1.25)),
        margin=float(rng.uniform(0.03, 0.2)),
        page=int(rng.choice([0, 32, 245, 255])),
    )


def _draw_place(rng: np.random.Generator) -> tuple[float, float]:
    x, y = (float(part) for part in rng.random(2))
    return x, y


def _draw_stretch(rng: np.random.Generator) -> Stretch:
    factor = float(rng.uniform(2.5, 4))
    return Stretch(factor if rng.random() < 0.5 else 1 / factor)


def _draw_duotone(rng: np.random.Generator) -> Duotone:
    """Draw two inks of one luma, of opposite colours."""
    angle = float(rng.uniform(0, 2 * np.pi))
    dark, light = (_ink(sign * np.cos(angle), sign * np.sin(angle)) for sign in (-1, 1))
    return Duotone(dark, light)


def _ink(blue: float, red: float) -> tuple[float, float, float]:
    """A colour of middle luma, by its chroma (ITU-R BT.601), -1 to 1 each."""
    blue, red = blue * _CHROMA, red * _CHROMA
    return 128 + 1.402 * red, 128 - 0.344 * blue - 0.714 * red, 128 + 1.772 * blue


def _draw_ground(rng: np.random.Generator) -> Reground:
    red, green, blue = (float(level) for level in rng.uniform(0, 40) + rng.uniform(0, 20, 3))
    return Reground((red, green, blue))
