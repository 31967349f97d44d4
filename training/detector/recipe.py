"""How a head is made, and what each image counts for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.manifest import Row
from training.errors import TooFewImages


@dataclass(frozen=True)
class TailRecipe:
    """How a tail (`models.tail`) is tuned.

    Attributes:
        units: Of the network on the blocks.
        dropout: Part of what the units read that is left out at every step; of the units, half.
        patches: Part of the patches that is met at every step, the same of all images of a batch.
        epochs: How often an image is met, in one of its views.
        batch: Images per step.
        learning_rate: The highest, of the blocks; of the network on them, `units_rate`.
        units_rate: See above.
        weight_decay: Of AdamW.
    """

    units: int = 128
    dropout: float = 0.3
    patches: float = 0.5
    epochs: int = 10
    batch: int = 128
    learning_rate: float = 1e-4
    units_rate: float = 1e-3
    weight_decay: float = 0.05


@dataclass(frozen=True)
class Recipe:
    """How a head is made. The defaults are what served best on held-out groups.

    Attributes:
        inputs: Arrays of `Features` that the head reads.
        cap: Images of one source or creator count for no more than this many.
        kind_power: How much each kind of a class counts: its number of images to this power (1: as
            it is; 0: all kinds the same).
        networks: Networks whose scores are averaged.
        hidden: Units of each.
        dropout: Part of the features, and of the units, that is left out at every step.
        epochs: How often an image is met, in one of its views; oftener where there are few.
        batch: Images per step.
        learning_rate: The highest.
        weight_decay: Of AdamW.
        folds: Folds of the cross-fitting.
        repeats: How often the groups are assigned to the folds anew.
        seed: Of everything random.
        c: Of linear heads: inverse strength of the penalty, for weights that add up to the number
            of images.
        tail: How a tail is tuned; None for a detector without one.
    """

    inputs: tuple[str, ...] = ("class_tokens",)
    cap: int = 60
    kind_power: float = 0.5
    networks: int = 3
    hidden: int = 128
    dropout: float = 0.5
    epochs: int = 40
    batch: int = 128
    learning_rate: float = 3e-4
    weight_decay: float = 1e-2
    folds: int = 5
    repeats: int = 3
    seed: int = 0
    c: float = 1e-3
    tail: TailRecipe | None = TailRecipe()


QUICK = Recipe(networks=1, repeats=1, tail=None)
"""A first look at what labels are worth, with an eighth of the networks to fit.

One instead of three, and one deal of the groups, which makes the figures less certain; and without
a tail.
"""


OUT_OF_USE = frozenset(
    {
        "dall-e 2",
        "dall-e mini",
        "disco diffusion",
        "glid-3-xl",
        "latent diffusion",
        "majesty diffusion",
        "vqgan+clip",
    }
)
"""Generators shown before Stable Diffusion (August 2022) and hardly used since, in lower case."""


def in_use(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Which images say what a score means today: bool [N].

    All but the AI pictures of generators out of use. They are learnt from; but held out they look
    like nothing else, and a threshold that few of them are to pass would leave human works without
    a verdict for the sake of pictures that are no longer made.
    """
    return np.array([row.label != "ai" or not out_of_use(row.generator) for row in rows], bool)


def out_of_use(generator: str) -> bool:
    """Whether a generator, by its name in the manifest, is one of `OUT_OF_USE`."""
    return generator.casefold() in OUT_OF_USE


def image_weights(
    rows: Sequence[Row], positive: NDArray[np.bool_], recipe: Recipe
) -> NDArray[np.float64]:
    """What each image counts for in a fit that tells two classes apart.

    Both classes count the same, the kinds of a class by the recipe, no source or creator for more
    than the cap, and an image for as much as its label is sure: otherwise the detector learns the
    largest collections instead of the difference.

    Args:
        rows: N rows.
        positive: bool [N], the class of each.
        recipe: How.

    Returns:
        float64 [N], positive, adding up to N.

    Raises:
        TooFewImages: A class is missing.
    """
    if positive.all() or not positive.any():
        raise TooFewImages("training needs images of both classes")
    classes = positive.tolist()
    # A source of many creators counts by creator, an AI source as a whole.
    owners = [(one, row.source, row.creator) for one, row in zip(classes, rows, strict=True)]
    sizes = Counter(owners)
    sure = np.array([row.certainty for row in rows])
    weights = sure * [min(1.0, recipe.cap / sizes[owner]) for owner in owners]
    kinds = [(one, row.kind) for one, row in zip(classes, rows, strict=True)]
    weights = _rescale(weights, kinds, recipe.kind_power)
    weights = _rescale(weights, classes, 0.0)
    return np.asarray(weights * len(rows) / weights.sum())


def _rescale(
    weights: NDArray[np.float64], keys: Sequence[object], power: float
) -> NDArray[np.float64]:
    """Give every key a total weight of its present total to a power."""
    names = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    index = np.array([names[key] for key in keys])
    totals = np.bincount(index, weights)
    return np.asarray(weights * totals[index] ** (power - 1))
