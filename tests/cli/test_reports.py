"""`rakkan reports import`: a platform's past, all of it or nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import open_store
from storage.cases import Purchaser
from tests.cli.running import Done, run_here

Captured = pytest.CaptureFixture[str]

TABLE = """report,at,service,account,work,points
posted,2025-01-01T10:00:00Z,comics,ann,w1,
deleted,2025-02-01T10:00:00+09:00,,ann,w1,
purchased,2025-01-02T10:00:00Z,,ben,w1,300
purchased,2025-01-02T10:00:00Z,,cleo,w1,
"""


def test_a_past_is_imported_once(tmp_path: Path, capsys: Captured) -> None:
    address = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    table = tmp_path / "past.csv"

    def imported() -> Done:
        return run_here(capsys, "-q", "reports", "import", table, "--database", address)

    table.write_text(TABLE + "deleted,yesterday,,ann,w2,\n")
    wrong = imported()
    assert wrong.returncode == 1
    assert "past.csv, line 6: deleted.at" in wrong.stderr
    table.write_text(TABLE)
    assert imported().stdout == "Reports: 4, of which new: 4\n"
    assert imported().stdout == "Reports: 4, of which new: 0\n"
    store = open_store(address)
    with store.reading() as reader:
        year = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
        (post,) = reader.history("ann", since=year[0], until=year[1]).posts
        assert (post.at.hour, post.deleted_at) == (10, datetime(2025, 2, 1, 1, tzinfo=UTC))
        assert list(reader.purchasers("w1")) == [Purchaser("ben", 300), Purchaser("cleo", 0)]
        assert reader.head().sequence == 4
    store.close()


def test_what_is_no_file(tmp_path: Path, capsys: Captured) -> None:
    assert run_here(capsys, "reports", "import", tmp_path / "none.csv").returncode == 2
