"""Golden values of a similarity model: what its heads and its proof must give again.

Inputs are those of `models.artefact.golden`, and a drawn picture with a copy of a part of it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.artefact.golden import (
    SEED_STEP,
    Shapes,
    golden_rows,
    golden_views,
    load_golden,
    shapes_of,
)
from models.artefact.manifest import CopyThresholds, Record
from models.encoder.features import Encoder, Features
from models.encoder.precision import synthetic_views
from models.errors import BrokenArtefact
from similarity.artefact import Heads, SimilarityArtefact
from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.verification import prove
from similarity.vectors.base import unit

Vectors = tuple[tuple[float, ...], ...]

DIRECTIONS = 4
"""Directions onto which vectors of the rows are projected: fewer numbers, and as telling."""

_DECIMALS = 4
_SIDE = 320


class Described(Record):
    """Vectors of some pictures.

    Attributes:
        style: One style vector for each, or its projections.
        copies: One copy vector of the whole for each, or its projections.
    """

    style: Vectors
    copies: Vectors


class SimilarityGolden(Record):
    """The golden values of a similarity model.

    Attributes:
        shapes: Of the arrays of `Features` that the encoder gives, patch tokens included.
        rows: Of `golden_rows`, projected onto directions that a formula makes.
        rows_tolerance: Largest difference of a projection allowed.
        views: Of `golden_views`, by the encoder and the heads: whole vectors.
        views_cosine: Smallest cosine to them allowed; these views are harder than pictures.
        proof: Score of a drawn picture against one that holds a mirrored part of it.
        no_proof: Score of two different drawn pictures; 0 where nothing is found at all.
        proof_tolerance: Largest difference of either score allowed.
    """

    shapes: Shapes
    rows: Described
    rows_tolerance: float = 1e-4
    views: Described
    views_cosine: float = 0.98
    proof: float
    no_proof: float
    proof_tolerance: float = 0.02


def make_golden(heads: Heads, copies: CopyThresholds, encoder: Encoder) -> SimilarityGolden:
    """Compute the golden values of a model's heads and proof, with its encoder."""
    features = encoder.encode(golden_views(encoder.size))
    shapes = shapes_of(features, tokens=True)
    proof, no_proof = _proofs(copies)
    return SimilarityGolden(
        shapes=shapes,
        rows=_projected(heads, golden_rows(shapes, encoder.id)),
        views=Described(
            style=_listed(heads.style(features)),
            copies=_listed(heads.copy(features)),
        ),
        proof=proof,
        no_proof=no_proof,
    )


def with_proof(golden: SimilarityGolden, copies: CopyThresholds) -> SimilarityGolden:
    """The golden values of the same heads with another proof."""
    proof, no_proof = _proofs(copies)
    return golden.model_copy(update={"proof": proof, "no_proof": no_proof})


def check_rows(artefact: SimilarityArtefact) -> None:
    """Check that heads and proof give their golden values, without the encoder.

    Raises:
        BrokenArtefact: They do not, or the values are missing.
    """
    golden = load_golden(artefact, SimilarityGolden)
    rows = golden_rows(golden.shapes, artefact.manifest.encoder)
    found = _projected(artefact.heads, rows)
    for name in ("style", "copies"):
        mine, stored = np.array(getattr(found, name)), np.array(getattr(golden.rows, name))
        if mine.shape != stored.shape or np.abs(mine - stored).max() > golden.rows_tolerance:
            raise _differs(artefact, f"the {name} vectors differ by more than rounding")
    for score, expected in zip(
        _proofs(artefact.manifest.copies), (golden.proof, golden.no_proof), strict=True
    ):
        if abs(score - expected) > golden.proof_tolerance:
            raise _differs(artefact, f"a copy scores {score:.3f} and not {expected:.3f}")


def check_folder(folder: Path) -> None:
    """Check that the model in a folder gives its golden values, without the encoder.

    Raises:
        ArtefactError: It cannot be read, or does not.
    """
    check_rows(SimilarityArtefact.load(folder))


def check_views(artefact: SimilarityArtefact, encoder: Encoder) -> None:
    """Check that encoder and heads together give their golden values.

    Raises:
        BrokenArtefact: They do not, or the values are missing.
        EncoderDiffers: It is another encoder.
    """
    artefact.require(encoder.id)
    golden = load_golden(artefact, SimilarityGolden)
    features = encoder.encode(golden_views(encoder.size))
    heads = artefact.heads
    for name, vectors, stored in (
        ("style", heads.style(features), golden.views.style),
        ("copy", heads.copy(features), golden.views.copies),
    ):
        expected = unit(np.array(stored, np.float32))
        if vectors.shape != expected.shape:
            raise _differs(artefact, f"the {name} vectors have another length")
        cosine = float((vectors * expected).sum(axis=1).min())
        if cosine < golden.views_cosine:
            raise _differs(artefact, f"a {name} vector has a cosine of {cosine:.3f} to its own")


def _projected(heads: Heads, rows: Features) -> Described:
    def onto(vectors: NDArray[np.float32]) -> Vectors:
        size = DIRECTIONS * vectors.shape[1]
        directions = np.sin(np.arange(1, size + 1) * SEED_STEP).reshape(-1, DIRECTIONS)
        return _listed(vectors @ directions / np.linalg.norm(directions, axis=0), decimals=6)

    return Described(style=onto(heads.style(rows)), copies=onto(heads.copy(rows)))


def _proofs(copies: CopyThresholds) -> tuple[float, float]:
    """Scores of a copied part, and of another picture."""
    work, other = synthetic_views(2, _SIDE).mean(axis=3).astype(np.uint8)
    part = np.ascontiguousarray(work[30:290, 60:][:, ::-1])
    kept = unpack(pack(extract(work)))
    found = [prove(extract(upload), kept, copies) for upload in (part, other)]
    first, second = (0.0 if proof is None else proof.score for proof in found)
    return first, second


def _listed(vectors: NDArray[np.floating], decimals: int = _DECIMALS) -> Vectors:
    return tuple(tuple(round(float(v), decimals) for v in row) for row in vectors)


def _differs(artefact: SimilarityArtefact, how: str) -> BrokenArtefact:
    return BrokenArtefact(f"{artefact.name} does not give its golden values: {how}")
