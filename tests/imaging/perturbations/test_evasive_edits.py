import numpy as np
import pytest
from PIL import Image

from imaging.perturbations.evasive_edits import Duotone, Reground, Sticker, Stretch
from tests.imaging.perturbations.steps import applied_twice

HOST = np.full((120, 160, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def pixels(chart):
    pixels = chart(300, 200)
    pixels.flags.writeable = False  # as `decode` gives them
    return pixels


def figure(level=200, ground=255):
    """A square with a hole in the colour of its ground."""
    picture = np.full((100, 100, 3), ground, np.uint8)
    picture[20:80, 30:90] = level
    picture[40:60, 50:70] = ground
    return picture


@pytest.mark.parametrize(
    ("step", "shape"),
    [
        (Stretch(4.0), (100, 600, 3)),
        (Stretch(0.25), (400, 150, 3)),
        (Duotone((0, 0, 128), (255, 255, 0)), (200, 300, 3)),
        (Reground((10, 20, 30)), (200, 300, 3)),
        (Sticker(HOST, 0.25, (0.5, 0.5)), (120, 160, 3)),
    ],
    ids=str,
)
def test_shape_type_and_determinism(pixels, step, shape):
    assert applied_twice(step, pixels).shape == shape


def test_inks_take_the_place_of_dark_and_light():
    printed = Duotone((10, 0, 200), (250, 240, 0))(figure(0, 255))
    assert tuple(printed[30, 40]) == (10, 0, 200)
    assert tuple(printed[0, 0]) == (250, 240, 0)


def test_inks_of_one_luma_leave_no_grey_picture(pixels):
    printed = Duotone((212, 85, 128), (44, 171, 128))(pixels)
    assert np.ptp(np.array(Image.fromarray(printed).convert("L"))) <= 4
    assert printed[..., 0].std() > 20


def test_a_figure_goes_to_another_ground():
    dark = Reground((10, 20, 30))(figure())
    assert tuple(dark[0, 0]) == (10, 20, 30)
    assert tuple(dark[30, 40]) == (200, 200, 200)
    assert tuple(dark[50, 60]) == (255, 255, 255), "what it encloses is its own"


def test_what_stands_on_no_ground_stays():
    noise = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
    assert np.array_equal(Reground((0, 0, 0))(noise), noise)


def test_a_sticker_is_cut_out():
    pasted = Sticker(HOST, 0.25, (1.0, 0.0))(figure(200))
    lit = pasted[..., 0] > 150
    assert lit[:20, -20:].any()
    rows, columns = np.nonzero(lit)
    assert np.ptp(rows) * np.ptp(columns) == pytest.approx(0.25 * 120 * 160, rel=0.1)
    assert (HOST == 90).all(), "the host is not written on"


def test_nothing_is_pasted_of_a_blank_page():
    assert np.array_equal(Sticker(HOST, 0.25, (0.3, 0.3))(figure(255)), HOST)
