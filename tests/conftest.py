"""Places that several tests share."""

import os
from pathlib import Path

import platformdirs
import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real images; `RAKKAN_DATA` says where."""
    place = os.environ.get("RAKKAN_DATA")
    if not place:
        pytest.skip("RAKKAN_DATA is not set: tests on real images do not run")
    if not (Path(place) / "manifest.csv").is_file():
        pytest.fail(f"RAKKAN_DATA={place} has no manifest.csv")
    return Path(place)


@pytest.fixture(scope="session")
def rakkan_home() -> Path:
    """The folder where `make install` put the encoder."""
    return Path(os.environ.get("RAKKAN_HOME") or platformdirs.user_data_path("rakkan"))


@pytest.fixture(scope="session")
def encoder_cache(rakkan_home: Path) -> Path:
    """The folder of the fetched encoder, for `load_encoder`."""
    cache = rakkan_home / "encoder"
    if not cache.is_dir():
        pytest.fail(f"no encoder in {cache}: run `make install` (or `rakkan models fetch`) first")
    return cache
