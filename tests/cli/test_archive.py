"""`rakkan archive`: from a finished scan to works that are delisted."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from scan.journal import Journal
from storage import open_store
from storage.cases import MessageState
from tests.cli.running import Done, run_here
from tests.cli.test_replay import COMICS
from tests.moderation.telling import human, inferred, stated
from tests.scan.making import judged
from tests.scan.test_journal import IDENTITY

Captured = pytest.CaptureFixture[str]

RULES = COMICS.replace("mode: live", "mode: live\nundo_days: 0.00000001")
"""They can be undone for no longer than it takes to say so."""

POSTS = """\
path,work,account,posted_at,declared_ai,categories
in/a.png,w1,ann,2024-05-01T00:00:00Z,false,novel_cover;explanation
in/b.png,w2,ann,2023-05-01T00:00:00Z,,
in/c.png,w3,bob,,,
"""


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A scan of three pictures that say that an AI made them, one that looks so, and another."""
    folder = tmp_path / "scan"
    images = {"a": stated, "b": stated, "c": stated, "d": inferred, "e": human}
    with closing(Journal.open(folder, IDENTITY, resume=False)) as journal:
        journal.write([judged(f"in/{name}.png", said(name)) for name, said in images.items()], 1)
    (tmp_path / "comics.yaml").write_text(RULES, "utf-8")
    (tmp_path / "posts.csv").write_text(POSTS, "utf-8")
    return folder


def test_a_scan_is_proposed_approved_and_carried_out(
    scanned: Path, tmp_path: Path, capsys: Captured
) -> None:
    address = f"sqlite:///{tmp_path / 'records.sqlite3'}"

    def archive(*words: object) -> Done:
        return run_here(capsys, "archive", *words, "--database", address)

    asked = ("propose", scanned, "--service", tmp_path / "comics.yaml", "--by", "mia")
    posts = ("--posts", tmp_path / "posts.csv")
    made = archive(*asked, *posts, "--key", "november")
    assert made.returncode == 0, made.stderr
    # One was posted before the rule was in force, and of two the platform knows nothing.
    assert "Works to be delisted: 2, of accounts: 2" in made.stdout
    assert "- row no-ai: 2" in made.stdout
    again = json.loads(archive(*asked, *posts, "--key", "november", "--json").stdout)
    proposal = again["id"]
    assert (again["decisions"], again["state"]) == (2, "proposed")
    assert sorted(again["preview"]["samples"]) == ["w1", "w3"]

    refused = archive("approve", proposal, "--by", "mia")
    assert (refused.returncode, "another senior moderator" in refused.stderr) == (1, True)
    assert archive("carry-out", proposal).returncode == 1
    assert "It can be undone until" in archive("approve", proposal, "--by", "sol").stdout
    assert "Approved by sol" in archive("show", proposal).stdout
    assert archive("carry-out", proposal).stdout == "Delisted: 2 of 2\n"
    assert f"{proposal}\tcomics\tdone\t2 of 2" in archive("list").stdout
    store = open_store(address)
    topics = [one.topic for one in store.messages(MessageState.WAITING)]
    assert sorted(topics) == ["delist"] * 2 + ["delisted"] * 2
    store.close()


def test_without_posts_a_path_names_the_work_and_it_can_be_undone(
    scanned: Path, tmp_path: Path, capsys: Captured
) -> None:
    address = ("--database", f"sqlite:///{tmp_path / 'records.sqlite3'}")
    asked = ("propose", scanned, "--service", tmp_path / "comics.yaml", "--by", "mia")
    made = json.loads(run_here(capsys, "archive", *asked, "--json", *address).stdout)
    assert (made["preview"]["works"], made["preview"]["accounts"]) == (3, 0)
    assert "in/a.png" in made["preview"]["samples"]
    undone = run_here(capsys, "archive", "undo", made["id"], "--by", "noa", *address)
    assert undone.stdout == "Undone: nothing is delisted.\n"
    approved = run_here(capsys, "archive", "approve", made["id"], "--by", "sol", *address)
    assert "This was undone" in approved.stderr


def test_a_wrong_row_of_posts_is_told(scanned: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "posts.csv").write_text(POSTS + "in/d.png,,ann,,\n", "utf-8")
    done = run_here(
        *(capsys, "archive", "propose", scanned, "--service", tmp_path / "comics.yaml"),
        *("--by", "mia", "--posts", tmp_path / "posts.csv"),
        *("--database", f"sqlite:///{tmp_path / 'records.sqlite3'}"),
    )
    assert done.returncode == 1
    assert "posts.csv, line 5: work: Field required" in done.stderr
    assert not (tmp_path / "records.sqlite3").exists()
