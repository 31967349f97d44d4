import json
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.cli.artists import dots, png, write_artists
from tests.cli.running import Done, rakkan, run_here
from tests.scan.making import write_folder, write_zip

pytestmark = pytest.mark.usefixtures("encoder_cache")

Captured = pytest.CaptureFixture[str]


def creators(capsys: Captured, index: Path) -> dict[str, dict[str, object]]:
    done = run_here(capsys, "creators", "list", "--index", index, "--json")
    assert done.returncode == 0, done.stderr
    return {one["creator"]: one for one in json.loads(done.stdout)["creators"]}


def test_an_archive_of_creators_with_one_command(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=3)
    write_folder(folder, {"Dot/bad.png": b"", "Dot/notes.txt": b"words", "loose.txt": b""})
    (folder / "a\u202eb").mkdir()
    index = tmp_path / "index"
    done = run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    assert done.returncode == 0, done.stderr
    assert "Creators: 2\n" in done.stdout
    assert "6 enrolled, 0 there already, 1 unreadable" in done.stdout
    assert "bad.png: The file is empty." in done.stdout
    assert "loose.txt: no creator's folder" in done.stdout
    assert "\u202e" not in done.stdout
    found = creators(capsys, index)
    assert {name: one["works"] for name, one in found.items()} == {"Dot": 3, "Lyn": 3}
    assert found["Dot"]["by"] == "Dot"
    table = run_here(capsys, "creators", "list", "--index", index)
    assert "themselves" in table.stdout
    again = run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    assert "0 enrolled, 6 there already, 1 unreadable" in again.stdout


def test_one_creator_with_all_that_is_said_of_her(tmp_path: Path, capsys: Captured) -> None:
    archive = write_zip(tmp_path / "works.zip", {f"{i}.png": png(dots(i)) for i in range(2)})
    index = tmp_path / "index"
    done = run_here(
        *(capsys, "creators", "enrol", "  Dot/É ", archive, "--index", index),
        *("--by", "Her agent", "--note", "letter 7", "--account", "12", "--account", "13"),
        *("--collaborator", "Lyn", "--house-style", "--alias", "ドット", "--alias", "dot_dot"),
    )
    assert done.returncode == 0, done.stderr
    (one,) = creators(capsys, index).values()
    since = one.pop("since")
    assert isinstance(since, str)
    assert one.pop("standing")
    assert one == {
        "creator": "Dot/É",
        "works": 2,
        "protection": "house-style",
        "by": "Her agent",
        "note": "letter 7",
        "accounts": ["12", "13"],
        "collaborators": ["Lyn"],
        "aliases": ["dot_dot", "ドット"],
        "same_works_as": {},
    }
    table = run_here(capsys, "creators", "list", "--index", index)
    assert "dot_dot, ドット" in table.stdout


def test_works_and_creators_leave(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=2)
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    gone = folder / "Dot" / "0.png"
    done = run_here(capsys, "creators", "remove", "Dot", gone, "--index", index)
    assert (done.returncode, done.stdout) == (0, "Works of Dot removed: 1; left: 1.\n")
    done = run_here(capsys, "creators", "remove", "Dot", gone, "--index", index)
    assert one_line(done)
    done = run_here(capsys, "creators", "withdraw", "Dot", "--index", index)
    assert done.returncode == 0
    assert done.stdout.startswith("Dot is withdrawn, with 1 work. Nothing")
    assert list(creators(capsys, index)) == ["Lyn"]
    assert one_line(run_here(capsys, "creators", "withdraw", "Dot", "--index", index))
    run_here(capsys, "creators", "withdraw", "Lyn", "--index", index)
    nobody = run_here(capsys, "creators", "list", "--index", index)
    assert (nobody.returncode, nobody.stdout) == (0, "Nobody is enrolled.\n")


