"""Golden values: what an artefact must give again, on inputs that a formula makes.

Two kinds: feature rows (the heads alone, exact but for rounding), and small synthetic views (the
encoder and the heads together, as near as CPU kinds and the precisions of one encoder id agree).
This module makes the inputs, and holds the values of detectors.
"""

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from models.artefact.artefact import GOLDEN, Artefact
from models.artefact.detector import DetectorArtefact
from models.artefact.manifest import Manifest, Record
from models.encoder.features import ARRAYS, Encoder, Features, Views
from models.errors import BrokenArtefact
from models.heads import Head
from models.tail import Tail

ROWS = 4
UNMEASURED_WIDTH = 0.5
"""Between CPU kinds, on the raw score, for detectors whose `numerical_width` was not measured."""
SEED_STEP = 0.7548776662466927
"""An irrational step, so that no two inputs repeat each other."""

Shapes = dict[str, tuple[int, ...]]
"""Shape of one row of arrays of `Features`, by name."""
AGolden = TypeVar("AGolden", bound=Record)


class DetectorGolden(Record):
    """The golden values of a detector.

    Attributes:
        shapes: Of the arrays of `Features` that the encoder gives.
        rows: Raw scores of `golden_rows`.
        rows_tolerance: Largest difference allowed, on the raw score.
        views: Raw scores of `golden_views`, by the encoder and the head. As near as the manifest
            says that CPU kinds are: its `numerical_width`.
        tail_rows: Of the tail, where there is one, as `rows` of the head.
        tail_views: As `views`.
    """

    shapes: Shapes
    rows: tuple[float, ...]
    rows_tolerance: float = 1e-4
    views: tuple[float, ...]
    tail_rows: tuple[float, ...] = ()
    tail_views: tuple[float, ...] = ()


def shapes_of(features: Features, *, tokens: bool = False) -> Shapes:
    """The shapes of one row of the arrays of some features, with the patch tokens or without."""
    names = (*ARRAYS, "patch_tokens") if tokens else ARRAYS
    return {name: tuple(getattr(features, name).shape[1:]) for name in names}


def golden_rows(shapes: Shapes, encoder: str) -> Features:
    """Synthetic feature rows: sines of the position, so that every number can be checked by hand.

    Args:
        shapes: Of the arrays; patch tokens are made if they are among them.
        encoder: Id that the features shall carry.
    """

    def array(number: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        size = ROWS * int(np.prod(shape))
        values = np.sin(np.arange(1, size + 1) * (SEED_STEP + number))
        return np.asarray(values.reshape(ROWS, *shape), np.float32)

    arrays: dict[str, Any] = {
        name: array(i, tuple(shape)) for i, (name, shape) in enumerate(shapes.items())
    }
    if "patch_tokens" in arrays:
        arrays["patch_tokens"] = arrays["patch_tokens"].astype(np.float16)
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


def make_golden(head: Head, encoder: Encoder, tail: Tail | None = None) -> DetectorGolden:
    """Compute the golden values of a detector's head, and of its tail, with its encoder."""
    features = encoder.encode(golden_views(encoder.size))
    shapes = shapes_of(features, tokens=tail is not None)
    rows = golden_rows(shapes, encoder.id)
    return DetectorGolden(
        shapes=shapes,
        rows=tuple(head.score(rows).tolist()),
        views=tuple(head.score(features).tolist()),
        tail_rows=() if tail is None else tuple(tail.score(rows).tolist()),
        tail_views=() if tail is None else tuple(tail.score(features).tolist()),
    )


def dump_golden(golden: Record) -> bytes:
    """Golden values as the file `GOLDEN` holds them."""
    return golden.model_dump_json().encode() + b"\n"


def load_golden(artefact: Artefact[Manifest], kind: type[AGolden]) -> AGolden:
    """Read the golden values of an artefact.

    Raises:
        BrokenArtefact: They are missing or not valid.
    """
    try:
        return kind.model_validate_json(artefact.path(GOLDEN).read_bytes())
    except (OSError, ValidationError) as error:
        raise BrokenArtefact(f"the golden values of {artefact.name} are not valid") from error


def check_rows(artefact: DetectorArtefact) -> None:
    """Check that head and tail give their golden values on the feature rows.

    Raises:
        BrokenArtefact: It does not, or they are missing.
    """
    golden = load_golden(artefact, DetectorGolden)
    rows = golden_rows(golden.shapes, artefact.manifest.encoder)
    _compare(artefact, artefact.head.score(rows), golden.rows, golden.rows_tolerance)
    if artefact.tail is not None:
        _compare(artefact, artefact.tail.score(rows), golden.tail_rows, golden.rows_tolerance)


def check_folder(folder: Path) -> None:
    """Check that the detector in a folder gives its golden values on the feature rows.

    Raises:
        ArtefactError: It cannot be read, or does not.
    """
    check_rows(DetectorArtefact.load(folder))


def check_views(artefact: DetectorArtefact, encoder: Encoder) -> None:
    """Check that encoder, head and tail together give their golden values.

    Raises:
        BrokenArtefact: They do not, or they are missing.
        EncoderDiffers: It is another encoder.
    """
    artefact.require(encoder.id)
    golden = load_golden(artefact, DetectorGolden)
    features = encoder.encode(golden_views(encoder.size))
    width = artefact.manifest.numerical_width or UNMEASURED_WIDTH
    scores = artefact.head.score(features)
    _compare(artefact, scores, golden.views, width)
    if artefact.tail is not None:
        # The tail is never heard alone, and the width is that of what is said together.
        together = np.asarray((scores + artefact.tail.score(features)) / 2, np.float32)
        pairs = zip(golden.views, golden.tail_views, strict=False)  # too few are none of them
        _compare(artefact, together, tuple((a + b) / 2 for a, b in pairs), width)


def _compare(
    artefact: DetectorArtefact,
    scores: NDArray[np.float32],
    expected: tuple[float, ...],
    tolerance: float,
) -> None:
    if scores.shape != (len(expected),) or not np.allclose(
        scores, expected, rtol=0, atol=tolerance
    ):
        raise BrokenArtefact(
            f"{artefact.name} does not give its golden values (within {tolerance:g})"
        )
