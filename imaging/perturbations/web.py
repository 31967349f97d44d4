"""What happens to pictures on their way through the web: one copy for training, evaluation, tests.

A perturbation is a frozen dataclass that is called with pixels and returns new ones. It is
deterministic: what is random is drawn beforehand, by `draw`, from a generator that is passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from typing import Literal

import numpy as np
import simplejpeg
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from imaging.types import DecodedImage, Pixels

Perturbation = Callable[[Pixels], Pixels]
"""uint8 [H, W, 3] to uint8 [H', W', 3], both sRGB."""

Subsampling = Literal["420", "422", "444"]


@dataclass(frozen=True)
class Jpeg:
    """Compress as a JPEG and decode again.

    Attributes:
        quality: libjpeg's quality, 1 to 100.
        subsampling: Of the colour channels.
    """

    quality: int
    subsampling: Subsampling = "420"

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, decoded."""
        source = np.ascontiguousarray(pixels)
        data = simplejpeg.encode_jpeg(source, self.quality, colorsubsampling=self.subsampling)
        decoded: Pixels = simplejpeg.decode_jpeg(data)
        return decoded


@dataclass(frozen=True)
class WebP:
    """Compress as a lossy WebP and decode again.

    Attributes:
        quality: libwebp's quality, 0 to 100.
    """

    quality: int

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, decoded."""
        out = BytesIO()
        Image.fromarray(pixels).save(out, "WEBP", quality=self.quality)
        with Image.open(out, formats=["WEBP"]) as decoded:
            return np.array(decoded.convert("RGB"))


@dataclass(frozen=True)
class Resize:
    """Scale both sides, bicubic with antialiasing.

    Attributes:
        factor: Above 0; 0.5 halves the sides.
    """

    factor: float

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give [round(H * factor), round(W * factor), 3]."""
        return _resized(pixels, self.factor, Image.Resampling.BICUBIC)


@dataclass(frozen=True)
class Fit:
    """Scale down so that the longer side is at most this long; smaller images stay as they are.

    Attributes:
        long_side: In pixels.
    """

    long_side: int

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the pixels at most `long_side` long."""
        factor = self.long_side / max(pixels.shape[:2])
        if factor >= 1:
            return pixels.copy()
        return _resized(pixels, factor, Image.Resampling.BICUBIC)


@dataclass(frozen=True)
class Crop:
    """Cut out a box.

    Attributes:
        box: Left, top, right and bottom edge, each as a part of the side, 0 to 1.
    """

    box: tuple[float, float, float, float]

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the box, of at least one pixel."""
        height, width = pixels.shape[:2]
        left, top, right, bottom = self.box
        x, y = min(int(left * width), width - 1), min(int(top * height), height - 1)
        return pixels[y : max(round(bottom * height), y + 1), x : max(round(right * width), x + 1)]


@dataclass(frozen=True)
class Blur:
    """Blur with a Gaussian.

    Attributes:
        radius: Standard deviation in pixels.
    """

    radius: float

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, blurred."""
        return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(self.radius)))


@dataclass(frozen=True)
class Screenshot:
    """Shown scaled in a window and captured with a strip of the page around it.

    Attributes:
        scale: Of the picture on the screen; browsers scale bilinearly.
        margin: Width of the strip as a part of the shorter side.
        page: Grey level of the page, 0 to 255.
    """

    scale: float
    margin: float = 0.02
    page: int = 255

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the picture as shown, within its strip of page."""
        shown = Image.fromarray(_resized(pixels, self.scale, Image.Resampling.BILINEAR))
        strip = round(self.margin * min(shown.size))
        return np.array(ImageOps.expand(shown, strip, fill=(self.page,) * 3))


