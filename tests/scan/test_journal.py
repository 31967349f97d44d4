import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence import Judgement, Verdict
from imaging.errors import CorruptImage
from labelling import Context, Decision
from scan.errors import DamagedScanError, OtherScanError, ScanBusyError, ScanExistsError
from scan.journal import NAME, Journal
from scan.records import Visit
from scan.rules import Rules
from scan.schema import COLUMNS, ScanRow
from serving.errors import SourceError
from serving.stream import Judged
from tests.labelling.making import policy
from tests.scan.making import judged, judgement

IDENTITY = {"model": "m1", "encoder": "e1", "limits": "l", "paths": "in"}
JUDGED = judgement("aa", 0.5, Verdict.HUMAN)


def opened(out: Path, *, resume: bool = True, **identity: str) -> Journal:
    return Journal.open(out, {**IDENTITY, **identity}, resume=resume)


def rows_of(journal: Journal) -> list[ScanRow]:
    """The rows of a journal as records."""
    return [ScanRow(**dict(zip(COLUMNS, values, strict=True))) for values in journal.rows()]


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    batch: list[Judged[Visit]] = [
        judged("b.png", JUDGED, 9),
        Judged(Visit("a.png", 9, 1, "aa")),
        Judged(Visit("c.png", 8, 1, "bb"), error=CorruptImage("It is\nbad.")),
        Judged(Visit("d.png", None, None, error=SourceError("It is gone."))),
        Judged(Visit("e.txt", 3, 1, skipped=True)),
    ]
    journal.write(batch, 2.5)
    rows = rows_of(journal)
    assert [row.path for row in rows] == ["a.png", "b.png", "c.png", "d.png"]
    for row in rows[:2]:
        assert (row.sha256, row.size, row.reasons, row.pixel_score) == ("aa", 9, ("Why.",), 0.5)
    assert (rows[2].sha256, rows[2].error, rows[2].reasons) == ("bb", "It is bad.", None)
    assert (rows[3].sha256, rows[3].size, rows[3].error) == (None, None, "It is gone.")
    assert [row.error_code for row in rows] == [None, None, "image_corrupt", "source"]
    assert [entry.judgement for entry in journal.entries()] == [JUDGED, JUDGED, None, None]
    assert rows == [entry.row for entry in journal.entries()]
    assert [one.row.path for one in journal.listed()] == ["c.png", "d.png", "a.png", "b.png"]
    assert journal.counts().to_look_at == 2
    counts = journal.counts()
    assert (counts.images, counts.errors, counts.skipped, counts.human) == (4, 2, 1, 2)
    assert (counts.ai, counts.inconclusive, counts.distinct, counts.seconds) == (0, 0, 1, 2.5)
    assert journal.histogram(2) == [0, 2]
    journal.close()


def test_what_is_kept_on_resuming(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    batch: list[Judged[Visit]] = [
        judged("a.png", JUDGED, 9),
        Judged(Visit("twin-of-one-in-flight.png", 9, 1, "cc")),
        Judged(Visit("denied.png", None, None, error=SourceError("Permission is denied."))),
        Judged(Visit("e.txt", 3, 1, skipped=True)),
    ]
    journal.write(batch, 1)
    journal.close()
    again = opened(tmp_path)
    assert again.keep("a.png", 9, 1)
    assert again.keep("e.txt", 3, 1)
    assert not again.keep("a.png", 9, 2)
    assert not again.keep("a.png", 8, 1)
    assert not again.keep("twin-of-one-in-flight.png", 9, 1)
    assert not again.keep("denied.png", None, None)
    assert not again.keep("new.png", 9, 1)
    assert again.knows("aa")
    assert not again.knows("cc")
    # Paths that this run has not met are no rows of it: their files are gone.
    assert [row.path for row in rows_of(again)] == ["a.png"]
    again.close()


@pytest.mark.parametrize("stamp", [1, None])
def test_members_that_were_done_are_those_that_would_be_kept(
    tmp_path: Path, stamp: int | None
) -> None:
    """A storage may tell nothing by which it would be seen that an archive has changed."""
    journal = opened(tmp_path)
    paths = ("x.zip/a.png", "x.zip/twin.png", "x.zip/gone.png", "x.zip0.png", "x.zi/p.png")
    visits = [Visit(path, 9, stamp, "aa") for path in paths]
    visits[1] = Visit(paths[1], 9, stamp, "cc")
    visits[2] = Visit(paths[2], None, stamp, error=SourceError("It is gone."))
    said = [Judged(visits[0], JUDGED), *(Judged(one) for one in visits[1:])]
    journal.write(said, 1)
    journal.close()
    again = opened(tmp_path)
    done = again.done_in("x.zip", stamp)
    assert done == (set() if stamp is None else {("x.zip/a.png", 9)})
    assert again.done_in("x.zip", 2) == set()
    for visit in visits[:3]:
        assert ((visit.path, visit.size) in done) == again.keep(visit.path, visit.size, stamp)
    again.close()


def test_a_scan_is_not_overwritten(tmp_path: Path) -> None:
    opened(tmp_path, resume=False).close()
    with pytest.raises(ScanExistsError, match="--resume"):
        opened(tmp_path, resume=False)
    (tmp_path / NAME).unlink()
    (tmp_path / "report.html").touch()
    with pytest.raises(ScanExistsError, match="another folder"):
        opened(tmp_path, resume=True)


@pytest.mark.parametrize("name", list(IDENTITY))
def test_another_scan_is_not_gone_on_with(tmp_path: Path, name: str) -> None:
    opened(tmp_path).close()
    with pytest.raises(OtherScanError, match=f"{name} {IDENTITY[name]}, not other"):
        opened(tmp_path, **{name: "other"})
    opened(tmp_path).close()


def test_another_version_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OtherScanError, match="another version"):
        opened(tmp_path)


