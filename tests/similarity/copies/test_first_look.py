import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from similarity.copies.first_look import RATHER, VERY, worth_proving
from similarity.copies.keypoints import extract, pack, unpack
from similarity.copies.verification import POOR, prove
from tests.similarity.drawings import drawing, resized, rotated
from tests.similarity.thresholds import COPIES

WORKS = {seed: unpack(pack(extract(drawing(seed, 480, 360)))) for seed in range(6)}


def pasted(picture):
    page = drawing(200, 480, 480)
    page[40:220, 100:340] = resized(picture, 240, 180)
    return page


def outlines(width=480, height=360):
    """A flat drawing: next to no keypoints."""
    page = np.full((height, width), 255, np.uint8)
    page[60:300, 100:380] = 40
    page[110:250, 160:320] = 255
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
    """The works that the upload shows, each proven: the definition."""
    upload = extract(sketch)
    proofs = {id_: prove(upload, work, COPIES) for id_, work in WORKS.items()}
    return {id_ for id_, found in proofs.items() if found and found.score >= COPIES.review}


def seen(sketch, cosine):
    """The works that are worth proving."""
    upload = extract(sketch)
    return {id_ for id_, work in WORKS.items() if worth_proving(upload, work, cosine)}


@given(
    st.sampled_from(sorted(EDITS)),
    st.sampled_from(sorted(WORKS)),
    st.sampled_from([RATHER - 0.1, RATHER, VERY]),
)
@settings(max_examples=20, deadline=None)
def test_what_the_pixels_show_is_worth_proving(edit, seed, cosine):
    sketch = np.ascontiguousarray(EDITS[edit](drawing(seed, 480, 360)))
    shown = slowly(sketch)
    assert seed in shown
    assert shown <= seen(sketch, cosine)


def test_most_other_works_are_not():
    """These are drawn alike, of the same shapes: of real works fewer than one in ten is."""
    kept = [seen(drawing(seed, 480, 360), RATHER - 0.1) for seed in range(100, 104)]
    assert sum(map(len, kept)) < len(kept) * len(WORKS) / 2


def test_a_small_part_of_an_upload_is_worth_proving():
    page = drawing(201, 480, 480)
    page[30:140, 60:206] = resized(drawing(2, 480, 360), 146, 110)
    assert 2 in slowly(page)
    assert 2 in seen(page, RATHER - 0.1)


def test_what_is_very_like_an_upload_needs_no_look_and_a_flat_drawing_less_of_it():
    nothing = extract(np.full((480, 480), 90, np.uint8))
    rich, flat = WORKS[0], unpack(pack(extract(outlines())))
    assert len(flat.points) < POOR <= len(rich.points)
    likely = [RATHER - 0.01, RATHER, VERY - 0.01, VERY]
    assert [worth_proving(nothing, rich, one) for one in likely] == [False, False, False, True]
    assert [worth_proving(nothing, flat, one) for one in likely] == [False, True, True, True]


@pytest.mark.parametrize("shape", [(1, 1), (1, 480), (480, 480)])
def test_nothing_is_in_a_flat_upload(shape):
    assert seen(np.full(shape, 90, np.uint8), RATHER) == set()
