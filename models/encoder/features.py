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
        patch_tokens: float16 [N, P, C]: the tokens of the P patches, row by row from the top left,
            after one of the last blocks (`EncoderSpec.token_block`); for what looks at single
            regions of a view. None where they were not kept: they are ten times as large as all
            the rest.
    """

    embedding: NDArray[np.float32]
    class_tokens: NDArray[np.float32]
    patch_mean: NDArray[np.float32]
    patch_std: NDArray[np.float32]
    encoder: str
    patch_tokens: NDArray[np.float16] | None = None

    def __len__(self) -> int:
        return len(self.embedding)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.int64]) -> "Features":
        arrays = {name: getattr(self, name)[rows] for name in ARRAYS}
        tokens = None if self.patch_tokens is None else self.patch_tokens[rows]
        return replace(self, **arrays, patch_tokens=tokens)


ARRAYS = tuple(f.name for f in fields(Features) if f.name not in ("encoder", "patch_tokens"))
"""The names of the arrays that `Features` always have, in order."""


def join(*parts: Features) -> Features:
    """The views of several parts, at least one, one after the other, all of one encoder.

    Patch tokens are kept if all parts have them.
    """
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS}
    tokens = [part.patch_tokens for part in parts if part.patch_tokens is not None]
    together = np.concatenate(tokens) if len(tokens) == len(parts) else None
    return Features(**arrays, encoder=parts[0].encoder, patch_tokens=together)


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
