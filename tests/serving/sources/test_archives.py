import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imaging import Limits
from serving.errors import SourceError
from serving.sources.archives import climbs
from serving.sources.bounded import Allowance, ForwardStream
from serving.sources.budget import Holder
from serving.sources.files import items
from serving.sources.item import Item
from tests.scan.making import picture, write_tar, write_zip
from tests.serving.sources.test_files import outcome

FILES = {
    "a.png": picture(1),
    "in/ner/b.jpg": picture(2, "JPEG"),
    "in/notes.txt": b"words",
    "in/ünï 画.webp": picture(3, "WEBP"),
}


def found(path: Path, longest: int = 1 << 28) -> dict[str, str]:
    result: dict[str, str] = {}
    for item in items([path], Limits(bytes=longest)):
        name = item.path.removeprefix(f"{path}/")
        assert name not in result
        result[name] = outcome(item)
    return result


def archives(folder: Path, files: dict[str, bytes]) -> list[Path]:
    return [
        write_zip(folder / "x.zip", files),
        write_zip(folder / "stored.cbz", files, zipfile.ZIP_STORED),
        write_tar(folder / "x.tar", files),
        write_tar(folder / "x.tar.gz", files, "w:gz"),
        write_tar(folder / "x.tbz2", files, "w:bz2"),
        write_tar(folder / "x.tar.xz", files, "w:xz"),
        write_tar(folder / "misnamed.tar", files, "w:gz"),
    ]


def test_every_kind_gives_the_same_members_and_bytes(tmp_path: Path) -> None:
    for path in archives(tmp_path, FILES):
        read = {item.path: item.read() for item in items([path], Limits())}
        expected = {
            f"{path}/{name}": None if name.endswith("txt") else data for name, data in FILES.items()
        }
        assert read == expected, path


HOSTILE = [
    "../a.png",
    "/etc/a.png",
    "b/../../a.png",
    "C:\\a.png",
    "..\\a.png",
    "c:a.png",
    "\\a.png",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_members_that_climb_out_are_refused(tmp_path: Path, name: str) -> None:
    for path in archives(tmp_path, {name: picture(1), "good.png": picture(2)}):
        (bad, good) = found(path).items()
        assert good == ("good.png", "image")
        assert bad[0] == name
        assert "refused" in bad[1]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4, unique=True))
@example(names=["a.png", "./a.png", "a//b.png", "a/b.png", "a/./b.png"])
@example(names=["\udcff.png", "\x00", "a\nb.png", " ", "."])
def test_any_member_name_gives_one_item_each(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        written = 0
        for name in names:
            info = tarfile.TarInfo(name)
            try:
                archive.addfile(info, io.BytesIO())
            except (UnicodeEncodeError, ValueError):
                continue
            written += 1
    seen = list(items([path], Limits()))
    assert len(seen) == len({item.path for item in seen}) == written
    for item in seen:
        item.path.encode("utf-8")
        outcome(item)


def test_climbing() -> None:
    assert all(map(climbs, HOSTILE))
    assert not any(map(climbs, ["a.png", "a/b.png", "./a.png", "a..png", "..a/b", "a/...", "…/b"]))


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    with tarfile.open(path, "w") as archive:
        for kind in kinds:
            info = tarfile.TarInfo(f"{kind.decode()}.png")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    result = found(path)
    assert len(result) == len(kinds)
    assert all("link or special file" in what for what in result.values())


def test_odd_members_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", b"")
        archive.writestr("bz.png", picture(1), zipfile.ZIP_BZIP2)
        archive.writestr("same.png", picture(1))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same.png", picture(2))
        archive.writestr("good.png", picture(3))
    result = found(path)
    assert "link or special file" in result.pop("link.png")
    assert "inside an archive" in result.pop("inner.zip")
    assert "compressed in a way" in result.pop("bz.png")
    assert result == {"same.png": "image", "same.png (2)": "image", "good.png": "image"}


def test_encrypted_members(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.png": picture(1)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert found(path) == {"a.png": "The member is encrypted."}


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz"])
@pytest.mark.parametrize("content", [b"", b"no archive at all" * 100, picture(1)])
def test_what_is_no_archive_is_one_error(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    ((shown, error),) = found(path).items()
    assert shown == str(path)
    assert "archive" in error


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_cut_tar_keeps_what_came_before_and_says_so(tmp_path: Path, mode: str) -> None:
    noise = np.random.default_rng(0)
    whole = write_tar(
        tmp_path / "x.tar", {f"{i}.png": noise.bytes(300_000) for i in range(9)}, mode
    )
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    result = found(whole)
    assert result["0.png"] == "image"
    assert "damaged" in result[str(whole)]


def test_tar_with_a_damaged_header_does_not_end_in_silence(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.tar", {f"{i}.png": picture(i) for i in range(3)})
    data = bytearray(path.read_bytes())
    data[2 * 1024 + 148 : 2 * 1024 + 156] = b"7777777\0"  # the checksum of the third header
    path.write_bytes(data)
    result = found(path)
    assert result["1.png"] == "image"
    assert "damaged" in result[str(path)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_anywhere_is_never_more_than_error_rows(tmp_path: Path, data: st.DataObject) -> None:
    paths = archives(tmp_path, FILES)
    path = data.draw(st.sampled_from(paths))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    for item in items([path], Limits()):
        outcome(item)


def test_zip_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"bomb.bmp": b"BM" + bytes(40 << 20)})
    result = found(path, 1 << 20)
    assert "larger than the limit" in result["bomb.bmp"]


def test_zip_that_declares_less_than_it_holds(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"bomb.bmp": b"BM" + bytes(4 << 20)})
    data = path.read_bytes()
    path.write_bytes(data.replace((2 + (4 << 20)).to_bytes(4, "little"), (9).to_bytes(4, "little")))
    assert "damaged" in found(path, 1 << 20)["bomb.bmp"]


def test_allowance_ends_an_archive_that_expands_without_end() -> None:
    stream = ForwardStream(io.BytesIO(bytes(100)), Allowance(64))
    assert stream.read(64) == bytes(64)
    with pytest.raises(SourceError, match="expands"):
        stream.read(1)


def test_tar_header_that_asks_for_gigabytes(tmp_path: Path) -> None:
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3 << 30
    path = tmp_path / "x.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"x" * 4096)
    ((shown, error),) = found(path).items()
    assert shown == str(path)
    assert "archive" in error


def test_held_bytes_are_read_once_and_within_the_budget() -> None:
    data = [b"x" * 10]
    holder = Holder(budget=15)
    held = [holder.hold(Item(str(i), 10, 0, lambda: data[0], streamed=True)) for i in range(2)]
    assert not held[0].streamed
    assert [item.read() for item in held] == [b"x" * 10] * 2
    error = SourceError("gone")

    def fail() -> bytes:
        raise error

    with pytest.raises(SourceError, match="gone"):
        holder.hold(Item("e", None, None, fail, streamed=True)).read()
