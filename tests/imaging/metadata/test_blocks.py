import zlib

import pytest
from PIL import Image, PngImagePlugin

from evidence import reason
from imaging import decode

SOFTWARE, DESCRIPTION, ORIENTATION, DIGITISED = 0x0131, 0x010E, 0x0112, 0x9004
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- trainedAlgorithmicMedia --></x:xmpmeta>"
LEFT_OUT = reason("metadata_left_out")


@pytest.fixture
def exif():
    tags = Image.Exif()
    tags[SOFTWARE] = "Painter 7"
    tags[ORIENTATION] = 1
    tags.get_ifd(0x8769)[DIGITISED] = "2024:01:02 03:04:05"
    return tags.tobytes()


def read(block):
    tags = Image.Exif()
    tags.load(block)
    return tags


@pytest.mark.parametrize("min_side", [None, 32])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_exif_and_xmp(kind, min_side, chart, encoded, exif):
    options = {} if kind in ("PNG", "TIFF") else {"xmp": XMP}
    data = encoded(Image.fromarray(chart(192, 128)), kind, exif=exif, **options)
    metadata = decode(data, min_side=min_side).metadata
    (block,) = metadata.exif
    assert block[:2] in (b"II", b"MM")
    tags = read(block)
    assert tags[SOFTWARE] == "Painter 7"
    assert tags.get_ifd(0x8769)[DIGITISED] == "2024:01:02 03:04:05"
    if options:
        assert metadata.xmp == (XMP,)


def test_exif_of_a_jpeg_is_byte_for_byte_that_of_the_file(chart, encoded, exif):
    data = encoded(Image.fromarray(chart()), "JPEG", exif=exif)
    assert decode(data).metadata.exif == (exif.removeprefix(b"Exif\0\0"),)


def test_a_tiff_gives_its_tags_without_its_pixels(chart, encoded):
    info = {DESCRIPTION: "a drawing", SOFTWARE: "Painter 7", 700: XMP}
    metadata = decode(encoded(Image.fromarray(chart(900, 900)), "TIFF", tiffinfo=info)).metadata
    assert read(metadata.exif[0])[DESCRIPTION] == "a drawing"
    assert len(metadata.exif[0]) < 1000
    assert metadata.xmp == (XMP,)


def test_text_of_a_png_in_every_kind_of_chunk(chart, encoded):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "masterpiece, Steps: 20, café", zip=False)
    info.add_text("workflow", "{}" * 500, zip=True)
    info.add_itxt("Description", "落款", lang="ja", tkey="説明", zip=False)
    info.add_itxt("Comment", "圧縮" * 300, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    metadata = decode(encoded(Image.fromarray(chart()), "PNG", pnginfo=info)).metadata
    assert metadata.text == (
        ("parameters", "masterpiece, Steps: 20, café".encode("latin-1")),
        ("workflow", b"{}" * 500),
        ("Description", "落款".encode()),
        ("Comment", ("圧縮" * 300).encode()),
    )
    assert metadata.xmp == (XMP,)


def test_metadata_behind_the_pixels_of_a_png(chart, encoded, png_chunk, exif):
    data = encoded(Image.fromarray(chart()), "PNG")
    turned = read(exif)
    turned[ORIENTATION] = 6
    behind = png_chunk(b"tEXt", b"Source\0here") + png_chunk(b"eXIf", turned.tobytes()[6:])
    image = decode(data[:-12] + behind + data[-12:])
    assert image.metadata.text == (("Source", b"here"),)
    assert (image.width, image.height) == (64, 96)


def test_comments(chart, encoded):
    picture = Image.fromarray(chart())
    assert decode(encoded(picture, "JPEG", comment=b"hello")).metadata.text == (
        ("comment", b"hello"),
    )
    gif = decode(encoded(picture.quantize(8), "GIF", comment=b"x" * 700)).metadata
    assert gif.text == (("comment", b"x" * 700),)


def test_xmp_of_a_gif(samples):
    data = samples["gif"].data
    ramp = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    block = b"\x21\xff\x0bXMP DataXMP" + XMP + ramp
    assert decode(data[:-1] + block + data[-1:]).metadata.xmp == (XMP,)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_block_that_swells_costs_neither_memory_nor_the_picture(
    kind, chart, encoded, png_chunk, assert_chart
):
    swelling = zlib.compress(bytes(64 * 1024 * 1024))
    body = {
        b"zTXt": b"bomb\0\0" + swelling,
        b"iTXt": b"bomb\0\x01\0\0\0" + swelling,
        b"iCCP": b"bomb\0\0" + swelling,
    }[kind]
    data = encoded(Image.fromarray(chart()), "PNG")
    image = decode(data[:33] + png_chunk(kind, body) + data[33:])
    assert image.notes == (LEFT_OUT,)
    assert image.metadata.text == ()
    assert image.metadata.icc is None
    assert_chart(image, 0)


def test_many_texts_are_bounded(chart, encoded, png_chunk):
    data = encoded(Image.fromarray(chart()), "PNG")
    texts = b"".join(png_chunk(b"tEXt", b"%d\0" % n) for n in range(5000))
    image = decode(data[:33] + texts + data[33:])
    assert len(image.metadata.text) == 1000
    assert image.notes == (LEFT_OUT,)


def test_a_large_but_honest_workflow_is_kept(chart, encoded):
    workflow = '{"node": 1}' * 300_000
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", workflow, zip=True)
    metadata = decode(encoded(Image.fromarray(chart()), "PNG", pnginfo=info)).metadata
    assert dict(metadata.text)["workflow"] == workflow.encode()


def test_real_files_keep_their_metadata(data_dir):
    carriers = 0
    for path in sorted((data_dir / "files").rglob("*.png"))[:40]:
        data = path.read_bytes()
        with Image.open(path) as plain:
            plain.load()
            expected = [name for name in plain.text if name != "XML:com.adobe.xmp"]
        found = [name for name, _ in decode(data, min_side=448).metadata.text]
        assert sorted(set(found)) == sorted(expected), path.name
        carriers += bool(found)
    assert carriers > 0
