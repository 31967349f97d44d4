"""What a ledger says of itself: what it is made with, and which state it is in."""

from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, insert, select, update

from similarity.errors import BrokenIndex, IndexDiffers
from similarity.gallery.gallery import Identity
from similarity.gallery.ledger.codec import digest
from similarity.gallery.ledger.tables import FACTS, VERSION


@dataclass(frozen=True)
class Facts:
    """The state of a ledger.

    Attributes:
        version: Of the tables.
        encoder: As in `Identity`.
        heads: As in `Identity`.
        style: As in `Identity`.
        copy: As in `Identity`.
        sequence: Rises with every change.
        content: Sum of the digests of all creators and works, modulo 2**256: names what is in
            the ledger, however it came there.
        snapshot: Name of the snapshot to search; empty before the first.
        upto: Highest id of a work that the snapshot can have.
        unclean: Sequence of the last withdrawal, while something of it may still lie in a file.
    """

    version: str
    encoder: str
    heads: str
    style: int
    copy: int
    sequence: int = 0
    content: int = 0
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
        return digest(self.encoder, self.heads, self.content).hex()[:16]


def first(identity: Identity) -> Facts:
    """The facts of an empty ledger."""
    return Facts(VERSION, identity.encoder, identity.heads, identity.style, identity.copy)


def read(connection: Connection) -> Facts:
    """Read the facts.

    Raises:
        IndexDiffers: They are of another version of the tables.
        BrokenIndex: Some are missing, or make no sense.
    """
    found: dict[str, str] = {row.name: row.value for row in connection.execute(select(FACTS))}
    if found.get("version", VERSION) != VERSION:
        raise IndexDiffers(
            f"the index was made by another version of rakkan (tables {found['version']}, not"
            f" {VERSION}): enrol the creators in a new one"
        )
    try:
        return Facts(**{each.name: each.type(found[each.name]) for each in fields(Facts)})  # type: ignore[operator]
    except (KeyError, ValueError) as error:
        raise BrokenIndex(f"the index lacks or has wrong facts of itself: {error}") from error


def write(connection: Connection, facts: Facts) -> None:
    """Write an empty ledger's facts."""
    connection.execute(
        insert(FACTS), [{"name": name, "value": str(value)} for name, value in vars(facts).items()]
    )


def change(connection: Connection, **values: str | int) -> None:
    """Change some facts."""
    connection.execute(
        update(FACTS).where(FACTS.c.name == bindparam("fact")).values(value=bindparam("to")),
        [{"fact": name, "to": str(value)} for name, value in values.items()],
    )


def require(facts: Facts, identity: Identity, place: str) -> None:
    """Refuse an index of another identity.

    Raises:
        IndexDiffers: It was made with another encoder or other heads; names both.
    """
    for what in ("encoder", "heads", "style", "copy"):
        was, wanted = getattr(facts.identity, what), getattr(identity, what)
        if was != wanted:
            thing = {"style": "length of style vectors", "copy": "length of copy vectors"}.get(what)
            raise IndexDiffers(
                f"the index {place} was made with the {thing or what} {was}, not {wanted}: enrol"
                " the creators anew in another place, or search with the model that made it"
            )
