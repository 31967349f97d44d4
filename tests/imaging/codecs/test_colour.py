import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from evidence import reason
from imaging import decode

NAIVE_CMYK = reason("cmyk_approximate")
UNUSABLE = reason("profile_unusable")
ON_WHITE = reason("transparency_on_white")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def tagged(profile, tag):
    """Offset and length of a tag's body in an ICC profile."""
    (count,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, 132 + 12 * count, 12):
        name, offset, length = struct.unpack_from(">4sII", profile, at)
        if name == tag:
            return offset, length
    raise AssertionError(f"no {tag!r}")


@pytest.fixture(scope="module")
def swapped():
    """sRGB with the red and the green primary exchanged."""
    profile = bytearray(SRGB)
    (red, length), (green, _) = tagged(SRGB, b"rXYZ"), tagged(SRGB, b"gXYZ")
    profile[red : red + length] = SRGB[green : green + length]
    profile[green : green + length] = SRGB[red : red + length]
    return bytes(profile)


@pytest.fixture(scope="module")
def linear():
    """sRGB's primaries with linear values: a curve of no points in place of each."""
    profile = bytearray(SRGB)
    for channel in (b"rTRC", b"gTRC", b"bTRC"):
        offset, _ = tagged(SRGB, channel)
        profile[offset : offset + 12] = b"curv" + bytes(4) + struct.pack(">I", 0)
    return bytes(profile)


def encoded_srgb(linear_value):
    """The sRGB transfer function of IEC 61966-2-1, 0 to 1."""
    if linear_value <= 0.0031308:
        return 12.92 * linear_value
    return 1.055 * linear_value ** (1 / 2.4) - 0.055


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_is_followed(kind, swapped, chart, encoded, assert_chart):
    options = {"WEBP": {"lossless": True}, "PNG": {}, "TIFF": {}}.get(kind, {"quality": 95})
    image = decode(encoded(Image.fromarray(chart()), kind, icc_profile=swapped, **options))
    assert image.metadata.icc == swapped
    assert image.notes == ()
    colours = ((40, 200, 30), (170, 30, 60), (210, 230, 50), (60, 40, 190))
    assert_chart(image, 7, colours)


def test_a_profile_with_linear_values(linear, chart, encoded, assert_chart):
    colours = tuple(
        tuple(round(255 * encoded_srgb(value / 255)) for value in colour)
        for colour in ((200, 40, 30), (30, 170, 60), (230, 210, 50), (40, 60, 190))
    )
    image = decode(encoded(Image.fromarray(chart()), "PNG", icc_profile=linear))
    assert_chart(image, 2, colours)


def test_srgb_under_any_name_changes_nothing(chart, encoded):
    data = encoded(Image.fromarray(chart()), "PNG", icc_profile=SRGB)
    assert np.array_equal(decode(data).pixels, chart())


def test_a_profile_is_followed_at_reduced_size(swapped, chart, encoded, assert_chart):
    data = encoded(Image.fromarray(chart(480, 320)), "JPEG", quality=95, icc_profile=swapped)
    image = decode(data, min_side=80)
    assert image.scale == 0.25
    assert_chart(image, 7, ((40, 200, 30), (170, 30, 60), (210, 230, 50), (60, 40, 190)))


