import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from similarity.copies.keypoints import extract
from similarity.copies.matching import distinct, fits, inverse, match, moved, plausible
from tests.similarity.drawings import drawing, resized, rotated


@given(arrays(np.float64, (2, 3), elements=st.floats(-20, 20)), st.sampled_from([1.5, 3.2]))
def test_plausible_says_what_the_singular_values_say(transform, stretch):
    largest, smallest = np.linalg.svd(transform[:, :2], compute_uv=False)
    edges = [largest / 8, smallest * 8, largest / max(smallest, 1e-12) / stretch]
    if min(abs(edge - 1) for edge in edges) < 1e-6:
        return  # rounding decides
    (a, b), (c, d) = transform[:, :2]
    upright = a * d - b * c > 0  # NumPy's own warns of numbers that are almost none
    allowed = largest < 8 and smallest > 1 / 8 and largest / smallest < stretch
    assert plausible(transform, stretch) == (upright and allowed)


def test_there_and_back():
    transform = np.array([[0.8, -0.3, 12], [0.3, 0.8, -4]])
    points = np.random.default_rng(1).uniform(0, 300, (20, 2))
    np.testing.assert_allclose(moved(inverse(transform), moved(transform, points)), points)


@pytest.mark.parametrize("degrees", [0, 25, -120])
def test_the_transform_of_a_turned_copy_is_found(degrees):
    original = drawing(1)
    work, upload = extract(original), extract(rotated(original, degrees))
    best = fits(work, upload, match(work, upload), 1)[0]
    assert distinct(work, upload, best.inliers) > 30
    centre = np.array([159.5, 119.5])
    angle = np.radians(-degrees)  # y runs downwards
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.array([(40, 30), (280, 40), (160, 200)], float)
    expected = (points - centre) @ turn.T + centre
    assert np.abs(moved(best.transform, points) - expected).max() < 1.5


def test_two_pasted_copies_are_two_transforms():
    work = drawing(2)
    upload = np.full((400, 700), 128, np.uint8)
    upload[20:260, 10:330] = work
    upload[150:330, 420:660] = resized(work, 240, 180)
    a, b = extract(work), extract(upload)
    found = fits(a, b, match(a, b), 2)
    places = sorted(moved(fit.transform, np.array([(159.5, 119.5)]))[0].tolist() for fit in found)
    np.testing.assert_allclose(places, [(169.5, 139.5), (539.5, 239.5)], atol=2)


def test_without_keypoints_nothing_matches():
    flat, drawn = extract(np.zeros((50, 50), np.uint8)), extract(drawing(1))
    for work, upload in ((flat, drawn), (drawn, flat), (flat, flat)):
        pairs = match(work, upload)
        assert pairs.shape == (0, 2)
        assert fits(work, upload, pairs, 2) == []
        assert distinct(work, upload, pairs) == 0


def test_keypoints_at_one_place_count_once():
    features = extract(drawing(3))
    doubled = np.array([(0, 0), (0, 0), (1, 1)])
    assert distinct(features, features, doubled) <= 2
