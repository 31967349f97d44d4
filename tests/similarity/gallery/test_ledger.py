import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from databases.engines import sqlite_database
from similarity.description import HASH_BYTES, REGIONS, USABLE_QUALITY, Description
from similarity.gallery.creators import Consent
from similarity.gallery.gallery import NewWork
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.codec import digest, pack, unpack
from similarity.gallery.ledger.failures import rewrite
from similarity.gallery.ledger.reading import read_creators
from similarity.gallery.ledger.state import change_state
from similarity.gallery.ledger.tables import (
    DESCRIPTIONS,
    GONE,
    LOCAL_FEATURES,
    LOG,
    METADATA,
    STATE,
    WORKS,
)
from similarity.gallery.ledger.vectors import AT_ONCE, read_spaces, region_ids, work_ids
from similarity.gallery.ledger.writing import find, works_of
from tests.similarity.fakes import IDENTITY, NOW, consent, enrol, new_work


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = sqlite_database(tmp_path / "ledger.sqlite3", patience=1)
    found = Ledger(database, IDENTITY, clock=lambda: NOW)
    found.create()
    yield found
    found.close()


def ids_of(ledger: Ledger, creator: str) -> list[int]:
    with ledger.database.engine.begin() as connection:
        return sorted(work.id for work in works_of(connection, find(connection, creator)[0]))


def name_of(ledger: Ledger) -> str:
    return ledger.state().name


def test_an_id_is_never_given_again(ledger: Ledger) -> None:
    seen: list[int] = []
    for number in range(4):
        enrol(ledger, "a", consent(), [new_work(f"{number}.{each}") for each in range(3)])
        seen += ids_of(ledger, "a")
        ledger.withdraw("a")
    assert len(set(seen)) == len(seen) == 12
    assert seen == sorted(seen)


def test_making_it_twice_keeps_what_is_there(ledger: Ledger) -> None:
    enrol(ledger, "a", consent(), [new_work("1")])
    ledger.create()
    assert len(ids_of(ledger, "a")) == 1


def test_the_name_follows_the_content_alone(ledger: Ledger, tmp_path: Path) -> None:
    names = [name_of(ledger)]
    enrol(ledger, "a", consent(), [new_work("1"), new_work("2")])
    names.append(name_of(ledger))
    enrol(ledger, "a", consent("again"), [new_work("2")])
    assert name_of(ledger) == names[-1]
    enrol(ledger, "b", consent(), [new_work("1")])
    names.append(name_of(ledger))
    enrol(ledger, "b", consent(), [], accounts=["x"])
    names.append(name_of(ledger))
    enrol(ledger, "b", consent(), [], collaborators=["x"])
    names.append(name_of(ledger))
    enrol(ledger, "b", consent(), [], aliases=["x"])
    names.append(name_of(ledger))
    assert len(set(names)) == len(names)
    # Another way to the same.
    other = Ledger(sqlite_database(tmp_path / "other.sqlite3", patience=1), IDENTITY)
    other.create()
    enrol(other, "b", consent(), [new_work("0")], accounts=["x"])
    enrol(other, "c", consent(), [new_work("9")])
    enrol(other, "b", consent("else"), [new_work("1")], collaborators=["x"], aliases=["x"])
    enrol(other, "a", consent(), [new_work("2"), new_work("1")])
    other.remove("b", ["0"])
    other.withdraw("c")
    assert name_of(other) == names[-1]
    other.close()


def test_tombstones_are_of_the_snapshot_alone(ledger: Ledger) -> None:
    enrol(ledger, "a", consent(), [new_work("1"), new_work("2"), new_work("3")])
    with ledger.writing() as connection:
        change_state(connection, upto=2)
    ledger.remove("a", ["1", "3"])
    with ledger.database.engine.begin() as connection:
        assert connection.scalars(select(GONE.c.work_id)).all() == [1]
        for table in (WORKS, DESCRIPTIONS, LOCAL_FEATURES):
            assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_a_withdrawal_leaves_its_log_alone(ledger: Ledger) -> None:
    enrol(
        ledger, "a", consent(), [new_work("1")], accounts=["x"], collaborators=["y"], aliases=["z"]
    )
    ledger.withdraw("a")
    with ledger.database.engine.begin() as connection:
        left = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in METADATA.sorted_tables
        }
    assert {name: count for name, count in left.items() if count} == {STATE.name: 1, LOG.name: 1}


def test_times_keep_their_moment(ledger: Ledger) -> None:
    japan = datetime(2026, 5, 1, 3, tzinfo=timezone(timedelta(hours=9)))
    told = enrol(ledger, "a", Consent("b", japan), [])
    assert told.consent.at == japan
    assert told.consent.at.tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        enrol(ledger, "a", Consent("b", japan.replace(tzinfo=None)), [])


