import struct

import pytest

from imaging import IMAGE_SUFFIXES, sniff


def test_every_kind_of_file_is_told_by_its_first_64_bytes(sample):
    assert sniff(sample.data[:64]) == sample.format


def test_only_the_first_64_bytes_are_looked_at(sample):
    assert sniff(sample.data[:64] + b"\0" * 100) == sniff(sample.data)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"BM",
        b"BMW and other cars: a text that begins like a bitmap",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + b"\0" * 60,
        b"8BPS\0\x01" + b"\0" * 60,
        b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41",
    ],
)
def test_what_is_no_image_read_here_is_none(head):
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("major", "compatible", "name"),
    [
        (b"avif", b"mif1", "avif"),
        (b"avis", b"msf1", "avif"),
        (b"heic", b"mif1", "heic"),
        (b"hevc", b"msf1", "heic"),
        (b"mif1", b"miafavif", "avif"),
        (b"mif1", b"miafheic", "heic"),
        (b"msf1", b"", "heic"),
        (b"mp42", b"isomavif", None),
    ],
)
def test_avif_and_heic_are_told_by_their_brands(major, compatible, name):
    box = b"ftyp" + major + b"\0\0\0\0" + compatible
    assert sniff(struct.pack(">I", 4 + len(box)) + box + b"\0" * 64) == name


def test_suffixes_are_lower_case_with_a_dot():
    assert {".jpg", ".png", ".webp", ".gif", ".bmp", ".tiff", ".avif", ".heic"} <= IMAGE_SUFFIXES
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in IMAGE_SUFFIXES)
