"""The patch head: how much each region of a view speaks for AI. NumPy alone."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.files import write_whole
from models.errors import BrokenHead

KIND = "patches"

GLOBAL_NORM = 2.0
"""A token longer than this many times the median of its view does not stand for its patch."""


@dataclass(frozen=True)
class PatchHead:
    """A linear score of single patch tokens: `token @ weight + bias`.

    Attributes:
        weight: float32 [C].
        bias: The score of a token of zeros.
    """

    weight: NDArray[np.float32] = field(repr=False)
    bias: float

    def __post_init__(self) -> None:
        if self.weight.ndim != 1 or not self.weight.size:
            raise BrokenHead("the weight of a patch head must be one row of numbers")
        if not (np.isfinite(self.weight).all() and np.isfinite(self.bias)):
            raise BrokenHead("the patch head holds numbers that are not finite")

    def score(self, tokens: NDArray[np.float16]) -> NDArray[np.float32]:
        """Score patches.

        Args:
            tokens: float16 [N, P, C], see `Features.patch_tokens`.

        Returns:
            float32 [N, P]: the log-odds that the patch is of an AI picture, where patches of AI
            pictures and of human works are equally common. Row i depends on view i alone.

        Raises:
            BrokenHead: The tokens have another width than the head.
        """
        if tokens.shape[-1] != self.weight.size:
            raise BrokenHead(
                f"the patch head reads {self.weight.size} numbers and was given {tokens.shape[-1]}"
            )
        # A sum per token instead of a matrix product: BLAS may add up in an order that depends on
        # the number of rows.
        products = tokens.astype(np.float32) * self.weight
        return np.asarray(products.sum(axis=-1, dtype=np.float64) + self.bias, np.float32)

    def save(self, path: Path) -> None:
        """Write the head to one safetensors file."""
        tensors: dict[str, NDArray[Any]] = {
            "weight": np.ascontiguousarray(self.weight),
            "bias": np.array([self.bias], np.float64),
        }
        write_whole(path, save(tensors, metadata={"head": json.dumps({"kind": KIND})}))


def load_patch_head(path: Path) -> PatchHead:
    """Read a patch head.

    Raises:
        BrokenHead: The file is damaged or holds something else.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            kind = json.loads((file.metadata() or {})["head"])["kind"]
            if kind != KIND:
                raise BrokenHead(f"{path.name} should hold a patch head, not a {kind} one")
            weight, bias = file.get_tensor("weight"), file.get_tensor("bias")
            return PatchHead(weight=weight, bias=float(bias[0]))
    except (OSError, SafetensorError, KeyError, ValueError, IndexError, TypeError) as error:
        raise BrokenHead(f"{path.name} cannot be read: {error}") from error


def stands_for_patch(tokens: NDArray[np.float16]) -> NDArray[np.bool_]:
    """Which tokens tell of their own patch.

    A vision transformer takes some tokens of plain regions, here one in sixteen, to keep what it
    knows of the whole picture. They are ten times as long as the others, and say nothing of where
    they stand.

    Paper: Darcet et al., Vision Transformers Need Registers - https://arxiv.org/abs/2309.16588

    Args:
        tokens: float16 [N, P, C].

    Returns:
        bool [N, P]; true for at least half of each row.
    """
    length = np.linalg.norm(tokens.astype(np.float32), axis=-1)
    return np.asarray(length <= GLOBAL_NORM * np.median(length, axis=-1, keepdims=True), bool)
