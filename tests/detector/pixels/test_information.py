import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detector.pixels.information import (
    information,
    material_note,
    measure_information,
    too_plain,
    too_plain_for_style,
)
from imaging import DecodedImage, decode_for_view
from imaging.perturbations.web import Jpeg, perturbed
from training.data.manifest import in_split, read_manifest

SIDE = 400


def image(pixels: np.ndarray) -> DecodedImage:
    height, width = pixels.shape[:2]
    return DecodedImage(pixels.astype(np.uint8), width, height, "png", "0" * 64)


def canvas(colour: int = 250) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), colour)


def dot() -> np.ndarray:
    pixels = canvas()
    pixels[190:210, 190:210] = 0
    return pixels


def gradient() -> np.ndarray:
    return canvas() * np.linspace(0, 1, SIDE)[:, None, None]


def icon() -> np.ndarray:
    """A ring on white: a legitimate work, and enough to look at."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    ring = (np.hypot(x, y) < 0.8) & (np.hypot(x, y) > 0.55)
    pixels = canvas()
    pixels[ring] = (30, 60, 160)
    return pixels


def drawing() -> np.ndarray:
    """Dense lines on white."""
    pixels = canvas()
    pixels[::12] = pixels[:, ::17] = 20
    return pixels


@pytest.mark.parametrize("make", [canvas, dot, gradient])
@pytest.mark.parametrize("quality", [None, 60])
def test_blank_tiny_and_smooth_images_are_too_plain(make, quality: int | None) -> None:
    plain = image(make())
    found = measure_information(plain if quality is None else perturbed(plain, Jpeg(quality)))
    assert found.too_plain
    why, note = too_plain(found), material_note(found)
    assert why is not None
    assert note is not None
    assert why.text.endswith("too little to judge by.")
    assert "thumbnail" in note.text


@pytest.mark.parametrize("make", [icon, drawing])
def test_icons_and_line_drawings_are_not(make) -> None:
    found = measure_information(image(make()))
    assert not found.too_plain
    assert too_plain(found) is None
    assert material_note(found) is None


def test_the_sentence_says_which_measure_decided() -> None:
    ground, detail = too_plain(information(0.97, 0.3)), too_plain(information(0.2, 0.005))
    assert ground is not None
    assert "97.0 % of the image has one colour" in ground.text
    assert detail is not None
    assert "0.5 % of the image has any visible edge" in detail.text


def test_the_size_of_the_pixels_hardly_matters() -> None:
    ring = icon()
    large = measure_information(image(ring.repeat(4, axis=0).repeat(4, axis=1)))
    small = measure_information(image(ring))
    assert large.ground == pytest.approx(small.ground, abs=0.02)
    assert large.detail == pytest.approx(small.detail, abs=0.02)


def test_a_ground_on_the_edge_of_a_box_of_colours_is_one_ground() -> None:
    noise = np.random.default_rng(0).integers(-3, 4, (SIDE, SIDE, 1))
    assert measure_information(image(canvas(128) + noise)).ground == 1


shapes = st.tuples(st.integers(1, 300), st.integers(1, 300), st.just(3))


@given(arrays(np.uint8, shapes, fill=st.integers(0, 255)))
def test_any_pixels_have_measures(pixels: np.ndarray) -> None:
    found = measure_information(image(pixels))
    assert 0 < found.ground <= 1
    assert 0 <= found.detail <= 1
    assert all(np.isfinite(list(dataclasses.asdict(found).values())))


def test_few_real_works_are_too_plain(data_dir) -> None:
    rows = in_split(read_manifest(data_dir / "manifest.csv"), "train")[::25]
    plain = [
        row.name
        for row in rows
        if measure_information(decode_for_view(row.path.read_bytes(), 224)).too_plain
    ]
    assert len(plain) <= 0.02 * len(rows), plain


def outlines(seed: int, ink: int, paper: int) -> np.ndarray:
    """Boxes drawn at random: two flat colours, and much to see."""
    random = np.random.default_rng(seed)
    pixels = canvas(paper)
    for top, left in random.integers(0, SIDE - 120, (25, 2)):
        pixels[top : top + 110, left : left + 90] = ink
        pixels[top + 6 : top + 104, left + 6 : left + 84] = paper
    return pixels


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255), (40, 200)])
@pytest.mark.parametrize("quality", [None, 90])
def test_outlines_in_two_flat_colours_show_no_style(ink: int, paper: int, quality: int | None):
    plain = image(outlines(1, ink, paper))
    if quality is not None:
        plain = perturbed(plain, Jpeg(quality))
    assert too_plain_for_style(plain)
    assert not measure_information(plain).too_plain


@pytest.mark.parametrize("make", [canvas, dot, gradient])
def test_what_is_too_plain_shows_no_style(make) -> None:
    assert too_plain_for_style(image(make()))


def test_tones_and_texture_show_a_style() -> None:
    shaded = outlines(1, 20, 240) * np.linspace(0.6, 1, SIDE)[:, None, None]
    coloured = outlines(1, 20, 240)
    coloured[50:150, 50:350] = (200, 30, 30)
    noise = np.random.default_rng(1).normal(0, 25, (SIDE, SIDE, 1))
    for pixels in (shaded, coloured, np.clip(outlines(1, 40, 200) + noise, 0, 255)):
        assert not too_plain_for_style(image(pixels))


def test_few_real_works_show_no_style(data_dir) -> None:
    rows = in_split(read_manifest(data_dir / "manifest.csv"), "dev")
    flat = [row for row in rows if too_plain_for_style(decode_for_view(row.path.read_bytes(), 224))]
    assert len(flat) <= 0.06 * len(rows)
