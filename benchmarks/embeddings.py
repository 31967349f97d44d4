"""Embeddings to search among: real ones of a manifest's images, and a million grown from them.

What a search costs depends on how the vectors lie: these are the shipped style head's.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import Kind, Registry, load_encoder
from models.artefact.registry import SHIPPED
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from training.data.features import compute_features
from training.data.manifest import in_split, read_manifest

SEED = 20230531
_AT_ONCE = 50_000

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Real:
    """Embeddings of real works.

    Attributes:
        works: float32 [N, W], unit norm.
        strangers: float32 [Q, W], unit norm: of other works, to search with.
        within: float32 [W, W]: a root of the covariance of works around their creators' means.
    """

    works: Vectors
    strangers: Vectors
    within: Vectors


def real_embeddings(
    manifest: Path, features: Path, encoder: Path, *, split: str, strangers: int
) -> Real:
    """Style vectors of the images of a split, from the cache of features where it has them."""
    rows = in_split(read_manifest(manifest), split)
    opened = load_encoder(encoder)
    table = compute_features(rows, opened, features)
    # What ships, whatever the user has promoted: the figures are of it.
    shipped = Registry(user=SHIPPED).in_use(Kind.SIMILARITY, opened.id)
    values = SimilarityArtefact.load(shipped).heads.style(table.features)
    creators = np.array([row.creator for row in table.rows])
    spread, axes = _components(_around_means(values, creators))
    order = np.random.default_rng(SEED).permutation(len(values))
    return Real(
        works=values[order[strangers:]],
        strangers=values[order[:strangers]],
        within=axes * np.sqrt(np.maximum(spread, 0)),
    )


def grow(
    real: Real, count: int, *, neighbours: int, noise: float, seed: int = SEED
) -> NDArray[np.float16]:
    """Make new works between the real ones.

    Each is a convex mixture, with uniform weights, of a real work and two of its nearest, moved as
    works of one creator differ among themselves.

    Args:
        real: The real ones; the strangers take no part.
        count: How many.
        neighbours: How many nearest works the two are taken from.
        noise: How far it is moved: 1 is as far as works lie from their creators' mean.
        seed: Of what is random.

    Returns:
        float16 [count, W], unit norm.
    """
    rng = np.random.default_rng(seed)
    works, width = real.works, real.works.shape[1]
    nearest = np.argsort(-(works @ works.T), axis=1)[:, : neighbours + 1]
    grown = np.empty((count, width), np.float16)
    for start in range(0, count, _AT_ONCE):
        part = grown[start : start + _AT_ONCE]
        first = rng.integers(len(works), size=len(part))
        others = rng.integers(1, neighbours + 1, (len(part), 2))
        mixed = [nearest[first, 0], *nearest[first[:, None], others].T]
        weights = rng.dirichlet(np.ones(3), len(part)).astype(np.float32)
        values: Vectors = rng.standard_normal((len(part), width), np.float32) @ real.within.T
        values *= noise
        for which, weight in zip(mixed, weights.T, strict=True):
            values += weight[:, None] * works[which]
        part[:] = unit(values)
    return grown


def grown_from(data: Path, count: int, *, strangers: int) -> tuple[Real, NDArray[np.float16]]:
    """The embeddings of the training images, and works grown from them in the usual way.

    Args:
        data: Folder with the manifest.
        count: How many works.
        strangers: How many real works are kept apart as queries.

    Returns:
        The real ones, and float16 [count, W].
    """
    settings = Settings.of()
    real = real_embeddings(
        data / "manifest.csv",
        settings.features,
        settings.encoder_cache,
        split="train",
        strangers=strangers,
    )
    return real, grow(real, count, neighbours=10, noise=1.0)


def dimension(scores: Vectors) -> tuple[float, float]:
    """Local intrinsic dimension, from the cosines to the nearest works, float32 [Q, k].

    Returns:
        The maximum-likelihood estimate over k neighbours (Levina and Bickel 2004; the inverses
        averaged, after MacKay and Ghahramani), and that of TwoNN (Facco et al. 2017).
    """
    distances = np.sqrt(np.maximum(2 - 2 * scores.astype(np.float64), 1e-12))
    inverses = np.log(distances[:, -1:] / distances[:, :-1]).mean(axis=1)
    ratios = np.log(distances[:, 1] / distances[:, 0])
    return float(1 / inverses.mean()), float(1 / ratios.mean())


def unit(values: Vectors) -> Vectors:
    """Scale rows to length 1."""
    scaled: Vectors = values / np.linalg.norm(values, axis=1, keepdims=True)
    return scaled


def _around_means(values: Vectors, creators: NDArray[np.str_]) -> Vectors:
    """Works less the mean of their creator; of creators with several works, whose names we know."""
    _, number, works = np.unique(creators, return_inverse=True, return_counts=True)
    sums = np.zeros((len(works), values.shape[1]), np.float32)
    np.add.at(sums, number, values)
    kept = (creators != "") & (works[number] > 1)
    around: Vectors = (values - sums[number] / works[number][:, None])[kept]
    return around


def _components(values: Vectors) -> tuple[Vectors, Vectors]:
    """Variances along the principal axes, rising, and the axes as columns."""
    spread, axes = np.linalg.eigh(np.cov(values.T))
    return spread.astype(np.float32), axes.astype(np.float32)
