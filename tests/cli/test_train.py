import json
from pathlib import Path

import pytest

from tests.cli.running import rakkan, run_here

pytestmark = pytest.mark.usefixtures("encoder_cache")


def test_manifest_that_cannot_be_used_is_one_clear_line(tmp_path: Path, rakkan_home: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path,kind\na.png,photo\n")
    done = rakkan("train", manifest, "--out", tmp_path / "out", home=rakkan_home)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("rakkan: ")
    assert "label" in line


def test_a_tier_that_does_not_exist_is_wrong_usage(
    small_manifest: Path, tmp_path: Path, rakkan_home: Path
) -> None:
    done = rakkan(
        "evaluate", small_manifest, "--out", tmp_path, "--tier", "harder", home=rakkan_home
    )
    assert done.returncode == 2
    assert "clean" in done.stderr


@pytest.mark.parametrize("more", [("--similarity",), ("--from", "networks-v5-int8")])
def test_quick_is_of_detectors_that_are_made_from_nothing(
    more: tuple[str, ...],
    small_manifest: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("train", small_manifest, "--out", tmp_path / "out", "--quick", *more)
    done = run_here(capsys, *asked)
    assert (done.returncode, "--quick" in done.stderr) == (2, True)


def test_from_labels_to_a_model_in_use_and_back(
    small_manifest: Path, tmp_path: Path, rakkan_home: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "encoder").symlink_to(rakkan_home / "encoder")
    image = small_manifest.parent / "dev" / "ai-0-0.png"

    def run(*arguments: object) -> str:
        done = rakkan(*arguments, home=home, RAKKAN_PRECISION="int8")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def in_use() -> object:
        return json.loads(run("score", image, "--json"))["model"]["name"]

    shipped = in_use()
    run("train", small_manifest, "--quick", "--out", tmp_path / "mine")
    assert "--quick" in (tmp_path / "mine" / "README.md").read_text()
    assert in_use() == shipped, "training alone puts nothing into use"
    regression = (small_manifest, "--split", "dev", "--tier", "clean", "--out", tmp_path / "gate")
    shut = rakkan(
        *("models", "gate", tmp_path / "mine", *regression), home=home, RAKKAN_PRECISION="int8"
    )
    assert shut.returncode == 1
    assert "Not to be promoted: clean, all human works (30)" in shut.stderr
    run("models", "gate", tmp_path / "mine", *regression, "--margin", 1, "--ai-margin", 1)
    run("models", "promote", tmp_path / "mine", "--gate", tmp_path / "gate")
    assert in_use() == "mine"
    run(
        "evaluate", small_manifest, "--split", "dev", "--tier", "web", "--out", tmp_path / "figures"
    )
    metrics = json.loads((tmp_path / "figures" / "metrics.json").read_text())
    assert metrics["model"] == "mine"
    assert list(metrics["tiers"]) == ["web"]
    overall = metrics["tiers"]["web"]["detector"]["overall"]
    assert (overall["n_ai"], overall["n_human"]) == (30, 30)
    assert "all_blocks" in metrics["tiers"]["web"]["baselines"]
    assert metrics["seen_in_training"] == 0
    assert (tmp_path / "figures" / "report.html").is_file()
    run("models", "rollback")
    assert in_use() == shipped


@pytest.mark.parametrize("name", ["linear-v1-float", "linear-v1-int8"])
def test_a_named_model_gets_the_encoder_that_it_was_made_with(
    name: str, small_manifest: Path, rakkan_home: Path
) -> None:
    image = small_manifest.parent / "dev" / "human-0-0.png"
    done = rakkan("score", image, "--json", "--model", name, home=rakkan_home)
    assert done.returncode == 0, done.stderr
    model = json.loads(done.stdout)["model"]
    assert model["name"] == name
    assert name.removeprefix("linear-v1-") in model["encoder"].rsplit(":", 1)[1]
