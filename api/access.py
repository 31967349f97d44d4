"""Who may ask for what: keys, and what they may be used for."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
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


def needs(scope: Scope | None) -> Callable[..., Awaitable[Key]]:
    """A dependency that lets only keys with a scope pass; those with `admin` may everything.

    Args:
        scope: What the key must be for; None for any key that is in use.
    """

    async def allowed(
        service: Serving,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Key:
        key = None
        if shown is not None:
            key = await run_in_threadpool(find_key, service.store, shown.credentials)
        if key is None:
            raise KeyMissing("show a key that is in use: Authorization: Bearer KEY")
        wait = service.rates.wait(key.id)
        if wait is not None:
            raise TooFast("this key asks too often: wait, or raise RAKKAN_RATE", retry_after=wait)
        if scope is not None and not key.scopes & {scope, Scope.ADMIN}:
            raise ScopeMissing(f"this key is not for {scope}: make one with --scope {scope}")
        return key

    return allowed