@pytest.mark.parametrize(
    "profile", [b"no profile at all", SRGB[:200], SRGB[:36] + b"XXXX" + SRGB[40:]]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_damaged_profile_is_noted(kind, profile, chart, encoded, assert_chart):
    image = decode(encoded(Image.fromarray(chart()), kind, icc_profile=profile, quality=95))
    assert image.notes == (UNUSABLE,)
    assert_chart(image, 4)


def test_a_profile_for_other_colours_is_noted(chart, encoded, assert_chart):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = decode(encoded(Image.fromarray(chart()), "PNG", icc_profile=lab))
    assert image.notes == (UNUSABLE,)
    assert_chart(image, 0)


def test_grey_with_a_profile_for_rgb(linear, encoded):
    image = decode(encoded(Image.new("L", (32, 32), 64), "PNG", icc_profile=linear))
    assert np.abs(image.pixels - 255 * encoded_srgb(64 / 255)).max() <= 1


def test_cmyk_without_a_profile(encoded):
    # Full magenta and half yellow, by definition 1 - ink.
    ink = Image.new("CMYK", (32, 32), (0, 255, 128, 0))
    for kind, options in (("JPEG", {"quality": 95}), ("TIFF", {})):
        image = decode(encoded(ink, kind, **options))
        assert image.notes == (NAIVE_CMYK,)
        assert np.abs(image.pixels[16, 16].astype(int) - (255, 0, 127)).max() <= 3


def test_cmyk_with_a_profile_of_no_use(encoded):
    ink = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    image = decode(encoded(ink, "TIFF", icc_profile=SRGB))
    assert image.notes == (UNUSABLE, NAIVE_CMYK)
    assert tuple(image.pixels[0, 0]) == (0, 255, 255)


def cmyk_profile():
    """A minimal CMYK profile: a table in which black ink alone counts, turned to plain Lab."""
    corners = b""
    for corner in range(16):
        black = corner & 1  # the last channel varies fastest
        corners += bytes((0 if black else 255, 128, 128))
    identity = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0))
    table += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += identity * 4 + corners + identity * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = ((b"A2B0", table), (b"wtpt", white))
    at = 128 + 4 + 12 * len(tags)
    index, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        index += struct.pack(">4sII", name, at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    header = bytearray(128)
    struct.pack_into(">I", header, 0, at + len(bodies))
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"prtrCMYKLab "
    header[36:40] = b"acsp"
    struct.pack_into(">3i", header, 68, 63190, 65536, 54061)
    return bytes(header) + index + bodies


def test_cmyk_with_a_profile(encoded):
    profile = cmyk_profile()
    for inks, grey in (((255, 255, 255, 0), 255), ((0, 0, 0, 255), 0)):
        ink = Image.new("CMYK", (32, 32), inks)
        for kind, options in (("JPEG", {"quality": 95}), ("TIFF", {})):
            image = decode(encoded(ink, kind, icc_profile=profile, **options))
            assert image.notes == ()
            assert np.abs(image.pixels.astype(int) - grey).max() <= 3, (inks, kind)


RAMP = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind, encoded):
    image = decode(encoded(Image.fromarray(RAMP), kind))
    assert np.abs(image.pixels[..., 1] - RAMP / 257).max() <= 0.5


def test_sixteen_bits_of_either_byte_order(encoded):
    big = Image.frombytes("I;16B", (32, 32), RAMP.astype(">u2").tobytes())
    image = decode(encoded(big, "TIFF"))
    assert np.abs(image.pixels[..., 1] - RAMP / 257).max() <= 0.5


def test_sixteen_bits_with_a_transparent_level(png_chunk, encoded):
    values = np.full((32, 32), 1000, np.uint16)
    values[:16] = 60000
    data = encoded(Image.fromarray(values), "PNG")
    header_end = 8 + 25
    key = png_chunk(b"tRNS", struct.pack(">H", 1000))
    image = decode(data[:header_end] + key + data[header_end:])
    assert image.notes == (ON_WHITE,)
    assert tuple(image.pixels[0, 0]) == (round(60000 / 257),) * 3
    assert tuple(image.pixels[31, 0]) == (255, 255, 255)


def test_thirty_two_bits(encoded):
    values = (RAMP.astype(np.int64) * 32767).astype(np.int32)
    image = decode(encoded(Image.fromarray(values), "TIFF"))
    # Pillow writes signed samples: half of the unsigned scale is the whole of the signed one.
    expected = values / (2**31 - 1) * 255
    assert np.abs(image.pixels[..., 0] - expected).max() <= 0.51


def test_floats_from_zero_to_one(encoded):
    values = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    image = decode(encoded(Image.fromarray(values), "TIFF"))
    assert np.abs(image.pixels[..., 2] - values * 255).max() <= 0.51
    assert image.notes == ()


def test_floats_beyond_are_stretched_and_noted(encoded):
    values = np.linspace(-50, 450, 32 * 32, dtype=np.float32).reshape(32, 32)
    values[0, 0], values[0, 1] = np.nan, np.inf
    image = decode(encoded(Image.fromarray(values), "TIFF"))
    assert image.pixels.min() == 0
    assert image.pixels.max() == 255
    assert image.notes == (reason("floats_stretched"),)


def test_one_bit(encoded):
    for kind in ("PNG", "TIFF", "BMP", "GIF"):
        half = Image.new("1", (32, 32), 0)
        half.paste(1, (0, 0, 32, 16))
        image = decode(encoded(half, kind))
        assert tuple(image.pixels[0, 0]) == (255, 255, 255), kind
        assert tuple(image.pixels[31, 0]) == (0, 0, 0), kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "AVIF", "HEIF"])
