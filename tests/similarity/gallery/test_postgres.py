"""What is PostgreSQL's own; the rest is in `test_gallery_conformance.py`."""

import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from databases.engines import exclusive, postgres_database
from databases.errors import BadAddress
from similarity.description import REGIONS
from similarity.errors import (
    BrokenIndex,
    IndexBusy,
    IndexDiffers,
    IndexNotFound,
    IndexReadOnly,
    StateEnded,
)
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.ledger import LOCK
from similarity.gallery.postgres import PostgresGallery
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work
from tests.similarity.files import traces

WORKS = [new_work(str(number)) for number in range(30)]

DIFFERENT: dict[str, Any] = {
    "encoder": {"encoder": "another"},
    "heads": {"heads": "others"},
    "style": {"style": 99},
    "copy": {"copy": 99},
}


def opened(address: str, identity: Identity = IDENTITY, *, create: bool = True) -> PostgresGallery:
    return PostgresGallery.open(address, identity, measure, create=create, patience=0.1)


@pytest.fixture
def gallery(postgres_url: str) -> Iterator[PostgresGallery]:
    found = opened(postgres_url)
    yield found
    found.close()


def test_there_is_none(postgres_url: str) -> None:
    with pytest.raises(IndexNotFound, match="rakkan creators enrol"):
        opened(postgres_url, create=False)
    opened(postgres_url).close()
    opened(postgres_url, create=False).close()


def test_no_address() -> None:
    with pytest.raises(BadAddress, match="no address"):
        opened("postgresql:no address")


def test_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    address = f"postgresql://me:secret@/here?host={tmp_path}"
    with pytest.raises(BrokenIndex, match="fails") as told:
        opened(address)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("what", DIFFERENT)
def test_another_identity_is_refused(
    gallery: PostgresGallery, postgres_url: str, what: str
) -> None:
    enrol(gallery, "a", consent(), WORKS)
    other = replace(IDENTITY, **DIFFERENT[what])
    with pytest.raises(IndexDiffers) as told:
        opened(postgres_url, other)
    assert str(getattr(IDENTITY, what)) in str(told.value)
    assert str(getattr(other, what)) in str(told.value)


