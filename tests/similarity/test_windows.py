import numpy as np
import pytest

from similarity.proposals import STEPS
from similarity.windows import WHOLE, cells, pool

GRID = 14
SOME = (WHOLE, (0, 7, 0, 7), (3, 11, 3, 11), (0, 5, 9, 14))


def test_windows_are_pooled_as_the_mean_of_their_tokens():
    tokens = np.random.default_rng(0).normal(size=(3, GRID * GRID, 4)).astype(np.float16)
    pooled = pool(tokens, SOME)
    grid = tokens.astype(np.float64).reshape(3, GRID, GRID, 4)
    for number, (top, bottom, left, right) in enumerate(SOME):
        expected = grid[:, top:bottom, left:right].mean(axis=(1, 2))
        np.testing.assert_allclose(pooled[:, number], expected, atol=2e-5)


@pytest.mark.parametrize("grid", [1, 2, 5, 8, 14, 16, 32])
def test_windows_find_their_patches_in_any_grid(grid):
    assert cells(WHOLE, grid) == (0, grid, 0, grid)
    for window in (*SOME, *STEPS):
        top, bottom, left, right = cells(window, grid)
        assert 0 <= top < bottom <= grid
        assert 0 <= left < right <= grid
        for edge, found in zip(window, (top, bottom, left, right), strict=True):
            assert abs(edge / 14 - found / grid) <= 0.5 / grid or grid < 7
    assert [cells(window, 14) for window in SOME] == list(SOME)
