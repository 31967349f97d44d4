import numpy as np
import pytest

from imaging.perturbations.copy_edits import Inset, Lettering, Line, Quarters, Soften, Tilt, Turn
from tests.imaging.perturbations.steps import applied_twice

HOST = np.full((120, 160, 3), 90, np.uint8)
CAPTION = Line("A caption", centre=(0.5, 0.5), height=0.2, colour=(255, 0, 0))


@pytest.fixture(scope="module")
def pixels(chart):
    pixels = chart(300, 200)
    pixels.flags.writeable = False  # as `decode` gives them
    return pixels


def plain(level, width=60, height=40):
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("step", "shape"),
    [
        (Turn(1), (300, 200, 3)),
        (Turn(2), (200, 300, 3)),
        (Tilt(0.0), (200, 300, 3)),
        (Soften(2.0), (200, 300, 3)),
        (Lettering(()), (200, 300, 3)),
        (Lettering((CAPTION, CAPTION)), (200, 300, 3)),
        (Inset(HOST, 0.25, (0.5, 1.0)), (120, 160, 3)),
        (Quarters((HOST, HOST, HOST), corner=2, side=128), (128, 128, 3)),
    ],
    ids=str,
)
def test_shape_type_and_determinism(pixels, step, shape):
    assert applied_twice(step, pixels).shape == shape


def test_four_quarters_are_a_whole_turn(pixels):
    assert np.array_equal(Turn(3)(Turn(1)(pixels)), pixels)


def test_a_tilted_picture_lies_whole_on_its_sheet():
    sheet = (0, 255, 0)
    tilted = Tilt(30.0, sheet)(plain(0, 300, 200))
    assert tilted.shape[0] > 300
    assert tilted.shape[1] > 350
    assert (tilted[0, 0] == sheet).all()
    assert (tilted < 128).all(axis=2).sum() == pytest.approx(300 * 200, rel=0.02)


def test_a_larger_picture_is_softened_as_much(pixels):
    large = np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)
    small = Soften(4.0)(pixels).astype(int)
    assert np.abs(Soften(4.0)(large)[::2, ::2] - small).mean() < 0.5
    assert np.abs(pixels - small).mean() > 1


def test_letters_stand_where_they_are_put():
    written = Lettering((CAPTION,))(plain(255, 300, 200))
    rows, columns = np.nonzero(written[..., 1] < 128)
    assert abs(rows.mean() - 100) < 10
    assert abs(columns.mean() - 150) < 10
    assert np.ptp(rows) < 60 < np.ptp(columns)
    assert (written[..., 0] == 255).all(), "red on white"


def test_letters_may_shine_through_and_be_turned():
    half = Line("I", (0.5, 0.5), height=0.6, colour=(0, 0, 0), opacity=0.5, degrees=90)
    written = Lettering((half,))(plain(255, 200, 200))
    assert written.min() == pytest.approx(127, abs=2)
    rows, columns = np.nonzero(written[..., 0] < 160)
    assert np.ptp(columns) > 2 * np.ptp(rows), "an upright stroke lies on its side"


def test_the_inset_has_its_area_and_place():
    pasted = Inset(HOST, 0.25, (1.0, 0.0))(plain(200, 60, 60))
    inside = pasted[..., 0] == 200
    assert inside.sum() == pytest.approx(0.25 * HOST.shape[0] * HOST.shape[1], rel=0.03)
    assert inside[0, -1]
    assert (HOST == 90).all(), "the host is not written on"
    rows, columns = (np.ptp(found) + 1 for found in np.nonzero(inside))
    assert abs(rows - columns) <= 1


def test_an_inset_fits_into_its_host_whatever_its_shape():
    for shape in ((1, 4000), (4000, 1)):
        pasted = Inset(HOST, 0.25, (0.3, 0.3))(plain(200, *shape))
        assert pasted.shape == HOST.shape
        assert (pasted == 200).any()
    stretched = Inset(HOST, 0.25, (0.0, 0.0), elongated=False)(plain(200, 30, 90))
    assert (stretched[:60, :80] == 200).all()
    assert (stretched == 200).all(axis=2).sum() == 60 * 80


@pytest.mark.parametrize("corner", range(4))
def test_a_quarter_is_the_picture(corner):
    others = (plain(10), plain(20), plain(30))
    whole = Quarters(others, corner, side=100)(plain(200, 30, 90))
    cells = [whole[y : y + 50, x : x + 50] for y in (0, 50) for x in (0, 50)]
    assert (cells[corner] == 200).all()
    assert sorted(int(cell[0, 0, 0]) for cell in cells) == [10, 20, 30, 200]
