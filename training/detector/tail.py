"""Patch tokens to a tail: the encoder's last blocks, tuned to tell AI pictures from human works.

Like `training.detector.networks` it knows torch, and is imported nowhere but where tails are tuned.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, layer_norm

from models.tail import LastBlocks, Matrix, Tail, normalised
from training.data.features import FeatureTable
from training.detector.networks import LEAST_STEPS, Dropout, schedule
from training.detector.recipe import TailRecipe

CHUNK = 256
"""Images whose tokens are in memory at once: 77 MB."""

MATRICES = ("inward", "outward", "wide", "narrow")


@dataclass(frozen=True)
class Tokens:
    """What tails read of N images in V views.

    Attributes:
        classes: float32 [V, N, C], class tokens.
        patches: float16 [V, N, P, C], patch tokens, normalised; on the disk.
    """

    classes: NDArray[np.float32]
    patches: NDArray[np.float16]


@contextmanager
def gathered(tables: Sequence[FeatureTable], block: int, cache: Path) -> Iterator[Tokens]:
    """The tokens of some images side by side in a file, which is gone whenever the process ends.

    Args:
        tables: Of V views, with stored tokens, the same images in the same order.
        block: After which block of the encoder, counted from 1, its tokens are taken.
        cache: Folder of the file: 300 kB for each image and view.
    """
    classes = np.stack([table.features.class_tokens[:, block - 1] for table in tables])
    size = tables[0].patch_tokens(np.zeros(1, np.int64)).shape[1:]
    with TemporaryFile(dir=cache) as file:
        patches = np.memmap(file, np.float16, "w+", shape=(*classes.shape[:2], *size))
        for view, table in zip(patches, tables, strict=True):
            for start in range(0, len(view), CHUNK):
                some = np.arange(start, min(start + CHUNK, len(view)))
                view[some] = normalised(table.patch_tokens(some).astype(np.float32))
        yield Tokens(classes, patches)


def fit_tail(
    tokens: Tokens,
    rows: NDArray[np.int64],
    positive: NDArray[np.bool_],
    weights: NDArray[np.float64],
    start: LastBlocks,
    recipe: TailRecipe,
    *,
    seed: int = 0,
    device: str = "cpu",
) -> Tail:
    """Tune a tail.

    Args:
        tokens: Of N images.
        rows: int64 [M]: which of them are learnt from.
        positive: bool [M], the class that shall score high.
        weights: float64 [M], adding up to M; see `training.detector.recipe.image_weights`.
        start: What is tuned.
        recipe: How.
        seed: Of everything random. The same gives the same tail on the same kind of device, by as
            many threads.
        device: Where: `cpu`, `cuda`, or another that torch knows.
    """
    target = torch.from_numpy(positive.astype(np.float32))
    weight = torch.from_numpy(weights.astype(np.float32))
    views, _, patches, _ = tokens.patches.shape
    steps = max(LEAST_STEPS, recipe.epochs * len(rows) // recipe.batch)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[device] if device != "cpu" else []):
        torch.manual_seed(seed)
        network = _Tail(start, recipe).to(device)
        optimiser = torch.optim.AdamW(
            [
                {"params": list(network.blocks.values()), "lr": recipe.learning_rate},
                {"params": network.of_units(), "lr": recipe.units_rate},
            ],
            weight_decay=recipe.weight_decay,
            fused=torch.device(device).type in {"cpu", "cuda"},
        )
        rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: schedule(step / steps))
        for _ in range(steps):
            chosen = torch.randint(len(rows), (recipe.batch,), generator=generator).numpy()
            view = torch.randint(views, (recipe.batch,), generator=generator).numpy()
            met = torch.randperm(patches, generator=generator)[: round(recipe.patches * patches)]
            x = torch.from_numpy(tokens.classes[view, rows[chosen]]).to(device)
            # float16 is turned where it is used: half as much travels.
            around = torch.from_numpy(tokens.patches[view, rows[chosen]])[:, met].to(device)
            loss = binary_cross_entropy_with_logits(
                network(x, around.float()), target[chosen].to(device), weight[chosen].to(device)
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rate.step()
    return network.tail(start)


class _Tail(nn.Module):
    """What `models.tail.Tail` computes, for many images at once, and with what is left out."""

    def __init__(self, start: LastBlocks, recipe: TailRecipe) -> None:
        super().__init__()
        self.blocks = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(one)) for name, one in start.arrays.items()}
        )
        self.heads = start.heads
        blocks, *_, self.width = start.arrays["norms"].shape
        self.units = nn.Linear(blocks * self.width, recipe.units)
        self.out = nn.Linear(recipe.units, 1)
        self.of_input, self.of_hidden = Dropout(recipe.dropout), Dropout(0.5)

    def of_units(self) -> list[nn.Parameter]:
        return [*self.units.parameters(), *self.out.parameters()]

    def forward(self, token: Tensor, patches: Tensor) -> Tensor:
        """[B, C], [B, P, C] -> [B], raw scores."""
        seen = []
        for number in range(len(self.blocks["norms"])):
            token = self._after(number, token, patches)
            seen.append(self._normal(token))
        units = torch.relu(self.units(self.of_input(torch.cat(seen, dim=1))))
        score: Tensor = self.out(self.of_hidden(units))
        return score[:, 0]

    def _after(self, number: int, token: Tensor, patches: Tensor) -> Tensor:
        one = {name: values[number] for name, values in self.blocks.items()}
        before, between = one["norms"]
        batch, size = len(token), self.width // self.heads
        normal = self._normal(token)
        queries, keys, values = one["inward"].split(self.width)
        query_bias, _, value_bias = one["inward_bias"].split(self.width)
        query = ((normal * before[0] + before[1]) @ queries.T + query_bias).view(batch, -1, size)
        # The normalisation's weight and bias are put to the few queries and sums, not to all
        # tokens; a bias that all tokens have in common is nothing to a softmax.
        asked = torch.einsum("bhe,hec->bhc", query, keys.view(self.heads, size, -1)) * before[0]
        tokens = torch.cat([normal[:, None], patches], dim=1)
        near = (tokens @ asked.transpose(1, 2)).transpose(1, 2) * size**-0.5
        met = (near.softmax(dim=-1) @ tokens) * before[0] + before[1]
        value = torch.einsum("bhc,hec->bhe", met, values.view(self.heads, size, -1))
        value = value.reshape(batch, -1) + value_bias
        token = token + value @ one["outward"].T + one["outward_bias"]
        inner = (self._normal(token) * between[0] + between[1]) @ one["wide"].T + one["wide_bias"]
        inner = inner * torch.sigmoid(1.702 * inner)
        after: Tensor = token + inner @ one["narrow"].T + one["narrow_bias"]
        return after

    def _normal(self, values: Tensor) -> Tensor:
        return layer_norm(values, (self.width,))

    def tail(self, start: LastBlocks) -> Tail:
        """As it ships."""
        arrays: dict[str, Any] = {name: _array(values) for name, values in self.blocks.items()}
        arrays |= {name: Matrix.of(arrays[name]) for name in MATRICES}
        return Tail(
            block=start.block,
            heads=start.heads,
            units=Matrix.of(_array(self.units.weight)),
            offset=_array(self.units.bias),
            out=_array(self.out.weight)[0],
            bias=_array(self.out.bias),
            **arrays,
        )


def _array(values: Tensor) -> NDArray[np.float32]:
    return np.asarray(values.detach().cpu().numpy(), np.float32)
