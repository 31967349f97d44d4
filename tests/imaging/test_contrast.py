import numpy as np
import pytest
from PIL import Image

from imaging import sketch
from imaging.contrast import is_flat, with_contrast
from imaging.perturbations.evasive_edits import Duotone
from imaging.perturbations.web import Jpeg
from imaging.types import DecodedImage
from tests.similarity.drawings import drawing

OF_ONE_LUMA = Duotone((212, 85, 128), (44, 171, 128))


def image(pixels):
    return DecodedImage(pixels, pixels.shape[1], pixels.shape[0], "png", "")


def likeness(a, b):
    a, b = (one.astype(float).ravel() - one.mean() for one in (a, b))
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize("seed", range(3))
def test_colours_of_one_lightness_are_seen(seed):
    work = drawing(seed)
    printed = Jpeg(85)(OF_ONE_LUMA(np.dstack([work] * 3)))
    assert np.array(Image.fromarray(printed).convert("L")).std() < 2
    seen = sketch(image(printed))
    assert seen.shape == work.shape
    assert abs(likeness(seen, work)) > 0.9, "colours are compressed at half the size"
    assert seen.mean() >= 128


@pytest.mark.parametrize("seed", range(3))
def test_what_little_lightness_is_left_keeps_its_direction(seed):
    work = drawing(seed)
    faint = np.dstack([(120 + work / 255 * 20).astype(np.uint8)] * 3)
    seen = sketch(image(faint))
    assert likeness(seen, work) > 0.97
    assert np.ptp(seen) > 200


def test_pictures_with_contrast_are_as_they_were():
    work = drawing(1)
    assert np.array_equal(sketch(image(np.dstack([work] * 3))), work)
    page = np.full((240, 320, 3), 255, np.uint8)
    page[100:102, 30:60] = 0
    assert not is_flat(page[..., 0])
    assert (sketch(image(page)) == page[..., 0]).all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pages_stay_blank(level):
    page = np.full((60, 80), level, np.uint8)
    assert is_flat(page)
    blank = Image.fromarray(np.dstack([page] * 3))
    assert np.array_equal(with_contrast(page, blank), page)
