"""Who may ask for what: keys, and what they may be used for."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.errors import KeyMissing, ScopeMissing, TooFast
from api.service import Service
from storage.keys import Key, Scope, find_key

_BEARER = HTTPBearer(auto_error=False, description="A key, made by `rakkan keys create`.")


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    found: Service = request.app.state.service
    return found


Serving = Annotated[Service, Depends(service_of)]


IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]
"""By which a client makes sure that a request is carried out once."""


def act_key(key: Key, act: str, given: str | None) -> str:
    """The idempotency key of an act: no two clients share one.

    Args:
        key: Whose request it is.
        act: What it asks for.
        given: The client's own; None where every request is a new one.
    """
    return f"{key.id}:{act}:{given or uuid4()}"


def needs(scope: Scope | None) -> Callable[..., Awaitable[Key]]:
    """A dependency that lets only keys with a scope pass; those with `admin` may everything.

    Args:
        scope: What the key must be for; None for any key that is in use.
    """

    async def allowed(
        service: Serving,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Key:
        secret = None if shown is None else shown.credentials
        key = await run_in_threadpool(_counted, service, secret)
        if scope is not None and not key.scopes & {scope, Scope.ADMIN}:
            raise ScopeMissing(f"this key is not for {scope}: make one with --scope {scope}")
        return key

    return allowed


def _counted(service: Service, secret: str | None) -> Key:
    """The key that somebody shows, whose request is counted."""
    key = None if secret is None else find_key(service.store, secret)
    if key is None:
        raise KeyMissing("show a key that is in use: Authorization: Bearer KEY")
    wait = service.rates.wait(key.id)
    if wait is not None:
        raise TooFast("this key asks too often: wait, or raise RAKKAN_RATE", retry_after=wait)
    return key