def test_what_is_deleted_is_overwritten(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.database.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    plain = sqlite3.connect(tmp_path / "ledger.sqlite3")
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


def test_zeros_over_what_is_deleted_are_not_enough(tmp_path: Path) -> None:
    """SQLite leaves copies of rows that it moved; rewriting the file is what clears them."""
    path = tmp_path / "file.sqlite3"
    database = sqlite_database(path, patience=1)
    engine = database.engine
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    draw = random.Random(1)  # noqa: S311 - the same in every run
    groups: dict[int, list[bytes]] = {}
    with autocommit.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        connection.exec_driver_sql("CREATE TABLE rows (who INTEGER, what BLOB)")
        connection.exec_driver_sql("CREATE INDEX places ON rows (who, what)")
        for number in range(1000):
            if not groups or draw.random() < 0.55:
                sizes = draw.choices((30, 100, 300, 900, 3000), k=draw.randint(1, 12))
                groups[number] = [draw.randbytes(size) for size in sizes]
                rows = [(number, row) for row in groups[number]]
                connection.exec_driver_sql("INSERT INTO rows VALUES (?, ?)", rows)
            else:
                who = draw.choice(sorted(groups))
                gone = groups.pop(who)
                connection.exec_driver_sql("DELETE FROM rows WHERE who = ?", (who,))
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                data = path.read_bytes()
                if any(row[-24:] in data for row in gone):
                    break
        else:
            pytest.fail("nothing was left behind: is rewriting needed?")
    rewrite(database)
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(row[-24:] in data for row in gone)
    assert all(row[-24:] in data for rows in groups.values() for row in rows)
    engine.dispose()


def test_more_rows_than_are_read_at_once(ledger: Ledger) -> None:
    count = AT_ONCE + 10
    template = new_work("template")
    works = [replace(template, name=str(n), sha256=f"{n:064x}") for n in range(count)]
    enrol(ledger, "a", consent(), works)
    with ledger.database.engine.begin() as connection:
        spaces = read_spaces(connection, IDENTITY, after=3)
        assert work_ids(connection, after=3).tolist() == list(range(4, count + 1))
        lengths = {}
        for space, (ids, batches) in spaces.items():
            rows = np.concatenate(list(batches))
            assert len(rows) == len(ids)
            assert (np.diff(ids) > 0).all()
            lengths[space] = len(ids)
    usable = template.description.hash_quality >= USABLE_QUALITY
    assert lengths == {
        "style": count - 3,
        "copy": 2 * (count - 3),
        "hash": (count - 3) * usable,
    }
    assert len(ids_of(ledger, "a")) == count


def described(**values: object) -> NewWork:
    work = new_work("1")
    return replace(work, description=replace(work.description, **values))  # type: ignore[arg-type]


GOOD = new_work("1").description


@pytest.mark.parametrize(
    "work",
    [
        described(style=GOOD.style[:-1]),
        described(style=GOOD.style * 2),
        described(style=GOOD.style * np.nan),
        described(copy=GOOD.copy[:, :-1]),
        described(copy=GOOD.copy[:0]),
        described(copy=GOOD.copy[0]),
        described(copy=np.repeat(GOOD.copy, REGIONS, axis=0)),
        described(hash=GOOD.hash[:-1]),
        described(hash=GOOD.hash.astype(np.int64)),
        described(hash_quality=101),
        described(hash_quality=-1),
        replace(new_work("1"), sha256="abc"),
        replace(new_work("1"), sha256="G" * 64),
        replace(new_work("1"), local=bytes(2 << 20)),
    ],
)
def test_works_that_are_not_what_the_index_is_made_of(ledger: Ledger, work: NewWork) -> None:
    with pytest.raises(ValueError, match=r".+"):
        enrol(ledger, "a", consent(), [new_work("0"), work])
    with ledger.database.engine.begin() as connection:
        assert read_creators(connection) == []


def test_vectors_survive_packing() -> None:
    work = new_work("1", regions=REGIONS)
    packed = pack(IDENTITY, work)
    copies = unpack([packed.copy], IDENTITY.copy)
    assert copies.shape == (REGIONS, IDENTITY.copy)
    np.testing.assert_allclose(copies, work.description.copy, atol=1e-3)
    cosines = (copies * work.description.copy).sum(axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-3)
    assert len(packed.hash) == HASH_BYTES
    assert isinstance(work.description, Description)


@given(
    st.lists(st.tuples(st.integers(0, 1 << 40), st.integers(1, REGIONS)), unique_by=lambda x: x[0])
)
def test_region_ids(works: list[tuple[int, int]]) -> None:
    works.sort()
    ids = np.array([id_ for id_, _ in works], np.int64)
    counts = np.array([count for _, count in works], np.int64)
    expected = [id_ * REGIONS + region for id_, count in works for region in range(count)]
    assert region_ids(ids, counts).tolist() == expected


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_digests_tell_parts_apart(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)
