"""The console as an application of its own: its routes, its errors as pages, its headers."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.console import (
    accounts,
    appeals,
    audit,
    bulk,
    cases,
    creators,
    files,
    models,
    policies,
    queue,
    scans,
    signing_in,
    statistics,
)
from api.console.signing_in import inside, sign_in_first
from api.console.visit import SAFE, Visit, cookie
from api.errors import NotSignedIn
from api.problems import status_of
from api.service import Service, now
from core.errors import RakkanError

ROOMS = (
    files,
    signing_in,
    queue,
    cases,
    bulk,
    appeals,
    accounts,
    creators,
    scans,
    policies,
    models,
    statistics,
    audit,
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self';"
    " img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer: nothing from elsewhere, nothing inline, in nobody's frame."""

_LOG = logging.getLogger("rakkan.api")


def console(service: Service) -> FastAPI:
    """The pages, to be mounted at `/console`.

    Args:
        service: With the records.
    """
    app = FastAPI(
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    for room in ROOMS:
        app.include_router(room.router)
    app.add_middleware(Guarded)
    app.add_exception_handler(NotSignedIn, _sign_in)
    app.add_exception_handler(RakkanError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)
    return app


class Guarded:
    """An application whose answers carry `HEADERS`, and are kept by no cache unless they say so."""

    def __init__(self, app: ASGIApp) -> None:
        """Take an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, answer)


async def _sign_in(request: Request, _: Exception) -> Response:
    """After the sign-in one is back where one was, or at the page whose form it was."""
    here = request.url
    if request.method not in SAFE:
        here = here.replace(path=urlsplit(request.headers.get("referer", "")).path, query="")
    query = f"?{here.query}" if here.query else ""
    return RedirectResponse(sign_in_first(here.path + query), 303)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, RakkanError)  # noqa: S101 - for the type: what is installed above
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("a request failed", exc_info=error)
    return _told(request, status, error.code, str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _told(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", f"{place}: {first['msg']}")


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type
    status = HTTPStatus(error.status_code)
    return _told(request, status, status.name.lower(), f"{status.phrase}.")


def _told(request: Request, status: HTTPStatus, code: str, text: str) -> Response:
    service: Service = request.app.state.service
    token = request.cookies.get(cookie(request), "")
    with service.store.reading() as reader:
        person = reader.people.signed_in(token, now()) if token else None
    back = inside(urlsplit(request.headers.get("referer", "")).path)
    visit = Visit(request, service, token, person)
    return visit.page("problem", status, code=code, text=text, back=back)
