"""A PostgreSQL allows so many connections: a process takes its share, and says where they end."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import create_engine, make_url

from api.opening import say_if_narrow
from databases.connections import Room, room_for
from databases.engines import KEPT_CONNECTIONS
from storage import Store, open_store
from storage.errors import RecordsBusy


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with closing(open_store(postgres_url, connections=3, patience=0.2)) as found:
        yield found


@contextmanager
def program(address: str, name: str) -> Iterator[None]:
    """Another program that has a connection open."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"application_name": name})
    with engine.connect():
        yield
    engine.dispose()


def test_more_than_its_share_is_refused_and_told(store: Store) -> None:
    with store.reading() as one, store.reading() as two, store.reading() as three:
        assert one.head() == two.head() == three.head()
        with pytest.raises(RecordsBusy, match="RAKKAN_CONNECTIONS"), store.transaction():
            pass
    with store.transaction():
        pass
    assert store.database.engine.pool.checkedin() == KEPT_CONNECTIONS  # type: ignore[attr-defined]


def test_a_server_that_takes_no_more_is_busy_and_not_broken(postgres_url: str) -> None:
    open_store(postgres_url).close()
    url = make_url(postgres_url)
    admin = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"narrow_{url.database}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 0")
        address = url.set(username=name, password=None).render_as_string()
        with pytest.raises(RecordsBusy, match="max_connections"):
            open_store(address)
        connection.exec_driver_sql(f"DROP ROLE {name}")
    admin.dispose()


def test_processes_are_counted_and_those_of_others_are_taken_off(
    store: Store, postgres_url: str
) -> None:
    before = room_for(store.database)
    assert before is not None
    with program(postgres_url, "rakkan elsewhere 7"), program(postgres_url, "rakkan elsewhere 7"):
        assert room_for(store.database) == Room(before.allowed, before.processes + 1)
    with program(postgres_url, "psql"):
        assert room_for(store.database) == Room(before.allowed - 1, before.processes)


def test_it_is_told_at_the_start_where_all_together_may_be_too_many(
    store: Store, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    room = room_for(store.database)
    assert room is not None
    fits = room.allowed // (room.processes + 1)
    with program(postgres_url, "rakkan elsewhere 7"), caplog.at_level(logging.WARNING):
        say_if_narrow(store, fits)
        assert not caplog.records
        say_if_narrow(store, fits + 1)
    (told,) = caplog.messages
    assert f"allows them {room.allowed}" in told
    assert "RAKKAN_CONNECTIONS" in told
