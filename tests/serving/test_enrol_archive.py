"""Archives that creators send: their works are enrolled, and what is meant to harm is refused."""

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import enrol_archive as module
from serving.enrol import Enrolled, Enroller
from serving.enrol_archive import enrol_archive
from serving.errors import SourceError
from tests.fakes import FakeEncoder, FakeEnrolment
from tests.scan.making import picture, write_tar, write_zip
from tests.similarity.fakes import MemoryGallery, consent


def enrolled(data: bytes) -> Enrolled:
    index = FakeEnrolment(MemoryGallery())
    return enrol_archive(Enroller(FakeEncoder(), index), "Ann", consent(), data)  # type: ignore[arg-type]


def test_works_are_named_by_their_paths(tmp_path: Path) -> None:
    files = {"x/a.png": picture(1), "b.png": picture(2), "../c.png": picture(3)}
    for archive in (write_zip(tmp_path / "a.zip", files), write_tar(tmp_path / "a.tar", files)):
        done = enrolled(archive.read_bytes())
        assert [name for name, _ in done.works] == ["x/a.png", "b.png"]
        assert [name for name, _ in done.unreadable] == ["../c.png"]


def test_archives_of_very_many_files_are_refused(tmp_path: Path) -> None:
    files = {f"{number}.txt": b"" for number in range(module.MOST_FILES + 1)}
    for archive in (write_zip(tmp_path / "a.zip", files), write_tar(tmp_path / "a.tar.xz", files)):
        with pytest.raises(SourceError, match="more than 1,000 files"):
            enrolled(archive.read_bytes())


def test_long_directories_are_refused_before_they_are_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 2 << 20, 0, 0)
    for data in (b"x" * (2 << 20) + end, b"PK\x06\x07" + b"\0" * 16 + end.replace(b"\x20", b"\0")):
        with pytest.raises(SourceError, match="files"):
            module._require_short_directory(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_enrolled_or_refused(data: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", picture(1))
    for sent in (data, buffer.getvalue() + data, data + buffer.getvalue(), b"PK\x05\x06" + data):
        with suppress(SourceError):
            enrolled(sent)
