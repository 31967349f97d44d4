"""Every request has an id, is counted, and leaves one line in the log."""

import logging
import re
import time
from http import HTTPMethod
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics

ID = "X-Request-ID"
_GIVEN = re.compile(r"[\w.:-]{1,128}", re.ASCII)

OTHER = "other"
"""A method that is none of HTTP's: a client may send any word."""

UNKNOWN = "none"
"""The route of a request that came to none: what people ask for may be anything."""

_LOG = logging.getLogger("rakkan.api")


class Observed:
    """An application, around which requests are counted and told.

    A request keeps the id that it comes with, if that can stand in a log; it is in the answer too.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Take an application.

        Args:
            app: Answers.
            metrics: Count.
        """
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(ID, "")
        request_id = given if _GIVEN.fullmatch(given) else str(uuid4())
        method = scope["method"] if scope["method"] in HTTPMethod.__members__ else OTHER
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - started
                found = getattr(scope.get("route"), "path", None)
                # Of the console, which is mounted, the framework tells the rest of the path.
                route = UNKNOWN if found is None else scope.get("root_path", "") + found
                self.metrics.requests.labels(method, route, int(status)).inc()
                self.metrics.seconds.labels(route).observe(seconds)
                told = {"method": method, "route": route, "status": int(status)}
                _LOG.info("answered", extra=told | {"seconds": round(seconds, 4)})
