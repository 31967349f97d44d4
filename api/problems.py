"""Errors as problem details (RFC 9457): one table from codes to statuses."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.errors import (
    BadForm,
    InWork,
    KeyMissing,
    NoIndex,
    NoModels,
    NoPages,
    NotSignedIn,
    OpenIdFailed,
    RequestError,
    RoleMissing,
    ScopeMissing,
    TooFast,
    UploadTooLarge,
    UploadTooSlow,
    WrongForm,
)
from core.errors import RakkanError
from imaging import ImagingError
from imaging.errors import ImageTooLarge
from labelling.errors import LabellingError, UnknownPolicy
from models.errors import ArtefactNotFound, GateNotPassed, NoPatchHead, NothingToRollBack
from moderation.errors import (
    AlreadyAppealed,
    AppealTooLate,
    BadEvidence,
    CaseErased,
    FindingMissing,
    KeyReused,
    LinkInvalid,
    ModerationError,
    NotAChoice,
    NothingToAppeal,
    NotTheUploader,
    OwnCase,
    ReasonMissing,
    SameModerator,
    SeniorNeeded,
    SignInRefused,
)
from scan.errors import (
    ArchiveNotFound,
    ArchivesClosed,
    ScanError,
    ScanNotFoundError,
    ScanUnfinished,
)
from serving.errors import Overloaded, SourceError
from similarity.errors import (
    BadName,
    CreatorNotFound,
    IndexBusy,
    SimilarityError,
    StateEnded,
    WorkNotFound,
)
from storage.errors import BadText, RecordsBusy, StorageError, UnknownRecord

MEDIA_TYPE = "application/problem+json"

_LOG = logging.getLogger("rakkan.api")

STATUSES: Mapping[type[RakkanError], HTTPStatus] = {
    KeyMissing: HTTPStatus.UNAUTHORIZED,
    ScopeMissing: HTTPStatus.FORBIDDEN,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    OpenIdFailed: HTTPStatus.BAD_GATEWAY,
    WrongForm: HTTPStatus.FORBIDDEN,
    RoleMissing: HTTPStatus.FORBIDDEN,
    BadForm: HTTPStatus.UNPROCESSABLE_ENTITY,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooFast: HTTPStatus.TOO_MANY_REQUESTS,
    NoIndex: HTTPStatus.NOT_FOUND,
    NoModels: HTTPStatus.NOT_FOUND,
    NoPages: HTTPStatus.NOT_FOUND,
    UploadTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    InWork: HTTPStatus.CONFLICT,
    RequestError: HTTPStatus.BAD_REQUEST,
    ImageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ImagingError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownPolicy: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoPatchHead: HTTPStatus.NOT_FOUND,
    LabellingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SourceError: HTTPStatus.UNPROCESSABLE_ENTITY,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    LinkInvalid: HTTPStatus.NOT_FOUND,
    CaseErased: HTTPStatus.GONE,
    NotTheUploader: HTTPStatus.FORBIDDEN,
    OwnCase: HTTPStatus.FORBIDDEN,
    SameModerator: HTTPStatus.FORBIDDEN,
    SeniorNeeded: HTTPStatus.FORBIDDEN,
    SignInRefused: HTTPStatus.FORBIDDEN,
    NotAChoice: HTTPStatus.UNPROCESSABLE_ENTITY,
    ReasonMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    FindingMissing: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadEvidence: HTTPStatus.UNPROCESSABLE_ENTITY,
    AlreadyAppealed: HTTPStatus.CONFLICT,
    AppealTooLate: HTTPStatus.CONFLICT,
    NothingToAppeal: HTTPStatus.CONFLICT,
    ModerationError: HTTPStatus.CONFLICT,
    UnknownRecord: HTTPStatus.NOT_FOUND,
    GateNotPassed: HTTPStatus.CONFLICT,
    NothingToRollBack: HTTPStatus.CONFLICT,
    ArtefactNotFound: HTTPStatus.NOT_FOUND,
    ArchivesClosed: HTTPStatus.FORBIDDEN,
    ArchiveNotFound: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScanNotFoundError: HTTPStatus.NOT_FOUND,
    ScanUnfinished: HTTPStatus.CONFLICT,
    ScanError: HTTPStatus.INTERNAL_SERVER_ERROR,
    BadName: HTTPStatus.UNPROCESSABLE_ENTITY,
    CreatorNotFound: HTTPStatus.NOT_FOUND,
    WorkNotFound: HTTPStatus.NOT_FOUND,
    IndexBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StateEnded: HTTPStatus.SERVICE_UNAVAILABLE,
    SimilarityError: HTTPStatus.INTERNAL_SERVER_ERROR,
    BadText: HTTPStatus.UNPROCESSABLE_ENTITY,
    RecordsBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageError: HTTPStatus.INTERNAL_SERVER_ERROR,
    RakkanError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Of each error, and of those below it that have none of their own."""

BODIES: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.REQUEST_TIMEOUT: (UploadTooSlow.code, "the body took too long to come: try again"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (UploadTooLarge.code, "the body is longer than may be"),
}
"""How it is told that a body is refused before it is read; code and one plain line."""


def status_of(error: RakkanError) -> HTTPStatus:
    """The status of an error, by the nearest class that has one."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem(status: HTTPStatus, code: str, detail: str, **headers: str) -> JSONResponse:
    """A problem document.

    Args:
        status: Of the answer.
        code: Stable name of what is wrong.
        detail: One plain line.
        headers: Further ones, with underscores for hyphens.
    """
    return JSONResponse(
        {
            "type": f"urn:rakkan:error:{code}",
            "title": status.phrase,
            "status": status.value,
            "code": code,
            "detail": detail,
        },
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Have an application answer errors as problems."""
    app.add_exception_handler(RakkanError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unknown)


async def _known(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RakkanError)  # noqa: S101 - for the type: what is installed above
    status = status_of(error)
    headers = {}
    if isinstance(error, Overloaded | TooFast):
        headers["Retry_After"] = str(math.ceil(error.retry_after))
    elif isinstance(error, RecordsBusy | IndexBusy | StateEnded):
        headers["Retry_After"] = "1"
    elif isinstance(error, KeyMissing):
        headers["WWW_Authenticate"] = "Bearer"
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("a request failed", exc_info=error)
    return problem(status, error.code, str(error), **headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    detail = f"{place}: {first['msg']}"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail)


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type
    status = HTTPStatus(error.status_code)
    code, detail = BODIES.get(status, (status.name.lower(), f"{status.phrase}."))
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return problem(status, code, detail, **headers)


def _allowed(request: Request) -> str:
    """The methods of a path: those of all its routes, where the framework tells the first's."""
    path = getattr(request.scope.get("route"), "path", "")
    described = request.app.openapi()["paths"].get(path, {})
    return ", ".join(sorted(method.upper() for method in described))


async def _gone(_: Request, __: Exception) -> JSONResponse:
    # Nobody hears it; without it, every upload that is cut off would be logged as a fault.
    return problem(HTTPStatus.BAD_REQUEST, "bad_form", "The body was cut off.")


async def _unknown(_: Request, error: Exception) -> JSONResponse:
    _LOG.error("a request failed", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong; it was logged."
    )
