from importlib.metadata import version
from pathlib import Path

import pytest

from cli.reporting import pace
from models import Precision
from tests.cli.running import rakkan
from tests.scan.making import picture, write_folder


def test_version(tmp_path: Path) -> None:
    done = rakkan("--version", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"rakkan {version('rakkan')}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scan"],
        ["scan", "IN"],
        ["scan", "--out", "OUT"],
        ["scan", "nowhere", "--out", "OUT"],
        ["scan", "IN", "--out", "OUT", "--wrong"],
        ["scan", "IN", "--out", "OUT", "--workers", "0"],
        ["scan", "IN", "--out", "OUT", "--limit-pixels", "many"],
        ["scan", "IN", "--out", "OUT", "--engine", "steam"],
        ["scan", "IN", "--out", "IN/a.png"],
        ["score"],
        ["score", "nowhere.png"],
        ["score", "IN"],
        ["models", "promote"],
        ["train", "nowhere.csv", "--out", "OUT"],
        ["wrong"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(tmp_path: Path, arguments: list[str]) -> None:
    write_folder(tmp_path / "IN", {"a.png": picture(1)})
    places = {name: f"{tmp_path}/{name}" for name in ("IN", "OUT", "IN/a.png")}
    done = rakkan(*(places.get(word, word) for word in arguments), home=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr or done.stdout


@pytest.mark.parametrize("command", [["scan", "--out", "OUT"], ["score"]], ids=" ".join)
def test_encoder_that_is_not_fetched_is_one_clear_line(tmp_path: Path, command: list[str]) -> None:
    write_folder(tmp_path, {"a.png": picture(1)})
    words = [str(tmp_path / word) if word == "OUT" else word for word in command]
    done = rakkan(*words, tmp_path / "a.png", home=tmp_path / "none")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "rakkan models fetch" in line


def test_score_of_what_is_no_image(tmp_path: Path) -> None:
    write_folder(tmp_path, {"notes.txt": b"words"})
    done = rakkan("score", tmp_path / "notes.txt", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "not an image" in line


def test_precision_of_the_environment_is_checked(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.png": picture(1)})
    done = rakkan("score", tmp_path / "a.png", home=tmp_path, RAKKAN_PRECISION="fp7")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: RAKKAN_PRECISION=fp7 cannot be: ")
    assert all(f"'{precision}'" in line for precision in Precision)


def test_pace() -> None:
    assert pace(0, 100, 0, 1.0) == ""
    assert pace(60, 100, 20, 2.0) == "10.0 / s, 4.0 s left"
    assert pace(60, None, 60, 2.0) == "30.0 / s"
