"""Small tails, and what they read."""

from dataclasses import replace

import numpy as np

from models.encoder.features import Features, Views
from models.tail import LastBlocks, Matrix, Tail
from tests.artefacts import FakeEncoder

MATRICES = ("inward", "outward", "wide", "narrow")


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Drawn at random: float32 of this shape."""
    return np.random.default_rng([seed, *shape]).normal(0, 0.3, shape).astype(np.float32)


def small_blocks(blocks: int = 2, width: int = 64, heads: int = 4, block: int = 2) -> LastBlocks:
    """Blocks with random weights; by default they read what `SeesPatches` gives."""
    arrays = {
        "norms": 1 + numbers(blocks, 2, 2, width),
        "inward": numbers(blocks, 3 * width, width),
        "inward_bias": numbers(blocks, 3 * width),
        "outward": numbers(blocks, width, width),
        "outward_bias": numbers(blocks, width),
        "wide": numbers(blocks, 4 * width, width),
        "wide_bias": numbers(blocks, 4 * width),
        "narrow": numbers(blocks, width, 4 * width),
        "narrow_bias": numbers(blocks, width),
    }
    return LastBlocks(block, heads, arrays)


def small_tail(start: LastBlocks, units: int = 5) -> Tail:
    """A tail that was never tuned."""
    blocks, *_, width = start.arrays["norms"].shape
    return Tail(
        block=start.block,
        heads=start.heads,
        units=Matrix.of(numbers(units, blocks * width)),
        offset=numbers(units),
        out=numbers(units, seed=1),
        bias=numbers(1),
        **{
            name: Matrix.of(one) if name in MATRICES else one  # type: ignore[arg-type]
            for name, one in start.arrays.items()
        },
    )


class SeesPatches(FakeEncoder):
    """Patch tokens as wide as its class tokens, 16 of a view: the grain, told apart by place."""

    def encode(self, views: Views) -> Features:
        features = super().encode(views)
        grain = features.class_tokens[:, 1]
        turned = np.stack([np.roll(grain, 4 * place, axis=1) for place in range(16)], axis=1)
        return replace(features, patch_tokens=turned.astype(np.float16))
