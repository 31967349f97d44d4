"""Small pictures whose colours are known, in every format that is read."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from imaging import DecodedImage, Pixels

pillow_heif.register_heif_opener()

WIDTH, HEIGHT = 96, 64
# Clockwise from the top left: a turned or mirrored picture shows.
COLOURS = ((200, 40, 30), (30, 170, 60), (230, 210, 50), (40, 60, 190))


def _chart(width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    pixels = np.empty((height, width, 3), np.uint8)
    half_y, half_x = height // 2, width // 2
    pixels[:half_y, :half_x] = COLOURS[0]
    pixels[:half_y, half_x:] = COLOURS[1]
    pixels[half_y:, half_x:] = COLOURS[2]
    pixels[half_y:, :half_x] = COLOURS[3]
    return pixels


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _interlaced_png() -> bytes:
    """Pillow writes no Adam7 file, so it is put together here."""
    pixels = _chart()
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    rows = b""
    for left, top, across, down in (*passes, (0, 1, 1, 2)):
        for row in pixels[top::down, left::across]:
            rows += b"\0" + row.tobytes()
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1)
    body = _png_chunk(b"IHDR", header) + _png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + _png_chunk(b"IEND", b"")


@dataclass(frozen=True)
class Sample:
    """A chart in one format.

    Attributes:
        name: What the file is.
        format: The name that decoding gives it.
        data: The file.
        tolerance: How far, in levels of 255, lossy coding may move a flat colour.
    """

    name: str
    format: str
    data: bytes
    tolerance: int


def _samples() -> dict[str, Sample]:
    image = Image.fromarray(_chart())
    other = Image.new("RGB", image.size, (1, 2, 3))
    palette = image.quantize(8)
    many = {"save_all": True, "append_images": [other, other], "duration": 50}
    pages = {"save_all": True, "append_images": [other]}
    exact = 0
    files = (
        ("jpeg", save(image, "JPEG", quality=95), 4),
        ("jpeg progressive", save(image, "JPEG", quality=95, progressive=True), 4),
        ("jpeg 4:4:4", save(image, "JPEG", quality=95, subsampling=0), 4),
        ("jpeg cmyk", save(image.convert("CMYK"), "JPEG", quality=95), 5),
        ("png", save(image, "PNG"), exact),
        ("png palette", save(palette, "PNG"), exact),
        ("png interlaced", _interlaced_png(), exact),
        ("png animated", save(image, "PNG", **many), exact),
        ("webp", save(image, "WEBP", quality=95), 5),
        ("webp lossless", save(image, "WEBP", lossless=True), exact),
        ("webp animated", save(image, "WEBP", lossless=True, **many), exact),
        ("gif", save(palette, "GIF"), exact),
        ("gif animated", save(palette, "GIF", **many), exact),
        ("bmp", save(image, "BMP"), exact),
        ("bmp palette", save(palette, "BMP"), exact),
        ("tiff", save(image, "TIFF"), exact),
        ("tiff lzw", save(image, "TIFF", compression="tiff_lzw"), exact),
        ("tiff deflate", save(image, "TIFF", compression="tiff_adobe_deflate"), exact),
        ("tiff jpeg", save(image, "TIFF", compression="jpeg", quality=95), 5),
        ("tiff big", save(image, "TIFF", big_tiff=True), exact),
        ("tiff pages", save(image, "TIFF", **pages), exact),
        ("avif", save(image, "AVIF", quality=95), 6),
        ("avif animated", save(image, "AVIF", quality=95, **many), 6),
        ("heic", save(image, "HEIF", quality=95), 6),
    )
    return {name: Sample(name, name.split()[0], data, off) for name, data, off in files}


SAMPLES = _samples()


@pytest.fixture(scope="session", params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> Sample:
    """Every kind of file in turn."""
    found: Sample = request.param
    return found


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    """All of them, by name."""
    return SAMPLES


@pytest.fixture(scope="session")
def chart() -> Callable[..., Pixels]:
    """Makes the chart: `chart(width=96, height=64)`, uint8 [height, width, 3]."""
    return _chart


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """Makes a file: `encoded(image, "PNG", **options)`."""
    return save


@pytest.fixture(scope="session")
def png_chunk() -> Callable[[bytes, bytes], bytes]:
    """Makes one PNG chunk with its checksum."""
    return _png_chunk


def quarters(pixels: Pixels) -> list[tuple[int, ...]]:
    height, width = pixels.shape[:2]
    found = []
    for y, x in ((1, 1), (1, 3), (3, 3), (3, 1)):
        top, left = y * height // 4 - 4, x * width // 4 - 4
        patch = pixels[top : top + 8, left : left + 8].reshape(-1, 3)
        found.append(tuple(int(v) for v in np.rint(patch.mean(axis=0))))
    return found


@pytest.fixture(scope="session")
def assert_chart() -> Callable[..., None]:
    """Checks the four colours: `assert_chart(image, tolerance, colours=COLOURS)`."""

    def check(
        image: DecodedImage,
        tolerance: int,
        colours: tuple[tuple[int, int, int], ...] = COLOURS,
    ) -> None:
        found = quarters(image.pixels)
        off = np.abs(np.subtract(found, colours)).max()
        assert off <= tolerance, f"{found} instead of {colours}"

    return check