def test_grey(kind, encoded):
    options = {"quality": 95} if kind in ("JPEG", "AVIF", "HEIF") else {}
    image = decode(encoded(Image.new("L", (32, 32), 90), kind, **options))
    assert image.pixels.shape == (32, 32, 3)
    assert np.abs(image.pixels.astype(int) - 90).max() <= 2


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "options", "seen"),
    [
        ("RGBA", (200, 0, 0, 0), "PNG", {}, (255, 255, 255)),
        ("RGBA", (200, 0, 0, 51), "PNG", {}, (244, 204, 204)),
        ("RGBA", (200, 0, 0, 51), "WEBP", {"lossless": True}, (244, 204, 204)),
        ("RGBA", (200, 0, 0, 51), "TIFF", {}, (244, 204, 204)),
        ("RGBA", (200, 0, 0, 51), "AVIF", {"quality": 100}, (244, 204, 204)),
        ("RGBA", (200, 0, 0, 51), "HEIF", {"quality": 100}, (244, 204, 204)),
        ("LA", (0, 51), "PNG", {}, (204, 204, 204)),
    ],
)
def test_transparency_is_put_on_white_and_noted(mode, colour, kind, options, seen, encoded):
    image = decode(encoded(Image.new(mode, (32, 32), colour), kind, **options))
    assert image.notes == (ON_WHITE,)
    assert np.abs(image.pixels[8, 8].astype(int) - seen).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_entry(kind, chart, encoded):
    palette = Image.fromarray(chart()).quantize(8)
    top_left = palette.getpixel((0, 0))
    image = decode(encoded(palette, kind, transparency=top_left))
    assert image.notes == (ON_WHITE,)
    assert tuple(image.pixels[0, 0]) == (255, 255, 255)
    assert np.array_equal(image.pixels[-1, -1], chart()[-1, -1])


def test_half_transparent_palette_entries(chart, encoded):
    palette = Image.fromarray(chart()).quantize(8)
    image = decode(encoded(palette, "PNG", transparency=bytes([51] * 8)))
    assert tuple(image.pixels[0, 0]) == (244, 212, 210)


@pytest.mark.parametrize(("mode", "key"), [("RGB", (200, 40, 30)), ("L", 87)])
def test_a_transparent_key_colour(mode, key, chart, encoded):
    picture = Image.fromarray(chart()).convert(mode)
    assert picture.getpixel((0, 0)) == key
    image = decode(encoded(picture, "PNG", transparency=key))
    assert image.notes == (ON_WHITE,)
    assert tuple(image.pixels[0, 0]) == (255, 255, 255)


def test_an_alpha_channel_that_hides_nothing_is_not_noted(chart, encoded, assert_chart):
    image = decode(encoded(Image.fromarray(chart()).convert("RGBA"), "PNG"))
    assert image.notes == ()
    assert_chart(image, 0)


def test_lab(encoded):
    # L* 54.29, a* 80.81, b* 69.89 is sRGB's red under D50; Pillow keeps a* and b* offset by 128.
    levels = (54.29 * 2.55, 80.81 + 128, 69.89 + 128)
    lab = Image.merge("LAB", [Image.new("L", (32, 32), round(level)) for level in levels])
    image = decode(encoded(lab, "TIFF"))
    assert np.abs(image.pixels[0, 0].astype(int) - (255, 0, 0)).max() <= 6


@pytest.mark.parametrize(("ink", "ground"), [("white", "black"), ("black", "white")])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_line_art_on_transparency_is_seen(ink, ground, mode, encoded):
    art = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    pencil = ImageDraw.Draw(art)
    for at in range(20, 240, 40):
        pencil.ellipse((at, at // 2, at + 60, at // 2 + 40), outline=ink, width=2)
    image = decode(encoded(art.convert(mode), "PNG"))
    (note,) = image.notes
    assert note.code == f"transparency_on_{ground}"
    assert image.had_alpha
    drawn = np.asarray(art.getchannel("A")) > 0
    colours = {"white": 255, "black": 0}
    assert (image.pixels[drawn] == colours[ink]).all()
    assert (image.pixels[~drawn] == colours[ground]).all()
