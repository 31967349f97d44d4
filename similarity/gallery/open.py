"""Opening a gallery by its place: a folder, or the address of a database."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, inspect

from similarity.errors import IndexDiffers
from similarity.gallery.creators import Standing
from similarity.gallery.folder import LEDGER, PATIENCE, DiskGallery
from similarity.gallery.gallery import Gallery, Identity, Measure
from similarity.gallery.ledger import state as facts
from similarity.gallery.ledger.engines import postgres_engine, sqlite_engine, told
from similarity.gallery.ledger.ledger import not_found
from similarity.gallery.ledger.tables import FACTS

DATABASE = ("postgresql:", "postgresql+psycopg:", "postgres:")
"""How the address of a database begins; anything else is a folder."""


def open_gallery(
    place: str, identity: Identity, measure: Measure, *, create: bool = False
) -> Gallery:
    """Open a gallery.

    Args:
        place: A folder, or the address of a PostgreSQL database.
        identity: What descriptions are made with.
        measure: How a creator's works stand out.
        create: Whether to make one if there is none.

    Raises:
        IndexNotFound: There is none.
        IndexDiffers: It was made with another encoder or other heads.
        IndexBusy: Another process is making it.
        BrokenIndex: It cannot be read.
        MissingExtra: What a database needs is not installed.
    """
    if place.startswith(DATABASE):
        from similarity.gallery.postgres import PostgresGallery  # only here: an extra

        return PostgresGallery.open(place, identity, measure, create=create)
    return DiskGallery.open(Path(place), identity, measure, create=create)


def open_records(place: str) -> Gallery:
    """Open a gallery to read and to withdraw from, whatever it was made with.

    A creator can always withdraw, also from an index for which there is no model any longer.

    Args:
        place: As of `open_gallery`.

    Raises:
        IndexNotFound: There is none.
        BrokenIndex: It cannot be read.
    """
    return open_gallery(place, recorded_identity(place), _unmeasured)


def recorded_identity(place: str) -> Identity:
    """What an index says that it was made with.

    Raises:
        IndexNotFound: There is none.
        BrokenIndex: It cannot be read.
    """
    engine, shown = _engine(place)
    try:
        with told(shown), engine.begin() as connection:
            if not inspect(connection).has_table(FACTS.name):
                raise not_found(shown)
            return facts.read(connection).identity
    finally:
        engine.dispose()


def _engine(place: str) -> tuple[Engine, str]:
    if place.startswith(DATABASE):
        import similarity.gallery.postgres  # noqa: F401 - says so if its extra is missing

        return postgres_engine(place, patience=PATIENCE)
    path = Path(place) / LEDGER
    if not path.exists():
        raise not_found(place)
    return sqlite_engine(path, patience=PATIENCE), place


def _unmeasured(styles: NDArray[np.float32]) -> Standing:
    raise IndexDiffers("works are measured with the model that the index was made with")
