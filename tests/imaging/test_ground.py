import numpy as np
import pytest

from imaging.ground import plain_ground


def ring(level=30, ground=240, size=(40, 60)):
    """A dark ring on a light ground, which shows in its middle, too."""
    picture = np.full(size, ground, np.uint8)
    picture[8:32, 10:50] = level
    picture[14:26, 18:42] = ground
    return picture


def test_the_ground_is_what_hangs_together_with_the_border():
    outside = np.ones((40, 60), bool)
    outside[8:32, 10:50] = False
    assert np.array_equal(plain_ground(ring()), outside)
    assert np.array_equal(plain_ground(ring(240, 30)), outside)
    in_colours = np.dstack([ring(), ring(90, 200), ring(200, 10)])
    assert np.array_equal(plain_ground(in_colours), outside)


def test_a_compressed_ground_is_plain_and_a_painted_one_is_none():
    rng = np.random.default_rng(0)
    noise = rng.integers(-6, 7, (40, 60))
    assert plain_ground((ring() + noise).clip(0, 255).astype(np.uint8)) is not None
    assert plain_ground(rng.integers(0, 256, (40, 60), np.uint8)) is None
    assert plain_ground(np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))) is None


def test_a_figure_may_be_cut_by_the_border():
    picture = ring()
    picture[:, 20:26] = 100
    ground = plain_ground(picture)
    assert ground is not None
    assert not ground[:, 20:26].any()
    assert ground[0, 0]
    assert ground[0, 59]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2)])
def test_strips_are_all_ground(shape):
    assert plain_ground(np.full(shape, 90, np.uint8)).all()


def test_a_long_way_round_is_gone():
    """A spiral: the ground winds through the figure to the middle."""
    picture = np.full((41, 41), 200, np.uint8)
    for inset in range(2, 20, 4):
        picture[inset : 41 - inset, inset : 41 - inset] = 40
        picture[inset + 1 : 40 - inset, inset + 1 : 40 - inset] = 200
        picture[20, inset] = 200
    assert plain_ground(picture)[20, 20]
