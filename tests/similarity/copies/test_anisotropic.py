import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from similarity.copies.anisotropic import STRETCH, stretched
from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.matching import distinct, match, moved, plausible
from similarity.copies.verification import prove
from tests.similarity.drawings import drawing, resized
from tests.similarity.thresholds import COPIES

WORK, OTHER = extract(drawing(1)), extract(drawing(2))
CORNERS = np.array([(0, 0), (319, 0), (319, 239), (0, 239)], float)


def pasted(work, width, height, left=90, top=60):
    upload = drawing(77, 700, 520).copy()
    upload[top : top + height, left : left + width] = resized(work, width, height)
    return upload


def enrolled(picture):
    return unpack(pack(extract(np.ascontiguousarray(picture))))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "height"), [(440, 165), (210, 320), (400, 120)])
def test_the_transform_of_a_stretched_copy_is_found(seed, width, height):
    work, upload = enrolled(drawing(seed)), extract(pasted(drawing(seed), width, height))
    fit = stretched(work, upload, match(work, upload))
    assert fit is not None
    assert distinct(work, upload, fit.inliers) >= 4
    assert plausible(fit.transform, STRETCH)
    scale = np.array([width / 320, height / 240])
    expected = (CORNERS + 0.5) * scale - 0.5 + (90, 60)
    assert np.abs(moved(fit.transform, CORNERS) - expected).max() < 12


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("width", "height"), [(440, 165), (200, 300)])
def test_a_stretched_copy_is_proven(seed, mirrored, width, height):
    shown = drawing(seed)[:, ::-1] if mirrored else drawing(seed)
    found = prove(extract(pasted(shown, width, height)), enrolled(drawing(seed)), COPIES)
    assert found.score >= COPIES.proven
    assert found.mirrored == mirrored
    left, top = 90 / 700, 60 / 520
    right, bottom = left + width / 700, top + height / 520
    box = np.array(found.in_upload)
    assert np.abs(box.min(axis=0) - (left, top)).max() < 0.05
    assert np.abs(box.max(axis=0) - (right, bottom)).max() < 0.05


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "height"), [(480, 160), (170, 320)])
def test_a_whole_picture_in_another_shape_is_proven(seed, width, height):
    found = prove(extract(resized(drawing(seed), width, height)), enrolled(drawing(seed)), COPIES)
    assert found.score >= COPIES.proven


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("width", "height"), [(440, 165), (200, 300)])
def test_another_picture_is_not(seed, width, height):
    upload = extract(pasted(drawing(seed + 100), width, height))
    found = prove(upload, enrolled(drawing(seed)), COPIES)
    assert found is None or found.score < COPIES.review


def test_few_matches_tell_nothing():
    flat, work = extract(np.zeros((50, 50), np.uint8)), enrolled(drawing(1))
    assert stretched(work, flat, match(work, flat)) is None
    upload = extract(pasted(drawing(1), 440, 165))
    assert stretched(work, upload, match(work, upload)[:3]) is None


@settings(max_examples=30)
@given(arrays(np.int64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.integers(0, 99)))
def test_any_matches_give_a_plausible_transform_or_none(pairs):
    fit = stretched(WORK, OTHER, pairs)
    if fit is not None:
        assert plausible(fit.transform, STRETCH)
        assert np.isfinite(fit.transform).all()
