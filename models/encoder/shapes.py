"""What goes into and comes out of every implementation of the encoder: shapes and types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Views
from models.encoder.weights import EMBEDDING, LAYERS, PATCH_BLOCKS, SIZE, TOKENS, WIDTH


def check_views(views: Views) -> None:
    """Refuse anything but uint8 [N, SIZE, SIZE, 3].

    Raises:
        ValueError: The shape or the type is another.
    """
    if views.dtype != np.uint8 or views.ndim != 4 or views.shape[1:] != (SIZE, SIZE, 3):
        raise ValueError(
            f"views must be uint8 [N, {SIZE}, {SIZE}, 3], not {views.dtype} {list(views.shape)}"
        )


def empty_arrays(n: int) -> dict[str, NDArray[Any]]:
    """The arrays of `Features` for n views, by name, their values not yet set."""
    shapes = {
        "embedding": (n, EMBEDDING),
        "class_tokens": (n, LAYERS, WIDTH),
        "patch_mean": (n, len(PATCH_BLOCKS), WIDTH),
        "patch_std": (n, len(PATCH_BLOCKS), WIDTH),
    }
    arrays: dict[str, NDArray[Any]] = {
        name: np.empty(shape, np.float32) for name, shape in shapes.items()
    }
    return arrays | {"patch_tokens": np.empty((n, TOKENS - 1, WIDTH), np.float16)}
