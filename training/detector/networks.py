"""Features to a head of small networks, trained with dropout on several views of every image.

One hidden layer of rectified linear units on standardised features, half of the features and half
of the units dropped at every step (Srivastava et al., Dropout: a simple way to prevent neural
networks from overfitting, JMLR 15, 2014), by AdamW (Loshchilov and Hutter, Decoupled weight decay
regularization - https://arxiv.org/abs/1711.05101) with a warm-up and a cosine schedule.

Beside `models`, this module and `training.detector.tail` know torch: an extra, and slow to load, so
they are imported where something is fitted and nowhere else.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.heads import NetworksHead
from training.detector.recipe import Recipe
from training.errors import TrainingError

Array = NDArray[np.float32]

WARM_UP = 0.1
"""Part of the steps in which the learning rate rises."""

LEAST_STEPS = 100
"""However few the images: with fewer steps the networks would hardly leave their beginnings."""


def fit_networks(
    views: Array,
    rows: NDArray[np.int64],
    positive: NDArray[np.bool_],
    weights: NDArray[np.float64],
    recipe: Recipe,
    device: str = "cpu",
) -> NetworksHead:
    """Fit the networks of a head.

    Args:
        views: float32 [V, N, D]: the selected features of N images in V views, the clean global
            view first. An image is met in each of them as often.
        rows: int64 [M]: which of the N images are learnt from.
        positive: bool [M], the class that shall score high.
        weights: float64 [M], adding up to M; see `training.detector.recipe.image_weights`.
        recipe: How.
        device: Where: `cpu`, `cuda`, or another that torch knows. The same seed gives the same head
            on the same kind of device.

    Raises:
        TrainingError: There is no such device.
    """
    mean, scale = _standard(views[0], rows, weights)
    try:
        data = _Data(
            views=torch.from_numpy(views).to(device),
            rows=torch.from_numpy(rows).to(device),
            target=torch.from_numpy(positive.astype(np.float32)).to(device),
            weight=torch.from_numpy(weights.astype(np.float32)).to(device),
            mean=torch.from_numpy(mean).to(device),
            scale=torch.from_numpy(scale).to(device),
        )
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"networks cannot be trained on {device!r}: {error}") from error
    with _one_thread():
        networks = [_fit(data, recipe, number) for number in range(recipe.networks)]
    return _head(networks, recipe, mean, scale)


def fit_streamed(
    blocks: Iterator[tuple[NDArray[np.int64], Array]],
    positive: NDArray[np.bool_],
    weights: Sequence[NDArray[np.float32]],
    standard: tuple[Array, Array],
    recipe: Recipe,
    steps: int,
) -> list[NetworksHead]:
    """Fit several heads in one pass over rows that do not fit into memory, on the CPU.

    Args:
        blocks: Which rows (int64 [n]) and their features (float32 [n, D]); at least as many as the
            steps take.
        positive: bool [M], the class of each row that shall score high.
        weights: Of each head, float32 [M]: what a row counts for, 0 for one that it may not see;
            the mean is 1.
        standard: Mean and scale of the features, float32 [D] each.
        recipe: How.
        steps: Of each network.
    """
    mean, scale = (torch.from_numpy(one) for one in standard)
    target = torch.from_numpy(positive.astype(np.float32))
    of_head = [torch.from_numpy(one) for one in weights]
    with _one_thread(), torch.random.fork_rng(devices=[]):
        heads = [
            [_begin(len(mean), recipe, number, steps) for number in range(recipe.networks)]
            for _ in weights
        ]
        done = 0
        for rows, block in blocks:
            x = torch.from_numpy(block).sub_(mean).div_(scale)
            for start in range(0, len(rows), recipe.batch):
                part = torch.from_numpy(rows[start : start + recipe.batch])
                some = x[start : start + recipe.batch]
                for one, weight in zip(heads, of_head, strict=True):
                    for network, optimiser, rate in one:
                        _step(network, optimiser, rate, some, target[part], weight[part])
                done += 1
                if done == steps:
                    return [
                        _head([network for network, _, _ in one], recipe, *standard)
                        for one in heads
                    ]
    raise ValueError(f"the blocks are enough for {done} steps, not for {steps}")


def _head(
    networks: Sequence["_Network"], recipe: Recipe, mean: Array, scale: Array
) -> NetworksHead:
    return NetworksHead(
        inputs=recipe.inputs,
        mean=mean,
        scale=scale,
        hidden=np.stack([_array(one.hidden.weight) for one in networks]).astype(np.float16),
        offset=np.stack([_array(one.hidden.bias) for one in networks]),
        out=np.stack([_array(one.out.weight)[0] for one in networks]),
        bias=np.concatenate([_array(one.out.bias) for one in networks]),
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """A step is too small to be shared: waiting for each other, threads would make it slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def schedule(done: float) -> float:
    """The learning rate's part of its highest value when this part of the steps is done."""
    if done < WARM_UP:
        return max(done / WARM_UP, 0.04)
    return 0.5 + 0.5 * math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP))


