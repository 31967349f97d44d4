import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from similarity.copies.first_look import worth_proving
from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.verification import prove
from tests.similarity.drawings import drawing, resized, rotated
from tests.similarity.thresholds import COPIES

WORKS = {seed: unpack(pack(extract(drawing(seed, 480, 360)))) for seed in range(6)}


def pasted(picture):
    page = drawing(200, 480, 480)
    page[40:220, 100:340] = resized(picture, 240, 180)
    return page


EDITS = {
    "as it is": lambda picture: picture,
    "cropped": lambda picture: picture[60:300, 100:400],
    "mirrored": lambda picture: picture[:, ::-1],
    "turned": lambda picture: np.rot90(picture),
    "tilted": lambda picture: rotated(picture, 12),
    "small": lambda picture: resized(picture, 200, 150),
    "stretched": lambda picture: resized(picture, 480, 240),
    "pasted": pasted,
}


def slowly(sketch):
    """The works that the whole sketch shows, each proven: the definition."""
    upload = extract(sketch)
    proofs = {id_: prove(upload, work, COPIES) for id_, work in WORKS.items()}
    return {id_ for id_, found in proofs.items() if found and found.score >= COPIES.review}


@given(st.sampled_from(sorted(EDITS)), st.sampled_from(sorted(WORKS)))
@settings(max_examples=20, deadline=None)
def test_what_the_whole_sketch_shows_is_worth_proving(edit, seed):
    sketch = np.ascontiguousarray(EDITS[edit](drawing(seed, 480, 360)))
    shown = slowly(sketch)
    assert seed in shown
    assert shown <= set(worth_proving(sketch, WORKS, COPIES))


def test_hardly_any_other_work_is():
    kept = [worth_proving(drawing(seed, 480, 360), WORKS, COPIES) for seed in range(100, 108)]
    assert sum(map(len, kept)) <= 2


def test_a_small_part_of_a_small_upload_is_worth_proving():
    page = drawing(201, 256, 256)
    page[30:140, 60:206] = resized(drawing(2, 480, 360), 146, 110)
    assert 2 in slowly(page)
    assert 2 in worth_proving(page, WORKS, COPIES)


@pytest.mark.parametrize("shape", [(1, 1), (1, 480), (480, 480)])
def test_nothing_is_in_a_flat_upload(shape):
    assert worth_proving(np.full(shape, 90, np.uint8), WORKS, COPIES) == []


def test_of_no_works_none_is():
    assert worth_proving(drawing(1), {}, COPIES) == []