def test_two_scans_into_one_folder(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    code = (
        "from pathlib import Path; from scan.journal import Journal;"
        f"Journal.open(Path({str(tmp_path)!r}), {IDENTITY!r}, resume=True)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ScanBusyError" in other.stderr
    with pytest.raises(ScanBusyError, match="another scan"):
        opened(tmp_path)
    journal.close()
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + bytes(4096)])
def test_damaged_journal(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(DamagedScanError, match=r"damaged|cannot be opened"):
        opened(tmp_path)


def test_ctrl_c_in_the_middle_of_a_statement_keeps_what_was_written(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write([judged("a.png", JUDGED, 9)], 1.0)
    assert journal.keep("a.png", 9, 1)
    journal._connection.invalidate(KeyboardInterrupt())  # as SQLAlchemy does then
    journal.close()
    again = opened(tmp_path)
    assert again.keep("a.png", 9, 1)
    again.close()


def test_every_image_is_decided_about_however_many_at_once(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        of = [judgement(f"{number:02}", number / 10) for number in range(10)]
        journal.write([judged(f"{one.image.sha256}.png", one) for one in of], 1)
        always = policy({"when": [{"kind": ["work"]}], "label": "ai", "actions": ["hold"]})
        decide = Rules(
            always, Context(service="comics", at=datetime(2026, 1, 1, tzinfo=UTC))
        ).decide
        for at_once in (1, 4, 10, 1000):
            journal.decide(decide, at_once=at_once)
            found = [entry.decision for entry in journal.entries()]
            assert found == [decide(one) for one in of]
            rows = [entry.row for entry in journal.entries()]
            assert rows == rows_of(journal)
            assert sorted(rows, key=lambda row: row.path) == sorted(
                (one.row for one in journal.listed()), key=lambda row: row.path
            )
            assert {one.listing.told for one in journal.listed()} == {len(rows[0].reasons or ())}
            assert journal.actions() == [("hold", 10)]
            journal.decide(None)
            assert not journal.actions()
            assert [entry.decision for entry in journal.entries()] == [None] * 10


def test_a_decision_that_fails_leaves_those_before(tmp_path: Path) -> None:
    always = policy({"when": [{"kind": ["work"]}], "actions": ["hold"]})
    rules = Rules.of_today(always)

    def fails(of: Judgement) -> Decision:
        if of.image.sha256 == "05":
            raise ValueError("no")
        return rules.decide(of)

    with closing(opened(tmp_path)) as journal:
        of = [judgement(f"{number:02}", number / 10) for number in range(10)]
        journal.write([judged(f"{one.image.sha256}.png", one) for one in of], 1)
        journal.decide(rules.decide)
        before = [entry.decision for entry in journal.entries()]
        with pytest.raises(ValueError, match="no"):
            journal.decide(fails, at_once=2)
    with closing(opened(tmp_path)) as journal:
        assert all(journal.keep(f"{one.image.sha256}.png", 1234, 1) for one in of)
        assert [entry.decision for entry in journal.entries()] == before