@dataclass(frozen=True)
class _Data:
    """What is learnt from, on one device; shapes as in `fit_networks`."""

    views: Tensor
    rows: Tensor
    target: Tensor
    weight: Tensor
    mean: Tensor
    scale: Tensor

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Images drawn with replacement, each in a view drawn too: features, targets, weights."""
        chosen = torch.randint(len(self.rows), (size,), generator=generator).to(self.rows.device)
        view = torch.randint(len(self.views), (size,), generator=generator).to(self.rows.device)
        x = self.views[view, self.rows[chosen]].sub_(self.mean).div_(self.scale)
        return x, self.target[chosen], self.weight[chosen]


class Dropout(nn.Module):
    """`nn.Dropout` on uniform draws: on a CPU four times as fast as torch's Bernoulli ones."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Drop a share of the numbers, and make the others larger by as much."""
        kept = torch.rand_like(x).ge_(self.share).div_(1 - self.share)
        return kept * x


class _Network(nn.Module):
    """One hidden layer; torch begins both layers as the recipe wants it, uniformly."""

    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, recipe.hidden)
        self.out = nn.Linear(recipe.hidden, 1)
        self.dropout = Dropout(recipe.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """[B, D] -> [B], raw scores."""
        units = torch.relu(self.hidden(self.dropout(x)))
        score: Tensor = self.out(self.dropout(units))
        return score[:, 0]


def _fit(data: _Data, recipe: Recipe, number: int) -> _Network:
    device = data.views.device
    generator = torch.Generator().manual_seed(1_000 * recipe.seed + number)
    # Layers and dropout draw from torch's own generators, which are left as they were found.
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        steps = max(LEAST_STEPS, recipe.epochs * len(data.rows) // recipe.batch)
        learner = _begin(data.views.shape[2], recipe, number, steps, device)
        for _ in range(steps):
            _step(*learner, *data.batch(recipe.batch, generator))
    return learner[0]


_Learner = tuple[_Network, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]


def _begin(
    width: int, recipe: Recipe, number: int, steps: int, device: torch.device | str = "cpu"
) -> _Learner:
    """A network that knows nothing yet, with what teaches it."""
    torch.manual_seed(1_000 * recipe.seed + number)
    network = _Network(width, recipe).to(device)
    optimiser = torch.optim.AdamW(
        network.parameters(),
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        fused=torch.device(device).type in {"cpu", "cuda"},
    )
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: schedule(step / steps))
    return network, optimiser, rate


def _step(
    network: _Network,
    optimiser: torch.optim.Optimizer,
    rate: torch.optim.lr_scheduler.LRScheduler,
    x: Tensor,
    target: Tensor,
    weight: Tensor,
) -> None:
    loss = nn.functional.binary_cross_entropy_with_logits(network(x), target, weight)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    rate.step()


def _standard(
    view: Array, rows: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[Array, Array]:
    x, share = view[rows], (weights / weights.sum()).astype(np.float32)
    mean = share @ x
    x -= mean
    scale = np.sqrt(share @ np.square(x, out=x))
    # A feature that does not vary tells nothing; a scale of one leaves it near zero.
    scale[scale < 1e-6] = 1.0
    return mean, scale


def _array(values: Tensor) -> Array:
    return np.asarray(values.detach().cpu().numpy(), np.float32)
