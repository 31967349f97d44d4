import numpy as np
import pytest

from models import Features
from similarity.description import REGIONS
from similarity.heads import CopyHead, Projection, StyleHead
from similarity.proposals import PARTS, STEPS, standing_out
from similarity.vectors.base import unit
from similarity.windows import pool

GRID = 14


def features(n=3, tokens=True, seed=0):
    rng = np.random.default_rng(seed)
    return Features(
        embedding=unit(rng.normal(size=(n, 5)).astype(np.float32)),
        class_tokens=rng.normal(size=(n, 2, 4)).astype(np.float32),
        patch_mean=rng.normal(size=(n, 1, 4)).astype(np.float32),
        patch_std=rng.random((n, 1, 4)).astype(np.float32),
        encoder="fake",
        patch_tokens=rng.normal(size=(n, GRID * GRID, 4)).astype(np.float16) if tokens else None,
    )


def head(seed=1):
    rng = np.random.default_rng(seed)

    def matrix(rows, columns):
        return rng.normal(size=(rows, columns)).astype(np.float32)

    members = (
        Projection("embedding", matrix(1, 5)[0], matrix(5, 3)),
        Projection("class_tokens", matrix(1, 8)[0], matrix(8, 6)),
    )
    return StyleHead(members, matrix(9, 7))


def test_a_style_is_what_its_formula_says():
    seen, made = features(), head()
    parts = []
    for member in made.members:
        rows = getattr(seen, member.array).reshape(3, -1).astype(np.float64)
        projected = (rows - member.mean) @ member.matrix.astype(np.float64)
        parts.append(projected / np.linalg.norm(projected, axis=1)[:, None])
    joined = np.hstack(parts) @ made.joint.astype(np.float64)
    expected = joined / np.linalg.norm(joined, axis=1)[:, None]
    np.testing.assert_allclose(made(seen), expected, atol=1e-5)
    assert made(seen).dtype == np.float32
    assert made.length == 7


def test_a_row_depends_on_its_picture_alone():
    seen, made = features(), head()
    np.testing.assert_allclose(made(seen)[1], made(seen[1:2])[0], atol=1e-6)


def test_copy_vectors_are_whitened_means_of_unit_length():
    rng = np.random.default_rng(2)
    made = CopyHead(
        rng.normal(size=4).astype(np.float32), rng.normal(size=(4, 3)).astype(np.float32)
    )
    seen = features()
    vectors = made(seen)
    assert vectors.shape == (3, 3)
    whole = seen.patch_tokens.astype(np.float64).mean(axis=1) - made.mean
    whole = whole @ made.matrix
    np.testing.assert_allclose(vectors, whole / np.linalg.norm(whole, axis=1)[:, None], atol=1e-4)
    parts = made.with_parts(seen)
    assert parts.shape == (3, 1 + PARTS, 3)
    assert parts.shape[1] <= REGIONS
    np.testing.assert_array_equal(parts[:, 0], vectors)
    for picture, tokens in zip(parts, seen.patch_tokens, strict=True):
        squares = (pool(tokens[None], STEPS)[0] - made.mean) @ made.matrix
        np.testing.assert_allclose(picture[1:], unit(standing_out(squares)), atol=1e-4)


def test_copies_need_patch_tokens():
    made = CopyHead(np.zeros(4, np.float32), np.eye(4, 3, dtype=np.float32))
    with pytest.raises(ValueError, match="patch tokens"):
        made(features(tokens=False))


def test_a_vector_of_length_zero_stays():
    np.testing.assert_array_equal(unit(np.zeros((1, 3), np.float32)), np.zeros((1, 3)))
