import hashlib
import os
import pickle
from pathlib import Path

import pytest

from imaging import Limits
from serving.sources.files import items
from serving.sources.find_again import find_work, read_at
from tests.scan.making import picture, write_folder, write_tar, write_zip

FILES = {"a/1.png": picture(1), "a/2.png": picture(2)}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_works_are_found_by_the_names_of_items(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "works"
    if kind == "folder":
        write_folder(place, FILES)
    elif kind == "zip":
        place = write_zip(tmp_path / "works.zip", FILES)
    else:
        place = write_tar(tmp_path / "works.tar.gz", FILES, "w:gz")
    for item in items([place], Limits()):
        data = item.read()
        assert data is not None
        assert read_at(pickle.loads(pickle.dumps(item.locator)), Limits()) == data  # noqa: S301
        assert find_work(item.path, hashlib.sha256(data).hexdigest(), Limits()) == data
    assert find_work(f"{place}/a/1.png", "0" * 64, Limits()) is None
    assert find_work(f"{place}/a/3.png", "0" * 64, Limits()) is None


@pytest.mark.parametrize("name", ["", "\0", "/", "platform:12345", "x.zip/a.png", "a" * 5000])
def test_names_that_lead_nowhere(tmp_path: Path, name: str) -> None:
    assert find_work(name, "0" * 64, Limits()) is None


def test_damaged_archive(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\3\4 no archive")
    assert find_work(str(tmp_path / "x.zip/a.png"), "0" * 64, Limits()) is None


def test_a_name_that_is_no_text_is_found_by_its_locator(tmp_path: Path) -> None:
    place = os.fsencode(tmp_path) + b"/bad\xff.png"
    with open(place, "wb") as file:  # noqa: PTH123 - no text can name it
        file.write(picture(1))
    (item,) = items([tmp_path], Limits())
    assert item.locator is not None
    assert read_at(item.locator, Limits()) == picture(1)
