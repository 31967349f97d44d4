"""Opening a gallery by its place: a folder, or the address of a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.extras import require_extra
from databases.engines import (
    PATIENCE,
    Database,
    postgres_database,
    sqlite_database,
    sqlite_reader,
)
from similarity.errors import NotInAFolder
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Gallery, Identity, Measure
from similarity.gallery.generations import LEDGER, in_use, others
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.ledger import UNKNOWN, identity_of, not_found
from similarity.gallery.ledger.migrate import recorded_revision, to_head
from similarity.gallery.ledger.state import read_state
from similarity.gallery.reencoding import described_by

DATABASE = ("postgresql:", "postgresql+psycopg:", "postgres:")
"""How the address of a database begins; anything else is a folder."""


def open_gallery(
    place: str,
    identity: Identity,
    measure: Measure | None = None,
    *,
    create: bool = False,
    read_only: bool = False,
) -> Gallery:
    """Open a gallery.

    Args:
        place: A folder, or the address of a PostgreSQL database.
        identity: What descriptions are made with.
        measure: How a creator's works stand out; None leaves that to whoever can measure it.
        create: Whether to make one if there is none.
        read_only: Whether to write nothing at all.

    Raises:
        IndexNotFound: There is none.
        IndexOutdated: Its tables are of another revision.
        IndexDiffers: It was made with another encoder or other heads.
        IndexBusy: Another process is making it.
        BrokenIndex: It cannot be read.
        BadAddress: The address is none.
        MissingExtra: What a database needs is not installed.
    """
    if place.startswith(DATABASE):
        _require_driver()
        from similarity.gallery.postgres import PostgresGallery  # only here: an extra

        return PostgresGallery.open(place, identity, measure, create=create, read_only=read_only)
    return DiskGallery.open(Path(place), identity, measure, create=create, read_only=read_only)


def open_generation(place: str, identity: Identity, measure: Measure) -> Gallery:
    """Open, for reading, what an index has that is described by some heads, in use or not.

    Args:
        place: As of `open_gallery`.
        identity: Of the heads.
        measure: How a creator's works stand out.

    Raises:
        IndexNotFound: There is no index.
        IndexDiffers: Nothing in it is described by them.
        BrokenIndex: It cannot be read.
    """
    generation = None
    if not place.startswith(DATABASE):
        generation = described_by(Path(place), identity)
    if generation is None:
        return open_gallery(place, identity, measure, read_only=True)
    return DiskGallery.open(Path(place), identity, measure, read_only=True, generation=generation)


def require_folder(place: str) -> Path:
    """The folder of an index, for what an index in a database cannot do.

    Raises:
        IndexNotFound: There is none.
        NotInAFolder: It lies in a database.
    """
    if place.startswith(DATABASE):
        raise NotInAFolder(
            "an index in a database is not described anew in its place: enrol the creators in"
            " another schema, and have the service search that"
        )
    if not (in_use(Path(place)) / LEDGER).is_file():
        raise not_found(place)
    return Path(place)


def open_records(place: str, *, read_only: bool = False) -> Gallery:
    """Open a gallery for its records, whatever it was made with.

    A creator can always withdraw, also from an index for which there is no model any longer.

    Args:
        place: As of `open_gallery`.
        read_only: As of `open_gallery`.

    Raises:
        IndexNotFound: There is none.
        IndexOutdated: Its tables are of another revision.
        BrokenIndex: It cannot be read.
    """
    return open_gallery(place, recorded_identity(place), read_only=read_only)


def recorded_identity(place: str) -> Identity:
    """What an index says that it was made with.

    Raises:
        IndexNotFound: There is none.
        IndexOutdated: Its tables are of another revision.
        BrokenIndex: It cannot be read.
    """
    with _database(place, read_only=True) as database:
        return identity_of(database)


def upgrade(place: str) -> str | None:
    """Bring the tables of an index up to date.

    Returns:
        The revision that they had; None if they were up to date.

    Raises:
        IndexNotFound: There is none.
        IndexBusy: Another process is changing it.
        BrokenIndex: It cannot be read or written.
    """
    if not place.startswith(DATABASE):
        for other in others(Path(place)):
            with closing_database(sqlite_database(other / LEDGER, patience=PATIENCE)) as database:
                _upgrade(database)
    with _database(place) as database:
        return _upgrade(database)


def _upgrade(database: Database) -> str | None:
    with Ledger(database, UNKNOWN).writing() as connection:
        before = recorded_revision(connection)
        if before is None:
            raise not_found(database.place)
        # The columns that migrations need of the state are there from the first on.
        to_head(connection, read_state(connection).identity)
        return before if before != recorded_revision(connection) else None


@contextmanager
def _database(place: str, *, read_only: bool = False) -> Iterator[Database]:
    if place.startswith(DATABASE):
        _require_driver()
        database = postgres_database(place, patience=PATIENCE, read_only=read_only)
    else:
        path = in_use(Path(place)) / LEDGER
        if not path.exists():
            raise not_found(place)
        opening = sqlite_reader if read_only else sqlite_database
        database = opening(path, patience=PATIENCE)
    with closing_database(database):
        yield database


@contextmanager
def closing_database(database: Database) -> Iterator[Database]:
    """Let go of a database at the end of the block."""
    try:
        yield database
    finally:
        database.engine.dispose()


def _require_driver() -> None:
    require_extra("postgres", "an index on PostgreSQL", "psycopg", "pgvector")
