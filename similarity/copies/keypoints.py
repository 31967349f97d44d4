"""Local features: what a copy is proven with, however it was cropped, turned or pasted.

SIFT keypoints with RootSIFT descriptors, and the picture itself, small, to check what they claim.

Papers: Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004; Arandjelovic
and Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from similarity.errors import BrokenIndex
from similarity.vectors.base import unit

LONGEST = 16_000
"""Most bytes of one packed work."""

PICTURE = 64
"""Side of the small picture of a packed work, in pixels."""

_KEPT = 160
"""Most keypoints of a packed work: 70 bytes each."""

_FOUND = 1000
"""Most keypoints of a fresh picture."""

_CONTRAST = 0.0236
"""Little more than half of OpenCV's default: flat drawings have few keypoints, and need them all.
From 3 * 2 / 255 on, 0.02353, OpenCV refines only extrema of a whole grey level; below it refines
every ripple, which takes half as long again and finds hardly any more."""

_BIAS = 0.25
"""How far right and down OpenCV's SIFT puts its keypoints, in pixels: it enlarges the picture
first and forgets half a pixel. Its option `enable_precise_upscale` mends that, but then finds a
fifth fewer."""

_CELLS = 6
"""The kept keypoints are spread over 6 x 6 cells, so that a crop keeps its share of them."""

_DIMENSIONS = 128
_LEVELS = 15
"""Steps of a packed descriptor's component: 4 bits."""

_TOP = 0.35
"""Where they end; few components of a RootSIFT descriptor are larger."""

_SIZE_STEP = 16.0
"""A keypoint's size is packed as its binary logarithm in sixteenths: 2.2 % at most."""

_MAX_SIDE = 65_535

# A descriptor is a histogram of 4 x 4 places and 8 directions in the keypoint's own frame, whose
# first axis lies across the keypoint's direction: mirrored, the rows change places and so do the
# directions left and right of it. So a mirrored picture needs no second extraction.
_MIRRORED = (
    np.arange(_DIMENSIONS).reshape(4, 4, 8)[::-1, :, (-np.arange(8)) % 8].reshape(_DIMENSIONS)
)


