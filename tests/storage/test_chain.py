"""The chain of events: nobody changes one, and if somebody does it is seen."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import EventType, Store
from storage.chain import GENESIS, canonical
from storage.errors import BadText
from tests.storage.telling import at, decision, event, posted

TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER rakkan_records_events_update",
        "DROP TRIGGER rakkan_records_events_delete",
    ),
    "postgresql": (
        "DROP TRIGGER rakkan_records_events_rows ON rakkan_records_events",
        "DROP TRIGGER rakkan_records_events_all ON rakkan_records_events",
    ),
}


def execute(store: Store, *statements: str) -> None:
    with store.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def told(store: Store) -> Store:
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"), decision("ann", "dog", 1, id_="d", creator="ben"))
        transaction.append(event(EventType.DELETED, 2, work="cat", key="k"))
    return store


def test_the_whole_chain_verifies_and_is_what_the_formula_says(told: Store) -> None:
    verified = told.verify()
    assert (verified.whole, verified.events, verified.erased) == (True, 3, 0)
    before = GENESIS
    with told.database.engine.connect() as connection:
        for row in connection.execute(text("SELECT * FROM rakkan_records_events ORDER BY 1")):
            when = at(row.sequence - 1).isoformat()
            said = [row.sequence, when, row.type, row.account, row.work, row.actor]
            parts = [json.loads(row.data), json.loads(row.names), json.loads(row.sealed)]
            key = None if row.key is None else bytes(row.key).hex()
            line = json.dumps(
                [*said, *parts, key], sort_keys=True, separators=(",", ":"), ensure_ascii=False
            )
            before = hashlib.sha256(before + line.encode()).digest()
            assert bytes(row.hash) == before
    assert verified.head == before.hex()
    assert told.verify([verified.head]).whole
    assert "noted earlier" in told.verify(["ff"]).wrong


def test_an_event_holds_nothing_personal(told: Store) -> None:
    with told.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM rakkan_records_events")).all()
    for name in ("ann", "cat", "dog", "ben", "Why"):
        assert not any(name in str(value) for row in rows for value in row)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rakkan_records_events SET type = 'posted'",
        "DELETE FROM rakkan_records_events WHERE sequence = 1",
        "TRUNCATE rakkan_records_events",
    ],
)
def test_the_database_refuses_to_change_an_event(told: Store, statement: str) -> None:
    with pytest.raises(DBAPIError):
        execute(told, statement)
    assert told.verify().events == 3


@pytest.mark.parametrize(
    ("statement", "broken_at", "words"),
    [
        ("UPDATE rakkan_records_events SET type = 'deleted' WHERE sequence = 2", 2, "not what was"),
        ("UPDATE rakkan_records_events SET data = '{}' WHERE sequence = 1", 1, "not what was"),
        ("UPDATE rakkan_records_events SET account = 9 WHERE sequence = 2", 2, "not what was"),
        ("DELETE FROM rakkan_records_events WHERE sequence = 2", 2, "event 2 is not there"),
        ("DELETE FROM rakkan_records_events WHERE sequence = 3", 3, "there are 3 events"),
        ("DELETE FROM rakkan_records_private WHERE part = 'context'", 2, "never erased"),
        ("UPDATE rakkan_records_private SET salt = content", 2, "not what was recorded"),
        ("UPDATE rakkan_records_events SET sequence = 4 WHERE sequence = 3", 3, "is not there"),
    ],
)
def test_what_was_changed_is_seen(told: Store, statement: str, broken_at: int, words: str) -> None:
    execute(told, *TRIGGERS[told.database.engine.dialect.name], statement)
    verified = told.verify()
    assert (verified.whole, verified.broken_at) == (False, broken_at)
    assert words in verified.wrong


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
)


@given(ANY)
def test_canonical_json_stays_the_same_when_it_is_read(value: object) -> None:
    try:
        once = canonical(value)
    except BadText:
        return  # It spells out an escape.
    assert canonical(json.loads(once)) == once


WRITERS = 4
EACH = 25

APPENDING = f"""
import sys
from storage import open_store
from tests.storage.telling import event, posted
store = open_store(sys.argv[1], patience=60)
for number in range({EACH}):
    with store.transaction() as transaction:
        work = f"{{sys.argv[2]}} {{number}}"
        transaction.append(posted("ann", work), posted("bob", f"of bob {{work}}"))
"""


def test_many_processes_append_to_one_chain(store: Store, address: str) -> None:
    command = [sys.executable, "-c", APPENDING, address]
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([*command, str(n)], cwd=root) for n in range(WRITERS)]
    assert [writer.wait() for writer in writers] == [0] * WRITERS
    verified = store.verify()
    assert (verified.whole, verified.events) == (True, 2 * WRITERS * EACH)
    with store.reading() as reader:
        posts = reader.history("ann", since=at(-1), until=at(1)).posts
    assert len(posts) == WRITERS * EACH
