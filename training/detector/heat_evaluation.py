"""Collages of human works and AI pictures: does the heat map find the AI part?

Half of each collage is cut from a human work, half from an AI picture, both as the encoder sees
them, along the borders of patches. A map is judged only if its head has seen neither picture, nor
any other of their sources, creators and generators.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.pixels.heat import map_patches
from imaging import Pixels, decode_for_view, global_view
from models import Encoder
from models.patch_head import PatchHead
from training.data.features import FeatureTable
from training.evaluation.intervals import Estimate, GroupBootstrap, share
from training.evaluation.metrics import auroc

LAYOUTS = ("left", "right", "top", "bottom", "diagonal", "antidiagonal")
"""Where the AI picture is: one half, or two opposite quarters."""


@dataclass(frozen=True)
class Localisation:
    """How well heat maps tell the two parts of collages apart.

    Attributes:
        auroc: The chance that a cell of the AI part is hotter than a cell of the human part of the
            same collage: mean over the collages, the interval resampling them.
        hotter: Share of the collages whose AI part is hotter on average.
    """

    auroc: Estimate
    hotter: Estimate


def localisation(
    table: FeatureTable,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    heads: Sequence[PatchHead],
    encoder: Encoder,
    *,
    count: int,
    seed: int,
) -> Localisation | None:
    """Make collages of held-out pictures, map them, and judge the maps.

    Args:
        table: N images with patch tokens, whose files are still there.
        groups: The group of each.
        folds: int64 [N].
        heads: By fold, the patch head that was fitted without it.
        encoder: That of the table.
        count: Collages in all, of each fold as many.
        seed: Of the choice of pictures.

    Returns:
        The figures; None if no fold holds pictures of both classes.
    """
    rng = np.random.default_rng(seed)
    side = math.isqrt(table.patch_tokens(np.array([0])).shape[1])
    values, hotter = [], []
    for fold, head in enumerate(heads):
        pairs = list(_pairs(table, groups, folds == fold, count // len(heads), rng))
        parts = [ai_part(LAYOUTS[i % len(LAYOUTS)], side) for i in range(len(pairs))]
        views = [
            splice(_view(table, ai, encoder.size), _view(table, human, encoder.size), part)
            for (ai, human), part in zip(pairs, parts, strict=True)
        ]
        tokens = encoder.encode(np.stack(views)).patch_tokens if views else None
        if tokens is None:
            continue
        for heat, part in zip(map_patches(tokens, head), parts, strict=True):
            values.append(auroc(heat[part], heat[~part]).value)
            hotter.append(heat[part].mean() > heat[~part].mean())
    if not values:
        return None
    return Localisation(GroupBootstrap(range(len(values))).mean(values), share(hotter))


def ai_part(layout: str, side: int) -> NDArray[np.bool_]:
    """The patches that come from the AI picture: bool [side, side]."""
    row, column = np.mgrid[:side, :side] < side // 2
    parts = {
        "left": column,
        "right": ~column,
        "top": row,
        "bottom": ~row,
        "diagonal": row == column,
        "antidiagonal": row != column,
    }
    return np.asarray(parts[layout], bool)


def splice(ai: Pixels, human: Pixels, part: NDArray[np.bool_]) -> Pixels:
    """Put one view over another where `part` (bool [S, S], of patches) is true."""
    patch = len(ai) // len(part)
    return np.where(np.kron(part, np.ones((patch, patch), bool))[..., None], ai, human)


def _pairs(
    table: FeatureTable,
    groups: Sequence[str],
    held: NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, int]]:
    """Positions of an AI picture and a human work; kinds as often as each other, and groups too."""

    def pick(among: NDArray[np.int64]) -> int:
        for keys in ([row.kind for row in table.rows], groups):
            of = np.array([keys[i] for i in among])
            among = among[of == rng.choice(np.unique(of))]
        return int(rng.choice(among))

    classes = [np.flatnonzero(held & (table.is_ai == is_ai)) for is_ai in (True, False)]
    if all(len(images) for images in classes):
        for _ in range(count):
            ai, human = (pick(images) for images in classes)
            yield ai, human


def _view(table: FeatureTable, i: int, size: int) -> Pixels:
    return global_view(decode_for_view(table.rows[i].path.read_bytes(), size), size)
