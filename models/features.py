"""What an encoder gives: everything that the detector and the style search need, in one pass."""

from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Views = NDArray[np.uint8]
"""uint8 [N, size, size, 3]: square sRGB views, the encoder's input."""


@dataclass(frozen=True)
class Features:
    """The features of N views, from one encoder pass.

    Attributes:
        embedding: float32 [N, D], unit norm: the projected embedding.
        class_tokens: float32 [N, L, C]: the class token after each of the L blocks.
        patch_mean: float32 [N, B, C]: mean over the patch tokens after the chosen blocks.
        patch_std: float32 [N, B, C]: standard deviation (population) over the same.
        encoder: Id of the encoder, naming everything that changes these numbers.
    """

    embedding: NDArray[np.float32]
    class_tokens: NDArray[np.float32]
    patch_mean: NDArray[np.float32]
    patch_std: NDArray[np.float32]
    encoder: str

    def __len__(self) -> int:
        return len(self.embedding)

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> "Features":
        return replace(self, **{name: getattr(self, name)[rows] for name in ARRAYS})


ARRAYS = tuple(f.name for f in fields(Features) if f.name != "encoder")
"""The names of the arrays of `Features`, in order."""


class Encoder(Protocol):
    """Turns views into features; one frozen set of weights."""

    @property
    def id(self) -> str:
        """Names everything that changes the output: architecture, weights hash, preprocessing.

        Precisions that agree closely enough for an index to travel between them share an id.
        """
        ...

    @property
    def size(self) -> int:
        """Side of a view in pixels."""
        ...

    def encode(self, views: Views) -> Features:
        """Encode views (uint8 [N, size, size, 3]); N may be 0. Row i depends on view i alone."""
        ...
