import numpy as np
import pytest

from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.pixel_agreement import GRID, compare, improved
from tests.similarity.drawings import drawing

HERE = np.array([[1.0, 0, 0], [0, 1, 0]])


def compared(upload, work, transform=HERE):
    features = extract(np.ascontiguousarray(upload))
    kept = unpack(pack(extract(work)))
    return compare(kept, features, transform)


def test_a_picture_agrees_with_itself_and_with_its_negative():
    for upload in (drawing(1), 255 - drawing(1), drawing(1) // 2 + 40):
        found = compared(upload, drawing(1))
        assert found.mean() > 0.9
        assert found.quantile(0.2) > 0.9
        assert found.overlap == 1


def test_another_picture_disagrees():
    assert compared(drawing(2), drawing(1)).mean() < 0.45


def test_only_what_the_upload_shows_counts():
    found = compared(drawing(1)[:, :160], drawing(1))
    assert found.overlap == pytest.approx(0.5, abs=0.02)
    assert (found.weight[:, GRID // 2 + 2 :] == 0).all()
    assert found.mean() > 0.95


def test_a_changed_place_is_seen_at_its_place():
    changed = drawing(1).copy()
    changed[:120, :160] = drawing(2)[:120, :160]
    found = compared(changed, drawing(1))
    corner = np.zeros((GRID, GRID), bool)
    corner[: GRID // 2 - 1, : GRID // 2 - 1] = True
    rest = np.zeros((GRID, GRID), bool)
    rest[GRID // 2 + 1 :, GRID // 2 + 1 :] = True
    assert found.mean(corner) < 0.6
    assert found.mean(rest) > 0.95


def test_flat_pictures_say_nothing():
    flat = np.full((240, 320), 90, np.uint8)
    assert compared(flat, flat).mean() == 0
    assert compared(flat, flat).quantile(0.5) == 0


def test_a_transform_that_is_slightly_off_is_improved():
    features = extract(drawing(1))
    kept = unpack(pack(features))
    off = np.array([[1.03, 0.02, 6], [-0.02, 0.98, -5]])
    better = improved(kept, features, off)
    assert np.abs(better - HERE)[:, 2].max() < 2
    before = compare(kept, features, off).mean()
    assert compare(kept, features, better).mean() > before
