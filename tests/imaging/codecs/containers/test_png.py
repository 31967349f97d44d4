from hypothesis import given
from hypothesis import strategies as st

from imaging.codecs.containers.png import SIGNATURE_LENGTH, png_chunks, png_pixels, raw_chunk
from tests.detector.readers.making import png

FILE = png({"parameters": "a fox", "Comment": "drawn"})


def test_the_chunks_are_the_file():
    chunks = list(png_chunks(FILE + b"trailer"))
    assert chunks[0].kind == b"IHDR"
    assert chunks[-1].kind == b"IEND"
    assert FILE[:SIGNATURE_LENGTH] + b"".join(one.raw for one in chunks) == FILE
    assert all(one.whole and raw_chunk(one.kind, one.body) == one.raw for one in chunks)


@given(st.integers(0, len(FILE)))
def test_only_the_last_chunk_of_a_file_that_is_cut_is_cut(at):
    chunks = list(png_chunks(FILE[:at]))
    assert all(one.whole for one in chunks[:-1])
    walked, there = b"".join(one.raw for one in chunks), FILE[SIGNATURE_LENGTH:at]
    assert there.startswith(walked)
    assert len(there) - len(walked) < 8  # less than a chunk begins with


@given(st.binary(max_size=200))
def test_any_bytes_are_walked(rest):
    chunks = list(png_chunks(FILE[:SIGNATURE_LENGTH] + rest))
    assert sum(len(one.raw) for one in chunks) <= len(rest)


def test_pixels_come_without_texts():
    source = png_pixels(FILE)
    assert source.whole
    assert {one.kind for one in png_chunks(source.data)} == {b"IHDR", b"IDAT", b"IEND"}
