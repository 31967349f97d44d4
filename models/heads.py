"""Heads: features to one raw score per view. NumPy alone, so that serving stays light."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from models.errors import BrokenHead
from models.features import ARRAYS, Features
from models.files import write_whole


class Head(Protocol):
    """Turns features into raw scores.

    Attributes:
        kind: Names the way of scoring; stands in the artefact's manifest.
    """

    @property
    def kind(self) -> str:
        """See above."""
        ...

    def score(self, features: Features) -> NDArray[np.float32]:
        """Score views: float32 [N], unbounded, higher is more AI-like. Row i depends on view i."""
        ...

    def save(self, path: Path) -> None:
        """Write the head to one safetensors file."""
        ...


def select(features: Features, inputs: tuple[str, ...]) -> NDArray[np.float32]:
    """The chosen arrays of the features side by side, one row per view.

    Args:
        features: The features of N views.
        inputs: Names of arrays of `Features`, in order.

    Returns:
        float32 [N, D], D being the flattened sizes of the arrays added up.
    """
    rows = len(features)
    return np.concatenate(
        [getattr(features, name).reshape(rows, -1 if rows else 0) for name in inputs], axis=1
    )


@dataclass(frozen=True)
class LinearHead:
    """A linear score on standardised features: `((x - mean) / scale) @ weight + bias`.

    Attributes:
        inputs: Names of the arrays of `Features` that it reads, in order.
        mean: float32 [D], of the training features.
        scale: float32 [D], positive.
        weight: float32 [D].
        bias: The score of an average image.
    """

    inputs: tuple[str, ...]
    mean: NDArray[np.float32] = field(repr=False)
    scale: NDArray[np.float32] = field(repr=False)
    weight: NDArray[np.float32] = field(repr=False)
    bias: float

    def __post_init__(self) -> None:
        unknown = [name for name in self.inputs if name not in ARRAYS]
        if unknown or not self.inputs:
            raise BrokenHead(f"the head reads features that do not exist: {unknown}")
        if not self.mean.shape == self.scale.shape == self.weight.shape == (self.weight.size,):
            raise BrokenHead("the head's mean, scale and weight differ in shape")
        finite = all(np.isfinite(a).all() for a in (self.mean, self.scale, self.weight, self.bias))
        if not finite or not (self.scale > 0).all():
            raise BrokenHead("the head holds numbers that are not finite, or scales of zero")

    @property
    def kind(self) -> str:
        """Always `linear`."""
        return "linear"

    def score(self, features: Features) -> NDArray[np.float32]:
        """Score views: float32 [N], in log-odds before calibration.

        Raises:
            BrokenHead: The features have another width than the head.
        """
        if not len(features):
            return np.zeros(0, np.float32)
        x = select(features, self.inputs)
        if x.shape[1] != self.weight.size:
            raise BrokenHead(
                f"the head reads {self.weight.size} features and was given {x.shape[1]}"
            )
        # A sum per row instead of a matrix product: BLAS may add up in an order that depends on N.
        products = ((x - self.mean) / self.scale) * self.weight
        return np.asarray(products.sum(axis=1, dtype=np.float64) + self.bias, np.float32)

    def save(self, path: Path) -> None:
        """Write the head to one safetensors file."""
        data = save(
            {
                "mean": np.ascontiguousarray(self.mean),
                "scale": np.ascontiguousarray(self.scale),
                "weight": np.ascontiguousarray(self.weight),
                "bias": np.array([self.bias], np.float64),
            },
            # One entry: several would be written in an order that changes from run to run.
            metadata={"head": json.dumps({"kind": self.kind, "inputs": self.inputs})},
        )
        write_whole(path, data)


def load_head(path: Path) -> Head:
    """Read a head of any known kind.

    Raises:
        BrokenHead: The file is damaged or holds a kind of head that is not known here.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})["head"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if about["kind"] != "linear":
            raise BrokenHead(f"a head of an unknown kind: {about['kind']}")
        return LinearHead(
            inputs=tuple(about["inputs"]),
            mean=arrays["mean"],
            scale=arrays["scale"],
            weight=arrays["weight"],
            bias=float(arrays["bias"][0]),
        )
    except (OSError, SafetensorError, KeyError, ValueError, IndexError, TypeError) as error:
        raise BrokenHead(f"{path.name} cannot be read: {error}") from error
