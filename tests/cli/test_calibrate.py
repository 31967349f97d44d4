from pathlib import Path

import pytest

from models import DetectorArtefact
from tests.cli.running import rakkan
from tests.labelled import write_images


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_images(tmp_path_factory.mktemp("works"))


@pytest.fixture
def home(tmp_path: Path, encoder_cache: Path) -> Path:
    """A data folder of its own, with the encoder that is there."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "encoder").symlink_to(encoder_cache, target_is_directory=True)
    return tmp_path / "home"


def test_a_threshold_from_ones_own_works(manifest: Path, tmp_path: Path, home: Path) -> None:
    out = tmp_path / "ours"
    asked = ("--rate", 0.2, "--out", out, "--all-works")
    done = rakkan("models", "calibrate", manifest, *asked, home=home)
    assert done.returncode == 0, done.stderr
    assert "at most 20 % of works by the platform's artists are called ai" in done.stdout
    assert "the 30 of the sample" in done.stdout
    made = DetectorArtefact.load(out).manifest
    assert (made.name, made.ai_rate) == ("ours", 0.2)
    promoted = rakkan("models", "promote", out, home=home)
    assert promoted.returncode == 0, promoted.stderr

    # A folder counts as human works, all of it; too few of them make no promise.
    folder = manifest.parent / "train"
    done = rakkan("models", "calibrate", folder, "--rate", 0.005, "--out", out / "b", home=home)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "it takes at least 598" in line
    assert not (out / "b").exists()


def test_wrong_usage(tmp_path: Path) -> None:
    done = rakkan("models", "calibrate", tmp_path / "none", "--rate", 0.01, home=tmp_path)
    assert done.returncode == 2
