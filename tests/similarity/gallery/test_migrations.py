"""The tables that the migrations make are the tables that the code works with."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from databases.engines import postgres_database, sqlite_database
from similarity.errors import IndexNotFound, IndexOutdated
from similarity.gallery.generations import LEDGER
from similarity.gallery.ledger.migrate import MIGRATIONS, VERSION_TABLE, recorded_revision
from similarity.gallery.ledger.tables import METADATA, PREFIX, REVISION
from similarity.gallery.open import open_gallery, open_records, recorded_identity, upgrade
from similarity.gallery.postgres import VectorTables
from tests.similarity.fakes import IDENTITY, consent, enrol, new_work


@pytest.fixture(params=["folder", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        found = str(tmp_path / "100% index")
    else:
        found = request.getfixturevalue("postgres_url")
    with closing(open_gallery(found, IDENTITY, create=True)) as gallery:
        enrol(gallery, "a", consent(), [new_work("1")])
    return found


@pytest.fixture
def connection(place: str) -> Iterator[Connection]:
    if place.startswith("postgresql"):
        database = postgres_database(place, patience=1)
    else:
        database = sqlite_database(Path(place) / LEDGER, patience=1)
    with database.engine.begin() as found:
        yield found
    database.engine.dispose()


def test_the_metadata_and_the_last_migration_agree(connection: Connection) -> None:
    on_postgres = connection.dialect.name == "postgresql"
    metadata = VectorTables(IDENTITY).metadata if on_postgres else METADATA
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
    )
    assert compare_metadata(context, metadata) == []
    assert context.get_current_revision() == REVISION == recorded_revision(connection)


def test_there_is_one_line_of_revisions_whose_names_rise() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    revisions = [found.revision for found in script.walk_revisions()]
    assert script.get_heads() == [REVISION] == revisions[:1]
    assert revisions == sorted(revisions, reverse=True)


def test_all_tables_bear_the_prefix(connection: Connection) -> None:
    names = inspect(connection).get_table_names()
    assert [name for name in names if not name.startswith((PREFIX, "sqlite_"))] == []


def test_what_is_up_to_date_stays_as_it_is(place: str) -> None:
    assert upgrade(place) is None
    assert recorded_identity(place) == IDENTITY
    with closing(open_records(place)) as gallery:
        assert gallery.state().creator("a").works == 1


def test_an_index_of_another_revision_names_the_command(place: str) -> None:
    for revision, words in (("0000", "rakkan creators upgrade --index"), ("9", "newer version")):
        set_revision(place, revision)
        for opening in (recorded_identity, open_records, lambda it: open_gallery(it, IDENTITY)):
            with pytest.raises(IndexOutdated, match=words):
                opening(place)


def test_an_index_from_before_there_were_aliases_is_brought_up_to_date(place: str) -> None:
    with closing(open_records(place)) as gallery:
        before = gallery.state().name
    drop_aliases(place)
    with pytest.raises(IndexOutdated):
        open_records(place)
    assert upgrade(place) == "0001"
    with closing(open_gallery(place, IDENTITY, create=True)) as gallery:
        assert gallery.state().name == before
        assert enrol(gallery, "a", consent(), [], aliases=["b"]).aliases == ("b",)


def drop_aliases(place: str) -> None:
    """As revision 0001 has it."""
    set_revision(place, "0001")
    if place.startswith("postgresql"):
        engine = postgres_database(place, patience=1).engine
    else:
        engine = sqlite_database(Path(place) / LEDGER, patience=1).engine
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE rakkan_index_aliases"))
    engine.dispose()


def set_revision(place: str, revision: str) -> None:
    if place.startswith("postgresql"):
        engine = postgres_database(place, patience=1).engine
    else:
        engine = sqlite_database(Path(place) / LEDGER, patience=1).engine
    with engine.begin() as connection:
        change = text("UPDATE rakkan_index_revision SET version_num = :revision")
        connection.execute(change, {"revision": revision})
    engine.dispose()


def test_nothing_to_upgrade(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        upgrade(str(tmp_path))