@dataclass(frozen=True)
class Mirror:
    """Left and right change places."""

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, mirrored."""
        return pixels[:, ::-1]


@dataclass(frozen=True)
class Rotate:
    """Turn about the middle and cut to the largest upright box without corners left empty.

    Attributes:
        degrees: Counter-clockwise, -45 to 45.
    """

    degrees: float

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the box, smaller than the original."""
        height, width = pixels.shape[:2]
        turned = Image.fromarray(pixels).rotate(self.degrees, Image.Resampling.BICUBIC)
        sine, cosine = (abs(float(f(np.radians(self.degrees)))) for f in (np.sin, np.cos))
        # The largest box of the same shape whose corners, turned back, stay inside.
        ratio = min(
            width / (width * cosine + height * sine), height / (width * sine + height * cosine)
        )
        # Interpolation reaches two pixels over the edge.
        margin = min((1 - ratio) / 2 + 2 / min(width, height), 0.49)
        return Crop((margin, margin, 1 - margin, 1 - margin))(np.array(turned))


@dataclass(frozen=True)
class Recolour:
    """Change light and colour; 1 (hue: 0) leaves each as it is.

    Attributes:
        brightness: Factor of all channels.
        contrast: Factor of the distance from the mean luminance.
        saturation: Factor of the distance from grey; 0 gives a greyscale image.
        hue: Turn of the colour circle, -0.5 to 0.5.
    """

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0

    def __call__(self, pixels: Pixels) -> Pixels:
        """Give the same shape, recoloured."""
        image = Image.fromarray(pixels)
        if self.hue:
            hsv = np.array(image.convert("HSV"))
            hsv[..., 0] += np.uint8(round(self.hue * 256) % 256)  # wraps around, as the circle does
            image = Image.fromarray(hsv, "HSV").convert("RGB")
        image = ImageEnhance.Color(image).enhance(self.saturation)
        image = ImageEnhance.Contrast(image).enhance(self.contrast)
        return np.array(ImageEnhance.Brightness(image).enhance(self.brightness))


@dataclass(frozen=True)
class Chain:
    """Perturbations one after the other.

    Attributes:
        steps: In the order in which they are applied; none leaves the pixels as they are.
    """

    steps: tuple[Perturbation, ...] = ()

    def __call__(self, pixels: Pixels) -> Pixels:
        """Apply every step."""
        for step in self.steps:
            pixels = step(pixels)
        return pixels


class Tier(StrEnum):
    """How much a picture has been through.

    `CLEAN`: nothing. `WEB`: one upload (long side at most 1024, JPEG quality 60 to 80).
    `HARD`: reposted (JPEG, half size, screenshot, and JPEG or WebP, both at quality 30 to 50).
    """

    CLEAN = "clean"
    WEB = "web"
    HARD = "hard"


def draw(tier: Tier, rng: np.random.Generator) -> Chain:
    """Draw the perturbations of one picture; the same generator state gives the same chain."""
    match tier:
        case Tier.CLEAN:
            return Chain()
        case Tier.WEB:
            return Chain((Fit(1024), Jpeg(int(rng.integers(60, 81)))))
        case Tier.HARD:
            first, second = (int(quality) for quality in rng.integers(30, 51, size=2))
            shot = Screenshot(
                scale=float(rng.uniform(0.8, 1.25)),
                margin=float(rng.uniform(0.0, 0.04)),
                page=int(rng.choice([0, 32, 245, 255])),
            )
            last = Jpeg(second) if rng.random() < 0.5 else WebP(second)
            return Chain((Jpeg(first), Resize(0.5), shot, last))


def perturbed(image: DecodedImage, perturbation: Perturbation) -> DecodedImage:
    """The image as if its file had been perturbed; the hash stays that of the original file."""
    pixels = np.ascontiguousarray(perturbation(image.pixels))
    height, width = pixels.shape[:2]
    return replace(image, pixels=pixels, width=width, height=height, scale=1.0, origin=(0, 0))


def _resized(pixels: Pixels, factor: float, resampling: Image.Resampling) -> Pixels:
    height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.array(Image.fromarray(pixels).resize(size, resampling))