def test_what_one_process_changes_the_other_finds(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    other = opened(postgres_url)
    enrol(gallery, "a", consent(), WORKS)
    assert other.state().name == gallery.state().name
    ids = [work.id for work in gallery.state().works_of("a")]
    query = WORKS[3].description.style[None]
    assert other.state().search_style(query, 1).ids.tolist() == [[ids[3]]]
    other.withdraw("a")
    assert gallery.state().search_style(query, 1).ids.tolist() == [[-1]]
    other.close()


def test_one_writer_at_a_time_and_readers_go_on(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    enrol(gallery, "a", consent(), WORKS[:5])
    engine = postgres_database(postgres_url, patience=1).engine
    with exclusive(engine, LOCK).begin():
        with pytest.raises(IndexBusy):
            enrol(gallery, "b", consent(), WORKS[5:6])
        with pytest.raises(IndexBusy):
            gallery.withdraw("a")
        assert gallery.state().creator("a").works == 5
        assert gallery.state().search_style(WORKS[3].description.style[None], 9).ids[0, 4] > 0
    engine.dispose()
    enrol(gallery, "b", consent(), WORKS[5:6])


def test_many_make_it_at_once(postgres_url: str) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        try:
            PostgresGallery.open(postgres_url, IDENTITY, measure, create=True).close()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_graph_finds_as_well(postgres_url: str) -> None:
    plain = opened(postgres_url)
    for start in range(0, 600, 60):
        new = [new_work(str(number)) for number in range(start, start + 60)]
        enrol(plain, str(start), consent(), new)
    queries = np.stack([new_work(f"q{number}").description.style for number in range(20)])
    exact = plain.state().search_style(queries, 10)
    plain.close()
    graphs = PostgresGallery.open(postgres_url, IDENTITY, measure, graph=500)
    enrol(graphs, "last", consent(), [])
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        names = connection.execute(text("SELECT indexdef FROM pg_indexes")).scalars().all()
    engine.dispose()
    assert sum("USING hnsw" in name for name in names) == 3
    found = graphs.state().search_style(queries, 10)
    same = [len({*a} & {*b}) for a, b in zip(found.ids.tolist(), exact.ids.tolist(), strict=True)]
    assert sum(same) >= 0.99 * exact.ids.size
    assert graphs.withdraw("60") == 60
    gone = new_work("61").description
    assert graphs.state().search_style(gone.style[None], 1).scores[0, 0] < 0.99
    assert graphs.state().search_copies(gone.copy[:1], 1).scores[0, 0] < 0.999
    graphs.close()


def test_a_withdrawal_leaves_no_byte_in_the_tables(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    works = {str(name): [new_work(f"{name}.{each}") for each in range(8)] for name in range(10)}
    for name, some in works.items():
        enrol(gallery, name, consent(), some)
    tables = data_folder(postgres_url)
    assert traces(tables, works["3"])
    for name in ("3", "9", "5"):
        gallery.withdraw(name)
        data_folder(postgres_url)
        assert traces(tables, works[name]) == []
    assert traces(tables, works["4"])


def test_a_withdrawal_leaves_no_byte_in_the_graphs(postgres_url: str, tmp_path: Path) -> None:
    """Also where so few rows are dead that PostgreSQL would not go through the graph for them."""
    gone = [new_work("gone", regions=REGIONS)]
    gallery = PostgresGallery.open(postgres_url, IDENTITY, measure, create=True, graph=500)
    enrol(gallery, "a", consent(), gone)
    enrol(gallery, "b", consent(), [new_work(str(each), regions=REGIONS) for each in range(800)])

    def left_in_graphs() -> list[str]:
        data_folder(postgres_url)
        with session(postgres_url) as other:
            found = other.execute(
                text(
                    "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(oid)"
                    " FROM pg_class WHERE relname LIKE '%\\_nearest'"
                )
            )
            for number, path in enumerate(found.scalars()):
                shutil.copyfile(path, tmp_path / str(number))
        return traces(tmp_path, gone)

    assert left_in_graphs()
    gallery.withdraw("a")
    assert left_in_graphs() == []
    gallery.close()


def test_statistics_keep_nothing_of_the_withdrawn(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    """The planner's samples outlive the rows, and a database takes them by itself under load."""
    works = [new_work(f"a.{each}") for each in range(20)]
    enrol(
        gallery,
        "Ann Example",
        consent("an agent", "by letter"),
        works,
        accounts=["ann@here"],
        aliases=["Her Pen Name"],
    )
    enrol(gallery, "b", consent(), WORKS)
    with session(postgres_url) as other:
        other.execute(text("ANALYZE"))
    gallery.withdraw("Ann Example")
    tables = data_folder(postgres_url)
    assert traces(tables, works) == []
    left = b"".join(file.read_bytes() for file in tables.iterdir() if file.is_file())
    for words in (b"an agent", b"by letter", b"ann@here", b"Her Pen Name"):
        assert words not in left


def test_a_withdrawal_says_who_keeps_it_from_clearing_the_files(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    enrol(gallery, "a", consent(), WORKS[:8])
    enrol(gallery, "b", consent(), WORKS[8:])
    hasty = PostgresGallery.open(postgres_url, IDENTITY, measure, erasure_patience=0.2)
    with session(postgres_url, "REPEATABLE READ") as other:
        # An old snapshot is enough, of whatever: it might still look.
        pid = other.scalar(text("SELECT pg_backend_pid() FROM pg_class LIMIT 1"))
        with pytest.raises(
            IndexBusy, match=rf"withdrawn and found no more.*session {pid} \(idle in"
        ):
            hasty.withdraw("a")
        assert [one.name for one in hasty.state().creators()] == ["b"]
        assert traces(data_folder(postgres_url), WORKS[:8])
        # Another that only reads does not try, and does not wait.
        PostgresGallery.open(postgres_url, IDENTITY, read_only=True).close()
    hasty.close()
    opened(postgres_url).close()
    assert traces(data_folder(postgres_url), WORKS[:8]) == []
    assert traces(data_folder(postgres_url), WORKS[8:])


def test_a_withdrawal_waits_for_older_transactions(
    gallery: PostgresGallery, postgres_url: str
) -> None:
    enrol(gallery, "a", consent(), WORKS[:8])
    done = threading.Event()

    def withdraw() -> None:
        gallery.withdraw("a")
        done.set()

    withdrawing = threading.Thread(target=withdraw)
    with session(postgres_url, "REPEATABLE READ") as other:
        other.execute(text("SELECT 1 FROM pg_class LIMIT 1"))
        withdrawing.start()
        # It is withdrawn at once, and waits with the files alone.
        with session(postgres_url) as third:
            while third.scalar(text("SELECT unclean FROM rakkan_index_state")) == 0:
                done.wait(0.02)
        assert not done.wait(0.3)
    withdrawing.join()
    assert done.is_set()
    assert traces(data_folder(postgres_url), WORKS[:8]) == []


def test_withdrawals_under_load_leave_no_byte(postgres_url: str) -> None:
    """Others enrol, withdraw, search and analyse at the same time, with snapshots of all ages."""
    over = threading.Event()
    failures: list[BaseException] = []

    def patient() -> PostgresGallery:
        return PostgresGallery.open(postgres_url, IDENTITY, measure, create=True, patience=60)

    def busy(work: Callable[[PostgresGallery, int], None]) -> None:
        gallery = patient()
        try:
            for number in itertools.count():
                if over.is_set():
                    break
                work(gallery, number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            gallery.close()

    def come_and_go(gallery: PostgresGallery, number: int) -> None:
        name = f"other {number % 3}"
        enrol(gallery, name, consent(), [new_work(f"{number}-{each}") for each in range(20)])
        gallery.withdraw(name)

    def search(gallery: PostgresGallery, number: int) -> None:
        state = gallery.state()
        with suppress(StateEnded):
            found = state.search_style(WORKS[number % 30].description.style[None], 5)
            state.works(found.ids[0].tolist())

    def look_back(gallery: PostgresGallery, number: int) -> None:
        with session(postgres_url, "REPEATABLE READ") as other:
            other.execute(text("SELECT count(*) FROM pg_class"))
            over.wait(0.1 * (number % 4))
        with session(postgres_url) as other:
            other.execute(text("ANALYZE"))

    main = patient()
    enrol(main, "kept", consent(), WORKS)
    threads = [threading.Thread(target=busy, args=(it,)) for it in (come_and_go, search, look_back)]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            works = [new_work(f"{number}.{each}") for each in range(12)]
            enrol(main, "main", consent(), works)
            assert main.withdraw("main") == 12
            assert traces(data_folder(postgres_url), works) == []
    finally:
        over.set()
        for thread in threads:
            thread.join()
    main.close()
    assert failures == []


def test_reading_alone(gallery: PostgresGallery, postgres_url: str) -> None:
    enrol(gallery, "a", consent(), WORKS)
    reader = PostgresGallery.open(postgres_url, IDENTITY, measure, read_only=True)
    state = reader.state()
    assert state.search_style(WORKS[0].description.style[None], 1).scores[0, 0] > 0.99
    for change in (
        lambda: enrol(reader, "b", consent(), []),
        lambda: reader.remove("a", ["1"]),
        lambda: reader.withdraw("a"),
    ):
        with pytest.raises(IndexReadOnly):
            change()
    reader.keep(state, "it", b"nothing")
    assert state.derived("it") is None
    reader.close()


def test_two_indices_in_one_database_take_a_schema_each(postgres_url: str) -> None:
    with session(postgres_url) as connection:
        connection.execute(text("CREATE TABLE creators (id integer)"))
        connection.execute(text("CREATE EXTENSION vector"))
        connection.execute(text("CREATE SCHEMA one; CREATE SCHEMA other"))
    places = [
        f"{postgres_url}&options=-csearch_path%3D{schema},public" for schema in ("one", "other")
    ]
    galleries = [opened(place) for place in places]
    for number, gallery in enumerate(galleries):
        enrol(gallery, str(number), consent(), WORKS[number : number + 1])
    for number, gallery in enumerate(galleries):
        assert [one.name for one in gallery.state().creators()] == [str(number)]
        gallery.withdraw(str(number))
        gallery.close()
    with pytest.raises(IndexNotFound):
        opened(postgres_url, create=False)


@contextmanager
def session(address: str, isolation_level: str = "AUTOCOMMIT") -> Iterator[Connection]:
    """A session of somebody else."""
    engine = create_engine(
        make_url(address).set(drivername="postgresql+psycopg"), isolation_level=isolation_level
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def data_folder(address: str) -> Path:
    """Where the database keeps its tables, with all that was changed written there."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("CHECKPOINT"))
        (data,) = connection.execute(text("SHOW data_directory")).one()
        oid = connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar_one()
    engine.dispose()
    return Path(data) / "base" / str(oid)
