"""Networks trained step by step in NumPy: slow, obvious, and what the trained ones are held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.heads import NetworksHead
from training.detector.networks import LEAST_STEPS, schedule
from training.detector.recipe import Recipe

BETAS = (0.9, 0.999)
EPSILON = 1e-8


def fit_networks(
    views: Sequence[np.ndarray],
    rows: np.ndarray,
    is_ai: np.ndarray,
    weights: np.ndarray,
    recipe: Recipe,
) -> NetworksHead:
    """Fit the networks of a head.

    Args:
        views: V arrays, float32 [N, D]: the selected features of N images in each view, the clean
            global view first. An image is met in each of them as often.
        rows: int64 [M]: which of the N images are learnt from.
        is_ai: bool [M].
        weights: float64 [M], adding up to M; see `training.detector.recipe.image_weights`.
        recipe: How.
    """
    mean, scale = _standard(views[0], rows, weights)
    networks = [
        _fit(
            views,
            rows,
            is_ai,
            weights,
            mean,
            scale,
            recipe,
            np.random.default_rng([recipe.seed, i]),
        )
        for i in range(recipe.networks)
    ]
    return NetworksHead(
        inputs=recipe.inputs,
        mean=mean,
        scale=scale,
        hidden=np.stack([network["hidden"] for network in networks]).astype(np.float16),
        offset=np.stack([network["offset"] for network in networks]),
        out=np.stack([network["out"] for network in networks]),
        bias=np.concatenate([network["bias"] for network in networks]),
    )


def _standard(
    view: np.ndarray, rows: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, share = view[rows], (weights / weights.sum()).astype(np.float32)
    mean = share @ x
    x -= mean
    scale = np.sqrt(share @ np.square(x, out=x))
    # A feature that does not vary tells nothing; a scale of one leaves it near zero.
    scale[scale < 1e-6] = 1.0
    return mean, scale


def _fit(
    views: Sequence[np.ndarray],
    rows: np.ndarray,
    is_ai: np.ndarray,
    weights: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    recipe: Recipe,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """One network, as `hidden` [H, D], `offset` [H], `out` [H] and `bias` [1]."""
    parameters = begin(mean.size, recipe.hidden, rng)
    optimiser = AdamW(parameters, recipe.weight_decay)
    steps = max(LEAST_STEPS, recipe.epochs * len(rows) // recipe.batch)
    for step in range(steps):
        chosen = rng.integers(0, len(rows), recipe.batch)
        view = rng.integers(0, len(views), recipe.batch)
        x = np.stack([views[v][rows[i]] for v, i in zip(view, chosen, strict=True)])
        x -= mean
        x /= scale
        x *= _kept(x.shape, recipe.dropout, rng)
        units = _kept((recipe.batch, recipe.hidden), recipe.dropout, rng)
        gradients = gradient(
            parameters,
            x,
            units,
            is_ai[chosen].astype(np.float32),
            weights[chosen].astype(np.float32),
        )
        optimiser.step(gradients, recipe.learning_rate * schedule(step / steps))
    return parameters


def begin(width: int, hidden: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random parameters: uniform, up to one over the root of the number of inputs."""

    def draw(inputs: int, *shape: int) -> np.ndarray:
        values = rng.uniform(-1, 1, shape) / np.sqrt(inputs)
        return np.asarray(values, np.float32)

    return {
        "hidden": draw(width, hidden, width),
        "offset": draw(width, hidden),
        "out": draw(hidden, hidden),
        "bias": draw(hidden, 1),
    }


def gradient(
    parameters: Mapping[str, np.ndarray],
    x: np.ndarray,
    kept: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray,
) -> dict[str, np.ndarray]:
    """The gradient of the weighted mean cross-entropy of a batch.

    Args:
        parameters: Of the network.
        x: float32 [B, D], standardised.
        kept: float32 [B, H], what the outputs of the units are multiplied with.
        target: float32 [B], 1 for AI pictures.
        weight: float32 [B].
    """
    before = x @ parameters["hidden"].T + parameters["offset"]
    after = np.maximum(before, 0) * kept
    score = after @ parameters["out"] + parameters["bias"]
    error = weight * (1 / (1 + np.exp(-np.clip(score, -60, 60))) - target) / np.float32(len(x))
    back = error[:, None] * parameters["out"] * kept * (before > 0)
    return {
        "hidden": back.T @ x,
        "offset": back.sum(axis=0),
        "out": error @ after,
        "bias": error.sum(keepdims=True),
    }


@dataclass
class AdamW:
    """Changes parameters in place.

    Attributes:
        parameters: What is changed.
        weight_decay: Share by which they shrink, times the learning rate, at every step.
    """

    parameters: dict[str, np.ndarray]
    weight_decay: float
    _moments: dict[str, tuple[np.ndarray, np.ndarray]] = field(init=False)
    _steps: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._moments = {
            name: (np.zeros_like(value), np.zeros_like(value))
            for name, value in self.parameters.items()
        }

    def step(self, gradients: Mapping[str, np.ndarray], rate: float) -> None:
        """Take one step down these gradients at this learning rate."""
        self._steps += 1
        first, second = BETAS
        by_mean, by_square = 1 - first**self._steps, 1 - second**self._steps
        for name, value in self.parameters.items():
            mean, square = self._moments[name]
            mean += (1 - first) * (gradients[name] - mean)
            square += (1 - second) * (np.square(gradients[name]) - square)
            value *= np.float32(1 - rate * self.weight_decay)
            value -= np.float32(rate / by_mean) * mean / (np.sqrt(square / by_square) + EPSILON)


def _kept(shape: tuple[int, ...], dropout: float, rng: np.random.Generator) -> np.ndarray:
    """What is multiplied with: 0 for what is dropped, more than 1 for what is kept."""
    kept = rng.random(shape, dtype=np.float32) >= dropout
    return kept.astype(np.float32) / np.float32(1 - dropout)
