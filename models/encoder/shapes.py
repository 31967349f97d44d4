"""What goes into and comes out of every implementation of the encoder: shapes and types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Views
from models.encoder.spec import EncoderSpec


def check_views(views: Views, size: int) -> None:
    """Refuse anything but uint8 [N, size, size, 3].

    Raises:
        ValueError: The shape or the type is another.
    """
    if views.dtype != np.uint8 or views.ndim != 4 or views.shape[1:] != (size, size, 3):
        raise ValueError(
            f"views must be uint8 [N, {size}, {size}, 3], not {views.dtype} {list(views.shape)}"
        )


def empty_arrays(n: int, spec: EncoderSpec) -> dict[str, NDArray[Any]]:
    """The arrays of an encoder's `Features` for n views, by name, their values not yet set."""
    shapes = {
        "embedding": (n, spec.embedding),
        "class_tokens": (n, spec.blocks, spec.width),
        "patch_mean": (n, len(spec.patch_blocks), spec.width),
        "patch_std": (n, len(spec.patch_blocks), spec.width),
    }
    arrays: dict[str, NDArray[Any]] = {
        name: np.empty(shape, np.float32) for name, shape in shapes.items()
    }
    return arrays | {"patch_tokens": np.empty((n, spec.grid**2, spec.width), np.float16)}
