import numpy as np
import pytest

from models import Features
from similarity.description import REGIONS
from similarity.heads import (
    WHOLE,
    WINDOWS,
    CopyHead,
    Projection,
    StyleHead,
    cells,
    pool,
)
from similarity.vectors.base import unit

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


def test_windows_are_pooled_as_the_mean_of_their_tokens():
    tokens = features().patch_tokens
    pooled = pool(tokens, WINDOWS)
    grid = tokens.astype(np.float64).reshape(3, GRID, GRID, 4)
    for number, (top, bottom, left, right) in enumerate(WINDOWS):
        expected = grid[:, top:bottom, left:right].mean(axis=(1, 2))
        np.testing.assert_allclose(pooled[:, number], expected, atol=2e-5)


def test_the_windows_lie_in_the_view_and_fit_into_an_index():
    assert WINDOWS[0] == WHOLE
    assert len(set(WINDOWS)) == len(WINDOWS) <= REGIONS
    covered = np.zeros((GRID, GRID), int)
    for top, bottom, left, right in WINDOWS[1:]:
        assert 0 <= top < bottom <= GRID
        assert 0 <= left < right <= GRID
        covered[top:bottom, left:right] += 1
    assert covered.min() >= 2  # by a quarter and by a ninth at least


@pytest.mark.parametrize("grid", [1, 2, 5, 8, 14, 16, 32])
def test_windows_find_their_patches_in_any_grid(grid):
    assert cells(WHOLE, grid) == (0, grid, 0, grid)
    for window in WINDOWS:
        top, bottom, left, right = cells(window, grid)
        assert 0 <= top < bottom <= grid
        assert 0 <= left < right <= grid
        for edge, found in zip(window, (top, bottom, left, right), strict=True):
            assert abs(edge / 14 - found / grid) <= 0.5 / grid or grid < 3
    assert [cells(window, 14) for window in WINDOWS] == list(WINDOWS)


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
    vectors = made(seen, WINDOWS)
    assert vectors.shape == (3, len(WINDOWS), 3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)
    whole = seen.patch_tokens.astype(np.float64).mean(axis=1) - made.mean
    whole = whole @ made.matrix
    np.testing.assert_allclose(
        made(seen)[:, 0], whole / np.linalg.norm(whole, axis=1)[:, None], atol=1e-4
    )


def test_copies_need_patch_tokens():
    made = CopyHead(np.zeros(4, np.float32), np.eye(4, 3, dtype=np.float32))
    with pytest.raises(ValueError, match="patch tokens"):
        made(features(tokens=False))


def test_a_vector_of_length_zero_stays():
    np.testing.assert_array_equal(unit(np.zeros((1, 3), np.float32)), np.zeros((1, 3)))
