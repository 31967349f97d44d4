"""The guard, and a data folder of its own with the fetched encoder."""

import shutil
from pathlib import Path

import pytest

from tests.outside.guard import Guard


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    return Guard.make(tmp_path_factory.mktemp("guard"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, encoder_cache: Path) -> Path:
    """`RAKKAN_HOME`: a whole copy, for a link would lead outside."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(encoder_cache, folder / "encoder")
    return folder