def test_a_work_by_whatever_a_person_calls_it(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=5)
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    moved = tmp_path / "elsewhere.png"
    (folder / "Dot" / "1.png").rename(moved)
    shown = run_here(capsys, "creators", "show", "Dot", "--index", index, "--json")
    works = {Path(one["work"]).name: one for one in json.loads(shown.stdout)["works"]}
    for called in ("Dot/0.png", moved, works["2.png"]["sha256"], f"./{folder.name}/Dot/3.png"):
        done = run_here(capsys, "creators", "remove", "Dot", called, "--index", index)
        assert (done.returncode, done.stderr) == (0, ""), called
    left = run_here(capsys, "creators", "show", "Dot", "--index", index)
    assert left.stdout.count(".png") == 1
    assert str(folder / "Dot" / "4.png") in left.stdout
    unknown = run_here(capsys, "creators", "remove", "Dot", "9.png", "--index", index)
    assert one_line(unknown)
    assert "creators show" in unknown.stderr


def test_who_withdrew_and_who_has_the_same_works_is_told(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=2)
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    done = run_here(capsys, "creators", "enrol", "Else", folder / "Dot", "--index", index)
    assert done.returncode == 0
    assert "2 of the works of Else are enrolled by Dot, too" in done.stderr
    together = ("--collaborator", "Dot")
    done = run_here(
        capsys, "creators", "enrol", "Else", folder / "Dot", "--index", index, *together
    )
    assert (done.returncode, done.stderr) == (0, "")
    run_here(capsys, "creators", "withdraw", "Else", "--index", index)
    gone = run_here(capsys, "creators", "list", "--withdrawn", "--index", index, "--json")
    assert [one["creator"] for one in json.loads(gone.stdout)["withdrawn"]] == ["Else"]
    again = run_here(
        capsys, "creators", "enrol", "Else", folder / "Dot", "--index", index, *together
    )
    assert "A creator of the name Else withdrew on" in again.stderr


