"""The tables that the migrations make are the tables that the code works with."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from databases.errors import BadAddress
from storage import Store, open_store
from storage.errors import BrokenRecords, RecordsNotFound, RecordsOutdated
from storage.migrate import MIGRATIONS
from storage.opening import upgrade
from storage.state import OUTBOX
from storage.tables import DELIVERIES, EVENTS, METADATA, PREFIX, REVISION, VERSION_TABLE
from tests.storage.telling import posted


def test_the_metadata_and_the_last_migration_agree(store: Store) -> None:
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == REVISION
        assert all(name.startswith(PREFIX) for name in inspect(connection).get_table_names())


def test_messages_that_wait_are_found_without_passing_those_that_are_sent(store: Store) -> None:
    engine = store.database.engine
    found = {index["name"]: index for index in inspect(engine).get_indexes(OUTBOX.name)}
    options = found[f"ix_{OUTBOX.name}_sequence"]["dialect_options"]
    where = str(options[f"{engine.dialect.name}_where"])
    assert "delivered_at IS NULL" in where
    assert "cancelled_at IS NULL" in where


def test_postgresql_looks_after_tables_before_a_fifth_of_them_is_new(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with store.database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r'")
        )
        options = {name: set(some or ()) for name, some in rows if name.startswith(PREFIX)}
    store.close()
    often = "autovacuum_vacuum_insert_scale_factor=0.02"
    assert {name for name, some in options.items() if often in some} >= {EVENTS.name, OUTBOX.name}
    assert "fillfactor=50" in options[DELIVERIES.name]


def test_there_is_one_line_of_revisions_whose_names_rise() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    revisions = [found.revision for found in script.walk_revisions()]
    assert script.get_heads() == [REVISION] == revisions[:1]
    assert revisions == sorted(revisions, reverse=True)


def test_an_upgrade_makes_the_tables_once_and_keeps_what_is_there(address: str) -> None:
    with pytest.raises(RecordsNotFound, match="rakkan database upgrade"):
        open_store(address, create=False)
    assert upgrade(address) is None
    store = open_store(address, create=False)
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"))
    assert upgrade(address) == REVISION
    assert store.verify().events == 1
    store.close()


@pytest.mark.parametrize(
    ("revision", "words"), [("0000", "rakkan database upgrade"), ("9", "newer version")]
)
def test_records_of_another_revision_say_what_to_do(
    address: str, store: Store, revision: str, words: str
) -> None:
    with store.database.engine.begin() as connection:
        change = text(f"UPDATE {VERSION_TABLE} SET version_num = :revision")  # noqa: S608
        connection.execute(change, {"revision": revision})
    with pytest.raises(RecordsOutdated, match=words):
        open_store(address)
    if revision == "9":
        with pytest.raises(RecordsOutdated, match=words):
            upgrade(address)


@pytest.mark.parametrize(
    "address", ["", "records.sqlite3", "sqlite://", "mysql://host/database", "postgresql:\u202e"]
)
def test_no_address(address: str) -> None:
    with pytest.raises(BadAddress, match="no address of a database"):
        open_store(address)


def test_what_is_no_database(tmp_path: Path) -> None:
    place = tmp_path / "other"
    place.write_bytes(b"not a database" * 100)
    with pytest.raises(BrokenRecords, match="not a database"):
        open_store(f"sqlite:///{place}")


def test_the_index_and_the_records_share_a_database(postgres_url: str) -> None:
    from contextlib import closing

    from similarity.gallery.open import open_gallery
    from tests.similarity.fakes import IDENTITY, consent, enrol, new_work

    with closing(open_gallery(postgres_url, IDENTITY, create=True)) as gallery:
        store = open_store(postgres_url)
        with store.transaction() as transaction:
            transaction.append(posted("ann", "cat"))
            # Neither waits for the other.
            enrol(gallery, "a", consent(), [new_work("1")])
        assert gallery.state().creator("a").works == 1
        assert store.verify().whole
        store.close()
