import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imaging import Limits
from serving.sources.source import LONGEST_LINE, Source
from tests.scan.making import picture, write_folder, write_tar, write_zip
from tests.serving.sources.test_files import outcome

FILES = {"a.png": picture(1), "in/b.jpg": picture(2, "JPEG"), "in/notes.txt": b"words"}


def found(source: Source) -> dict[str, str]:
    return {item.path: outcome(item) for item in source.items(Limits())}


def shards(folder: Path, number: int) -> list[Path]:
    """As WebDataset lays them out: what is said of a picture lies beside it."""
    return [
        write_tar(
            folder / f"shard-{shard:03}.tar",
            {
                name: data
                for key in range(3)
                for name, data in {
                    f"{shard}{key}.jpg": picture(10 * shard + key, "JPEG"),
                    f"{shard}{key}.json": b"{}",
                    f"{shard}{key}.txt": b"a fox",
                    f"{shard}{key}.cls": b"7",
                }.items()
            },
        )
        for shard in range(number)
    ]


def test_shards_by_a_list_in_braces(tmp_path: Path) -> None:
    made = shards(tmp_path, 3)
    result = found(Source((f"{tmp_path}/shard-{{000..003}}.tar",)))
    images = {path: what for path, what in result.items() if path.endswith(".jpg")}
    assert images == {
        f"{tmp_path}/shard-{shard:03}.tar/{shard}{key}.jpg": "image"
        for shard in range(3)
        for key in range(3)
    }
    assert all(what == "skipped" for path, what in result.items() if path.endswith(("json", "cls")))
    # One that is named and not there is no silent gap.
    assert "gone" in result.pop(f"{tmp_path}/shard-003.tar")
    assert result == found(Source((*made,)))


def test_braces_that_are_names(tmp_path: Path) -> None:
    write_folder(tmp_path, {"{a,b}.png": picture(1), "open{.png": picture(2)})
    for name in ("{a,b}.png", "open{.png"):
        place = f"{tmp_path}/{name}"
        assert found(Source((place,))) == found(Source((Path(place),))) == {place: "image"}
    gone = Path(f"{tmp_path}/{{c,d}}.png")
    assert list(found(Source((gone,)))) == [str(gone)]
    assert list(found(Source((f"{tmp_path}/{{c,d.png",)))) == [f"{tmp_path}/{{c,d.png"]


@pytest.mark.parametrize("cut", [600, 1500, 4 * 512, 10 * 512, 20 * 512])
def test_a_shard_cut_short_says_after_which_member(tmp_path: Path, cut: int) -> None:
    """Also one that ends where a member does: nothing in it is damaged."""
    (shard,) = shards(tmp_path, 1)
    whole = found(Source((shard,)))
    data = shard.read_bytes()
    end = len(data.rstrip(b"\0"))
    shard.write_bytes(data[: min(cut, end)])
    result = found(Source((shard,)))
    said = result.pop(str(shard))
    assert "cut short or damaged after 0" in said
    last = said.split(" after ")[1].split(":")[0]
    assert f"{shard}/{last}" in whole
    assert set(result) <= set(whole)
    assert {k: v for k, v in result.items() if "damaged" not in v}.items() <= whole.items()


def test_include_and_exclude(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", {**FILES, "drafts/c.png": picture(3)})
    write_zip(folder / "x.zip", FILES)
    (folder / "loop").symlink_to(".")

    def names(**options: tuple[str, ...]) -> set[str]:
        result = found(Source((folder,), **options))  # type: ignore[arg-type]
        return {path.removeprefix(f"{folder}/") for path in result}

    everything = names()
    assert names(include=("*.png",)) == {"a.png", "drafts/c.png", "x.zip/a.png", "loop"}
    assert names(exclude=("*/drafts",)) == everything - {"drafts/c.png"}
    assert names(exclude=("*.zip", "*/loop")) == {
        name for name in everything if not name.startswith(("x.zip", "loop"))
    }
    assert names(include=("*.jpg",), exclude=("*/x.zip/*", "*/loop")) == {"in/b.jpg"}
    broken = folder / "y.zip"
    broken.write_bytes(b"words")
    assert "y.zip" in names(include=("*.jpg",))  # its images may be among what is wanted


def test_a_list_names_files_folders_and_archives(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", FILES)
    zipped = write_zip(tmp_path / "x.zip", FILES)
    lines = [str(folder), "", str(zipped), str(tmp_path / "gone.png"), f"{folder}/a.png"]
    place = tmp_path / "list"
    place.write_bytes("\r\n".join(lines).encode())
    result = found(Source(lists=(str(place),)))
    expected = found(Source((folder, zipped)))
    assert "gone" in result.pop(f"{tmp_path}/gone.png")
    assert result == expected
    assert Source(lists=(str(place),)).count() is None


def test_a_list_is_never_held(tmp_path: Path) -> None:
    """The first items come while the list is still written."""
    folder = write_folder(tmp_path / "in", FILES)
    place = tmp_path / "list"
    os.mkfifo(place)
    writer = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(place), f"{folder}/a.png"], stderr=subprocess.DEVNULL
    )
    try:
        there = Source(lists=(str(place),)).items(Limits())
        for _ in range(1000):
            assert next(there).path == f"{folder}/a.png"
        assert writer.poll() is None
        there.close()  # type: ignore[attr-defined]
    finally:
        writer.kill()
        writer.wait()


ENDLESS = """
import sys
with open(sys.argv[1], "w") as list:
    while True:
        list.write(sys.argv[2] + "\\n")
"""


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary().filter(lambda lines: b"/" not in lines and b"." not in lines))
@example(b"\xff\n\0\n{\n")
@example(b"x" * (LONGEST_LINE + 5))
@example(b"none:words\nhttp:\n://\n")
def test_any_list_gives_items_and_no_exception(tmp_path: Path, lines: bytes) -> None:
    (tmp_path / "list").write_bytes(lines)
    for item in Source(lists=(str(tmp_path / "list"),)).items(Limits()):
        item.path.encode()
        outcome(item)


def test_what_it_is_called_depends_on_all_that_it_gives() -> None:
    plain = Source(("in", "x.zip"))
    assert plain.name == Source((Path("in"), Path("x.zip"))).name == "in, x.zip"
    others = [
        Source(("in",)),
        Source(("in", "x.zip"), lists=("-",)),
        Source(("in", "x.zip"), include=("*.png",)),
        Source(("in", "x.zip"), exclude=("*.png",)),
        Source(("in", "x.zip"), column="image"),
    ]
    assert len({source.name for source in (plain, *others)}) == 6
