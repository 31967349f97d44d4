"""Heads: features to one raw score per view. NumPy alone, so that serving stays light."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.files import write_whole
from models.encoder.features import ARRAYS, Features
from models.errors import BrokenHead

REMEMBERED = 256
"""Views of which a head of networks remembers the score."""


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
        _check_inputs(self.inputs)
        if not self.mean.shape == self.scale.shape == self.weight.shape == (self.weight.size,):
            raise BrokenHead("the head's mean, scale and weight differ in shape")
        _check_numbers(self.scale, (self.mean, self.weight, self.bias))

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
        _check_width(x, self.weight.size)
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
            metadata=_about(self),
        )
        write_whole(path, data)


@dataclass(frozen=True)
class NetworksHead:
    """The mean of several small networks on standardised features.

    Each has one hidden layer of rectified linear units: `out @ max(hidden @ z + offset, 0) + bias`
    with `z = (x - mean) / scale`. They differ in their random beginnings alone.

    Attributes:
        inputs: Names of the arrays of `Features` that they read, in order.
        mean: float32 [D], of the training features.
        scale: float32 [D], positive.
        hidden: float16 [M, H, D], of M networks with H units each.
        offset: float32 [M, H].
        out: float32 [M, H].
        bias: float32 [M].
    """

    inputs: tuple[str, ...]
    mean: NDArray[np.float32] = field(repr=False)
    scale: NDArray[np.float32] = field(repr=False)
    hidden: NDArray[np.float16] = field(repr=False)
    offset: NDArray[np.float32] = field(repr=False)
    out: NDArray[np.float32] = field(repr=False)
    bias: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        _check_inputs(self.inputs)
        networks, units, width = self.hidden.shape if self.hidden.ndim == 3 else (0, 0, 0)
        shapes = (self.mean.shape, self.scale.shape, self.offset.shape, self.out.shape)
        expected = ((width,), (width,), (networks, units), (networks, units))
        if not networks or shapes != expected or self.bias.shape != (networks,):
            raise BrokenHead("the arrays of the head's networks differ in shape")
        _check_numbers(
            self.scale, (self.mean, self.hidden, self.offset, self.out, self.bias, self.scale)
        )

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        """All hidden units as they are multiplied, float32 [M * H, D]."""
        return self.hidden.astype(np.float32).reshape(-1, self.mean.size)

    @property
    def kind(self) -> str:
        """Always `networks`."""
        return "networks"

    def score(self, features: Features) -> NDArray[np.float32]:
        """Score views: float32 [N], in log-odds before calibration.

        Raises:
            BrokenHead: The features have another width than the head.
        """
        if not len(features):
            return np.zeros(0, np.float32)
        x = select(features, self.inputs)
        _check_width(x, self.mean.size)
        # View by view: BLAS may add up a product of two matrices in an order that depends on N.
        views = (np.asarray(row, np.float32).tobytes() for row in x)
        return np.array([self._remembered(view) for view in views], np.float32)

    @cached_property
    def _remembered(self) -> Callable[[bytes], np.float32]:
        """The score of a view by its numbers.

        Of a first view it is asked for twice, for whether it leaves doubt and for good, and each
        time all units are read from memory.
        """
        return lru_cache(maxsize=REMEMBERED)(self._score)

    def _score(self, view: bytes) -> np.float32:
        row = (np.frombuffer(view, np.float32) - self.mean) / self.scale
        units = np.maximum((self._matrix @ row).reshape(self.offset.shape) + self.offset, 0)
        return np.float32(((units * self.out).sum(axis=1) + self.bias).mean())

    def save(self, path: Path) -> None:
        """Write the head to one safetensors file."""
        names = ("mean", "scale", "hidden", "offset", "out", "bias")
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in names}
        write_whole(path, save(arrays, metadata=_about(self)))


def load_head(path: Path) -> Head:
    """Read a head of any known kind.

    Raises:
        BrokenHead: The file is damaged or holds a kind of head that is not known here.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})["head"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        match about["kind"]:
            case "linear":
                return LinearHead(
                    inputs=tuple(about["inputs"]),
                    mean=arrays["mean"],
                    scale=arrays["scale"],
                    weight=arrays["weight"],
                    bias=float(arrays["bias"][0]),
                )
            case "networks":
                return NetworksHead(inputs=tuple(about["inputs"]), **arrays)
            case kind:
                raise BrokenHead(f"a head of an unknown kind: {kind}")
    except (OSError, SafetensorError, KeyError, ValueError, IndexError, TypeError) as error:
        raise BrokenHead(f"{path.name} cannot be read: {error}") from error


def _about(head: LinearHead | NetworksHead) -> dict[str, str]:
    # One entry: several would be written in an order that changes from run to run.
    return {"head": json.dumps({"kind": head.kind, "inputs": head.inputs})}


def _check_inputs(inputs: tuple[str, ...]) -> None:
    unknown = [name for name in inputs if name not in ARRAYS]
    if unknown or not inputs:
        raise BrokenHead(f"the head reads features that do not exist: {unknown}")


def _check_numbers(scale: NDArray[np.float32], values: tuple[ArrayLike, ...]) -> None:
    if not all(np.isfinite(v).all() for v in (scale, *values)) or not (scale > 0).all():
        raise BrokenHead("the head holds numbers that are not finite, or scales of zero")


def _check_width(x: NDArray[np.float32], width: int) -> None:
    if x.shape[1] != width:
        raise BrokenHead(f"the head reads {width} features and was given {x.shape[1]}")
