"""What is PostgreSQL's own; the rest is in `test_gallery_conformance.py`."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url, text

from similarity.errors import BrokenIndex, IndexBusy, IndexDiffers, IndexNotFound
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.engines import exclusive, postgres_database
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
    with pytest.raises(IndexNotFound, match="no address"):
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
    with exclusive(engine).begin():
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
