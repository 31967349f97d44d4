"""Previews: small, upright as the picture, and without anything that the file says of itself."""

import contextlib
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging.errors import ImageTooLarge, ImagingError
from imaging.preview import preview
from imaging.types import Limits


def layered(width: int, height: int, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A file of Photoshop's format with one merged picture and no layers of its own."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3)
    pixels = b"".join(bytes([value]) * (width * height) for value in colour)
    return head + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + pixels


def test_a_preview_is_small_and_says_nothing_of_its_own() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    file = BytesIO()
    Image.new("RGB", (900, 300), "navy").save(file, "JPEG", exif=exif)
    found = preview(file.getvalue(), side=300)
    with Image.open(BytesIO(found.webp)) as image:
        assert (image.format, image.size, found.layers) == ("WEBP", (300, 100), None)
    assert b"secret" not in found.webp


def test_a_layered_file_is_shown_as_a_whole() -> None:
    found = preview(layered(80, 40))
    with Image.open(BytesIO(found.webp)) as image:
        red, green, _ = image.convert("RGB").getpixel((40, 20))  # type: ignore[misc]
    assert (image.size, found.layers) == ((80, 40), 0)
    assert red > 150 > 80 > green


def test_one_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ImageTooLarge):
        preview(layered(80, 40), limits=Limits(pixels=100))


@given(st.binary(max_size=200), st.integers(0, 60))
def test_whatever_the_bytes_there_is_a_preview_or_an_error(tail: bytes, cut: int) -> None:
    for data in (tail, layered(20, 20)[:cut] + tail, b"8BPS" + tail):
        with contextlib.suppress(ImagingError):
            assert preview(data).webp.startswith(b"RIFF")
