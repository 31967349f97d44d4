"""Signing messages, and posting them to one receiver."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import httpx2
from standardwebhooks import Webhook as Signer

from moderation.errors import NotTaken
from moderation.links import Links
from moderation.webhooks.documents import body_of
from storage.cases import Message

SECONDS = 15.0
"""Within which a receiver has answered, from the connection to the end of its answer."""

MOST_BYTES = 1 << 16
"""Of an answer that are read: what a receiver says besides its status is nobody's concern."""

GONE = 410
"""With which a receiver says that it wants no more of this."""


class Webhook:
    """Posts messages to one address; for one thread, a context manager.

    Signed by all secrets, so that a receiver may know the new one or an old one. No redirect is
    followed, and certificates are verified.

    Attributes:
        url: Where to.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        *,
        links: Links | None = None,
        seconds: float = SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take an address.

        Args:
            url: Where to.
            secrets: Each `whsec_` and base64; the newest first.
            links: Makes the pages of notices to uploaders; None for none.
            seconds: Within which it has answered.
            now: The time of an attempt, with a time zone.
        """
        self.url = url
        self._signers = [Signer(secret) for secret in secrets]
        self._links = links
        self._seconds = seconds
        self._now = now
        self._runner = asyncio.Runner()
        # Not from the environment: what is told here goes through no proxy that nobody named.
        self._client = httpx2.AsyncClient(
            timeout=None,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": f"rakkan/{version('rakkan')}"},
        )

    def __enter__(self) -> "Webhook":
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, message: Message) -> None:
        """Post a message.

        Args:
            message: Out of the outbox.

        Raises:
            NotTaken: The receiver did not take it.
        """
        body = body_of(message, self._links)
        status, headers = self._runner.run(self._post(body, self._signed(message.id, body)))
        if 200 <= status < 300:
            return
        raise NotTaken(
            f"the receiver answered {status}",
            final=status == GONE,
            retry_after=self._asked(headers.get("Retry-After")),
        )

    def _signed(self, id_: str, body: str) -> dict[str, str]:
        at = self._now().astimezone(UTC)
        return {
            "webhook-id": id_,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(one.sign(id_, at, body) for one in self._signers),
            "content-type": "application/json",
        }

    async def _post(self, body: str, headers: dict[str, str]) -> tuple[int, httpx2.Headers]:
        try:
            async with asyncio.timeout(self._seconds), AsyncExitStack() as held:
                answer = await held.enter_async_context(
                    self._client.stream("POST", self.url, content=body, headers=headers)
                )
                read = 0
                # To its end, if that is near: the connection can be used again.
                async for piece in answer.aiter_raw():
                    read += len(piece)
                    if read > MOST_BYTES:
                        break
                return answer.status_code, answer.headers
        except TimeoutError:
            seconds = f"{self._seconds:g}"
            raise NotTaken(f"the receiver did not answer within {seconds} seconds") from None

    def _asked(self, retry_after: str | None) -> timedelta | None:
        """How long a receiver asks to wait: seconds, or a date."""
        if retry_after is None:
            return None
        try:
            if retry_after.strip().isdecimal():
                return timedelta(seconds=int(retry_after))
            at = parsedate_to_datetime(retry_after)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)) - self._now()
        except (ValueError, OverflowError):
            return None
