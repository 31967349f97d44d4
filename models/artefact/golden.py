"""Golden values: scores that an artefact must give again, on inputs that a formula makes.

Two kinds: feature rows (the head alone, exact but for rounding), and small synthetic views (the
encoder and the head together, within the tolerance that the encoder's precision allows).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from models.artefact.artefact import GOLDEN, Artefact
from models.encoder.features import Encoder, Features, Views
from models.errors import BrokenArtefact

ROWS = 4
SEED_STEP = 0.7548776662466927
"""An irrational step, so that no two inputs repeat each other."""


class Golden(BaseModel):
    """The golden values of an artefact.

    Attributes:
        shapes: Shape of one row of each array of `Features` that the encoder gives.
        rows: Raw scores of `golden_rows`.
        rows_tolerance: Largest difference allowed, on the raw score.
        views: Raw scores of `golden_views`, by the encoder and the head.
        views_tolerance: Largest difference allowed; precisions that share an id differ by up to
            0.12 on these views, which are harder than pictures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    shapes: dict[str, tuple[int, ...]]
    rows: tuple[float, ...]
    rows_tolerance: float = 1e-4
    views: tuple[float, ...]
    views_tolerance: float = 0.25


def golden_rows(shapes: dict[str, tuple[int, ...]], encoder: str) -> Features:
    """Synthetic feature rows: sines of the position, so that every number can be checked by hand.

    Args:
        shapes: Shape of one row of each array of `Features`.
        encoder: Id that the features shall carry.
    """

    def array(number: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        size = ROWS * int(np.prod(shape))
        values = np.sin(np.arange(1, size + 1) * (SEED_STEP + number))
        return np.asarray(values.reshape(ROWS, *shape), np.float32)

    arrays: dict[str, Any] = {
        name: array(i, tuple(shape)) for i, (name, shape) in enumerate(shapes.items())
    }
    return Features(**arrays, encoder=encoder)


def golden_views(size: int) -> Views:
    """Synthetic views: waves, rings, a checkerboard and a flat grey, by formula.

    Returns:
        uint8 [4, size, size, 3].
    """
    y, x = np.mgrid[0:size, 0:size] / size
    waves = np.stack([np.sin(12 * x + 5 * y), np.sin(9 * y - 4 * x), np.sin(20 * x * y)], axis=-1)
    rings = np.sin(60 * np.hypot(x - 0.4, y - 0.6))[..., None] * np.array([1.0, 0.5, -0.7])
    board = np.where((8 * x).astype(int) + (8 * y).astype(int) & 1, 0.8, -0.6)[..., None]
    flat = np.zeros((size, size, 3))
    views = np.stack([waves, rings, np.repeat(board, 3, axis=-1), flat])
    return np.asarray(np.rint(127.5 + 127.5 * np.clip(views, -1, 1)), np.uint8)


def make_golden(artefact: Artefact, encoder: Encoder) -> Golden:
    """Compute the golden values of an artefact with its encoder.

    Raises:
        EncoderDiffers: It is another encoder.
    """
    artefact.require(encoder.id)
    features = encoder.encode(golden_views(encoder.size))
    shapes = {
        name: tuple(getattr(features, name).shape[1:])
        for name in ("embedding", "class_tokens", "patch_mean", "patch_std")
    }
    rows = golden_rows(shapes, encoder.id)
    return Golden(
        shapes=shapes,
        rows=tuple(float(s) for s in artefact.head.score(rows)),
        views=tuple(float(s) for s in artefact.head.score(features)),
    )


def load_golden(artefact: Artefact) -> Golden:
    """Read the golden values of an artefact.

    Raises:
        BrokenArtefact: They are missing or not valid.
    """
    try:
        return Golden.model_validate_json((artefact.folder / GOLDEN).read_bytes())
    except (OSError, ValidationError) as error:
        raise BrokenArtefact(
            f"the golden values of {artefact.manifest.name} are missing or not valid"
        ) from error


def check_rows(artefact: Artefact) -> None:
    """Check that the head gives its golden values on the feature rows.

    Raises:
        BrokenArtefact: It does not, or they are missing.
    """
    golden = load_golden(artefact)
    rows = golden_rows(golden.shapes, artefact.manifest.encoder)
    _compare(artefact, artefact.head.score(rows), golden.rows, golden.rows_tolerance)


def check_views(artefact: Artefact, encoder: Encoder) -> None:
    """Check that encoder and head together give their golden values.

    Raises:
        BrokenArtefact: They do not, or they are missing.
        EncoderDiffers: It is another encoder.
    """
    artefact.require(encoder.id)
    golden = load_golden(artefact)
    features = encoder.encode(golden_views(encoder.size))
    _compare(artefact, artefact.head.score(features), golden.views, golden.views_tolerance)


def _compare(
    artefact: Artefact, scores: NDArray[np.float32], expected: tuple[float, ...], tolerance: float
) -> None:
    if scores.shape != (len(expected),) or not np.allclose(
        scores, expected, rtol=0, atol=tolerance
    ):
        raise BrokenArtefact(
            f"{artefact.manifest.name} does not give its golden values (within {tolerance:g})"
        )
