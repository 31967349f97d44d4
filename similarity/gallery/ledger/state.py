"""What a ledger says of itself: what it is made with, and which state it is in."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from similarity.errors import BrokenIndex, IndexDiffers
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.codec import digest
from similarity.gallery.ledger.tables import STATE


@dataclass(frozen=True)
class LedgerState:
    """The state of a ledger.

    Attributes:
        encoder: As in `Identity`.
        heads: As in `Identity`.
        style: As in `Identity`.
        copy: As in `Identity`.
        sequence: Rises with every change.
        content: Sum of the digests of all creators and works, modulo 2**256, in hex: names what is
            in the ledger, however it came there.
        removed: Sequence of the last change that took works away.
        snapshot: Name of the snapshot to search; empty before the first.
        upto: Highest id of a work that the snapshot can have.
        unclean: Sequence of the last withdrawal, while something of it may still lie in a file.
    """

    encoder: str
    heads: str
    style: int
    copy: int
    sequence: int = 0
    content: str = f"{0:064x}"
    removed: int = 0
    snapshot: str = ""
    upto: int = 0
    unclean: int = 0

    @property
    def identity(self) -> Identity:
        """What the index is made with."""
        return Identity(self.encoder, self.heads, self.style, self.copy)

    @property
    def name(self) -> str:
        """Names the state by encoder, heads and content: 16 hex digits."""
        return digest(self.encoder, self.heads, int(self.content, 16)).hex()[:16]


def read_state(connection: Connection) -> LedgerState:
    """Read the state.

    Raises:
        BrokenIndex: There is none, or more than one.
    """
    rows = connection.execute(select(STATE)).all()
    if len(rows) != 1:
        raise BrokenIndex(f"the index has {len(rows)} records of its state, not one")
    return LedgerState(*rows[0])


def write_state(connection: Connection, identity: Identity) -> None:
    """Write an empty ledger's state."""
    connection.execute(insert(STATE).values(vars(LedgerState(**vars(identity)))))


def change_state(connection: Connection, **values: str | int) -> None:
    """Change some of the state."""
    connection.execute(update(STATE).values(values))


def require(state: LedgerState, identity: Identity, place: str) -> None:
    """Refuse an index of another identity.

    Raises:
        IndexDiffers: It was made with another encoder or other heads; names both.
    """
    for what in ("encoder", "heads", "style", "copy"):
        was, wanted = getattr(state.identity, what), getattr(identity, what)
        if was != wanted:
            thing = {"style": "length of style vectors", "copy": "length of copy vectors"}.get(what)
            raise IndexDiffers(
                f"the index {place} was made with the {thing or what} {was}, not {wanted}:"
                " describe its works anew (`rakkan creators reencode`), or search with the model"
                " that made it"
            )
