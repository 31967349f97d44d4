import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli.running import rakkan, run_here
from tests.scan.making import picture, write_folder, write_zip

# The arithmetic of bf16 is not that of another number of threads to the last digit.
FLOATS = {"ai_probability": 1e-4, "pixel_probability": 1e-4, "pixel_score": 2e-3}


def table(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "results.parquet").to_pylist()


def test_a_cluster_says_what_one_process_says(
    encoder_cache: Path, tmp_path: Path, rakkan_home: Path
) -> None:
    """Row by row, with the real model: on drawn images, and on real ones where there are any."""
    files = {f"{i:02}.{form.lower()}": picture(i, form, 90 + i) for i, form in enumerate(FORMS * 4)}
    folder = write_folder(tmp_path / "in", {**files, "bad.jpg": b"", "notes.txt": b"words"})
    write_zip(folder / "x.zip", files)
    real = os.environ.get("RAKKAN_DATA")
    for number, path in enumerate(sorted(Path(real).rglob("*.jpg"))[::40][:24] if real else ()):
        (folder / f"real-{number}.jpg").symlink_to(path)
    here, there = tmp_path / "here", tmp_path / "there"
    for out, options in ((here, ["--engine", "local"]), (there, ["--engine", "ray"])):
        done = rakkan("scan", folder, "--out", out, "--workers", 1, *options, home=rakkan_home)
        assert done.returncode == 0, done.stderr
    for one, other in zip(table(here), table(there), strict=True):
        for name, within in FLOATS.items():
            assert other.pop(name) == pytest.approx(one.pop(name), abs=within), (name, one["path"])
        assert other == one


FORMS = ("PNG", "JPEG", "WEBP", "AVIF")


def test_an_address_needs_the_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = ("--ray-address", "127.0.0.1:6379")
    done = run_here(capsys, "scan", tmp_path, "--out", tmp_path / "out", *address)
    assert done.returncode == 2
    assert "it needs --engine ray" in done.stderr
