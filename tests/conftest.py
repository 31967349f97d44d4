"""Places that several tests share."""

import os
from pathlib import Path

import platformdirs
import pytest
from hypothesis import settings

from tests.browser import NO_CHROMIUM
from tests.labelled import write_images
from tests.objects import storage, storage_server, web
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url", "storage", "storage_server", "web"]

# No timing in tests: a busy machine is not a failure.
settings.register_profile("rakkan", deadline=None)
settings.load_profile("rakkan")

NO_DATA = "RAKKAN_DATA is not set"
NO_PROMTOOL = "promtool is not installed"
NO_SYSTEMD = "systemd-analyze is not installed"

UNPROVEN = {
    NO_DATA: (
        "NOT PROVEN ON REAL IMAGES",
        "need real images and did not run. Set RAKKAN_DATA to the folder that holds manifest.csv",
    ),
    NO_PROMTOOL: (
        "ALERTS NOT CHECKED",
        "need promtool and did not run. Install it (Debian's package prometheus has it)",
    ),
    NO_CHROMIUM: (
        "PAGES NOT SEEN IN A BROWSER",
        "need Chromium and did not run. Install it (Debian's package chromium has it)",
    ),
    NO_SYSTEMD: (
        "UNIT NOT CHECKED",
        "need systemd-analyze and did not run. Install it (Debian's package systemd has it)",
    ),
}
"""What tests say that cannot run, and how loudly that is told."""


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real images; `RAKKAN_DATA` says where."""
    place = os.environ.get("RAKKAN_DATA")
    if not place:
        pytest.skip(NO_DATA)
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


@pytest.fixture(scope="session")
def small_manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of made images, splits `train` and `dev`, 60 each."""
    return write_images(tmp_path_factory.mktemp("images"), splits=("train", "dev"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run, so that a green run is not mistaken for a whole one."""
    skipped = terminalreporter.stats.get("skipped", ())
    for why, (title, what) in UNPROVEN.items():
        unrun = [report for report in skipped if why in str(report.longrepr)]
        if unrun:
            terminalreporter.section(title, sep="!", red=True, bold=True)
            terminalreporter.line(f"{len(unrun)} tests {what}, and run again.")
