"""An index in a folder goes from its heads to others, while it is searched.

    open_draft -> works are enrolled in it, described by the other heads; that may take days
    take_over  -> a generation with the ids, names and consent of the one in use, and with what the
                  draft says of the works; then it is the one in use

Nothing is locked but for the last step, and searches go on throughout. Until then the index is what
it was; whoever has it open keeps the generation that it opened.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from core.files import published
from databases.engines import PATIENCE, sqlite_database, sqlite_reader
from similarity.errors import WorksNotDescribed
from similarity.gallery.creators import Work
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Identity, Measure, State
from similarity.gallery.generations import (
    LEDGER,
    discard,
    following,
    in_use,
    others,
    put_into_use,
)
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.ledger import identity_of
from similarity.gallery.ledger.redescribing import redescribe

Settle = Callable[[DiskGallery], None]
"""Computes what every search of a generation needs, before it is in use."""


def described_by(folder: Path, identity: Identity) -> Path | None:
    """A generation of the index that is described by some heads; None where there is none.

    One that was in use before counts: going back takes what it has.
    """
    for generation in (in_use(folder), *reversed(others(folder))):
        if identity_of(sqlite_reader(generation / LEDGER, patience=PATIENCE)) == identity:
            return generation
    return None


def open_draft(folder: Path, identity: Identity, measure: Measure) -> DiskGallery:
    """The draft of the next generation, in which works are enrolled under its heads.

    Generations of yet other heads, which are in nobody's use, are deleted.

    Raises:
        IndexBusy: Another process is changing it.
        BrokenIndex: It cannot be made.
    """
    place = described_by(folder, identity)
    if place != in_use(folder):
        for generation in others(folder):
            if generation != place:
                discard(folder, generation)
    return DiskGallery.open(
        folder, identity, measure, create=True, generation=place or following(folder)
    )


def not_described(state: State, draft: State) -> dict[str, list[Work]]:
    """The works of which a draft has no description, by creator."""
    known = {work.sha256 for creator in draft.creators() for work in draft.works_of(creator.name)}
    found = {
        creator.name: [w for w in state.works_of(creator.name) if w.sha256 not in known]
        for creator in state.creators()
    }
    return {creator: works for creator, works in found.items() if works}


def take_over(
    folder: Path,
    identity: Identity,
    measure: Measure,
    settle: Settle,
    *,
    without_missing: bool = False,
) -> Path:
    """Put a generation into use that is described by other heads.

    Nobody can change the index meanwhile; searches do not wait.

    Args:
        folder: Of the index.
        identity: Of the heads.
        measure: How creators stand out, by these heads.
        settle: See `Settle`.
        without_missing: Whether works that the draft does not have are given up.

    Returns:
        Its folder.

    Raises:
        WorksNotDescribed: The draft lacks works; then all stays as it is.
        IndexBusy: Another process is changing the index.
        BrokenIndex: It cannot be written.
    """
    draft = described_by(folder, identity)
    now = in_use(folder)
    if draft is None:
        raise WorksNotDescribed("no work is described by the other heads yet")
    if draft == now:
        return now
    before = Ledger(
        sqlite_database(now / LEDGER, patience=PATIENCE),
        identity_of(sqlite_reader(now / LEDGER, patience=PATIENCE)),
    )
    try:
        with before.writing():
            made = following(folder)
            with published(made) as place:
                _copy(now / LEDGER, place / LEDGER)
                missing = _redescribed(place / LEDGER, draft / LEDGER, identity)
                if missing and not without_missing:
                    raise WorksNotDescribed(
                        f"{missing:,} works are not described by the other heads"
                    )
            gallery = DiskGallery.open(folder, identity, measure, generation=made)
            try:
                gallery.measure_all()
                gallery.compact()
                settle(gallery)
            finally:
                gallery.close()
            put_into_use(folder, made)
    finally:
        before.close()
    discard(folder, draft)
    return made


def _copy(ledger: Path, to: Path) -> None:
    """Copy a ledger as it is, without what was deleted from it."""
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))
    connection.close()


def _redescribed(ledger: Path, draft: Path, identity: Identity) -> int:
    """Describe a ledger's works as the draft does; returns how many it does not have."""
    source = sqlite_reader(draft, patience=PATIENCE)
    new = Ledger(sqlite_database(ledger, patience=PATIENCE), identity)
    try:
        with new.changing() as change, source.engine.begin() as connection:
            return len(redescribe(change, identity, connection))
    finally:
        new.close()
