"""A platform sets how near is close, by its artists or by its uploads."""

import json
from pathlib import Path

import pytest

from models.artefact.registry import SHIPPED
from similarity.artefact import SimilarityArtefact
from tests.cli.artists import lines, png, write_artists
from tests.cli.running import run_here


@pytest.fixture
def home(tmp_path: Path, encoder_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, with the encoder that is there."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "encoder").symlink_to(encoder_cache, target_is_directory=True)
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_stated_rate_for_ones_own_strangers(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_artists(tmp_path / "in", works=4)
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    for i in range(12):
        (strangers / f"{i}.png").write_bytes(png(lines(100 + i)))
    (strangers / "enrolled.png").write_bytes((folder / "Dot" / "0.png").read_bytes())
    (strangers / "broken.png").write_bytes(b"nothing")
    asked = ("creators", "calibrate", strangers, "--index", index, "--rate", 0.1)
    done = run_here(capsys, *asked, "--out", tmp_path / "few")
    assert done.returncode == 1
    assert "12 works are too few" in done.stderr
    assert "takes at least 29" in done.stderr
    assert "1 enrolled, or by an enrolled creator" in done.stderr
    out = tmp_path / "ours"
    done = run_here(capsys, *asked, "--guarantee", "average", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "at most 10 % of pictures by people who are not enrolled are called close" in done.stdout
    made = SimilarityArtefact.load(out)

    # Once the model is in use, the same index is searched, and tells the shares of the platform.
    stranger = tmp_path / "new.png"
    stranger.write_bytes(png(lines(500)))
    search = ("similar", stranger, "--index", index, "--json")
    before = json.loads(run_here(capsys, *search).stdout)["creators"][0]
    manifest = tmp_path / "regression.csv"
    rows = [f"{strangers}/{i}.png,human,artist {i}" for i in range(11)]
    rows += [f"{folder}/Dot/{i}.png,human,Dot" for i in range(4)]
    manifest.write_text("\n".join(["path,label,creator", *rows, f"{stranger},human,new"]) + "\n")
    gate = ("models", "gate", out, manifest, "--out", tmp_path / "gate")
    assert run_here(capsys, *gate).returncode == 2  # in which index?
    done = run_here(capsys, *gate, "--index", index)
    assert done.returncode == 1
    assert "Not to be promoted: strangers' works (1): too few to prove" in done.stderr
    assert "11 that one of them was made from" in (tmp_path / "gate" / "gate.html").read_text()
    refused = run_here(capsys, "models", "promote", out, "--gate", tmp_path / "gate")
    assert "did not pass the gate" in refused.stderr
    done = run_here(capsys, *gate, "--index", index, "--margin", 1)
    assert done.returncode == 0, done.stderr
    done = run_here(capsys, "models", "promote", out, "--gate", tmp_path / "gate")
    assert done.returncode == 0, done.stderr
    assert "ours is in use" in done.stdout
    assert "WARNING" not in done.stderr
    after = json.loads(run_here(capsys, *search).stdout)["creators"][0]
    assert after["likeness"] == before["likeness"]
    shipped = SimilarityArtefact.load(SHIPPED / "similarity-v3-int8").manifest
    changed = made.manifest.cohort_correction / shipped.cohort_correction
    assert after["p_value"] == pytest.approx(changed * before["p_value"])
    done = run_here(capsys, "models", "rollback")
    assert "similarity-v3-int8 is in use" in done.stdout
    assert json.loads(run_here(capsys, *search).stdout)["creators"][0] == before


def test_wrong_usage(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("creators", "calibrate", "--index", tmp_path / "none", "--rate", 0.1)
    done = run_here(capsys, *asked, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "there is no index" in done.stderr
    done = run_here(capsys, "creators", "calibrate", tmp_path / "none", *asked[2:], "--out", home)
    assert done.returncode == 2


def test_labels_of_likeness_are_written(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_artists(tmp_path / "in", works=2)
    index = tmp_path / "index"
    run_here(capsys, "creators", "enrol", "--each", folder, "--index", index)
    run_here(capsys, "database", "upgrade")
    out = tmp_path / "likeness.csv"
    done = run_here(capsys, "labels", "likeness", out, "--index", index)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 answers by people, 0 confirmed and 0 refused")
    assert out.read_text().startswith("sha256,creator,likeness,answer")
    # Uploads that are recorded make a sample, too; none make none.
    asked = ("creators", "calibrate", "--index", index, "--rate", 0.1, "--out", tmp_path / "o")
    done = run_here(capsys, *asked)
    assert "0 works are too few" in done.stderr
