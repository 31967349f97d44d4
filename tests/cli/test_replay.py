"""A real scan under one policy, replayed under another."""

import csv
import json
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from evidence import Verdict
from labelling import Context
from moderation.record import record
from storage import open_store
from tests.cli.running import rakkan
from tests.moderation.telling import SUSPECTED, later, policy
from tests.scan.making import judgement

COMICS = """\
schema: 1
name: comics
title: {en: "Comics", ja: "コミックス"}
mode: live
appeals: {words: {en: Answer this notice., ja: ご返信ください。}}
rows:
  - id: no-ai
    since: 2024-01-01
    rule: {en: No works by an AI., ja: AI作品は禁止です。}
    when:
      - {ai: {at_least: stated}}
    actions: [delist]
"""

pytestmark = pytest.mark.usefixtures("encoder_cache")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan of a picture that says that an AI made it, and of one that says nothing."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "in").mkdir()
    gradient = Image.linear_gradient("L").convert("RGB")
    stated = PngInfo()
    stated.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler, Seed: 1, Size: 256x256")
    gradient.save(folder / "in/ai.png", pnginfo=stated)
    gradient.rotate(90).save(folder / "in/silent.png")
    return folder


def test_a_scan_is_decided_about_and_replayed(scanned: Path, rakkan_home: Path) -> None:
    out, policy = scanned / "out", scanned / "comics.yaml"
    policy.write_text(COMICS, "utf-8")
    done = rakkan(
        *("scan", scanned / "in", "--out", out, "--service", "clip-studio-assets"),
        home=rakkan_home,
    )
    assert done.returncode == 0, done.stderr
    assert "Policy:  delist: 1, publish: 1" in done.stdout
    assert "in shadow" in done.stderr
    rows = {
        Path(row["path"]).name: row for row in pq.read_table(out / "results.parquet").to_pylist()
    }
    assert (rows["ai.png"]["action"], rows["ai.png"]["policy"]) == ("delist", "clip-studio-assets")
    assert (rows["silent.png"]["action"], rows["silent.png"]["label"]) == ("publish", None)

    done = rakkan(
        *("policy", "replay", "--scan", out, "--policy", policy, "--against", "pixiv"),
        *("--out", scanned / "replay"),
        home=rakkan_home,
    )
    assert done.returncode == 0, done.stderr
    assert "Label\tDelist\t1" in done.stdout
    with (scanned / "replay/changes.csv").open(newline="", encoding="utf-8") as file:
        (change,) = csv.DictReader(file)
    assert Path(change["item"]).name == "ai.png"
    assert (change["action_before"], change["action"]) == ("label", "delist")
    assert json.loads(change["reasons"])[0] == "No works by an AI."
    page = (scanned / "replay/replay.html").read_text("utf-8")
    assert "What the policy of Comics would change" in page
    assert "No works by an AI." in page

    done = rakkan(
        *("policy", "replay", "--scan", out, "--policy", policy, "--json"), home=rakkan_home
    )
    told = json.loads(done.stdout)
    assert (told["decided"], told["changed"]) == (2, 1)  # the same action, on the work alone


def test_what_cannot_be_replayed_is_told(scanned: Path, rakkan_home: Path) -> None:
    done = rakkan("policy", "replay", "--scan", scanned, "--policy", "pixiv", home=rakkan_home)
    assert done.returncode == 1
    assert "there is no scan in" in done.stderr
    done = rakkan(
        *("scan", scanned / "in", "--out", scanned / "other", "--service", "pixivv"),
        home=rakkan_home,
    )
    assert done.returncode == 1
    assert 'did you mean "pixiv"' in done.stderr
    assert not (scanned / "other").exists()


def test_recorded_decisions_are_replayed(tmp_path: Path, rakkan_home: Path) -> None:
    place = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    with closing(open_store(place)) as store:
        for number in range(4):
            of = judgement(f"{number:02}", 0.99, Verdict.AI)
            context = Context(
                service="comics", at=later(days=number), account="ann", work=f"{number}"
            )
            record(store, of, context, policy(SUSPECTED), at=later(days=number), key=f"{number}")
    done = rakkan(
        *("policy", "replay", "--database", place, "--policy", "clip-studio-assets"),
        *("--since", "2026-11-30", "--json"),
        home=rakkan_home,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["decided"] == 2
    assert told["policy"].startswith("clip-studio-assets@")
    wrong = rakkan(
        *("policy", "replay", "--scan", tmp_path, "--since", "2026-11-30", "--policy", "pixiv"),
        home=rakkan_home,
    )
    assert wrong.returncode == 2
