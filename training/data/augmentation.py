"""What may be done to an image before it is encoded, for training and for evaluation.

A treatment degrades the image as if its file had been through the web, and then cuts one view out
of it. It is deterministic: what is random is drawn from the file's hash and the degradation's
name, so that two views of one degradation show the same degraded image.

Features are cached by a treatment's name. Whoever changes what a treatment does gives it another.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from detector.pixels.views import DETAILS as CORNERS
from detector.pixels.views import recompressed_view
from imaging import Corner, DecodedImage, Pixels, decode, decode_for_view, detail_view, global_view
from imaging.perturbations.web import (
    Blur,
    Chain,
    Crop,
    Fit,
    Jpeg,
    Mirror,
    Perturbation,
    Recolour,
    Resize,
    Screenshot,
    Tier,
    WebP,
    draw,
    perturbed,
)

LONGEST = 10_000
"""Longest side in pixels that is degraded as it is; longer ones are scaled down to it first.

WebP takes no more than 16,383, and a treatment may enlarge by a third and add a margin.
"""

Draw = Callable[[np.random.Generator], Perturbation]
"""Draws what happens to one image."""

Cut = Callable[[DecodedImage, int], Pixels]
"""Cuts a view, uint8 [size, size, 3], out of an image."""


@dataclass(frozen=True)
class Treatment:
    """What is done to an image before it is encoded.

    Attributes:
        degradation: Name of what degrades the image; seeds what is random in it.
        draw: Draws what degrades it; None leaves it as it is.
        cut: Cuts the view out of it.
        cut_name: Name of the cut; empty for the global view.
    """

    degradation: str
    draw: Draw | None = None
    cut: Cut = global_view
    cut_name: str = ""

    @property
    def name(self) -> str:
        """Names everything that changes the view: `hard`, `clean-detail-0`."""
        return "-".join(part for part in (self.degradation, self.cut_name) if part)

    def view(self, data: bytes, size: int) -> tuple[Pixels, DecodedImage]:
        """The view of a file, and the image out of which it was cut.

        Args:
            data: The file.
            size: Side of the view in pixels.

        Returns:
            uint8 [size, size, 3], and the image as degraded, in the size that it then has.

        Raises:
            ImagingError: The file cannot be used.
        """
        if self.draw is None:
            image = decode_for_view(data, size)  # as serving does, which decodes once
        else:
            image = decode(data)
            drawn = self.draw(self.generator(image.sha256))
            image = perturbed(image, Chain((Fit(LONGEST), drawn)))
        return self.cut(image, size), image

    def generator(self, sha256: str) -> np.random.Generator:
        """What the degradation of a file is drawn from, by its hex digest."""
        seed = hashlib.sha256(f"{sha256} {self.degradation}".encode()).digest()
        return np.random.default_rng(int.from_bytes(seed[:16]))


def augmented(k: int) -> Treatment:
    """The k-th copy of an image for training, k from 1: degraded in a wide range.

    Rescaled to 0.4 to 1.3 of its size (70 %), blurred with a standard deviation of 0.3 to 1.2
    pixels (20 %), compressed once or twice at a quality of 30 to 95 as JPEG or WebP, shown in a
    screenshot before it is last compressed (15 %), and mirrored (half of all). Nothing depends on
    the class.
    """
    return Treatment(f"augmented-{k}", _draw_augmentation)


def restyled(k: int) -> Treatment:
    """The k-th copy of an image by which style and content are learnt, k from 1.

    Cropped to 40 to 100 % of its area (80 %); turned grey (25 %), or else recoloured in
    brightness, contrast, saturation and slightly in hue (70 %); rescaled to 0.5 to 1.2 of its
    size (50 %); compressed at a quality of 30 to 95 as JPEG or WebP; and mirrored (half of all):
    paper tone or palette alone then tells nobody.
    """
    return Treatment(f"restyled-{k}", _draw_restyling)


def detail(k: int, of: Treatment | None = None) -> Treatment:
    """The k-th detail view: 0 top left, 1 bottom right, 2 top right, 3 bottom left.

    Args:
        k: Which corner; see `imaging.views.detail_view`.
        of: Degrades the image first; None for the image as it is.
    """
    corner = tuple(Corner)[k]

    def cut(image: DecodedImage, size: int) -> Pixels:
        return detail_view(image, size, corner)

    return replace(of or CLEAN, cut=cut, cut_name=f"detail-{k}")


def recompressed(of: Treatment | None = None) -> Treatment:
    """The whole image mildly recompressed, by which a verdict's stability is judged.

    Args:
        of: Degrades the image first; None for the image as it is.
    """
    return replace(of or CLEAN, cut=recompressed_view, cut_name="recompressed")


def _draw_augmentation(rng: np.random.Generator) -> Chain:
    steps: list[Perturbation] = []
    if rng.random() < 0.7:
        steps.append(Resize(float(np.exp(rng.uniform(np.log(0.4), np.log(1.3))))))
    if rng.random() < 0.2:
        steps.append(Blur(float(rng.uniform(0.3, 1.2))))
    codecs = [_draw_codec(rng) for _ in range(int(rng.integers(1, 3)))]
    steps += codecs[:-1]
    if rng.random() < 0.15:
        steps.append(
            Screenshot(
                scale=float(rng.uniform(0.7, 1.3)),
                margin=float(rng.uniform(0.0, 0.05)),
                page=int(rng.choice([0, 32, 245, 255])),
            )
        )
    steps.append(codecs[-1])
    if rng.random() < 0.5:
        steps.append(Mirror())
    return Chain(tuple(steps))


def _draw_restyling(rng: np.random.Generator) -> Chain:
    steps: list[Perturbation] = []
    if rng.random() < 0.8:
        steps.append(_draw_crop(rng))
    if rng.random() < 0.25:
        steps.append(Recolour(saturation=0.0))
    elif rng.random() < 0.7:
        light, contrast, saturation = rng.uniform(0.7, 1.3, 3)
        hue = float(rng.uniform(-0.08, 0.08))
        steps.append(Recolour(float(light), float(contrast), float(2 * saturation - 1), hue))
    if rng.random() < 0.5:
        steps.append(Resize(float(np.exp(rng.uniform(np.log(0.5), np.log(1.2))))))
    steps.append(_draw_codec(rng))
    if rng.random() < 0.5:
        steps.append(Mirror())
    return Chain(tuple(steps))


def _draw_crop(rng: np.random.Generator) -> Crop:
    area, shape = rng.uniform(0.4, 1.0), np.exp(rng.uniform(-0.2, 0.2))
    width, height = (float(min(1.0, np.sqrt(area) * factor)) for factor in (shape, 1 / shape))
    left, top = float(rng.uniform(0, 1 - width)), float(rng.uniform(0, 1 - height))
    return Crop((left, top, left + width, top + height))


def _draw_codec(rng: np.random.Generator) -> Perturbation:
    quality = int(rng.integers(30, 96))
    if rng.random() < 0.35:
        return WebP(quality)
    return Jpeg(quality, "420" if rng.random() < 0.5 else "444")


CLEAN = Treatment("clean")
"""The image as it is."""

WEB = Treatment("web", lambda rng: draw(Tier.WEB, rng))
"""One upload; see `imaging.perturbations.web.Tier`."""

HARD = Treatment("hard", lambda rng: draw(Tier.HARD, rng))
"""Reposted; see `imaging.perturbations.web.Tier`."""


def with_details(of: Treatment | None = None) -> tuple[Treatment, ...]:
    """The detail views by which an image is judged; `of` degrades the image first."""
    return tuple(detail(tuple(Corner).index(corner), of) for corner in CORNERS)


TIERS: Mapping[Tier, Treatment] = MappingProxyType(
    {Tier.CLEAN: CLEAN, Tier.WEB: WEB, Tier.HARD: HARD}
)
"""The tiers of an evaluation, mildest first."""
