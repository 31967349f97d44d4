import json
from pathlib import Path

import pytest

from storage import open_store
from tests.cli.features import keep_features
from tests.cli.running import Done, run_here
from tests.storage.telling import at, decision, posted

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    return f"sqlite:///{tmp_path / 'records.sqlite3'}"


def test_from_the_first_table_to_an_erasure(address: str, capsys: Captured) -> None:
    def database(*words: str) -> Done:
        return run_here(capsys, "database", *words, "--database", address)

    none = database("verify")
    assert none.returncode == 1
    assert "there are no records" in none.stderr
    assert "`rakkan database upgrade`" in none.stderr
    assert "the tables are made" in database("upgrade").stdout
    assert "up to date" in database("upgrade").stdout

    store = open_store(address)
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"), decision("ann", "dog", 1))
    store.close()
    whole = json.loads(database("verify", "--json").stdout)
    assert (whole["whole"], whole["events"]) == (True, 2)
    assert f"Head: {whole['head']}" in database("verify", "--head", whole["head"]).stdout
    other = database("verify", "--head", "ff")
    assert other.returncode == 1
    assert "noted earlier" in other.stderr

    nobody = database("erase", "bob", "--by", "officer")
    assert nobody.returncode == 1
    assert "no account bob" in nobody.stderr
    assert "documents: 3" in database("erase", "ann", "--by", "officer", "--yes").stdout
    after = database("verify").stdout
    assert "All 3 events" in after
    assert "erased: 3" in after


def test_the_setting_and_its_default(
    tmp_path: Path, address: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAKKAN_HOME", str(tmp_path / "home"))
    assert run_here(capsys, "database", "upgrade").returncode == 0
    assert (tmp_path / "home" / "records.sqlite3").is_file()
    monkeypatch.setenv("RAKKAN_DATABASE", address)
    assert run_here(capsys, "database", "upgrade").returncode == 0
    assert (tmp_path / "records.sqlite3").is_file()
    monkeypatch.setenv("RAKKAN_DATABASE", "nowhere")
    bad = run_here(capsys, "database", "upgrade")
    assert bad.returncode == 1
    assert "no address of a database: nowhere" in bad.stderr


def test_features_of_who_is_erased_are_gone(address: str, tmp_path: Path, capsys: Captured) -> None:
    store = open_store(address, create=True)
    with store.transaction() as transaction:
        transaction.append(decision("ann", "dog", 1))
    (hers,) = (one.judgement.image.sha256 for one in store.decisions(since=at(0)) if one.judgement)
    store.close()
    home = tmp_path / "home"
    keep_features(home / "features" / "fake_1", hers)
    keep_features(home / "uploads" / "2026-11-29" / "fake_1", hers)
    kept = keep_features(home / "uploads" / "2026-11-29" / "other_1", "f" * 64)
    run_here(capsys, "database", "erase", "ann", "--by", "officer", "--database", address)
    assert list(home.rglob("*.safetensors")) == [kept]
