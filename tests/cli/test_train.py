from pathlib import Path

import pytest

from tests.cli.running import rakkan

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_manifest_that_cannot_be_used_is_one_clear_line(tmp_path: Path, rakkan_home: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path,kind\na.png,photo\n")
    done = rakkan("train", manifest, "--out", tmp_path / "out", home=rakkan_home)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "label" in line
