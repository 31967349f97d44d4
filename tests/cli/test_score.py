import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.running import rakkan
from tests.scan.making import picture, write_folder

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_score_as_json(tmp_path: Path, rakkan_home: Path) -> None:
    data = picture(4, side=300)
    write_folder(tmp_path, {"a.png": data})
    done = rakkan("score", tmp_path / "a.png", "--json", home=rakkan_home)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["image"] == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": 304,
        "height": 300,
        "format": "png",
        "notes": [],
    }
    ai = answer["ai"]
    assert ai["verdict"] in {"ai", "human", "inconclusive"}
    assert ai["evidence"] == "inferred"
    assert ai["generator"] is None
    assert 0 <= ai["probability"] <= 1
    assert ai["family"] == "unknown"
    signal = ai["signals"][-1]
    assert signal["name"] == "pixels"
    assert signal["probability"] == ai["probability"]
    assert {"name", "sha256", "encoder", "version"} <= set(answer["model"])
    assert answer["model"]["index"] is None


def test_score_for_a_person(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path, {"a.png": picture(4, side=300)})
    done = rakkan("score", tmp_path / "a.png", home=rakkan_home)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(
        word in done.stdout for word in ("Verdict", "Probability", "not a proof", "304 x 300")
    )


def test_score_and_scan_agree(tmp_path: Path, rakkan_home: Path) -> None:
    write_folder(tmp_path / "in", {"a.jpg": picture(4, "JPEG", 300)})
    one = json.loads(rakkan("score", tmp_path / "in/a.jpg", "--json", home=rakkan_home).stdout)
    rakkan("scan", tmp_path / "in", "--out", tmp_path / "out", home=rakkan_home)
    (row,) = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert row["pixel_score"] == pytest.approx(one["ai"]["signals"][-1]["score"], abs=1e-3)
    assert row["ai_verdict"] == one["ai"]["verdict"]
    assert row["model"] == one["model"]["name"]


@pytest.mark.parametrize(
    "data",
    [b"", picture(1, side=300)[:-30], picture(1, side=1)],
    ids=["empty", "cut", "tiny"],
)
def test_bad_image_is_one_plain_line(tmp_path: Path, rakkan_home: Path, data: bytes) -> None:
    write_folder(tmp_path, {"a.png": data})
    done = rakkan("score", tmp_path / "a.png", "--json", home=rakkan_home)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "Error" not in line
