import numpy as np
import pytest

from imaging import decode
from imaging.perturbations.web import (
    Blur,
    Chain,
    Crop,
    Fit,
    Jpeg,
    Mirror,
    Recolour,
    Resize,
    Rotate,
    Screenshot,
    Tier,
    WebP,
    draw,
    perturbed,
)
from tests.imaging.perturbations.steps import applied_twice


@pytest.fixture(scope="module")
def pixels(chart):
    rng = np.random.default_rng(3)
    noisy = chart(300, 200).astype(int) + rng.integers(-20, 21, (200, 300, 3))
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    pixels.flags.writeable = False  # as `decode` gives them
    return pixels


def difference(a, b):
    return np.abs(a.astype(int) - b).mean()


@pytest.mark.parametrize(
    ("step", "shape"),
    [
        (Jpeg(50), (200, 300, 3)),
        (Jpeg(50, "444"), (200, 300, 3)),
        (WebP(50), (200, 300, 3)),
        (Resize(0.5), (100, 150, 3)),
        (Resize(0.001), (1, 1, 3)),
        (Fit(150), (100, 150, 3)),
        (Fit(1000), (200, 300, 3)),
        (Crop((0.1, 0.25, 0.9, 0.75)), (100, 240, 3)),
        (Crop((1.0, 1.0, 1.0, 1.0)), (1, 1, 3)),
        (Blur(2.0), (200, 300, 3)),
        (Screenshot(0.5, margin=0.1, page=0), (120, 170, 3)),
        (Mirror(), (200, 300, 3)),
        (Recolour(0.8, 1.2, 0.5, 0.1), (200, 300, 3)),
        (Chain((Resize(0.5), Jpeg(40))), (100, 150, 3)),
    ],
    ids=str,
)
def test_shape_type_and_determinism(pixels, step, shape):
    assert applied_twice(step, pixels).shape == shape


def test_a_lower_quality_loses_more(pixels):
    for step in (Jpeg, WebP):
        assert difference(step(30)(pixels), pixels) > difference(step(90)(pixels), pixels) > 0


def test_subsampling_loses_colour(pixels):
    assert difference(Jpeg(90, "420")(pixels), pixels) > difference(Jpeg(90, "444")(pixels), pixels)


def test_blur_smooths(pixels):
    flat = pixels[20:60, 20:60]
    assert Blur(2.0)(pixels)[20:60, 20:60].std(axis=(0, 1)).max() < flat.std(axis=(0, 1)).min() / 2


def test_crop_takes_the_box_and_nothing_else(pixels):
    assert np.array_equal(Crop((0.5, 0.5, 1.0, 1.0))(pixels), pixels[100:, 150:])


def test_a_screenshot_shows_the_page_around_the_picture(pixels):
    shot = Screenshot(1.0, margin=0.05, page=32)(pixels)
    assert (shot[:10] == 32).all()
    assert np.array_equal(shot[10:-10, 10:-10], pixels)


@pytest.mark.parametrize("tier", Tier)
def test_drawing_is_reproducible(pixels, tier):
    assert draw(tier, np.random.default_rng(5))(pixels).shape[2] == 3
    chains = [draw(tier, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert chains[0] == chains[1]
    assert (chains[0] == chains[2]) == (tier is Tier.CLEAN)
    assert np.array_equal(chains[0](pixels), chains[1](pixels))


def test_what_the_tiers_promise():
    rng = np.random.default_rng(0)
    assert draw(Tier.CLEAN, rng).steps == ()
    for _ in range(50):
        fit, jpeg = draw(Tier.WEB, rng).steps
        assert fit == Fit(1024)
        assert 60 <= jpeg.quality <= 80
        first, half, shot, last = draw(Tier.HARD, rng).steps
        assert half == Resize(0.5)
        assert 30 <= first.quality <= 50
        assert 30 <= last.quality <= 50
        assert 0.8 <= shot.scale <= 1.25


def test_a_perturbed_image_keeps_its_identity(samples):
    image = decode(samples["jpeg"].data)
    half = perturbed(image, Resize(0.5))
    assert (half.width, half.height, half.scale) == (48, 32, 1.0)
    assert half.pixels.shape == (32, 48, 3)
    assert (half.sha256, half.format) == (image.sha256, image.format)


def test_mirroring_twice_changes_nothing(pixels):
    assert np.array_equal(Mirror()(Mirror()(pixels)), pixels)
    assert np.array_equal(Mirror()(pixels)[:, 0], pixels[:, -1])


def test_recolouring_by_nothing_changes_nothing_and_no_saturation_is_grey(pixels):
    assert np.array_equal(Recolour()(pixels), pixels)
    grey = Recolour(saturation=0.0)(pixels)
    assert np.ptp(grey, axis=2).max() == 0
    assert difference(grey.mean(axis=2), pixels @ [0.299, 0.587, 0.114]) < 1
    assert difference(Recolour(brightness=0.5)(pixels), pixels / 2) < 1


def test_a_turn_of_the_colour_circle_makes_red_green():
    red = np.full((4, 4, 3), (200, 20, 20), np.uint8)
    assert difference(Recolour(hue=1 / 3)(red), np.array((20, 200, 20))) < 4


@pytest.mark.parametrize("degrees", [-30.0, 7.0, 30.0])
def test_a_turned_picture_has_no_empty_corners(degrees):
    white = np.full((200, 300, 3), 255, np.uint8)
    turned = Rotate(degrees)(white)
    assert turned.min() > 200
    assert turned.shape[0] / turned.shape[1] == pytest.approx(2 / 3, abs=0.02)
    smaller = 300 / (
        300 * np.cos(np.radians(abs(degrees))) + 200 * np.sin(np.radians(abs(degrees)))
    )
    assert turned.shape[1] <= 300 * smaller + 1


def test_a_turn_brings_what_was_right_of_the_middle_up(pixels):
    page = np.zeros((200, 200, 3), np.uint8)
    page[95:105, 150:160] = 255
    y, x, _ = np.argwhere(Rotate(30.0)(page) > 128).mean(axis=0)
    middle = Rotate(30.0)(page).shape[0] / 2
    assert y < middle < x  # counter-clockwise
