"""Images are kept apart for the gate with one command."""

from pathlib import Path

import pytest

from tests.cli.running import run_here
from training.data.manifest import read_manifest

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_a_set_that_stands_as_the_manifest_grows(
    small_manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set.csv"
    asked = ("models", "regression-set", small_manifest, "--out")
    done = run_here(capsys, *asked, out)
    assert done.returncode == 0, done.stderr
    assert "gate: " in done.stdout
    assert "in about 0 of 100 cases; for 90 it takes 4,1" in done.stdout
    apart = {row.path for row in read_manifest(out) if row.split == "gate"}
    assert apart
    assert {row.split for row in read_manifest(out)} == {"train", "gate", "dev"}
    done = run_here(capsys, *asked, tmp_path / "next.csv", "--standing", out, "--share", 0.01)
    assert done.returncode == 0, done.stderr
    later = read_manifest(tmp_path / "next.csv")
    assert {row.path for row in later if row.split == "gate"} == apart
    done = run_here(capsys, *asked, tmp_path / "set.parquet")
    assert done.returncode == 2
