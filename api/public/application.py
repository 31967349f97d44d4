"""The public pages as an application of its own: strict headers, and errors as pages."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.console.application import Guarded
from api.console.visit import language_of
from api.errors import TooFast
from api.problems import status_of
from api.public import creators, works
from api.public.visit import shown
from api.service import Service
from core.errors import RakkanError

_LOG = logging.getLogger("rakkan.api")


def public(service: Service) -> FastAPI:
    """The pages, to be mounted at `/public`.

    Args:
        service: With the records, the index, and what reads links.
    """
    app = FastAPI(openapi_url=None, telemetry={"tracing": False, "metrics": False, "logs": False})
    app.state.service = service
    for room in (works, creators):
        app.include_router(room.router)
    app.add_middleware(Guarded)
    app.add_exception_handler(RakkanError, _known)
    app.add_exception_handler(HTTPException, _of_http)
    return app


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, RakkanError)  # noqa: S101 - for the type: what is installed above
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("a request failed", exc_info=error)
    response = _told(request, status, error.code)
    if isinstance(error, TooFast):
        response.headers["Retry-After"] = str(round(error.retry_after) or 1)
    return response


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type
    return _told(request, HTTPStatus(error.status_code), "")


def _told(request: Request, status: HTTPStatus, code: str) -> Response:
    return shown("problem", language_of(request), status, code=code)
