"""Links to public pages: whoever has one may see one work's decision, or one enrolment, for a time.

A link is signed and holds what it leads to: nothing is kept, it cannot be guessed, and it opens
nothing else. The platform hands it to the account that it is about.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import want_bytes

from moderation.errors import LinkInvalid

LASTS = timedelta(days=90)
"""For which a link may be used."""

LONGEST = 2_000
"""Characters of the signed part, at most."""


@dataclass(frozen=True)
class Link:
    """An address that may be used for a time.

    Attributes:
        url: Whole, as a browser takes it.
        until: The first time when it no longer leads anywhere.
    """

    url: str
    until: datetime


class Links:
    """Makes links and reads them again; threads share it."""

    def __init__(self, address: str, secret: str, *, lasts: timedelta = LASTS) -> None:
        """Take an address.

        Args:
            address: Under which people reach the service, as `https://HOST`.
            secret: By which links are signed.
            lasts: For which they may be used.
        """
        self._address = address.rstrip("/")
        self._secret = secret
        self._lasts = lasts

    def to_work(self, decision: str, at: datetime) -> Link:
        """A link for the uploader, to what was decided about a work.

        Args:
            decision: Its id.
            at: From when on it lasts; the same time makes the same link.
        """
        return self._link("works", decision, at)

    def to_creator(self, creator: str, at: datetime) -> Link:
        """A link for a creator, to what is enrolled; `at` as in `to_work`."""
        return self._link("creators", creator, at)

    def decision(self, token: str, at: datetime) -> str:
        """The decision that a link leads to.

        Args:
            token: The signed part of the link.
            at: Now, with a time zone.

        Raises:
            LinkInvalid: Nobody signed it for this, or its time is over.
        """
        return self._read("works", token, at)[0]

    def creator(self, token: str, at: datetime) -> tuple[str, datetime]:
        """The creator whose enrolment a link leads to, and since when it does.

        An enrolment of the same name after a withdrawal is another one, perhaps of somebody else:
        a link from before the withdrawal does not lead to it. Args and errors as for `decision`.
        """
        return self._read("creators", token, at)

    def _link(self, place: str, about: str, since: datetime) -> Link:
        signed = self._signed(place, about, since.astimezone(UTC).isoformat())
        url = f"{self._address}/public/{place}/{signed}"
        return Link(url, since.astimezone(UTC) + self._lasts)

    def _signed(self, place: str, about: str, since: str) -> str:
        return want_bytes(self._signer(place).dumps([about, since])).decode()

    def _read(self, place: str, token: str, at: datetime) -> tuple[str, datetime]:
        try:
            if len(token) > LONGEST:
                raise BadData("too long")
            about, signed = self._signer(place).loads(token)
            if self._signed(place, about, signed) != token:
                raise BadData("another spelling of the same bytes")
            since = datetime.fromisoformat(signed)
        except (BadData, TypeError, ValueError):
            raise LinkInvalid("This link leads nowhere: open it whole, as you got it.") from None
        if at >= since + self._lasts:
            raise LinkInvalid("The time of this link is over: ask the platform for a new one.")
        return str(about), since

    def _signer(self, place: str) -> URLSafeSerializer:
        # Of its own for each place: a link to one is none to another.
        return URLSafeSerializer(
            self._secret,
            salt=f"rakkan.{place}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
