"""Boundaries between creators and others, held to a library's ridge regression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from similarity.styles.boundary import NEGATIVES, RIDGE, Background
from similarity.styles.likeness import SAMPLE, Body
from tests.similarity.styles.test_open_set import vectors

HAND = vectors(1, 600)[0]


def background(people=60, each=4):
    works = np.concatenate([vectors(each, 100 + i, vectors(1, i)[0]) for i in range(people)])
    return Background(works, np.repeat(np.arange(people), each))


def by_ridge(others, body, left_out=()):
    """The slow way: the nearest of those who count, a library's ridge regression."""
    same = {
        maker
        for work, maker in zip(others.works, others.makers, strict=True)
        if (body.works @ work).max() >= 0.9
    }
    counts = [i for i, m in enumerate(others.makers) if m not in same and m not in left_out]
    nearest = sorted(counts, key=lambda i: -float(others.works[i] @ body.prototype))[:NEGATIVES]
    pictures = np.concatenate([body.works, others.works[nearest]]).astype(np.float64)
    pictures = (pictures - others.works.mean(axis=0)) / others.works.std(axis=0)
    own = np.arange(len(pictures)) < len(body.works)
    weight = np.where(own, 0.5 / own.sum(), 0.5 / (~own).sum())
    lengths = ((pictures - weight @ pictures) ** 2).sum(axis=1)
    ridge = RIDGE * lengths.sum() / len(pictures) ** 2
    found = Ridge(ridge, solver="cholesky").fit(pictures, np.where(own, 1, -1), weight)

    def inside(queries):
        return found.predict((queries - others.works.mean(axis=0)) / others.works.std(axis=0))

    return inside


@pytest.mark.parametrize("count", [1, 3, 30])
@pytest.mark.parametrize("left_out", [(), (3, 4, 5)])
def test_it_is_the_ridge_regression_of_a_library(count, left_out):
    others, body = background(), Body(vectors(count, 5, HAND))
    queries = np.concatenate([vectors(5, 8, HAND), vectors(5, 9)])
    expected = by_ridge(others, body, left_out)(queries)
    np.testing.assert_allclose(others.boundary(body, left_out)(queries), expected, atol=2e-4)


def test_own_works_lie_inside_and_those_of_others_outside():
    others, body = background(), Body(vectors(8, 5, HAND))
    boundary = others.boundary(body)
    assert boundary(vectors(20, 50, HAND)).min() > 0 > boundary(others.works).max()


def test_whoever_has_a_work_of_the_creators_is_no_other():
    others, body = background(), Body(vectors(8, 5, HAND))
    reposted = Background(
        np.concatenate([others.works, body.works[:2], vectors(6, 70, HAND)]),
        np.concatenate([others.makers, np.full(8, 60)]),
    )
    query = vectors(5, 50, HAND)
    np.testing.assert_allclose(
        reposted.boundary(body)(query), others.boundary(body)(query), atol=0.1
    )


def test_a_work_is_judged_by_a_boundary_that_its_maker_had_no_part_in():
    others, body = background(), Body(vectors(8, 5, HAND))
    query = vectors(5, 9)
    for half, boundary in enumerate(others.halves(body)):
        left_out = others.makers[others.makers % 2 != half]
        alone = Background(others.works, others.makers).boundary(body, left_out)
        np.testing.assert_array_equal(boundary(query), alone(query))


def test_where_there_are_no_others_nothing_lies_outside():
    body = Body(vectors(8, 5, HAND))
    alone = Background(body.works, np.zeros(8, np.int64))
    assert (alone.boundary(body)(vectors(3, 1)) == np.inf).all()


def test_of_thousands_of_works_some_draw_it():
    others, works = background(), vectors(2 * SAMPLE, 5, HAND, noise=2)
    some = Body(works[np.linspace(0, len(works) - 1, SAMPLE).astype(np.int64)])
    query = vectors(5, 9, HAND, noise=2)
    found, expected = others.boundary(Body(works)), others.boundary(some)
    np.testing.assert_allclose(found(query), expected(query), atol=0.05)


@given(st.integers(1, 12), st.integers(0, 50), st.integers(1, 9))
def test_it_is_finite_whatever_is_enrolled(count, seed, people):
    body, queries = Body(vectors(count, 1000 + seed)), vectors(4, 2000 + seed)
    assert np.isfinite(background(people).boundary(body)(queries)).all()
