import os
import socket
from pathlib import Path

import pytest

from imaging import Limits
from serving.errors import SourceError
from serving.sources.files import count, items, read_file
from serving.sources.item import Item
from tests.scan.making import picture, write_folder, write_tar, write_zip


def found(*paths: Path, exclude: Path | None = None) -> dict[str, str]:
    """What became of each path: `image`, `skipped`, or the error."""
    result: dict[str, str] = {}
    for item in items(paths, Limits(), exclude=exclude):
        assert item.path not in result
        result[item.path] = outcome(item)
    return result


def outcome(item: Item) -> str:
    try:
        return "skipped" if item.read() is None else "image"
    except SourceError as error:
        return checked(str(error))


def checked(line: str) -> str:
    assert "\n" not in line
    assert line.endswith(".")
    return line


def test_folder_is_walked_in_order_and_content_decides(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "in",
        {
            "b.png": picture(1),
            "a/z.jpg": picture(2, "JPEG"),
            "a/no-suffix": picture(3),
            "a/wrong.txt": picture(4),
            "a/notes.txt": b"words",
            "c.JPG": b"not an image",
            "empty.webp": b"",
            "table.csv": b"",
            "._c.jpg": b"\x00\x05\x16\x07 what macOS leaves",
        },
    )
    result = found(folder)
    assert list(result) == sorted(result)
    assert {name.removeprefix(f"{folder}/"): what for name, what in result.items()} == {
        "._c.jpg": "skipped",
        "a/no-suffix": "image",
        "a/notes.txt": "skipped",
        "a/wrong.txt": "image",
        "a/z.jpg": "image",
        "b.png": "image",
        "c.JPG": "image",
        "empty.webp": "image",
        "table.csv": "skipped",
    }


def test_symbolic_links(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"real/a.png": picture(1)})
    (folder / "file.png").symlink_to("real/a.png")
    (folder / "folder").symlink_to("real")
    (folder / "again").symlink_to("real")
    (folder / "nowhere.png").symlink_to("gone.png")
    (folder / "itself.png").symlink_to("itself.png")
    (folder / "real" / "up").symlink_to("..")
    result = {k.removeprefix(f"{folder}/"): v for k, v in found(folder).items()}
    assert result.pop("file.png") == result.pop("real/a.png") == "image"
    assert result.pop("again/a.png") == "image"
    assert "through another link" in str(result.pop("folder"))
    assert "leads nowhere" in str(result.pop("nowhere.png"))
    assert "back to itself" in str(result.pop("itself.png"))
    assert "lies in" in str(result.pop("real/up"))
    assert "lies in" in str(result.pop("again/up"))
    assert result == {}


def test_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    names = [f"d{i}" for i in range(12)]
    for name in names:
        write_folder(tmp_path / "in" / name, {"a.png": picture(1)})
        for other in names:
            if other != name:
                (tmp_path / "in" / name / f"to-{other}").symlink_to(f"../{other}")
    result = found(tmp_path / "in")
    assert list(result.values()).count("image") <= len(names) ** 2
    assert all(f"{tmp_path}/in/{name}/a.png" in result for name in names)


def test_special_files_never_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / "pipe.png")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "mem.png").symlink_to("/proc/self/mem")
    monkeypatch.chdir(folder)  # The name of a socket must be short.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        result = {k.removeprefix(f"{folder}/"): v for k, v in found(folder).items()}
    assert "a named pipe" in result.pop("pipe.png")
    assert "a socket" in result.pop("socket.png")
    assert "a device" in result.pop("zero.png")
    assert "cannot be read" in result.pop("mem.png")
    assert result == {}


def test_pipe_put_in_the_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture(1))
    (item,) = items([path], Limits())
    path.unlink()
    os.mkfifo(path)
    assert "a named pipe" in outcome(item)


def test_file_that_is_gone_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture(1))
    (item,) = items([path], Limits())
    path.unlink()
    assert "has gone" in outcome(item)


def test_long_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with path.open("wb") as stream:
        stream.write(picture(1))
        stream.truncate(1 << 40)
    with pytest.raises(SourceError, match="larger than the limit of 1 MiB"):
        read_file(path, Limits(bytes=1 << 20))


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / os.fsdecode(b"caf\xe9.png")).write_bytes(picture(1))
    (item,) = items([tmp_path / "in"], Limits())
    assert item.path.encode("utf-8").endswith(b"caf\\udce9.png")
    assert outcome(item) == "image"


def test_paths_within_paths_are_walked_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a/b.png": picture(1), "c.png": picture(2)})
    paths = [folder / "a", folder, folder / "c.png", folder / "a" / ".." / "a"]
    assert set(found(*paths)) == {f"{folder}/a/b.png", f"{folder}/c.png"}


def test_output_folder_is_passed_over(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1), "out/thumb.jpg": picture(2)})
    assert set(found(folder, exclude=folder / "out")) == {f"{folder}/a.png"}


def test_tree_deeper_than_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    depth = 1500
    monkeypatch.chdir(tmp_path)
    folder = Path("in")
    for _ in range(depth):
        folder.mkdir()
        folder /= "d"
    bottom = folder.parent
    (bottom / "a.png").write_bytes(picture(1))
    result = found(Path("in"))
    # By hand: what clears temporary folders is recursive.
    (bottom / "a.png").unlink()
    for _ in range(depth):
        bottom.rmdir()
        bottom = bottom.parent
    (path,) = result
    assert path.count("/") == depth


def test_counting(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {"a.png": picture(1), "b/notes.txt": b"words"})
    write_zip(folder / "b.zip", {"c.png": picture(2), "d/": b"", "d/e.png": picture(3)})
    assert count([folder]) == 4 == len(found(folder))
    write_tar(folder / "f.tar", {"g.png": picture(4)})
    assert count([folder]) is None
