import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load, save

from imaging import decode_for_view, sketch
from similarity.copies.keypoints import LONGEST, PICTURE, LocalFeatures, extract, pack, unpack
from similarity.errors import BrokenIndex
from tests.similarity.drawings import drawing, resized


@pytest.fixture(scope="module")
def features():
    return extract(drawing(1))


@pytest.fixture(scope="module")
def packed(features):
    return pack(features)


def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in LocalFeatures.__annotations__
    )


def test_keypoints_lie_in_the_picture(features):
    assert (features.width, features.height) == (320, 240)
    assert 100 < len(features.points) <= 1000
    assert (features.points >= 0).all()
    assert (features.points <= (319, 239)).all()
    assert (features.sizes > 0).all()
    np.testing.assert_allclose(np.linalg.norm(features.descriptors, axis=1), 1, atol=1e-5)


def test_the_same_picture_gives_the_same_features(features, packed):
    assert same(extract(drawing(1)), features)
    assert pack(extract(drawing(1))) == packed


def test_a_flat_picture_has_none_and_can_be_packed():
    features = extract(np.full((30, 20), 77, np.uint8))
    assert features.points.shape == (0, 2)
    assert features.descriptors.shape == (0, 128)
    assert len(unpack(pack(features)).points) == 0


def test_small_pictures_have_keypoints_too_in_their_own_pixels():
    small = extract(resized(drawing(1), 80, 60))
    assert len(small.points) > 30
    assert (small.points > -0.5).all()
    assert (small.points < (79.5, 59.5)).all()


def test_a_mirrored_picture_needs_no_second_extraction(features):
    derived = features.mirrored()
    found = extract(np.ascontiguousarray(drawing(1)[:, ::-1]))
    np.testing.assert_array_equal(derived.picture, found.picture)
    apart = np.linalg.norm(derived.points[:, None] - found.points, axis=2)
    turned = np.cos(derived.angles[:, None] - found.angles)
    pairs = np.argwhere((apart < 0.5) & (turned > 0.99))
    assert len(pairs) > 0.75 * len(found.points)
    likeness = (derived.descriptors[pairs[:, 0]] * found.descriptors[pairs[:, 1]]).sum(axis=1)
    assert np.median(likeness) > 0.999


def test_mirrored_twice_is_the_picture_itself(features):
    twice = features.mirrored().mirrored()
    np.testing.assert_allclose(twice.points, features.points, atol=1e-4)
    np.testing.assert_array_equal(twice.descriptors, features.descriptors)
    np.testing.assert_allclose(np.cos(twice.angles - features.angles), 1, atol=1e-6)


def test_packing_keeps_keypoints_closely(features, packed):
    assert len(packed) <= LONGEST
    kept = unpack(packed)
    assert (kept.width, kept.height) == (features.width, features.height)
    assert kept.picture.shape == (PICTURE, PICTURE)
    assert 100 <= len(kept.points) < len(features.points)
    apart = np.linalg.norm(kept.points[:, None] - features.points, axis=2)
    turned = 1 - np.cos(kept.angles[:, None] - features.angles)
    sized = np.abs(np.log(kept.sizes[:, None] / features.sizes))
    nearest = (apart + turned + sized).argmin(axis=1)
    rows = np.arange(len(nearest))
    assert apart[rows, nearest].max() < 0.01
    assert turned[rows, nearest].max() < 1e-3
    assert sized[rows, nearest].max() < 0.03
    likeness = (kept.descriptors * features.descriptors[nearest]).sum(axis=1)
    assert likeness.min() > 0.97


def test_kept_keypoints_are_spread(packed):
    kept = unpack(packed)
    quarters = (kept.points > (160, 120)) @ (1, 2)
    assert np.bincount(quarters, minlength=4).min() >= 0.15 * len(quarters)


@settings(max_examples=25)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))),
)
def test_any_picture_is_packed_and_unpacked(picture):
    features = extract(picture)
    data = pack(features)
    assert len(data) <= LONGEST
    kept = unpack(data)
    assert len(kept.points) == min(len(features.points), 160)
    assert (kept.width, kept.height) == picture.shape[::-1]


@given(st.binary(max_size=300))
def test_other_bytes_are_refused(data):
    with pytest.raises(BrokenIndex):
        unpack(data)


@settings(max_examples=300)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_harmless(packed, data):
    damaged = bytearray(packed)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.one_of(st.integers(0, 600), st.integers(0, len(packed) - 1)))
        damaged[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(packed)), st.integers(0, len(packed))))
    try:
        features = unpack(bytes(damaged[:end]))
    except BrokenIndex:
        return
    assert np.isfinite(features.points).all()
    assert np.isfinite(features.descriptors).all()
    assert (features.sizes > 0).all()
    assert min(features.width, features.height) >= 1


@pytest.mark.parametrize(
    "change",
    [
        {"points": np.zeros((3, 2), np.uint16)},
        {"points": np.zeros((160, 2), np.float32)},
        {"sizes": np.zeros((), np.uint8)},
        {"picture": np.zeros((64, 63), np.uint8)},
        {"extent": np.zeros(2, np.uint16)},
        {"more": np.zeros(1, np.uint8)},
        {"angles": None},
    ],
)
def test_another_form_is_refused(packed, change):
    arrays = {**load(packed), **change}
    with pytest.raises(BrokenIndex):
        unpack(save({name: array for name, array in arrays.items() if array is not None}))


def test_too_many_bytes_are_refused():
    with pytest.raises(BrokenIndex):
        unpack(bytes(LONGEST + 1))


def test_real_works_fit(data_dir):
    with (data_dir / "manifest.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["label"] == "human"]
    for row in rows[:: len(rows) // 20]:
        image = decode_for_view((data_dir / row["path"]).read_bytes(), 224)
        data = pack(extract(sketch(image)))
        assert len(data) <= LONGEST
        assert len(unpack(data).points) >= 3


def test_the_smaller_pictures_show_the_same():
    features = extract(drawing(1))
    assert [level.shape for level in features.levels] == [(240, 320), (120, 160), (60, 80)]
    assert features.small.shape == features.edges.shape == (64, 64)
    np.testing.assert_allclose(np.linalg.norm(features.edges), 1, rtol=1e-5)
    for level in features.levels:
        assert abs(float(level.mean()) - float(features.picture.mean())) < 1
    kept = unpack(pack(features))
    assert (kept.small == kept.picture).all()
    assert np.abs(kept.small - features.small).max() <= 1