def test_who_draws_like_whom_is_told_until_it_is_settled(tmp_path: Path, capsys: Captured) -> None:
    def looks_like() -> dict[str, set[str]]:
        done = run_here(capsys, "creators", "list", "--alike", "--json", "--index", index)
        listed = json.loads(done.stdout)["creators"]
        return {one["creator"]: set(one["looks_like"]) for one in listed}

    for name, numbers in (("Ann", range(6)), ("Bob", range(20, 26))):
        files = {f"{name}/{i}.png": png(dots(i)) for i in numbers}
        write_folder(tmp_path / "in", files)
    index = tmp_path / "index"
    done = run_here(capsys, "creators", "enrol", "--each", tmp_path / "in", "--index", index)
    (warning,) = done.stderr.splitlines()
    assert "of the works of Ann look as if Bob had made them" in warning
    assert looks_like() == {"Ann": {"Bob"}, "Bob": {"Ann"}}
    table = run_here(capsys, "creators", "list", "--alike", "--index", index).stdout
    titles, ann, _ = (line.split("\t") for line in table.splitlines())
    assert dict(zip(titles, ann, strict=True))["Looks like"].startswith("Bob (")
    assert "looks_like" not in creators(capsys, index)["Ann"], "what was not looked for is not told"
    together = ("--collaborator", "Bob")
    done = run_here(
        capsys, "creators", "enrol", "Ann", tmp_path / "in" / "Ann", "--index", index, *together
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert looks_like() == {"Ann": set(), "Bob": set()}


def test_works_with_nothing_to_see_are_told(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=1)
    (folder / "Dot" / "blank.png").write_bytes(png(Image.new("RGB", (96, 96), "white")))
    done = run_here(
        capsys, "creators", "enrol", "Dot", folder / "Dot", "--index", tmp_path / "index"
    )
    assert done.returncode == 0
    told = done.stdout.partition("Too little to see")[2].splitlines()
    assert told[1].endswith("blank.png")
    assert "0.png" not in told[1]


def test_works_in_two_flat_colours_are_told(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=1)
    outlines = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(outlines).rectangle((20, 20, 76, 60), "black")
    (folder / "Dot" / "flat.png").write_bytes(png(outlines))
    done = run_here(
        capsys, "creators", "enrol", "Dot", folder / "Dot", "--index", tmp_path / "index"
    )
    assert done.returncode == 0
    told = done.stdout.partition("Two flat colours")[2].splitlines()
    assert told[1].endswith("flat.png")
    assert len(told) == 2 or not told[2].startswith("  ")
    assert "Too little to see" not in done.stdout


def test_lists_for_programs_have_whole_names_and_tabs(tmp_path: Path, capsys: Captured) -> None:
    folder = write_artists(tmp_path / "in", works=1)
    name = "Somebody with a very long name that no terminal has room for, and more of it besides"
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", name, folder / "Dot", "--index", index)
    listed = run_here(capsys, "creators", "list", "--index", index).stdout.splitlines()
    assert listed[0].split("\t")[:2] == ["Creator", "Works"]
    assert listed[1].split("\t")[:2] == [name, "1"]


def one_line(done: Done) -> bool:
    (line,) = done.stderr.splitlines()
    return (done.returncode, done.stdout) == (1, "") and line.startswith("rakkan: ")


@pytest.mark.parametrize("command", [["list"], ["withdraw", "Ann"], ["remove", "Ann", "a.png"]])
def test_no_index(tmp_path: Path, capsys: Captured, command: list[str]) -> None:
    done = run_here(capsys, "creators", *command, "--index", tmp_path / "no")
    assert one_line(done)
    assert "enrol" in done.stderr
    assert not (tmp_path / "no").exists()


def test_nothing_to_enrol_is_a_failure(tmp_path: Path, capsys: Captured) -> None:
    folder = write_folder(tmp_path / "in", {"a.txt": b"words", "b.png": b""})
    done = run_here(capsys, "creators", "enrol", "Ann", folder, "--index", tmp_path / "index")
    assert done.returncode == 1
    assert "Nothing to enrol:\n  Ann" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["Ann"],
        ["Ann", "no-such-file"],
        ["Ann", ".", "--each", "."],
        ["--each", "."],
        ["--each", ".", "--account", "1"],
        ["Ann", ".", "--public-domain", "--house-style"],
        ["a\nb", "."],
        ["\u202egnp", "."],
        ["x" * 10_000, "."],
        ["", "."],
        ["Ann", ".", "--collaborator", "\x1b[31m"],
        ["Ann", ".", "--index", ""],
    ],
    ids=lambda arguments: ascii(" ".join(arguments))[:40],
)
def test_wrong_usage(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_here(capsys, "creators", "enrol", "--index", "index", *arguments)
    assert done.returncode == 2
    assert "\x1b[31m" not in done.stderr
    assert "\u202e" not in done.stderr
    assert len(done.stderr) < 4000
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["https://example.org/works", "works/*.png"])
def test_works_that_are_not_there_are_met_with_what_to_do(
    tmp_path: Path, capsys: Captured, place: str
) -> None:
    done = run_here(capsys, "creators", "enrol", "Ann", place, "--index", tmp_path / "index")
    assert done.returncode == 2
    assert "fetch it first" in done.stderr or "unquoted" in done.stderr


def test_a_name_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    place = tmp_path / "none"
    done = rakkan("creators", "show", "Émile 絵", "--index", place, home=tmp_path, **locale)
    assert done.returncode == 1
    assert "there is no index" in done.stderr


def test_who_withdrew_since_the_back_up_is_withdrawn_again(
    tmp_path: Path, capsys: Captured
) -> None:
    folder, index = write_artists(tmp_path / "in", works=2), tmp_path / "index"
    saved, listed = tmp_path / "saved", tmp_path / "withdrawn.json"
    done = run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    assert done.returncode == 0, done.stderr
    shutil.copytree(index, saved)
    assert run_here(capsys, "creators", "withdraw", "Dot", "--index", index).returncode == 0
    done = run_here(capsys, "creators", "list", "--withdrawn", "--json", "--index", index)
    listed.write_text(done.stdout)
    assert set(creators(capsys, saved)) == {"Dot", "Lyn"}
    again = run_here(capsys, "creators", "withdraw-again", listed, "--index", saved)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == [
        "Dot is withdrawn again, with all works (2).",
        "Withdrawn again: 1 of 1 on the list.",
    ]
    assert set(creators(capsys, saved)) == {"Lyn"}
    listed.write_text("[]")
    failed = run_here(capsys, "creators", "withdraw-again", listed, "--index", saved)
    assert failed.returncode == 1
    (line,) = failed.stderr.splitlines()
    assert "it is no list of withdrawals" in line
