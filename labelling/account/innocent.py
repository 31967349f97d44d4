"""What accounts of innocent artists show: the scale on which an account's likeness is measured."""

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SHIPPED = "imitation.json"


@dataclass(frozen=True)
class Share:
    """How many innocent accounts show as much.

    Attributes:
        p_value: Their share, at most, so far as so many accounts can tell: above 0, at most 1.
        accounts: How many were measured.
    """

    p_value: float
    accounts: int


UNKNOWN = Share(1.0, 0)


@dataclass(frozen=True)
class Measured:
    """Innocent accounts with so many works.

    Attributes:
        accounts: Of how many artists.
        nats: How much each surprises, against whichever creator it is nearest to, ascending; an
            artist may stand for several accounts, all of which count as one.
    """

    accounts: int
    nats: tuple[float, ...]

    def share(self, nats: float) -> Share:
        """The share of innocent accounts that surprise as much: a conformal p-value.

        An innocent account is one more of these, so that its share is never smaller than one of
        their number and itself.
        """
        as_much = (len(self.nats) - bisect_left(self.nats, nats)) / len(self.nats)
        return Share((1 + self.accounts * as_much) / (self.accounts + 1), self.accounts)


@dataclass(frozen=True)
class InnocentAccounts:
    """What innocent accounts show, by how many works they have.

    Attributes:
        least: Works that must be near before an account is held against these, of which none had
            to be.
        measured: By the number of works.
        origin: What it was measured on, and by which command.
    """

    least: int
    measured: Mapping[int, Measured]
    origin: Mapping[str, Any]

    def share(self, works: int, nats: float) -> Share:
        """The share of innocent accounts with so many works that surprise as much.

        The more works, the less chance there is in their mean: what few works show seldom, many
        show more seldom, so that accounts with fewer works bound those with more. That some works
        of an account must be near, too, only makes it rarer that one is named.

        Returns:
            The smallest of those bounds; `UNKNOWN` for fewer works than were measured.
        """
        shares = [one.share(nats) for size, one in self.measured.items() if size <= works]
        return min(shares, key=lambda one: (one.p_value, -one.accounts), default=UNKNOWN)


@cache
def shipped() -> InnocentAccounts:
    """What was measured on the accounts of artists who are not enrolled; see `imitation.json`."""
    document = json.loads(files(__package__).joinpath(SHIPPED).read_text("utf-8"))
    return from_document(document)


def from_document(document: Mapping[str, Any]) -> InnocentAccounts:
    """Read what `document_of` wrote."""
    measured = {
        int(works): Measured(one["accounts"], tuple(one["nats"]))
        for works, one in document["works"].items()
    }
    return InnocentAccounts(document["least"], measured, document["origin"])


def document_of(innocent: InnocentAccounts) -> dict[str, Any]:
    """As a JSON object."""
    works = {
        str(size): {"accounts": one.accounts, "nats": list(one.nats)}
        for size, one in innocent.measured.items()
    }
    return {"origin": dict(innocent.origin), "least": innocent.least, "works": works}
