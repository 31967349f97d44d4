"""What a client may take of the service before it has said what it wants."""

import asyncio
from http import HTTPStatus

import h11
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

JSON_BYTES = 1 << 20
"""Of a body that is no form. The framework reads it whole, before it looks whose it is."""

HEAD_SECONDS = 20.0
"""Within which the head of a request has come, from its first byte or the connection's first."""


_MOST = "rakkan.most_bytes"


def reads_within_its_own_bound(request: Request) -> None:
    """Lift the bound on a body from a request whose reader has one, as forms have."""
    del request.scope[_MOST]


def reads_within(request: Request, most: int) -> None:
    """Let the body of a request be longer than most, up to a bound of its own.

    Args:
        request: Of which nothing was read yet.
        most: Bytes.
    """
    request.scope[_MOST] = most


class BoundedBody:
    """An application whose requests have short bodies, within some seconds, or are refused."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        """Take an application.

        Args:
            app: Answers.
            seconds: For a whole body.
        """
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[_MOST] = JSON_BYTES
        until = asyncio.get_running_loop().time() + self.seconds
        length = Headers(scope=scope).get("content-length", "")
        seen, whole = int(length) if length.isdecimal() else 0, False

        async def received() -> Message:
            nonlocal seen, whole
            if whole:  # what comes now is that the client is gone, whenever that may be
                return await receive()
            _require_short(scope, seen)
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            whole = not message.get("more_body", False)
            if not length:
                seen += len(message.get("body", b""))
                _require_short(scope, seen)
            return message

        await self.app(scope, received, send)


def _require_short(scope: Scope, length: int) -> None:
    # Of the framework's own kind: another one it would tell as a body that it cannot parse.
    if length > scope.get(_MOST, length):
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class HeadInTime(H11Protocol):
    """A connection that is closed where the head of a request does not come in time.

    The server itself bounds how long a head may be, and how long nothing may come between two
    requests; not how long one may take.
    """

    seconds = HEAD_SECONDS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest of a head that is not whole."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.seconds, self.transport.close)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
