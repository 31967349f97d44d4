import os
from pathlib import Path

import pytest
import typer

from cli import paths


def refused(check: object, *arguments: object) -> str:
    assert callable(check)
    with pytest.raises(typer.BadParameter) as error:
        check(*arguments)
    return error.value.message


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("https://example.org/a.png", "fetch it first (curl -O ADDRESS)"),
        ("s3://bucket/a.png", "fetch it first"),
        ("works/*.png", "unquoted"),
        ("nowhere.png", "nowhere.png does not exist"),
        ("a\0b", "cannot be read"),
        ("x" * 300, "cannot be read"),
    ],
)
def test_what_is_not_there_is_met_with_what_to_do(given: str, advice: str) -> None:
    assert advice in refused(paths.existing, Path(given))
    assert advice in refused(paths.all_existing, [Path(given)])
    assert advice in refused(paths.uploads, [Path(given)])


def test_a_file_whose_name_has_a_star(tmp_path: Path) -> None:
    starred = tmp_path / "a*.png"
    starred.touch()
    assert paths.existing(starred) == starred


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "rakkan scan" in refused(paths.existing_file, tmp_path)


def test_standard_input_is_named_once() -> None:
    here = paths.STANDARD_INPUT
    assert paths.uploads([here]) == [here]
    assert "once" in refused(paths.uploads, [here, here])


def test_the_folder_of_an_output_is_there(tmp_path: Path) -> None:
    assert paths.writable(None) is None
    assert paths.writable(tmp_path / "new.png") == tmp_path / "new.png"
    assert paths.writable(Path("new.png")) == Path("new.png")
    assert "does not exist" in refused(paths.writable, tmp_path / "none" / "new.png")


def test_an_output_bears_its_suffix(tmp_path: Path) -> None:
    check = paths.writable_as("the page is HTML", ".html", ".htm")
    assert check(tmp_path / "a.HTM") == tmp_path / "a.HTM"
    assert check(None) is None
    assert ".html" in refused(check, tmp_path / "a.png")
    assert "does not exist" in refused(check, tmp_path / "none" / "a.html")


def test_an_output_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert paths.output_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert paths.output_folder(Path("out")) == Path("out")
    assert "is a file" in refused(paths.output_folder, tmp_path / "file")
    assert "is a file" in refused(paths.output_folder, tmp_path / "file" / "b")


def test_an_output_is_not_the_image(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.touch()
    os.link(image, tmp_path / "same.png")
    assert "replace" in refused(paths.require_another_file, tmp_path / "same.png", image, "--page")
    paths.require_another_file(tmp_path / "b.png", image, "--page")
    paths.require_another_file(None, image, "--page")
    paths.require_another_file(image, paths.STANDARD_INPUT, "--page")
