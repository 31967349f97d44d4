"""Likeness to a body of work, by the slow way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.styles import likeness
from similarity.styles.likeness import NARROWNESS, NEAREST, SAME, USUAL, Body
from similarity.vectors.base import unit
from tests.similarity.styles.test_open_set import vectors


def narrowness_of(work, others):
    siblings = sorted((float(work @ one) for one in others if work @ one < SAME), reverse=True)
    nearest = siblings[:NEAREST]
    return NARROWNESS * ((sum(nearest) / len(nearest) if nearest else USUAL) - USUAL)


def likeness_of(query, works):
    """Of the two nearest works, each less how near its siblings come, and of the prototype."""
    scaled = [
        float(query @ work) - narrowness_of(work, np.delete(works, i, axis=0))
        for i, work in enumerate(works)
    ]
    nearest = sorted(scaled, reverse=True)[:NEAREST]
    mean = works.mean(axis=0)
    prototype = float(query @ mean / np.linalg.norm(mean))
    return (sum(nearest) / len(nearest) + prototype) / 2


@given(st.integers(1, 9), st.integers(0, 99), st.integers(0, 3))
def test_it_is_what_the_slow_way_says(count, seed, twice):
    works = vectors(count, seed, vectors(1, 4)[0])
    works = np.concatenate([works, works[:twice]])
    queries = vectors(5, seed + 1)
    expected = [likeness_of(query, works) for query in queries]
    np.testing.assert_allclose(Body(works).likeness(queries), expected, atol=1e-5)


def test_many_works_are_compared_with_their_siblings_in_parts(monkeypatch):
    works = vectors(50, 3, vectors(1, 4)[0])
    whole = Body(works).narrowness
    monkeypatch.setattr(likeness, "ROWS", 7)
    np.testing.assert_allclose(Body(works).narrowness, whole, atol=1e-6)


def test_a_single_work_is_all_there_is():
    query, work = vectors(1, 1), vectors(1, 2)
    assert Body(work).likeness(query)[0] == pytest.approx(float(query[0] @ work[0]), abs=1e-6)


def test_a_narrow_style_does_not_outdo_the_right_one():
    """A picture as near to a work of a broad style as to those of a narrow one."""
    middle, narrow, broad = np.eye(24, dtype=np.float32)[:3]
    query = unit(np.array([narrow + broad]))
    of_narrow = unit((narrow + 0.35 * vectors(8, 1)).astype(np.float32))
    of_broad = unit(np.stack([broad, middle, *np.eye(24, dtype=np.float32)[10:16]]))
    one, other = Body(of_narrow), Body(of_broad)
    assert one.narrowness.min() > 0 > other.narrowness.max()
    raw = [np.sort(query @ body.works.T)[0, -1] for body in (one, other)]
    scaled = [np.max(query @ body.works.T - body.narrowness) for body in (one, other)]
    assert raw[0] == pytest.approx(raw[1], abs=0.15)
    assert scaled[0] < scaled[1] - 0.15


def test_a_work_that_is_enrolled_twice_is_no_less_near():
    works, query = vectors(6, 3, vectors(1, 4)[0], noise=3), vectors(1, 5)
    twice = Body(np.concatenate([works, works[:1]]))
    assert twice.narrowness[0] == twice.narrowness[-1] == Body(works).narrowness[0]
    assert twice.likeness(query)[0] >= Body(works).likeness(query)[0] - 0.1


@pytest.mark.parametrize("count", [2, 3, 9])
def test_of_ones_own_works_each_is_compared_with_the_others(count):
    works = vectors(count, 3, vectors(1, 4)[0])
    body, found = Body(works), Body(works).own()
    for i, work in enumerate(works):
        others = np.delete(works, i, axis=0)
        scaled = np.sort(others @ work - np.delete(body.narrowness, i))[-NEAREST:].mean()
        prototype = others.sum(axis=0) / np.linalg.norm(others.sum(axis=0))
        assert found[i] == pytest.approx((scaled + prototype @ work) / 2, abs=1e-5)