@dataclass(frozen=True)
class LocalFeatures:
    """The keypoints of one picture.

    Attributes:
        width: Of the sketch, in pixels.
        height: Of the sketch, in pixels.
        points: float32 [n, 2], (x, y) in pixels of the sketch, from the middle of the first one.
        sizes: float32 [n], diameter in pixels, above 0.
        angles: float32 [n], direction in radians, clockwise from the x axis.
        descriptors: float32 [n, 128], unit norm.
        picture: uint8 [h, w], the sketch, or all of it in 64 x 64 pixels.
    """

    width: int
    height: int
    points: NDArray[np.float32] = field(repr=False)
    sizes: NDArray[np.float32] = field(repr=False)
    angles: NDArray[np.float32] = field(repr=False)
    descriptors: NDArray[np.float32] = field(repr=False)
    picture: NDArray[np.uint8] = field(repr=False)

    @cached_property
    def small(self) -> NDArray[np.float32]:
        """All of the picture in 64 x 64 pixels, float32 in grey levels."""
        if self.picture.shape == (PICTURE, PICTURE):
            return self.picture.astype(np.float32)
        return _resized(self.picture, PICTURE, PICTURE).astype(np.float32)

    @cached_property
    def edges(self) -> NDArray[np.float32]:
        """What is sharp in the small picture, float32 [64, 64], unit norm."""
        sharp = self.small - cv2.blur(self.small, (9, 9))
        return np.asarray(sharp / max(float(np.linalg.norm(sharp)), 1e-3), np.float32)

    @cached_property
    def levels(self) -> tuple[NDArray[np.uint8], ...]:
        """The picture and its halved sizes, so that a warp never skips pixels."""
        levels = [self.picture]
        while min(levels[-1].shape) >= PICTURE:
            height, width = levels[-1].shape
            levels.append(_resized(levels[-1], width // 2, height // 2))
        return tuple(levels)

    def mirrored(self) -> "LocalFeatures":
        """The features of the picture with left and right exchanged."""
        flipped = self.points.copy()
        flipped[:, 0] = self.width - 1 - flipped[:, 0]
        return replace(
            self,
            points=flipped,
            angles=(np.pi - self.angles).astype(np.float32),
            descriptors=np.ascontiguousarray(self.descriptors[:, _MIRRORED]),
            picture=np.ascontiguousarray(self.picture[:, ::-1]),
        )


def extract(sketch: NDArray[np.uint8]) -> LocalFeatures:
    """Find the keypoints of a picture; the same picture gives the same ones.

    Args:
        sketch: uint8 [H, W], as `imaging.sketch` gives it.

    Returns:
        At most 1000 keypoints, the strongest; none in a picture without any structure. Icons of
        64 to 128 pixels have 25 to 45: enlarging them finds more, but proves no more copies.
    """
    height, width = sketch.shape
    detector = cv2.SIFT.create(nfeatures=_FOUND, contrastThreshold=_CONTRAST)
    found, raw = detector.detectAndCompute(sketch, None)
    # Keypoints of equal strength at the limit are all kept by OpenCV.
    strongest = sorted(range(len(found)), key=lambda i: -found[i].response)[:_FOUND]
    keypoints = [found[i] for i in strongest]
    table = np.array([(*k.pt, k.size, k.angle) for k in keypoints], np.float32).reshape(-1, 4)
    descriptors = np.zeros((0, _DIMENSIONS), np.float32)
    if keypoints:
        descriptors = unit(np.sqrt(np.asarray(raw, np.float32)[strongest]))
    return LocalFeatures(
        width=width,
        height=height,
        points=table[:, :2] - np.float32(_BIAS),
        sizes=table[:, 2],
        angles=np.radians(table[:, 3]),
        descriptors=descriptors,
        picture=sketch,
    )


def pack(features: LocalFeatures) -> bytes:
    """Write what is kept of an enrolled work: its best keypoints, coarsely.

    Returns:
        A safetensors file of at most `LONGEST` bytes.

    Raises:
        ValueError: The sketch is more than 65,535 pixels long.
    """
    if max(features.width, features.height) > _MAX_SIDE:
        raise ValueError(f"a sketch is at most {_MAX_SIDE} pixels long")
    best = _spread(features)
    extent = np.array([features.width, features.height], np.float32)
    places = (features.points[best] + 0.5) / extent * _MAX_SIDE
    turns = np.mod(features.angles[best] / (2 * np.pi), 1) * 256
    steps = np.rint(np.clip(features.descriptors[best] / _TOP, 0, 1) * _LEVELS).astype(np.uint8)
    packed = {
        "extent": extent.astype(np.uint16),
        "points": np.rint(np.clip(places, 0, _MAX_SIDE)).astype(np.uint16),
        "sizes": np.clip(
            np.rint(_SIZE_STEP * np.log2(np.maximum(features.sizes[best], 1))), 0, 255
        ).astype(np.uint8),
        "angles": (np.rint(turns).astype(np.int64) % 256).astype(np.uint8),
        "descriptors": steps[:, 0::2] << 4 | steps[:, 1::2],
        "picture": _resized(features.picture, PICTURE, PICTURE),
    }
    return save(packed)


def unpack(data: bytes) -> LocalFeatures:
    """Read what `pack` wrote.

    Raises:
        BrokenIndex: The bytes are not such a file.
    """
    if len(data) > LONGEST:
        raise BrokenIndex(f"local features of more than {LONGEST} bytes")
    try:
        packed = load(data)
    # The library's bindings raise the others on headers that lie about types and sizes.
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BrokenIndex("local features that cannot be read") from error
    n = len(packed["sizes"]) if packed.get("sizes") is not None and packed["sizes"].ndim else 0
    form: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        "extent": (np.uint16, (2,)),
        "points": (np.uint16, (n, 2)),
        "sizes": (np.uint8, (n,)),
        "angles": (np.uint8, (n,)),
        "descriptors": (np.uint8, (n, _DIMENSIONS // 2)),
        "picture": (np.uint8, (PICTURE, PICTURE)),
    }
    if {name: (array.dtype.type, array.shape) for name, array in packed.items()} != form:
        raise BrokenIndex("local features of another form")
    width, height = (int(side) for side in packed["extent"])
    if not width or not height:
        raise BrokenIndex("local features of an empty picture")
    both = packed["descriptors"]
    steps = np.stack([both >> 4, both & _LEVELS], axis=2).reshape(n, _DIMENSIONS)
    pixel = packed["extent"].astype(np.float32) / np.float32(_MAX_SIDE)
    return LocalFeatures(
        width=width,
        height=height,
        points=packed["points"].astype(np.float32) * pixel - np.float32(0.5),
        sizes=np.exp2(packed["sizes"].astype(np.float32) / np.float32(_SIZE_STEP)),
        angles=packed["angles"].astype(np.float32) * np.float32(2 * np.pi / 256),
        descriptors=unit(steps.astype(np.float32)),
        picture=packed["picture"],
    )


def _resized(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    scaled = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)


def _spread(features: LocalFeatures) -> NDArray[np.int64]:
    """The keypoints to keep: the strongest of every cell, then the second strongest, ..."""
    extent = np.array([features.width, features.height], np.float32)
    cells = np.clip((features.points + 0.5) / extent * _CELLS, 0, _CELLS - 1).astype(np.int64)
    taken: dict[tuple[int, int], int] = {}
    turn = np.zeros(len(cells), np.int64)
    for i, (x, y) in enumerate(cells.tolist()):  # strongest first, as `extract` sorts them
        turn[i] = taken.get((x, y), 0)
        taken[x, y] = int(turn[i]) + 1
    return np.argsort(turn, kind="stable")[:_KEPT]
