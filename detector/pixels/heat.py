"""The heat map: which regions of a view speak for AI.

It is read from the patch tokens by a head of its own, and is not taken from the score behind the
verdict: what a region looks like, not why the verdict was given. Every token has seen the whole
picture, so a region is judged in the light of all the others.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from imaging import Pixels
from imaging.overlay import overlay
from models.artefact.detector import DetectorArtefact
from models.encoder.features import Features
from models.errors import NoPatchHead
from models.patch_head import PatchHead, stands_for_patch

NEIGHBOURHOOD = 3
"""Side, in patches, of the square over which a cell of the map is averaged; odd."""

LIMIT = math.log(16)
"""Log-odds at which the colours end. The same for all pictures: a plain one stays plain."""

SCALE = ("16:1 human", "4:1", "even", "4:1", "16:1 AI")
NEARLY = 0.9
"""Share of the cells from which it is said that all of them are so."""

CAPTION = (
    "{where} Left, the picture as the model sees it. Right, where its regions look more like "
    "those of AI pictures (orange) or of human works (blue), as odds. This is not the verdict, "
    "which another part of the model gives on the picture as a whole, and it proves nothing. "
    "Every region is judged in the light of all the others, plain areas by little more than the "
    "kind of picture that they are in, and borders are only as fine as a grid of {side} by "
    "{side}."
)


def heat_map(features: Features, artefact: DetectorArtefact) -> NDArray[np.float32]:
    """Map how much each region of some views speaks for AI.

    Args:
        features: Of N views, with patch tokens, made by the artefact's encoder.
        artefact: One with a patch head.

    Returns:
        float32 [N, S, S], rows from the top: log-odds of AI against human, both being equally
        common; 0 says nothing. Row i depends on view i alone.

    Raises:
        EncoderDiffers: The features are another encoder's.
        NoPatchHead: The artefact has no patch head.
        ValueError: The features have no patch tokens.
    """
    artefact.require(features.encoder)
    if artefact.patches is None:
        raise NoPatchHead(
            f"the model {artefact.manifest.name} has no heat map: choose one that has, or train "
            "one (`rakkan train`)"
        )
    if features.patch_tokens is None:
        raise ValueError("a heat map needs the patch tokens of the views")
    return map_patches(features.patch_tokens, artefact.patches)


def map_patches(tokens: NDArray[np.float16], head: PatchHead) -> NDArray[np.float32]:
    """Score patches, and average each cell over the patches around it.

    Tokens that do not stand for their patch are left out of the averages; where nothing else is
    around, the cell is 0.

    Args:
        tokens: float16 [N, S * S, C], row by row from the top left.
        head: Scores them.

    Returns:
        float32 [N, S, S].
    """
    side = math.isqrt(tokens.shape[1])
    counts = stands_for_patch(tokens).astype(np.float64)
    scores = head.score(tokens) * counts
    total, count = (_sum_around(grid.reshape(-1, side, side)) for grid in (scores, counts))
    return np.asarray(total / np.maximum(count, 1), np.float32)


def draw_heat_map(view: Pixels, values: NDArray[np.float32]) -> bytes:
    """Draw a map beside and over the view that it is of, with its scale and what it means.

    Args:
        view: uint8 [V, V, 3], in any size.
        values: float32 [S, S], one row of `heat_map`.

    Returns:
        A PNG file.
    """
    caption = CAPTION.format(where=where(values), side=len(values))
    return overlay(view, values, limit=LIMIT, scale=SCALE, caption=caption)


def where(values: NDArray[np.float32]) -> str:
    """How much of a picture a map speaks for AI in, in one sentence.

    Args:
        values: float32 [S, S], one row of `heat_map`.
    """
    told = values[values != 0]
    if not told.size:
        return "Nothing in this picture tells either way."
    share = float((told > 0).mean())
    if share >= NEARLY:
        return "Nearly everywhere this picture looks more like AI pictures."
    if share <= 1 - NEARLY:
        return "Hardly anywhere does this picture look more like AI pictures."
    return f"In {100 * share:.0f} % of its area this picture looks more like AI pictures."


def _sum_around(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over the neighbourhood of each cell; what lies outside of the grid counts nothing."""
    edge = NEIGHBOURHOOD // 2
    padded = np.pad(grid, ((0, 0), (edge, edge), (edge, edge)))
    around = sliding_window_view(padded, (NEIGHBOURHOOD, NEIGHBOURHOOD), axis=(1, 2))
    return np.asarray(around.sum(axis=(-2, -1)))
