"""Which picture of several is judged."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from imaging import decode

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


def drawing(shapes: int, size: tuple[int, int] = (96, 80)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pencil = ImageDraw.Draw(image)
    for i in range(shapes):
        box = (i * 9, i * 5, i * 9 + 30, i * 5 + 20)
        pencil.ellipse(box, fill=(40 * i % 255, 90, 200 - 20 * i), outline="black")
    return image


def written(kind: str, frames: list[Image.Image], **options: object) -> bytes:
    file = BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)
    return file.getvalue()


def codes(data: bytes) -> list[str]:
    return [note.code for note in decode(data).notes]


@pytest.mark.parametrize("kind", ANIMATED)
def test_the_first_frame_of_an_animation(kind):
    image = decode(written(kind, [drawing(3), drawing(6), drawing(2)]))
    assert [note.text for note in image.notes] == ["first of 3 frames"]
    assert np.abs(image.pixels.astype(int) - np.asarray(drawing(3), int)).mean() < 6


@pytest.mark.parametrize("kind", ANIMATED)
def test_the_fullest_frame_where_the_first_shows_nothing(kind):
    data = written(kind, [drawing(0), drawing(2), drawing(6), drawing(1)])
    image = decode(data)
    (note,) = image.notes
    assert (note.code, dict(note.values)) == ("frame_of", {"number": 3, "count": 4})
    assert np.abs(image.pixels.astype(int) - np.asarray(drawing(6), int)).mean() < 6


def test_an_animation_of_nothing_stays_at_its_first_frame():
    other = drawing(0)
    other.putpixel((4, 4), (250, 250, 250))
    assert codes(written("PNG", [drawing(0), other])) == ["first_frame"]


def test_an_animation_cut_within_its_second_frame_is_judged_by_its_first():
    data = written("GIF", [drawing(0), drawing(6)])
    assert codes(data) == ["frame_of"]
    assert codes(data[:-40]) == ["end_missing"]


def test_a_default_picture_that_is_no_frame_is_passed_over():
    frames = [drawing(1), drawing(4), drawing(6)]
    data = written("PNG", frames, default_image=True)
    image = decode(data)
    assert [note.code for note in image.notes] == ["hidden_default", "first_frame"]
    assert dict(image.notes[1].values) == {"count": 2}
    assert np.array_equal(image.pixels, np.asarray(drawing(4)))


def test_a_first_page_that_is_a_thumbnail_is_passed_over():
    file = BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, True) as writer:
        for page, kind in ((drawing(6).resize((24, 20)), 1), (drawing(6), 0)):
            page.save(writer, format="TIFF", tiffinfo={254: kind})
            writer.newFrame()
    image = decode(file.getvalue())
    assert (image.width, image.height) == (96, 80)
    assert [note.code for note in image.notes] == ["page_of"]
