from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from similarity.proposals import GRID, MOST_OVERLAP, PARTS, STEPS, standing_out

SQUARES = arrays(np.float32, (GRID * GRID, 2), elements=st.floats(-4, 4, width=16))


def overlap(one, two):
    """Common area by that of both together, of two parts: top, height, left, width."""
    shared = set(squares_of(one)) & set(squares_of(two))
    return len(shared) / len({*squares_of(one), *squares_of(two)})


def squares_of(part):
    top, height, left, width = part
    return [r * GRID + c for r in range(top, top + height) for c in range(left, left + width)]


def slowly(squares):
    """As it is defined: rectangle by rectangle, the variance between inside and outside."""
    found = []
    sides = range(2, 6)
    for height, width in product(sides, sides):
        for top, left in product(range(GRID - height + 1), range(GRID - width + 1)):
            part = top, height, left, width
            inside = np.isin(np.arange(GRID * GRID), squares_of(part))
            apart = np.square(squares[inside].mean(axis=0) - squares[~inside].mean(axis=0)).sum()
            found.append((inside.mean() * (~inside).mean() * apart, part))
    chosen = []
    for _, part in sorted(found, key=lambda one: -one[0]):
        if len(chosen) < PARTS and all(overlap(part, one) <= MOST_OVERLAP for one in chosen):
            chosen.append(part)
    return np.stack([squares[squares_of(part)].mean(axis=0) for part in chosen])


@pytest.mark.parametrize("seed", range(8))
def test_parts_are_chosen_as_they_are_defined(seed):
    squares = np.random.default_rng(seed).normal(size=(GRID * GRID, 5))
    np.testing.assert_allclose(standing_out(squares.astype(np.float32)), slowly(squares), atol=1e-5)


@pytest.mark.parametrize("part", [(0, 2, 5, 2), (2, 3, 2, 3), (1, 5, 3, 2), (4, 2, 0, 5)])
def test_what_was_pasted_is_the_first_part(part):
    rng = np.random.default_rng(0)
    squares = rng.normal(size=(GRID * GRID, 8)) * 0.3
    squares[squares_of(part)] += 3 * rng.normal(size=8)
    first = standing_out(squares.astype(np.float32))[0]
    np.testing.assert_allclose(first, squares[squares_of(part)].mean(axis=0), atol=1e-5)


@given(SQUARES)
def test_there_are_parts_of_any_picture(squares):
    parts = standing_out(squares)
    assert parts.shape == (PARTS, 2)
    assert parts.dtype == np.float32
    low, high = squares.min(axis=0) - 1e-3, squares.max(axis=0) + 1e-3
    assert ((parts >= low) & (parts <= high)).all()


def test_the_steps_cover_the_view_once():
    covered = np.zeros((14, 14), int)
    for top, bottom, left, right in STEPS:
        covered[top:bottom, left:right] += 1
    assert (covered == 1).all()
