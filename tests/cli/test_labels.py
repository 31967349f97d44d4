import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from evidence.ai import Novelty
from models import DetectorArtefact
from models.artefact.registry import SHIPPED
from models.encoder.features import ARRAYS
from models.feature_store.shards import Shards
from moderation import record
from serving.settings import Settings
from storage import open_store
from tests.cli.features import keep_features
from tests.cli.running import run_here
from tests.moderation.telling import T0, inferred, policy, upload
from training.data.manifest import read_manifest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    for label in ("ai", "human"):
        place = tmp_path / "images" / label
        place.mkdir(parents=True)
        for i in range(3):
            (place / f"{i}.png").write_bytes(f"{label} {i}".encode())
    return tmp_path / "images"


def test_from_a_folder_to_a_manifest_and_forgotten(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_here(capsys, "labels", "import", folder, "--by", "noa", "--source", "studio")
    assert done.stdout == "6 labels read, 6 of them new.\n"
    other = tmp_path / "other.csv"
    other.write_text("path,label\nai/0.png,human\nai/9.png,ai\n")
    arguments = ("labels", "import", other, "--by", "sol", "--images", folder)
    refused = run_here(capsys, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "other.csv line 3 (ai/9.png)" in refused.stderr
    told = run_here(capsys, *arguments, "--allow-missing").stdout
    assert "1 labels read, 1 of them new." in told
    assert "No image, left out: other.csv line 3 (ai/9.png)" in told
    out = tmp_path / "manifest.csv"
    told = run_here(capsys, "labels", "export", out).stdout
    assert "People disagree about 1, 1 unresolved." in told
    assert "noa (import) says ai; sol (import) says human: neither holds" in told
    rows = read_manifest(out)
    assert sorted(row.label for row in rows) == ["ai"] * 2 + ["human"] * 3
    assert {row.source for row in rows} == {"studio"}
    told = run_here(capsys, "labels", "forget", *(row.sha256 for row in rows)).stdout
    assert told == "Forgotten: 5 labels, and features of 0 images.\n"
    tasks = tmp_path / "tasks.json"
    told = run_here(capsys, "labels", "export", tasks).stdout
    assert told.startswith("2 labels by people, of 0 images")


def test_kept_features_are_found_by_labels_and_forgotten_with_them(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.png")}
    withdrawn, stays = images[folder / "ai/0.png"], images[folder / "ai/1.png"]
    home = tmp_path / "home"
    keep_features(home / "features" / "fake_1_web", withdrawn, stays)
    keep_features(home / "uploads" / "2026-11-29" / "fake_1", withdrawn, stays, "f" * 64)
    run_here(capsys, "labels", "import", folder, "--by", "noa")
    run_here(capsys, "labels", "export", tmp_path / "manifest.csv")
    cached = Shards(home / "features" / "fake_1", "fake:1")
    assert cached.digests(tokens=False) == {withdrawn, stays}, "what has a label is collected"
    told = run_here(capsys, "labels", "forget", withdrawn).stdout
    assert told == "Forgotten: 1 labels, and features of 1 images.\n"
    for shard in home.rglob("*.safetensors"):
        assert bytes.fromhex(withdrawn) not in shard.read_bytes()
    assert cached.digests(tokens=False) == {stays}
    assert cached.gather([stays], ["embedding"])["embedding"].shape == (1, 3)


def test_what_to_label_next_and_drift_of_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path))
    store = open_store(f"sqlite:///{tmp_path / 'records.sqlite3'}", create=True)
    shipped = DetectorArtefact.load(SHIPPED / "networks-v2-int8")
    for i in range(60):
        found = inferred(f"work {i}")
        found = replace(found, made_by=replace(found.made_by, detector=shipped.id))
        record(store, found, upload(f"work {i}"), policy(), at=T0, key=str(i))
    store.close()
    told = run_here(capsys, "labels", "next", "--count", 10, "--json").stdout
    images = json.loads(told)["images"]
    assert [one["why"] for one in images] == ["random"] * 3 + ["uncertain"] * 4
    assert images[0]["chance"] == 0.05
    assert images[0]["service"] == "comics"
    assert "uncertain\t0.99" in run_here(capsys, "labels", "next").stdout
    (week,) = json.loads(run_here(capsys, "drift", "--json").stdout)["weeks"]
    assert (week["model"], week["uploads"], week["monday"]) == (shipped.name, 60, "2026-11-23")
    assert "networks-v2-int8\tcomics\t2026-11-23\t60" in run_here(capsys, "drift").stdout
    wrong = run_here(capsys, "labels", "next", "--shares", 0, 0, 0)
    assert wrong.returncode == 2


def test_a_group_of_uploads_that_is_new_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path))
    store = open_store(f"sqlite:///{tmp_path / 'records.sqlite3'}", create=True)
    shipped = DetectorArtefact.load(SHIPPED / "networks-v2-int8")
    rng = np.random.default_rng(0)
    now = datetime.now(UTC)
    digests, tokens = [], []
    for i in range(120):
        new = i >= 100
        found = inferred(f"work {i}")
        pixels = replace(found.ai.pixels, novelty=Novelty(0.5 if new or i % 2 else 0.2, far=False))
        found = replace(
            found,
            ai=replace(found.ai, pixels=pixels),
            made_by=replace(found.made_by, detector=shipped.id),
        )
        at = now - timedelta(days=1 if new else 10 + i % 10)
        posted = replace(upload(f"work {i}", f"account {i % 7}"), at=at)
        record(store, found, posted, policy(), at=at, key=str(i))
        digests.append(found.image.sha256)
        tokens.append(rng.normal(size=(6, 8)) * (0.1 if new else 1) + (9 if new else 0))
    store.close()
    settings = Settings.of()
    arrays = {name: np.zeros((120, 3), np.float32) for name in ARRAYS}
    arrays["class_tokens"] = np.array(tokens, np.float32)
    encoder = shipped.manifest.encoder
    settings.upload_features.keep(encoder, "there", digests, arrays, now.date())
    metrics, out = tmp_path / "rakkan.prom", tmp_path / "page"
    arguments = ("drift", "--metrics", metrics, "--out", out)
    told = run_here(capsys, *arguments).stdout
    assert "networks-v2-int8: 20 uploads from 7 accounts look alike" in told
    (alarm,) = json.loads(run_here(capsys, "drift", "--json").stdout)["alarms"]
    assert (alarm["recent"], alarm["accounts"]) == (20, 7)
    assert set(alarm["examples"]) <= set(digests[100:])
    assert 'rakkan_new_generator_alarms{model="networks-v2-int8"} 1.0' in metrics.read_text()
    assert 'rakkan_drift{model="networks-v2-int8",service="comics"}' in metrics.read_text()
    page = (out / "drift.html").read_text()
    assert "1 group of uploads to look at" in page
    assert "20 uploads from 7 accounts" in page


def test_labels_in_doubt_are_asked_about(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    store = open_store(address, create=True)
    said = upload("cat", declared_ai=True)
    record(store, inferred("cat"), said, policy({"id": "none"}), at=T0, key="cat")
    suspects = tmp_path / "suspects.csv"
    digests = [inferred("cat").image.sha256.upper(), "", "f" * 64, "=cmd()"]
    suspects.write_text("path,sha256,label\n" + "".join(f"x{d},{d},ai\n" for d in digests))
    done = run_here(capsys, "labels", "doubt", suspects, "--database", address)
    assert done.stdout.startswith("Reviews: 1 opened; 0 labels were in doubt before; 2 images")
    with store.reading() as reader:
        (review,) = reader.queue(10)
    assert (review.about, review.work) == ("label", "cat")
    assert (
        "0 opened; 1 label"
        in run_here(capsys, "labels", "doubt", suspects, "--database", address).stdout
    )
    suspects.write_text("path,label\nx,ai\n")
    refused = run_here(capsys, "labels", "doubt", suspects, "--database", address)
    assert (refused.returncode, "no column sha256" in refused.stderr) == (1, True)
    store.close()
